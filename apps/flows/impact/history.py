"""Past decisions of a window, by parts: the last one of each lead with all that it saw. Reads only."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from apps.catalog.queries import sources_by_key, spec_of
from apps.flows.impact.terms import Past
from apps.flows.replay import WORDS, read_heard
from apps.routing.decisions.records import network_from_json
from apps.routing.models import RoutingDecision
from apps.routing.terms import ENGINE, Network, Place
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
_PART = f"""
SELECT d.id, d.lead_id, d.decided_at, d.version_id, d.exception, d.facts, d.heard,
    d.verdict - 'path' - 'alternatives', d.network -> 'place', md5((d.network - 'place' - 'labels')::text),
    (SELECT min(t.started_at) FROM sla_slatimer t
     WHERE t.organization_id = d.organization_id AND t.lead_id = d.lead_id AND t.kind = 'first_contact'),
    d.engine
{_LAST} AND (d.decided_at, d.id) > (%(at)s, %(id)s)
ORDER BY d.decided_at, d.id LIMIT %(limit)s
"""  # noqa: S608 (a statement of our own)
_NETWORKS = """
SELECT network - 'place' - 'labels' FROM routing_routingdecision WHERE organization_id = %s AND id = %s
"""
_NTH = f"SELECT d.decided_at {_LAST} ORDER BY d.decided_at DESC, d.id DESC OFFSET %(skip)s LIMIT 1"
MOST_NETWORKS = 512


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
    with connection.cursor() as cursor:
        cursor.execute(_PART, _named(window) | {"at": after[0], "id": after[1], "limit": limit})
        rows = cursor.fetchall()
    words = _words(rows) if listens else {}
    networks = _networks(rows)
    return [_kept(row, networks[row[9]], words, listens=listens, trusted=trusted) for row in rows]


def _named(window: Window) -> dict[str, Any]:
    return {"tenant": current_organization_id(), "since": window.since, "until": window.until}


def _words(rows: Sequence[Sequence[Any]]) -> Mapping[UUID, str]:
    return read_heard([RoutingDecision(id=row[0], lead_id=row[1], heard=_read(row[6])) for row in rows])


def _kept(
    row: Sequence[Any], network: Network, words: Mapping[UUID, str], *, listens: bool, trusted: UUID | None
) -> Kept:
    facts, heard, verdict, place = _read(row[5]), _read(row[6]), _read(row[7]), _read(row[8])
    known = [UUID(each) for each in heard or ()]
    if listens:
        facts[WORDS] = " ".join(words[each] for each in known if each in words)
    if place:
        network = Network(network.offices, network.queues, Place(place["latitude"], place["longitude"]))
    past = Past(
        lead_id=str(row[1]),
        at=row[2],
        facts=facts,
        network=network,
        exception=row[4],
        clock_at=row[10],
        usual=_usual(facts),
        known=verdict if trusted is not None and row[3] == trusted and row[11] == ENGINE else None,
    )
    is_whole = not listens or (heard is not None and all(each in words for each in known))
    return Kept(row[0], row[1], past, row[3], is_whole)


def _usual(facts: Mapping[str, Any]) -> str:
    source = sources_by_key().get(facts.get("source") or "")
    return spec_of(source).sla_policy if source else ""


_kept_networks: dict[tuple[UUID, str], Network] = {}


def _networks(rows: Sequence[Sequence[Any]]) -> Mapping[str, Network]:
    """Return the networks of these rows by their digest; the same one is read once, for it seldom changes."""
    wanted, tenant = {row[9]: row[0] for row in rows}, current_organization_id()
    if len(_kept_networks) + len(wanted) > MOST_NETWORKS:
        _kept_networks.clear()
    for digest, row_id in wanted.items():
        if (tenant, digest) not in _kept_networks:
            with connection.cursor() as cursor:
                cursor.execute(_NETWORKS, [tenant, row_id])
                _kept_networks[tenant, digest] = network_from_json(_read(cursor.fetchone()[0]))
    return {digest: _kept_networks[tenant, digest] for digest in wanted}


def _read(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
