"""`manage.py replay verify`: every decision ever made, judged again from what it kept; exit 1 where one differs."""

import json
import sys
from argparse import ArgumentParser
from collections import Counter
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError

from apps.audit import ledger
from apps.flows.replay import Kind, Replayed, State, replay_everything
from apps.tenancy.actor import Door, system_actor
from apps.tenancy.organizations import organization_by_slug, organization_ids
from apps.tenancy.scope import tenant_scope

#: How many ids of each state are named; all are counted.
MOST_NAMED = 1000


class Command(BaseCommand):
    """Verify the stored decisions by replaying them."""

    help = "Judge every stored decision again under its version; exit 1 and name those that differ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the verb, one tenant, a first day, and whether the answer is JSON."""
        parser.add_argument("verb", choices=["verify"])
        parser.add_argument("--tenant", help="slug of one tenant; all tenants without it")
        parser.add_argument("--since", type=date.fromisoformat, help="only decisions from this day on (UTC)")
        parser.add_argument("--json", action="store_true", help="answer with one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Replay tenant by tenant, each in its own scope; the run is noted in the tenant's ledger."""
        tenants = organization_ids()
        if options["tenant"]:
            one = organization_by_slug(options["tenant"])
            if one is None:
                raise CommandError(f"There is no tenant “{options['tenant']}”.")
            tenants = [one]
        day: date | None = options["since"]
        since = datetime.combine(day, time.min, UTC) if day else None
        found = {each: _verify(each, since) for each in tenants}
        same = not any(row.state is State.DIFFERS for _, rows in found.values() for row in rows)
        if options["json"]:
            self.stdout.write(json.dumps({"same": same, "tenants": [_as_json(*each) for each in found.items()]}))
        else:
            self._say(found)
        if not same:
            sys.exit(1)

    def _say(self, found: dict[UUID, tuple[Counter[tuple[Kind, State]], list[Replayed]]]) -> None:
        for organization_id, (counts, rows) in found.items():
            for row in rows:
                what = "differs in " + ", ".join(row.keys)
                if row.state is State.WORDS_GONE:
                    what = "cannot be proven: words that it heard were erased"
                self.stderr.write(f"{organization_id} {row.kind} {row.id} of lead {row.lead_id}: {what}")
            told = [f"{kind} {state.replace('_', ' ')} {count}" for (kind, state), count in sorted(counts.items())]
            self.stdout.write(f"{organization_id}: {', '.join(told) or 'no decisions'}")


def _verify(organization_id: UUID, since: datetime | None) -> tuple[Counter[tuple[Kind, State]], list[Replayed]]:
    counts: Counter[tuple[Kind, State]] = Counter()
    named: list[Replayed] = []
    with tenant_scope(organization_id):
        for each in replay_everything(since):
            counts[each.kind, each.state] += 1
            wanted = each.state in (State.DIFFERS, State.WORDS_GONE)
            if wanted and counts[each.kind, each.state] <= MOST_NAMED:
                named.append(each)
        detail = {f"{kind}:{state}": count for (kind, state), count in counts.items()}
        actor = system_actor(organization_id, "platform operator", Door.COMMAND)
        ledger.record(actor=actor, action="platform.replay", object_type="tenant", object_id=None, detail=detail)
    return counts, named


def _as_json(organization_id: UUID, found: tuple[Counter[tuple[Kind, State]], list[Replayed]]) -> dict[str, Any]:
    counts, rows = found
    kinds: dict[str, dict[str, int]] = {}
    for (kind, state), count in sorted(counts.items()):
        kinds.setdefault(kind, {})[state] = count
    named = [
        {"kind": row.kind, "id": str(row.id), "lead": str(row.lead_id), "state": row.state, "keys": list(row.keys)}
        for row in rows
    ]
    return {"tenant": str(organization_id), "kinds": kinds, "named": named}
