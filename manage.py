#!/usr/bin/env python
"""Run a management command with the embedded stack's addresses where none are set."""

import os
import sys

from leadcrm.environment import load_stack_environment

#: Commands that change the schema, or rows that only grow; all others run as the runtime role, which owns nothing.
OWNER_COMMANDS = {"keys", "migrate", "makemigrations", "showmigrations", "sqlmigrate", "squashmigrations"}


def main() -> None:
    """Hand the command line to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadcrm.settings.base")
    load_stack_environment()
    if len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS:
        os.environ["LEADCRM_ROLE"] = "owner"
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
