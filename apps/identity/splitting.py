"""Take an arrival back out of the person it was joined to, and remember that the two are two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from apps.identity.decisions.evidence import weigh, weights_of
from apps.identity.decisions.freshness import SAID_FIELDS
from apps.identity.decisions.merging import PLACE_FIELDS
from apps.identity.decisions.splitting import PointTold, points_going, values_back, without_told
from apps.identity.filing import file_anew
from apps.identity.merging import order_points
from apps.identity.models import DuplicatePair, MatchDecision
from apps.identity.names import name_key
from apps.identity.pairs import decide
from apps.identity.queries import pair_of
from apps.identity.seeking import identity_of
from apps.identity.terms import Band, CandidatePerson, LeadAction, Verdict
from apps.leads.models import ContactPoint, Lead, Person
from apps.leads.terms import PersonSketch
from apps.policies.models import RuleSetVersion
from apps.tenancy.writing import insert


@dataclass(frozen=True, slots=True)
class Heard:
    """An arrival as its person's record heard it: what it told, when that was said, and when it was taken in."""

    sketch: PersonSketch
    said_at: datetime
    taken_in_at: datetime


@dataclass(frozen=True, slots=True)
class Parted:
    """What left a person's record with an arrival: values with what stands now, and numbers and addresses."""

    back: Mapping[str, str]
    gone: tuple[ContactPoint, ...]
    shared: tuple[ContactPoint, ...]


def part(person: Person, other: Person, heard: Heard, others: Sequence[PersonSketch], *, now: datetime) -> Parted:
    """Take from a locked person what only this arrival told, and give its numbers and addresses to the other one.

    `others` is what the person's other inquiries told, newest first. What one of them told too, what was on file
    before and what a colleague changed since stays with the person. A number that stays is on file for both.
    """
    back = _give_back(person, heard, others)
    gone, shared = _move_points(person, other, heard, others, now)
    for each in (person, other):
        order_points(each)
    file_anew(person)
    return Parted(back, gone, shared)


def keep_apart(
    person: Person,
    other: Person,
    sketch: PersonSketch,
    *,
    version: RuleSetVersion | None,
    by: str,
    reason: str,
    now: datetime,
) -> DuplicatePair:
    """Remember that two people are two: their pair is never offered, and an arrival that fits both joins neither."""
    pair = pair_of(person.id, other.id)
    if pair is None:
        first, second = sorted((person.id, other.id))
        found = weigh(identity_of(sketch), _as_candidate(person), weights_of(version.document if version else {}))
        pair = DuplicatePair(
            first_id=first,
            second_id=second,
            score=found.score,
            band=Band.REVIEW if found.band is Band.NONE else found.band,
            why="an inquiry of the one was joined to the other",
            lines=[
                {"evidence": line.evidence, "points": line.points, "sentence": line.sentence} for line in found.lines
            ],
            version=version,
            found_at=now,
        )
        pair.save(force_insert=True)
    decide(pair, state="separate", reason=reason, by=by, now=now)
    return pair


def note_split(
    *, submission_id: UUID, person: Person, lead: Lead, reason: str, facts: Mapping[str, Any], now: datetime
) -> MatchDecision:
    """Keep a colleague's word that an arrival is a lead of its own; the first judgement stays beside it."""
    row = MatchDecision(
        submission_id=submission_id,
        person=person,
        lead=lead,
        action=LeadAction.SPLIT,
        verdict=Verdict.NEW,
        reason=reason[:400],
        facts=dict(facts),
        decided_at=now,
    )
    insert(row)
    return row


def _give_back(person: Person, heard: Heard, others: Sequence[PersonSketch]) -> dict[str, str]:
    told, stamp = _texts(heard.sketch), heard.taken_in_at.isoformat()
    said = heard.said_at.isoformat()
    back = values_back(
        _texts(person),
        told,
        [_texts(each) for each in others],
        taken={name for name in SAID_FIELDS if person.said_at.get(name) == said},
        laid_aside={row["field"]: row["value"] for row in person.prior_values if row.get("at") == stamp},
    )
    for name, value in back.items():
        born = name == "date_of_birth"
        setattr(person, name, (date.fromisoformat(value) if value else None) if born else value)
    person.said_at = {name: at for name, at in person.said_at.items() if name not in back}
    person.prior_values = without_told(person.prior_values, told, back, at=stamp)
    if {"postal_code", "city"} & set(back):
        home = next((each for each in others if _lives(each, person)), None)
        for name in PLACE_FIELDS:
            setattr(person, name, getattr(home, name) if home else ("" if name.startswith("zone") else None))
    person.name_key = name_key(person.first_name, person.last_name)[:200]
    person.save(update_fields=[*SAID_FIELDS, *PLACE_FIELDS, "said_at", "prior_values", "name_key"])
    return back


def _lives(sketch: PersonSketch, person: Person) -> bool:
    """Whether a sketch tells of the place that the person has."""
    return (sketch.postal_code, sketch.city) == (person.postal_code, person.city)


def _move_points(
    person: Person, other: Person, heard: Heard, others: Sequence[PersonSketch], now: datetime
) -> tuple[tuple[ContactPoint, ...], tuple[ContactPoint, ...]]:
    told = {(each.kind, each.value) for each in heard.sketch.points}
    known = {(each.kind, each.value) for sketch in others for each in sketch.points}
    rows = list(ContactPoint.rows().filter(person=person).order_by("created_at", "id"))
    mine = [row for row in rows if (row.kind, row.value) in told]
    going = points_going(
        [PointTold(str(row.id), (row.kind, row.value) in known, row.created_at >= heard.taken_in_at) for row in mine]
    )
    gone = [row for row in mine if str(row.id) in going]
    for row in gone:
        # The row itself goes, with what was found out about it and the messages that name it.
        theirs = ContactPoint.rows().filter(person=other, kind=row.kind, value=row.value)
        theirs.filter(created_at=now).delete()
        if not theirs.exists():
            ContactPoint.rows().filter(id=row.id).update(person=other)
    return tuple(gone), tuple(row for row in mine if str(row.id) not in going)


def _as_candidate(person: Person) -> CandidatePerson:
    points = list(ContactPoint.rows().filter(person=person))
    return CandidatePerson(
        person_id=person.id,
        first_name=person.first_name,
        last_name=person.last_name,
        date_of_birth=person.date_of_birth,
        phones=frozenset(row.value for row in points if row.kind == "phone"),
        emails=frozenset(row.value for row in points if row.kind == "email"),
        postal_code=person.postal_code,
        city=person.city,
        region=person.region,
    )


def _texts(said: Person | PersonSketch) -> dict[str, str]:
    return {name: str(getattr(said, name) or "")[:100] for name in SAID_FIELDS}
