"""`manage.py invariants`: check what must hold in every tenant; exit 1 and name rows where it does not."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.audit import ledger
from apps.flows.invariants import breaches
from apps.tenancy.actor import Door, system_actor
from apps.tenancy.organizations import organization_by_slug, organization_ids
from apps.tenancy.scope import tenant_scope


class Command(BaseCommand):
    """Check the invariants."""

    help = "Check the invariants of the live database; exit 1 and print rows where one is broken."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take one tenant, if wanted."""
        parser.add_argument("--tenant", help="slug of one tenant; all tenants without it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Check tenant by tenant, each in its own scope; the check is noted in the tenant's ledger."""
        found = 0
        tenants = organization_ids()
        if options["tenant"]:
            one = organization_by_slug(options["tenant"])
            if one is None:
                raise CommandError(f"There is no tenant “{options['tenant']}”.")
            tenants = [one]
        for organization_id in tenants:
            with tenant_scope(organization_id):
                for breach in breaches():
                    found += 1
                    self.stderr.write(f"{organization_id} {breach.check}: {breach.sentence}: {', '.join(breach.rows)}")
                actor = system_actor(organization_id, "platform operator", Door.COMMAND)
                ledger.record(actor=actor, action="platform.invariants", object_type="tenant", object_id=None)
        if found:
            sys.exit(1)
        self.stdout.write(f"All invariants hold in {len(tenants)} tenants.")
