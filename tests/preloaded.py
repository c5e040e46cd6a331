"""The product, loaded once and waiting: each process of a journey is forked from here instead of loading it again.

A line on standard input asks for one process: what follows `python -m`, its environment, and its log. The answer is
its number. It reads the settings and the clock anew from that environment before anything of the product runs; from
there on it is what the command line would have started.
"""

import gc
import importlib
import json
import os
import pkgutil
import runpy
import signal
import sys
import threading
from pathlib import Path
from typing import Any

#: What the web server, the stream, the worker and the beat load by themselves once they run.
LATER = (
    *("granian.cli", "granian.server", "granian.wsgi", "granian.asgi"),
    *("celery.bin.celery", "celery.apps.worker", "celery.apps.beat", "celery.concurrency.prefork"),
    *("celery.worker.consumer", "celery.fixups.django", "kombu.transport.redis"),
    *("leadcrm.urls", "leadcrm.celery", "leadcrm.live.application"),
)


def main() -> None:
    """Load, then fork what is asked for until standard input ends."""
    _load()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        wanted = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(wanted)
            return
        os.setpgid(child, child)
        print(child, flush=True)


def _load() -> None:
    import django

    django.setup()
    from django.conf import settings
    from django.db import connections
    from django.template import engines
    from django.utils.module_loading import import_string

    import apps

    for name in LATER:
        importlib.import_module(name)
    for module in pkgutil.walk_packages(apps.__path__, "apps."):
        if ".migrations" not in module.name and ".management" not in module.name:
            importlib.import_module(module.name)
    for name in settings.MIDDLEWARE:
        import_string(name)
    templates = Path(settings.ROOT) / "templates"
    for path in sorted(templates.rglob("*.html")):
        engines["django"].get_template(str(path.relative_to(templates)))
    # What would not be one's own after a fork must not be there before it.
    assert threading.active_count() == 1
    assert not [each for each in connections.all(initialized_only=True) if each.connection]
    gc.collect()
    gc.freeze()


def _become(wanted: dict[str, Any]) -> None:
    """Be the process that was asked for."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    if os.getpgid(0) != os.getpid():
        os.setpgid(0, 0)
    log = os.open(wanted["log"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for own, place in ((nothing, 0), (log, 1), (log, 2)):
        os.dup2(own, place)
    os.environ.clear()
    os.environ.update(wanted["environment"])
    _read_settings_anew()
    sys.argv = wanted["command"]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)


def _read_settings_anew() -> None:
    from django.conf import settings

    from apps.tenancy import clock
    from leadcrm.settings import base, test

    for module in (base, test, clock):
        importlib.reload(module)
    # One by one: the object has the settings, too, that apps of others have added to it.
    for name in filter(str.isupper, dir(test)):
        setattr(settings, name, getattr(test, name))


if __name__ == "__main__":
    main()
