"""What the person at the terminal sees: every line of every child behind its name."""

import os
import sys
import threading
from pathlib import Path
from typing import IO

WIDTH = 8
_COLOURS = {"web": 36, "worker": 32, "beat": 33, "simulate": 35, "postgres": 34, "valkey": 31, "leadcrm": 1}
_lock = threading.Lock()


def line(name: str, text: str) -> None:
    """Print one line behind a name; a reader that has gone away stops nobody."""
    head = f"{name:<{WIDTH}} |"
    if sys.stdout.isatty() and "NO_COLOR" not in os.environ:
        head = f"\x1b[{_COLOURS.get(name, 0)}m{head}\x1b[0m"
    with _lock:
        try:
            print(head, text, flush=True)
        except (OSError, ValueError):
            # A pipe such as `make run | head` is closed: go on, but not into the pipe.
            sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115


def say(text: str) -> None:
    """Print a line of the supervisor's own."""
    line("leadcrm", text)


def follow(name: str, stream: IO[bytes]) -> threading.Thread:
    """Print a child's output as it comes, until the child closes it."""
    thread = threading.Thread(target=_pump, args=(name, stream), name=f"output-{name}", daemon=True)
    thread.start()
    return thread


def _pump(name: str, stream: IO[bytes]) -> None:
    with stream:
        for raw in stream:
            line(name, raw.decode("utf-8", errors="replace").rstrip())
