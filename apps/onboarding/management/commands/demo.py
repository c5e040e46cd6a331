"""`manage.py demo`: the demo tenants, their sign-ins, and the code for a second factor."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.onboarding.demo.keeping import FILE_NAME, data_folder, read_demo
from apps.onboarding.demo.making import make_demo
from apps.onboarding.demo.second_factor import code_of
from apps.onboarding.file.reading import spoken_fault
from apps.onboarding.terms import FileRefused


class Command(BaseCommand):
    """Make the demo tenants, or show what was made. Works only where LEADCRM_DEMO is on."""

    help = "Make the demo tenants, or show what was made. Works only where LEADCRM_DEMO is on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the deeds."""
        deed = parser.add_mutually_exclusive_group(required=True)
        deed.add_argument("--apply", action="store_true", help="make the tenants, where they are missing")
        deed.add_argument("--json", action="store_true", help="print what was made")
        deed.add_argument("--code", metavar="EMAIL", help="print the six digits of a user's second factor")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the deed; refuses outside a demo, so that no real tenant gets known passwords."""
        if not settings.LEADCRM_DEMO:
            raise CommandError("This is no demo: set LEADCRM_DEMO=1 to make one.")
        if options["apply"]:
            self._make()
        elif options["json"]:
            self.stdout.write(json.dumps(read_demo().as_json(), indent=2, ensure_ascii=False))
        else:
            self._code(options["code"])

    def _make(self) -> None:
        try:
            demo = make_demo()
        except FileRefused as refused:
            for fault in refused.faults:
                self.stderr.write(spoken_fault("demo", fault))
            sys.exit(1)
        names = ", ".join(f"{tenant['name']} ({tenant['slug']})" for tenant in demo.tenants)
        self.stdout.write(f"{names}: {len(demo.users)} people, {len(demo.api_keys)} keys")
        self.stdout.write(f"sign-ins and keys are in {data_folder() / FILE_NAME}")

    def _code(self, email: str) -> None:
        user = read_demo().user(email)
        if user is None:
            raise CommandError(f"There is no demo user {email}.")
        self.stdout.write(code_of(user.totp_secret))
