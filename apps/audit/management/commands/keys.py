"""`manage.py keys`: under which generation of the master key values rest, and sealing them anew under the newest."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from apps.audit import ledger
from apps.tenancy.actor import Door, system_actor
from apps.tenancy.organizations import organization_by_slug, organization_ids
from apps.tenancy.rewrapping import Count, counts, rewrap
from apps.tenancy.scope import tenant_scope
from apps.tenancy.sealing import generations


class Command(BaseCommand):
    """Look after the generations of the master key."""

    help = (
        "status: which generations seal what, in all columns. rewrap: seal what rests under an older one, or in the "
        "layout of before, under the newest; run it as the owner, it may be stopped and begun again at any time."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the verb, a tenant and the size of a batch."""
        parser.add_argument("verb", choices=["status", "rewrap"])
        parser.add_argument("--tenant", help="slug of one tenant; all tenants without it")
        parser.add_argument("--batch", type=int, default=500, help="rows in one transaction")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how things stand, or seal anew and then say it."""
        slug = options["tenant"]
        one = organization_by_slug(slug) if slug else None
        if slug and one is None:
            raise CommandError(f"There is no tenant “{slug}”.")
        if options["batch"] < 1:
            raise CommandError("A batch has at least one row.")
        tenants = [one] if one else list(organization_ids())
        if options["verb"] == "rewrap":
            for tenant in tenants:
                self._rewrap(tenant, options["batch"])
        self._tell([each for tenant in tenants for each in counts(connection, tenant)], whole=not slug)

    def _rewrap(self, tenant: UUID, batch: int) -> None:
        done = rewrap(connection, tenant, batch=batch)
        with tenant_scope(tenant):
            ledger.record(
                actor=system_actor(tenant, "platform operator", Door.COMMAND),
                action="keys.rewrap",
                object_type="organization",
                object_id=tenant,
                detail={"values": done, "generation": generations()[0]},
            )
        self.stdout.write(f"{tenant}: {done} values sealed anew.")

    def _tell(self, found: list[Count], *, whole: bool) -> None:
        newest = generations()[0]
        for each in sorted({(row.column, row.generation, row.is_bound) for row in found}):
            rows = sum(row.rows for row in found if (row.column, row.generation, row.is_bound) == each)
            column, generation, is_bound = each
            old = "" if generation == newest and is_bound else "  (to seal anew)"
            self.stdout.write(f"{column}: {rows} under key {generation}{old}")
        waiting = sum(row.rows for row in found if row.generation != newest or not row.is_bound)
        held = set(generations())
        lost = sum(row.rows for row in found if row.generation not in held)
        if lost:
            raise CommandError(f"{lost} values rest under keys that are not in the ring: they cannot be opened.")
        if waiting:
            self.stdout.write(f"{waiting} values wait: run `manage.py keys rewrap`.")
        elif whole:
            self.stdout.write(f"All columns of tenants rest under key {newest}. Second factors stay under theirs.")
