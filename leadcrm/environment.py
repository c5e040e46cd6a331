"""Addresses of a running embedded stack, for commands typed by a person.

`make run` writes what it started to `.data/stack.json`. A command typed in another terminal
should reach the same database without exporting five variables first; variables that are set win.
"""

import json
import os
from pathlib import Path

STACK_FILE = Path(__file__).resolve().parent.parent / ".data" / "stack.json"


def load_stack_environment(path: Path = STACK_FILE) -> None:
    """Fill unset environment variables from the stack file, if there is one."""
    if "DATABASE_URL" in os.environ or not path.is_file():
        return
    for name, value in json.loads(path.read_text()).get("environment", {}).items():
        os.environ.setdefault(name, value)
