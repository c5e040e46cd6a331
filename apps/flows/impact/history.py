"""Past decisions of a window, by parts: the last one of each lead with all that it saw. Reads only."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from apps.catalog.queries import sources_by_key, spec_of
from apps.flows.impact.networks import network_of, place_of
from apps.flows.impact.terms import Past
from apps.flows.replay import WORDS, Hearing, read_heard
from apps.routing.decisions.records import providers_from_json
from apps.routing.terms import ENGINE, Network
from apps.tenancy.scope import current_organization_id

#: The last decision of each lead that is no test, up to the end of the window.
_LAST = """
FROM routing_routingdecision d
JOIN leads_lead l ON l.organization_id = d.organization_id AND l.id = d.lead_id AND NOT l.is_test
WHERE d.organization_id = %(tenant)s AND d.decided_at >= %(since)s AND d.decided_at < %(until)s
AND NOT EXISTS (
    SELECT 1 FROM routing_routingdecision later
    WHERE later.organization_id = d.organization_id AND later.lead_id = d.lead_id
    AND later.decided_at < %(until)s AND (later.decided_at, later.id) > (d.decided_at, d.id)
)
"""
#: Which leads come first, then what their decisions saw: of no other decision the network is opened.
_PART = f"""
WITH taken AS MATERIALIZED (
    SELECT d.id, d.organization_id {_LAST} AND (d.decided_at, d.id) > (%(at)s, %(id)s)
    ORDER BY d.decided_at, d.id LIMIT %(limit)s
)
SELECT d.id, d.lead_id, d.decided_at, d.version_id, d.exception, d.facts, d.heard, n.place, n.offices, n.queues,
    n.skills, n.providers, n."at",
    (SELECT min(t.started_at) FROM sla_slatimer t
     WHERE t.organization_id = d.organization_id AND t.lead_id = d.lead_id AND t.kind = 'first_contact'),
    CASE WHEN d.version_id = %(trusted)s AND d.engine = %(engine)s THEN d.verdict - 'path' - 'alternatives' END
FROM taken JOIN routing_routingdecision d USING (organization_id, id)
CROSS JOIN LATERAL jsonb_to_record(d.network) AS n(
    place jsonb, offices text, queues text, skills text, providers text, "at" text
)
ORDER BY d.decided_at, d.id
"""  # noqa: S608 (a statement of our own)
_NTH = f"SELECT d.decided_at {_LAST} ORDER BY d.decided_at DESC, d.id DESC OFFSET %(skip)s LIMIT 1"


class _Row(NamedTuple):
    """A line of `_PART`; JSON is text."""

    id: UUID
    lead_id: UUID
    at: datetime
    version_id: UUID | None
    exception: str
    facts: str
    heard: str | None
    place: str | None
    offices: str | None
    queues: str | None
    skills: str | None
    providers: str | None
    seen_at: str | None
    clock_at: datetime | None
    verdict: str | None


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of time whose leads are judged again."""

    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class Kept:
    """One past decision, with the words that the rules heard; `is_whole` is False where some were erased."""

    id: UUID
    lead_id: UUID
    past: Past
    version_id: UUID | None
    is_whole: bool


def count(window: Window) -> int:
    """Return how many leads a window has."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {_LAST}", _named(window))
        return int(cursor.fetchone()[0])


def since_last(number: int, window: Window) -> datetime:
    """Return the instant from which a window holds its last so many leads; its own beginning where it has fewer."""
    with connection.cursor() as cursor:
        cursor.execute(_NTH, _named(window) | {"skip": number - 1})
        row = cursor.fetchone()
    found: datetime = row[0] if row else window.since
    return found


def part(
    window: Window, after: tuple[datetime, UUID], limit: int, *, listens: bool, trusted: UUID | None
) -> list[Kept]:
    """Return the next past leads after a place in the window, oldest first.

    `listens`: the rules look at what people wrote, so that it is opened, noted as any other read. `trusted` is the
    version whose kept verdicts need no judging again.
    """
    asked = {"at": after[0], "id": after[1], "limit": limit, "trusted": trusted, "engine": ENGINE}
    with connection.cursor() as cursor:
        cursor.execute(_PART, _named(window) | asked)
        rows = [_Row(*row) for row in cursor.fetchall()]
    words = _words(rows) if listens else {}
    usual = {key: spec_of(source).sla_policy for key, source in sources_by_key().items()}
    return [_kept(row, usual, words, listens=listens) for row in rows]


def _named(window: Window) -> dict[str, Any]:
    return {"tenant": current_organization_id(), "since": window.since, "until": window.until}


def _words(rows: Sequence[_Row]) -> Mapping[UUID, str]:
    return read_heard([Hearing(row.lead_id, _read(row.heard)) for row in rows])


def _kept(row: _Row, usual: Mapping[str, str], words: Mapping[UUID, str], *, listens: bool) -> Kept:
    facts, heard = _read(row.facts), _read(row.heard)
    known = [UUID(each) for each in heard or ()]
    if listens:
        facts[WORDS] = " ".join(words[each] for each in known if each in words)
    past = Past(
        lead_id=str(row.lead_id),
        at=row.at,
        facts=facts,
        network=_network(row),
        exception=row.exception,
        clock_at=row.clock_at,
        usual=usual.get(facts.get("source") or "", ""),
        known=_read(row.verdict),
    )
    is_whole = not listens or (heard is not None and all(each in words for each in known))
    return Kept(row.id, row.lead_id, past, row.version_id, is_whole)


def _network(row: _Row) -> Network:
    """Return the network of that day with the open slots of that instant; these are seldom the same twice."""
    network = network_of(row.offices, row.queues, row.skills, place_of(_read(row.place)))
    if row.providers is None or row.seen_at is None:
        return network
    seen_at = datetime.fromisoformat(row.seen_at)
    return replace(network, providers=providers_from_json(_read(row.providers)), at=seen_at)


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
