"""`manage.py manifest check FILE --tenant SLUG`: say whether an exported package is whole and ours."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.compliance.manifests import faults_of
from apps.tenancy.organizations import organization_by_slug


class Command(BaseCommand):
    """Check a package against its manifest."""

    help = "Hold an exported package against its signed manifest; exit 1 and name what differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file and the tenant that made it."""
        parser.add_argument("verb", choices=["check"])
        parser.add_argument("file")
        parser.add_argument("--tenant", required=True, help="slug of the tenant that made the package")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check, and say what differs."""
        organization_id = organization_by_slug(options["tenant"])
        if organization_id is None:
            raise CommandError(f"There is no tenant “{options['tenant']}”.")
        path = Path(options["file"])
        if not path.is_file():
            raise CommandError(f"There is no file {path}.")
        faults = faults_of(path.read_bytes(), organization_id)
        for fault in faults:
            self.stderr.write(fault)
        if faults:
            sys.exit(1)
        self.stdout.write("The package is whole.")
