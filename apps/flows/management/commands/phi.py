"""`manage.py phi look-back`: classify leads that are older than the rules which say what is PHI (row PH-13)."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.flows.classifying import look_back
from apps.tenancy.actor import Door, system_actor
from apps.tenancy.clock import database_now
from apps.tenancy.organizations import organization_by_slug, organization_ids
from apps.tenancy.scope import tenant_scope


class Command(BaseCommand):
    """Look at older leads once more."""

    help = (
        "Say since when older leads are PHI, by the rules of today; what is classified already stays. Can be repeated."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the verb, and one tenant, if wanted."""
        parser.add_argument("verb", choices=["look-back"])
        parser.add_argument("--tenant", help="slug of one tenant; all tenants without it")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look tenant by tenant, each in its own scope."""
        tenants = organization_ids()
        if options["tenant"]:
            one = organization_by_slug(options["tenant"])
            if one is None:
                raise CommandError(f"There is no tenant “{options['tenant']}”.")
            tenants = [one]
        for organization_id in tenants:
            actor = system_actor(organization_id, "platform operator", Door.COMMAND)
            read, found, last = 0, 0, None
            while True:
                with tenant_scope(organization_id):
                    batch = look_back(actor=actor, after=last, now=database_now())
                read, found, last = read + batch.read, found + batch.found, batch.last
                if last is None:
                    break
            self.stdout.write(f"{organization_id}: {read} leads read, {found} of them are PHI.")
