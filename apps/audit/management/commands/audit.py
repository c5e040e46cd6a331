"""`manage.py audit verify`: walk the chains of all tenants; name the first entry that does not hold.

`--anchors FILE` also holds the chains against what was written down of their ends; `audit anchor` writes it down now.
"""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.audit import ledger
from apps.audit.anchors import anchors_in, drop_anchors, first_lost
from apps.audit.verifying import Walk, verify_chain
from apps.tenancy.actor import Door, system_actor
from apps.tenancy.organizations import organization_by_slug, organization_ids
from apps.tenancy.scope import tenant_scope


class Command(BaseCommand):
    """Verify the audit ledger."""

    help = "Walk the audit chains; exit 1 and name the first altered, missing or reordered entry."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the verb and, if wanted, one tenant."""
        parser.add_argument("verb", choices=["verify", "anchor"])
        parser.add_argument(
            "--anchors", help="file of the chains' ends; the configured one, where it exists, without it"
        )
        parser.add_argument("--tenant", help="slug of one tenant; all tenants without it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Walk the chains; the walk itself is noted in each ledger that holds."""
        file = _file_of(options["anchors"])
        if options["verb"] == "anchor":
            self.stdout.write(f"{drop_anchors(file)} ends written down.")
            return
        slug = options["tenant"]
        one = organization_by_slug(slug) if slug else None
        if slug and one is None:
            raise CommandError(f"There is no tenant “{slug}”.")
        broken = 0
        for organization_id in [one] if one else organization_ids():
            with tenant_scope(organization_id):
                walk = _walk(organization_id, file)
                if walk.found is None:
                    actor = system_actor(organization_id, "platform operator", Door.COMMAND)
                    ledger.record(
                        actor=actor,
                        action="audit.verify",
                        object_type="ledger",
                        object_id=None,
                        detail={"entries": walk.entries},
                    )
            if walk.found is None:
                self.stdout.write(f"{organization_id}: {walk.entries} entries hold.")
                continue
            broken += 1
            self.stderr.write(f"{organization_id}: entry {walk.found.seq} {walk.found.entry_id}: {walk.found.what}.")
        if broken:
            sys.exit(1)


def _walk(organization_id: UUID, file: Path | None) -> Walk:
    """Walk a chain, and hold it against the anchors where there are any."""
    walk = verify_chain()
    if walk.found is None and file is not None and file.is_file():
        return Walk(walk.entries, first_lost(anchors_in(file, organization_id)))
    return walk


def _file_of(named: str | None) -> Path | None:
    if named and not Path(named).is_file():
        raise CommandError(f"There is no file {named}.")
    text = named or settings.LEADCRM_ANCHOR_FILE
    return Path(text) if text else None
