"""`manage.py keys`: which keys seal what, keys of a new generation, another master key, and keys destroyed for good."""

from argparse import ArgumentParser
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from apps.audit import ledger
from apps.tenancy.actor import Door, system_actor
from apps.tenancy.master_keys import generations
from apps.tenancy.organizations import organization_by_slug, organization_ids
from apps.tenancy.rewrapping import Count, counts, rewrap, rotate
from apps.tenancy.scope import tenant_scope
from apps.tenancy.tenant_keys import destroy_keys, keys_of
from apps.tenancy.wrapping import CannotUnwrap, EnvironmentMaster

#: A column's progress is told each time that so many more of its rows are done.
TELL_EVERY = 10_000


class Command(BaseCommand):
    """Look after the tenants' keys and the generations of the master key."""

    help = (
        "status: which keys seal what, in all columns. rotate: a new key for each tenant, and everything sealed anew "
        "under it. rewrap: after a change of master, wrap the tenants' keys by the newest, and seal what rests under "
        "older keys anew. Both may be stopped and begun again at any time. shred: destroy a tenant's keys for good."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the verb, a tenant and the size of a batch."""
        parser.add_argument("verb", choices=["status", "rewrap", "rotate", "shred"])
        parser.add_argument("--tenant", help="slug of one tenant; all tenants without it")
        parser.add_argument("--batch", type=int, default=500, help="rows in one transaction")
        parser.add_argument("--by-master", action="store_true", help="of rewrap: away from the key service")
        parser.add_argument("--confirm", default="", help="of shred: the slug once more")

    def handle(self, *args: Any, **options: Any) -> None:
        """Say how things stand, or do it and then say it."""
        slug, verb = options["tenant"], options["verb"]
        self._told: dict[str, int] = {}
        one = organization_by_slug(slug) if slug else None
        if slug and one is None:
            raise CommandError(f"There is no tenant “{slug}”.")
        if options["batch"] < 1:
            raise CommandError("A batch has at least one row.")
        if verb == "shred":
            self._shred(one, slug, options["confirm"])
            return
        tenants = [one] if one else list(organization_ids())
        for tenant in tenants:
            if verb != "status":
                self._seal_anew(verb, tenant, options["batch"], by_master=options["by_master"])
        found = {tenant: list(counts(connection, tenant)) for tenant in tenants}
        self._tell(found, whole=not slug)

    def _seal_anew(self, verb: str, tenant: UUID, batch: int, *, by_master: bool) -> None:
        held = keys_of(tenant)
        if held and not held[0].wrapped:
            self.stdout.write(f"{tenant}: its keys were destroyed; left alone.")
            return
        try:
            if verb == "rotate":
                done = rotate(connection, tenant, batch=batch, told=self._progress)
            else:
                by = EnvironmentMaster() if by_master else None
                done = rewrap(connection, tenant, batch=batch, told=self._progress, by=by)
        except CannotUnwrap as error:
            raise CommandError(f"{tenant}: {error}.") from error
        with tenant_scope(tenant):
            newest = next((key.generation for key in keys_of(tenant)), None)
            detail = {"values": done, "generation": generations()[0], "tenant_key": newest}
            self._note(tenant, f"keys.{verb}", detail)
        self.stdout.write(f"{tenant}: {done} values sealed anew.")

    def _progress(self, column: str, rows: int) -> None:
        if rows - self._told.get(column, 0) >= TELL_EVERY:
            self._told[column] = rows
            self.stdout.write(f"  {column}: {rows:,} so far")
            self.stdout.flush()

    def _shred(self, tenant: UUID | None, slug: str | None, confirmed: str) -> None:
        if tenant is None or confirmed != slug:
            raise CommandError("Name the tenant twice: --tenant SLUG --confirm SLUG. What it sealed is gone then.")
        derived = sum(each.rows for each in counts(connection, tenant) if not each.own)
        if derived:
            sentence = f"{derived} values rest under keys derived from the master: run `manage.py keys rotate` first."
            raise CommandError(sentence)
        with tenant_scope(tenant):
            done = destroy_keys(tenant)
            self._note(tenant, "keys.shred", {"keys": done})
        self.stdout.write(f"{slug}: {done} keys destroyed. Nothing that they sealed can be read any more, by anybody.")
        self.stdout.write("Restart all processes, and destroy backups that hold the keys.")

    def _note(self, tenant: UUID, action: str, detail: dict[str, Any]) -> None:
        actor = system_actor(tenant, "platform operator", Door.COMMAND)
        ledger.record(actor=actor, action=action, object_type="organization", object_id=tenant, detail=detail)

    def _tell(self, found: dict[UUID, list[Count]], *, whole: bool) -> None:
        newest = {tenant: self._newest(tenant) for tenant in found}
        lines: dict[tuple[str, bool, int, bool], int] = {}
        waiting = lost = 0
        for tenant, rows in found.items():
            openable = self._openable(tenant)
            for row in rows:
                is_old = (row.own, row.generation) != newest[tenant] or not row.is_bound
                key = (row.column, row.own, row.generation, is_old)
                lines[key] = lines.get(key, 0) + row.rows
                waiting += row.rows if is_old else 0
                lost += 0 if (row.own, row.generation) in openable else row.rows
        for (column, own, generation, is_old), count in sorted(lines.items()):
            key_name = f"the tenant's key {generation}" if own else f"key {generation}"
            self.stdout.write(f"{column}: {count} under {key_name}{'  (to seal anew)' if is_old else ''}")
        if lost:
            sentence = f"{lost} values rest under keys that are not in the ring, destroyed or out of reach"
            raise CommandError(f"{sentence}: they cannot be opened.")
        if waiting:
            self.stdout.write(f"{waiting} values wait: run `manage.py keys rewrap`.")
        elif whole:
            self.stdout.write("Everything of tenants rests under their newest keys. Second factors stay under theirs.")

    def _newest(self, tenant: UUID) -> tuple[bool, int]:
        held = keys_of(tenant)
        return (True, held[0].generation) if held else (False, generations()[0])

    def _openable(self, tenant: UUID) -> set[tuple[bool, int]]:
        """Return the keys that can be opened: of the master's ring, and of the tenant."""
        found = {(False, generation) for generation in generations()}
        for key in keys_of(tenant):
            try:
                if key.wrapped:
                    key.cipher()
                    found.add((True, key.generation))
            except CannotUnwrap as error:
                self.stderr.write(f"{tenant}: key {key.generation}: {error}.")
        return found
