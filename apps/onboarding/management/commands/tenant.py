"""`manage.py tenant`: a whole tenant as one reviewable file."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, Never

from django.core.management.base import BaseCommand

from apps.onboarding.file.applying import apply, existing_keys
from apps.onboarding.file.differing import differences
from apps.onboarding.file.exporting import export_tenant, to_yaml
from apps.onboarding.file.reading import Reading, read_file, spoken_fault
from apps.onboarding.file.schema import TenantFile, json_schema
from apps.onboarding.terms import FileRefused


class Command(BaseCommand):
    """Apply, export, compare or check a tenant file, or print its JSON Schema."""

    help = "Apply, export, compare or check a tenant file, or print its JSON Schema."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the deeds."""
        deeds = parser.add_subparsers(dest="deed", required=True)
        deed = deeds.add_parser("apply", help="make the tenant what the file says")
        deed.add_argument("file")
        deed.add_argument("--json", action="store_true", help="print ids, new keys and addresses")
        deed.add_argument("--dry-run", action="store_true", help="say what would change, change nothing")
        deeds.add_parser("export", help="write a tenant as a file").add_argument("slug")
        deeds.add_parser("diff", help="say what applying would change").add_argument("file")
        deeds.add_parser("validate", help="check a file").add_argument("file")
        deeds.add_parser("schema", help="print the JSON Schema of the file")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do the deed; faults go to standard error, one line each, with exit status 1."""
        deed = getattr(self, f"_{options['deed']}")
        deed(options)

    def _schema(self, options: dict[str, Any]) -> None:
        self.stdout.write(json.dumps(json_schema(), indent=2))

    def _validate(self, options: dict[str, Any]) -> None:
        reading, file = self._read(options["file"])
        try:
            apply(file, dry_run=True)
        except FileRefused as refused:
            self._fail(reading, refused)
        self.stdout.write(f"{options['file']}: good")

    def _diff(self, options: dict[str, Any]) -> None:
        _, file = self._read(options["file"])
        lines = differences(export_tenant(file.organization.slug), file)
        self.stdout.write("\n".join(lines) or "no differences")

    def _export(self, options: dict[str, Any]) -> None:
        file = export_tenant(options["slug"])
        if file is None:
            self._end([f"there is no tenant “{options['slug']}”"])
        else:
            self.stdout.write(to_yaml(file), ending="")

    def _apply(self, options: dict[str, Any]) -> None:
        reading, file = self._read(options["file"])
        try:
            applied = apply(file, dry_run=options["dry_run"])
        except FileRefused as refused:
            self._fail(reading, refused)
        if options["json"]:
            self.stdout.write(json.dumps(applied.as_json(), indent=2, ensure_ascii=False))
            return
        for line in applied.changes.lines:
            self.stdout.write(line)
        for secret in applied.secrets:
            self.stdout.write(f"API key {secret.name}: {secret.secret}  (shown this once)")
        for user in applied.users:
            if user.initial_password:
                self.stdout.write(f"{user.email}: first password {user.initial_password}  (shown this once)")
        ending = "; nothing was changed (dry run)" if options["dry_run"] else ""
        self.stdout.write(f"{applied.slug}: {applied.changes.sentence}{ending}")

    def _read(self, name: str) -> tuple[Reading, TenantFile]:
        try:
            text = Path(name).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            self._end([f"{name}:1: file: cannot be read ({type(error).__name__})."])
        reading = read_file(text, name)
        if reading.file is not None:
            reading = read_file(text, name, known=existing_keys(reading.file.organization.slug))
        if reading.faults or reading.file is None:
            self._end(reading.lines())
        return reading, reading.file

    def _fail(self, reading: Reading, refused: FileRefused) -> Never:
        self._end([spoken_fault(reading.name, fault) for fault in reading.placed(refused.faults)])

    def _end(self, lines: list[str]) -> Never:
        for line in lines:
            self.stderr.write(line)
        sys.exit(1)
