"""Find the person behind an inquiry, or make one; keep why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Max, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from apps.consent.kept_bars import bring_back
from apps.identity.decisions.arrivals import judge_arrival
from apps.identity.decisions.freshness import SAID_FIELDS, hear, with_prior
from apps.identity.decisions.merging import PLACE_FIELDS, PointFact, first_points
from apps.identity.decisions.records import asked_as_json
from apps.identity.filing import file, file_anew
from apps.identity.models import MatchDecision
from apps.identity.names import name_key
from apps.identity.pairs import offer
from apps.identity.seeking import Holder, find_person, holders_of
from apps.identity.terms import LeadVerdict, PersonMatch, PersonVerdict, PriorLead
from apps.leads.models import Closure, ContactPoint, Lead, Person
from apps.leads.terms import DUPLICATE, IMPORT_UNDONE, ContactValue, PersonSketch
from apps.policies.models import RuleSetVersion
from apps.tenancy.writing import insert, insert_now

#: Ends after which a lead is not taken up again: another one goes on, or there was none.
NEVER_RETURN = frozenset({DUPLICATE, IMPORT_UNDONE})
_PRIOR = (
    *("id", "service__key", "campaign__key", "last_party", "closed_at", "captured_at", "last_touch"),
    *("was_won", "closure_reason"),
)


@dataclass(frozen=True, slots=True)
class Found:
    """The person taken, the verdict behind it, and whether the person was made just now."""

    person: Person
    verdict: PersonVerdict
    is_new: bool


def find_or_make_person(
    sketch: PersonSketch,
    *,
    known_ids: Mapping[UUID, frozenset[str]],
    said_at: datetime,
    now: datetime,
    besides: UUID | None = None,
) -> Found:
    """Return the person of this sketch: one on file, with what is newer taken over, or a new one.

    `known_ids` maps people to the senders' ids they came under before, `said_at` is when the sketch was told;
    `besides` is somebody of whom a colleague says that it is not them.
    Contact values are locked first. Two people behind one number stay two; the number is marked as shared.
    Whoever is only like somebody on file is paired with them, for people to look at.
    """
    sought = find_person(sketch, known_ids=known_ids, now=now, besides=besides)
    holders, verdict = sought.holders, sought.verdict
    if verdict.match is PersonMatch.SAME and verdict.person_id is not None:
        person: Person = Person.rows().select_for_update(no_key=True).get(id=verdict.person_id)
        take_over(person, sketch, holders, said_at=said_at, now=now)
        found = Found(person, verdict, is_new=False)
    else:
        found = Found(_make_person(sketch, holders, said_at, now), verdict, is_new=True)
    offer(found.person.id, verdict.near, version=sought.version, now=now)
    return found


def make_person(sketch: PersonSketch, now: datetime) -> Person:
    """Store a new person with their contact points."""
    return _make_person(sketch, holders_of(sketch), now, now)


def _make_person(sketch: PersonSketch, holders: Sequence[Holder], said_at: datetime, now: datetime) -> Person:
    person = Person(
        first_name=sketch.first_name[:100],
        last_name=sketch.last_name[:100],
        name_key=name_key(sketch.first_name, sketch.last_name)[:200],
        is_organization=sketch.is_organization,
        is_test=sketch.is_test,
        date_of_birth=sketch.date_of_birth,
        language=sketch.language[:8],
        city=sketch.city[:100],
        region=sketch.region[:40],
        postal_code=sketch.postal_code[:12],
        latitude=sketch.latitude,
        longitude=sketch.longitude,
        zone=sketch.zone,
        zone_by=sketch.zone_by,
        said_at=dict.fromkeys((name for name in SAID_FIELDS if getattr(sketch, name)), said_at.isoformat()),
        created_at=now,
    )
    insert_now([person, *_new_points(person, sketch.points, holders, [], said_at, now)])
    file(person)
    _mark_shared(person, sketch.points, holders)
    return person


def judge(
    *,
    person: Person | None,
    keys: Sequence[str],
    service: str,
    campaign: str,
    party: str,
    at: datetime,
    document: Mapping[str, Any],
) -> LeadVerdict:
    """Say what becomes of an arrival of this person: a new lead, a part of an earlier one, or a link.

    No person stands for one who was not known before, and so has no earlier lead.
    """
    priors = prior_leads(person) if person else []
    verdict = judge_arrival(
        keys=tuple(keys),
        service=service or None,
        campaign=campaign or None,
        party=party or None,
        at=at,
        priors=priors,
        document=document,
    )
    return replace(verdict, asked=asked_as_json(keys, priors, verdict))


def prior_leads(person: Person) -> list[PriorLead]:
    """Return the person's leads as the duplicate rules see them, with their latest touch."""
    rows = (
        Lead.rows()
        .filter(person=person)
        .annotate(last_touch=Max("touches__at"), last_party=Max("touches__party__key"), was_won=_was_won())
        .values_list(*_PRIOR)
    )
    return [
        PriorLead(
            lead_id,
            service,
            campaign,
            party,
            closed_at is None,
            last_touch or captured_at,
            closed_at,
            not won and reason not in NEVER_RETURN,
        )
        for lead_id, service, campaign, party, closed_at, captured_at, last_touch, won, reason in rows
    ]


def _was_won() -> Coalesce:
    last = Closure.rows().filter(lead_id=OuterRef("id")).order_by("-closed_at", "-id")
    return Coalesce(Subquery(last.values("is_won")[:1]), Value(False))


