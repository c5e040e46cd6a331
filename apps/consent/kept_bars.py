"""Opt-outs that outlive the data of whom they protect (row AU-06): kept under a keyed digest, put back on return.

When a person's data are erased, nobody may read their number any more; yet who returns with it is still barred. So the
entry of the do-not-contact list keeps `digest:` and an HMAC of the value under a key of the tenant. The value itself
brings it back: as soon as somebody gives a number or an address again, entries of its digest are in words again, in the
same transaction, before anything is sent. Values are locked as the intake locks them, by the caller.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from apps.consent.decisions import current_state
from apps.consent.digests import digests_of
from apps.consent.models import DoNotContact
from apps.consent.queries import POINT_KIND, events_of
from apps.consent.terms import STOPS, Channel
from apps.leads.models import ContactPoint, Person

OPTED_OUT = "Opted out before their data were erased"


def keep_as_digests(person_ids: Collection[UUID], *, by: str, now: datetime) -> int:
    """Let what bars these people outlive their data; return how many entries the list keeps of them.

    An entry of a number that somebody else has too stays in words. `person_ids` holds whoever was merged, too.
    """
    points = list(ContactPoint.rows().filter(person_id__in=person_ids))
    values = {(each.kind, each.value) for each in points}
    shared = ContactPoint.rows().filter(value__in={value for _, value in values}).exclude(person_id__in=person_ids)
    theirs_too = set(shared.values_list("kind", "value"))
    wanted = _refused(person_ids, points) | _barred_whole(person_ids, values)
    kept = sum(_end_in_words(kind, value) for kind, value in values - theirs_too)
    for (kind, value, channel), (reason, since) in wanted.items():
        digest = digests_of(value)[0]
        if DoNotContact.rows().filter(kind=kind, value=digest, channel=channel, ended_at=None).exists():
            continue
        row = DoNotContact(kind=kind, value=digest, channel=channel, reason=reason, added_by=by, added_at=since or now)
        row.save(force_insert=True)
        kept += 1
    return kept


def bring_back(values: Iterable[str]) -> int:
    """Put entries of these values in words again, because somebody gave the values; return how many."""
    by_digest = {digest: value for value in set(values) for digest in digests_of(value)}
    rows = list(DoNotContact.rows().filter(value__in=by_digest)) if by_digest else []
    for row in rows:
        value = by_digest[row.value]
        same = DoNotContact.rows().filter(kind=row.kind, value=value, channel=row.channel, ended_at=None)
        if row.ended_at is None and same.exists():
            continue
        row.value = value
        row.save(update_fields=["value"])
    return len(rows)


Wanted = dict[tuple[str, str, str], tuple[str, datetime | None]]


def _refused(person_ids: Collection[UUID], points: Iterable[ContactPoint]) -> Wanted:
    """Return what the ledger of consent refuses, by number or address and channel."""
    roots = dict(Person.rows().filter(id__in=person_ids).values_list("id", "merged_into_id"))
    told: Mapping[UUID, list] = events_of({merged or own for own, merged in roots.items()})  # type: ignore[type-arg]
    found: Wanted = {}
    for point in points:
        events = told.get(roots[point.person_id] or point.person_id, [])
        for channel in Channel:
            state = current_state(events, channel, contact_value=point.value)
            if POINT_KIND[channel] == point.kind and state.value in STOPS:
                found[point.kind, point.value, channel.value] = (OPTED_OUT, state.since)
    return found


def _barred_whole(person_ids: Collection[UUID], values: Iterable[tuple[str, str]]) -> Wanted:
    """Return what an entry for the person themselves bars: each of their numbers and addresses."""
    ids = [str(each) for each in person_ids]
    row = DoNotContact.rows().filter(kind="person", value__in=ids, ended_at=None).order_by("added_at").first()
    return {(kind, value, ""): (row.reason, row.added_at) for kind, value in values} if row else {}


def _end_in_words(kind: str, value: str) -> int:
    """Replace a value on the list by its digest, in entries that ended too; return how many hold."""
    digest, held = digests_of(value)[0], 0
    for row in DoNotContact.rows().filter(Q(kind=kind), Q(value=value)):
        row.value = digest
        same = DoNotContact.rows().filter(kind=kind, value=digest, channel=row.channel, ended_at=None)
        if row.ended_at is None and same.exists():
            row.ended_at = row.added_at
        row.save(update_fields=["value", "ended_at"])
        held += row.ended_at is None
    return held
