"""The log of changes to the set-up: who changed which rule, field, picklist, queue or text, when, and why.

Read from the ledger, which every change is written to; names are those of today. No value and no person's data
is shown, and what agencies may not see has no door to them: the pages ask for rights of colleagues.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.urls import NoReverseMatch, reverse

from apps.audit.models import SETTINGS_THINGS, AuditEntry
from apps.policies.decisions.change_words import THINGS, Area, change_sentence
from apps.policies.models import RuleSetVersion
from apps.tenancy.actor import ActorKind

MOST = 50


@dataclass(frozen=True, slots=True)
class Logged:
    """One change. `why` is empty where no reason is asked for; `url` leads to what was changed in the admin."""

    seq: int
    at: datetime
    who: str
    what: str
    why: str
    url: str
    area: Area

    @property
    def sentence(self) -> str:
        """Who did what."""
        return f"{self.who} {self.what}"


def changes(
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    area: Area | None = None,
    before: int | None = None,
    by_people: bool = False,
    most: int = MOST,
) -> list[Logged]:
    """Return changes of the set-up, newest first; `before` is the number of the ledger that the page ended with."""
    wanted = [kind for kind in SETTINGS_THINGS if area is None or THINGS[kind][0] is area]
    rows = AuditEntry.rows().filter(object_type__in=wanted).exclude(action__startswith="refused:")
    rows = rows.exclude(action__endswith=".read").exclude(action__endswith=".test").exclude(action__endswith=".try")
    rows = rows.filter(at__gte=since) if since else rows
    rows = rows.filter(at__lt=until) if until else rows
    rows = rows.filter(seq__lt=before) if before else rows
    rows = rows.filter(actor_kind=ActorKind.USER) if by_people else rows
    return _logged(list(rows.order_by("-seq")[:most]))


def begun(since: datetime, until: datetime) -> list[RuleSetVersion]:
    """Return the versions that began to rule in a period after another one, oldest first."""
    rows = RuleSetVersion.rows().filter(effective_from__gte=since, effective_from__lt=until, number__gt=1)
    ruled = rows.filter(approved_at__isnull=False).exclude(state="suspended")
    return list(ruled.select_related("rule_set").defer("document").order_by("effective_from", "number"))


def _logged(rows: Iterable[AuditEntry]) -> list[Logged]:
    rows = list(rows)
    ids: dict[str, set[UUID]] = defaultdict(set)
    for row in rows:
        if row.object_id is not None:
            ids[row.object_type].add(row.object_id)
    named: dict[str, Mapping[UUID, Any]] = {kind: _rows_of(kind, wanted) for kind, wanted in ids.items()}
    found = []
    for row in rows:
        thing = named.get(row.object_type, {}).get(row.object_id) if row.object_id else None
        what = change_sentence(row.action, row.object_type, str(thing or ""), row.fields, row.detail)
        if what:
            why = thing.reason if isinstance(thing, RuleSetVersion) else ""
            url = _address(row.object_type, row.object_id) if thing is not None else ""
            found.append(Logged(row.seq, row.at, row.actor_label, what, why, url, THINGS[row.object_type][0]))
    return found


def _rows_of(kind: str, ids: set[UUID]) -> Mapping[UUID, Any]:
    """Return the things themselves, each with what its name needs."""
    model: Any = apps.get_model(THINGS[kind][1])
    rows = model.rows().filter(id__in=ids)
    if model is RuleSetVersion:
        rows = rows.select_related("rule_set").defer("document")
    return {row.id: row for row in rows}


def _address(kind: str, object_id: UUID | None) -> str:
    name = THINGS[kind][1].lower().replace(".", "_")
    try:
        return reverse(f"admin:{name}_change", args=[object_id])
    except NoReverseMatch:
        return ""
