"""Starts real services for the suite before Django reads its settings (loaded with `-p tests.plugin`).

PostgreSQL and Valkey start once. The schema is migrated once, as the owner, into a template; every
test process gets its own copy and works in it as the runtime role, as production does. Tests
commit for real and keep apart by using tenants of their own.

Where the environment names the services, they outlive the run: the template of the same migrations
and of the same code that protects tables is taken again.
"""

import atexit
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import psycopg
from psycopg import sql

os.environ["DJANGO_SETTINGS_MODULE"] = "leadcrm.settings.test"

from leadcrm.stack.testing import start_test_stack  # noqa: E402 - the package reads the settings' name

ROOT = Path(__file__).resolve().parent.parent
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


def _template_name() -> str:
    """Return a name that changes with what makes the schema: the migrations and the protection after them."""
    written = hashlib.sha256()
    for path in sorted([*ROOT.glob("apps/*/migrations/*.py"), *ROOT.glob("apps/tenancy/*.py")]):
        written.update(f"{path.relative_to(ROOT)}\n".encode() + path.read_bytes())
    return f"leadcrm_template_{written.hexdigest()[:16]}"


def _in_database(url: str, name: str) -> str:
    return f"{url.rsplit('/', 1)[0]}/{name}"


def _exists(owner_url: str, name: str) -> bool:
    with psycopg.connect(_in_database(owner_url, "postgres"), autocommit=True) as connection:
        found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
    return found is not None


def _rename(owner_url: str, name: str, new: str) -> None:
    with psycopg.connect(_in_database(owner_url, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(new)))


def _recreate(owner_url: str, name: str, template: str = "template0") -> None:
    with psycopg.connect(_in_database(owner_url, "postgres"), autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        connection.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
        )


def _use(owner_url: str, runtime_url: str, redis_url: str, name: str) -> None:
    os.environ["DATABASE_OWNER_URL"] = _in_database(owner_url, name)
    os.environ["DATABASE_URL"] = _in_database(runtime_url, name)
    number = 1 + int("".join(filter(str.isdigit, WORKER)) or 0)
    os.environ["REDIS_URL"] = f"{redis_url.rsplit('/', 1)[0]}/{number}"


#: Migrations make each model some hundred times: with the usual threshold a quarter of the time goes into garbage.
MIGRATE = """
import gc, runpy, sys
gc.set_threshold(100_000, 20, 20)
sys.argv = ["manage.py", "migrate", "-v0", "--skip-checks"]
runpy.run_path("manage.py", run_name="__main__")
"""


def _migrate() -> None:
    subprocess.run([sys.executable, "-c", MIGRATE], cwd=ROOT, env=dict(os.environ), check=True)


stack = start_test_stack()
atexit.register(stack.stop)
os.environ.update(stack.environment())
TEMPLATE = _template_name()
if WORKER == "main" and not _exists(stack.owner_url, TEMPLATE):
    _recreate(stack.owner_url, "leadcrm_raw")
    _use(stack.owner_url, stack.runtime_url, stack.redis_url, "leadcrm_raw")
    _migrate()
    _rename(stack.owner_url, "leadcrm_raw", TEMPLATE)
_recreate(stack.owner_url, f"leadcrm_test_{WORKER}", TEMPLATE)
_use(stack.owner_url, stack.runtime_url, stack.redis_url, f"leadcrm_test_{WORKER}")