def note_match(
    *,
    submission_id: UUID,
    person: Person,
    lead: Lead,
    found: PersonVerdict,
    verdict: LeadVerdict,
    version: RuleSetVersion | None,
    facts: Mapping[str, Any],
    now: datetime,
) -> MatchDecision:
    """Keep the judgement with its rule, version and facts."""
    row = MatchDecision(
        submission_id=submission_id,
        person=person,
        lead=lead,
        version=version,
        rule_id=verdict.rule_id,
        keys=list(found.keys),
        action=verdict.action,
        verdict=verdict.verdict,
        reason=f"{found.reason} {verdict.reason}".strip()[:400],
        facts={**facts, **(verdict.asked or {})},
        near=[{"person": str(each.person_id), "why": each.why} for each in found.near],
        decided_at=now,
    )
    insert(row)
    return row


def take_over(
    person: Person, sketch: PersonSketch, holders: Sequence[Holder], *, said_at: datetime, now: datetime
) -> None:
    """Take over what is newer, field by field; what gives way is kept as a prior value (row DU-05)."""
    told = {name: str(getattr(sketch, name) or "")[:100] for name in SAID_FIELDS}
    known = {name: str(getattr(person, name) or "") for name in SAID_FIELDS}
    heard = hear(known, told, known_at=said_at_of(person, otherwise=person.created_at), told_at=said_at)
    changed = {"said_at", "prior_values"} if heard else set()
    person.said_at = person.said_at | {each.field: each.said_at.isoformat() for each in heard}
    person.prior_values = with_prior(person.prior_values, heard, now)
    taken = {each.field for each in heard if each.is_taken}
    for name in taken:
        setattr(person, name, getattr(sketch, name))
    if taken & {"postal_code", "city"} or not person.zone:
        for name in PLACE_FIELDS:
            setattr(person, name, getattr(sketch, name))
        changed |= set(PLACE_FIELDS)
    if taken & {"first_name", "last_name"}:
        person.name_key = name_key(person.first_name, person.last_name)[:200]
        changed.add("name_key")
    if changed | taken:
        person.save(update_fields=sorted(changed | taken))
    if taken - {"language"}:
        file_anew(person)
    _take_points(person, sketch.points, holders, said_at, now)


def said_at_of(person: Person, *, otherwise: datetime) -> dict[str, datetime]:
    """Return when each field of a person was last said; what was never noted was said at `otherwise`."""
    noted = person.said_at
    return {name: datetime.fromisoformat(noted[name]) if name in noted else otherwise for name in SAID_FIELDS}


def _take_points(
    person: Person,
    points: Sequence[ContactValue],
    holders: Sequence[Holder],
    said_at: datetime,
    now: datetime,
) -> None:
    """Add new values and let the freshest proven one of each kind come first; none is ever forgotten."""
    mine = list(ContactPoint.rows().filter(person=person))
    told = {(point.kind, point.value) for point in points}
    added = _new_points(person, points, holders, mine, said_at, now)
    again = [row for row in mine if (row.kind, row.value) in told and (row.said_at or row.created_at) < said_at]
    for row in again:
        row.said_at = said_at
    every = [*mine, *added]
    first = first_points(
        [PointFact(str(r.id), r.kind, r.validity, r.verified_at, r.said_at or r.created_at) for r in every]
    )
    kinds = {kind for kind, _value in told}
    turned = [row for row in every if row.kind in kinds and row.is_primary != (str(row.id) in first)]
    for row in turned:
        row.is_primary = not row.is_primary
    ContactPoint.objects.bulk_create(added, ignore_conflicts=True)
    for row in {row.id: row for row in (*again, *turned) if row in mine}.values():
        row.save(update_fields=["said_at", "is_primary"])
    _mark_shared(person, points, holders)


def _mark_shared(person: Person, points: Sequence[ContactValue], holders: Sequence[Holder]) -> None:
    if any(row.person_id != person.id for row in holders):
        ContactPoint.rows().filter(_any_of(points)).update(is_shared=True)


def _new_points(
    person: Person,
    points: Sequence[ContactValue],
    holders: Sequence[Holder],
    mine: Sequence[ContactPoint],
    said_at: datetime,
    now: datetime,
) -> list[ContactPoint]:
    """Return the values that the person does not have; what is known of a value that somebody else has is kept."""
    others = {(row.kind, row.value) for row in holders if row.person_id != person.id}
    textless = {(row.kind, row.value) for row in holders if not row.takes_texts}
    kinds = {row.kind for row in mine if row.is_primary}
    rows: list[ContactPoint] = []
    for point in points:
        if any((row.kind, row.value) == (point.kind, point.value) for row in (*mine, *rows)):
            continue
        rows.append(
            ContactPoint(
                person=person,
                kind=point.kind,
                value=point.value,
                typed=point.typed[:254],
                validity=point.validity,
                is_primary=point.kind not in kinds,
                is_shared=(point.kind, point.value) in others,
                takes_texts=point.takes_texts and (point.kind, point.value) not in textless,
                said_at=said_at,
                created_at=now,
            )
        )
        kinds.add(point.kind)
    bring_back(row.value for row in rows)
    return rows


def _any_of(points: Sequence[ContactValue]) -> Q:
    wanted = Q()
    for point in points:
        wanted |= Q(kind=point.kind, value=point.value)
    return wanted
