"""Sensitive topics: which leads are about one, who is trained to read of it, and the glass (row PH-16).

A topic is set by services and by words. Who is in none of its teams sees that a lead is restricted, and not what it is
about, not even by the topic's name; breaking the glass opens one lead for an hour at most.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Exists, Model, OuterRef, QuerySet

from apps.accounts.models import TeamMembership
from apps.accounts.notices import tell_people
from apps.accounts.saving import Saved, save_row
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.privacy.health_words import begins_with
from apps.privacy.topic_models import LONGEST, REASONS, BrokenGlass, LeadTopic, SensitiveTopic
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, NotFound, Problem, Refused
from apps.tenancy.stamps import settings_read

Rows = TypeVar("Rows", bound=Model)


@settings_read
def topics() -> tuple[SensitiveTopic, ...]:
    """Return the topics in use."""
    return tuple(SensitiveTopic.rows().filter(is_active=True).order_by("key"))


def save_topic(*, actor: Actor, key: str, values: Mapping[str, Any]) -> Saved[SensitiveTopic]:
    """Create or change a topic. Refuses one that nothing marks, and one for which no team is trained."""
    problems = []
    if not values.get("services") and not values.get("words"):
        problems.append(Problem("/services", "missing", "Name the services or the words that mark the topic."))
    if not values.get("team_ids"):
        problems.append(Problem("/team_ids", "missing", "Name the team that is trained for it."))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))
    words = sorted({each.strip().casefold() for each in values.get("words", ()) if each.strip()})
    kept = {"is_active": True, **values, "words": words}
    return save_row(SensitiveTopic, actor=actor, find={"key": key}, values=kept)


def look_at_topics(subject_id: UUID, told: Mapping[str, str], *, now: datetime) -> None:
    """Note which topics a lead is about by what is told now; the leads of the trained teams hear of it, once."""
    found = {}
    for topic in topics():
        if (service := told.get("service", "")) and service in topic.services:
            found[topic] = ("service", "service")
        elif named := next((name for name, text in told.items() if begins_with(text, topic.words)), ""):
            found[topic] = ("word", named)
    if not found:
        return
    known = set(LeadTopic.rows().filter(subject_id=subject_id).values_list("topic_id", flat=True))
    new = {topic: why for topic, why in found.items() if topic.id not in known}
    rows = [LeadTopic(subject_id=subject_id, topic=t, since=now, by=by, field=f[:60]) for t, (by, f) in new.items()]
    LeadTopic.objects.bulk_create(rows, ignore_conflicts=True)
    for topic in new:
        tell_people(
            kind="topic",
            sentence="A lead is for your trained team alone. Others see that it is restricted.",
            dedup_key=f"topic:{topic.id}:{subject_id}",
            now=now,
            members=_leading(topic.team_ids),
            url=f"/leads/{subject_id}/",
        )


def _leading(team_ids: Collection[UUID]) -> list[UUID]:
    """Return who leads the trained teams; all their people where nobody does."""
    places = TeamMembership.rows().filter(team_id__in=list(team_ids), membership__is_active=True)
    found = dict(places.values_list("membership_id", "is_lead"))
    return [member for member, leads in found.items() if leads] or list(found)


def restricted_to(actor: Actor, subject_ids: Collection[UUID], *, now: datetime) -> frozenset[UUID]:
    """Return the leads that are restricted for the actor: about a topic that no team of theirs is trained for.

    One query, none for who is trained for every topic; one more where something is restricted, for broken glass.
    """
    barred = _barred(actor)
    if not barred or not subject_ids:
        return frozenset()
    rows = LeadTopic.rows().filter(subject_id__in=list(subject_ids), topic_id__in=barred)
    found = set(rows.values_list("subject_id", flat=True))
    if found and actor.membership_id is not None:
        found -= set(open_glass(actor.membership_id, found, now=now))
    return frozenset(found)


def unrestricted(rows: QuerySet[Rows], actor: Actor, *, now: datetime) -> QuerySet[Rows]:
    """Return the rows without those of leads that are restricted for the actor: `restricted_to` as a condition."""
    barred = _barred(actor)
    if not barred:
        return rows
    here = {"subject_id": OuterRef("subject_id")}
    topical = LeadTopic.rows().filter(**here, topic_id__in=barred)
    glass = BrokenGlass.rows().filter(**here, member_id=actor.membership_id, until__gt=now)
    return rows.filter(~Exists(topical) | Exists(glass))


def _barred(actor: Actor) -> list[UUID]:
    """Return the topics for which no team of the actor is trained; the product's own acts read what they judge."""
    if actor.is_system:
        return []
    return [topic.id for topic in topics() if not actor.team_ids & set(topic.team_ids)]


def open_glass(member_id: UUID, subject_ids: Collection[UUID], *, now: datetime) -> dict[UUID, datetime]:
    """Return until when a colleague has these leads open by broken glass."""
    rows = BrokenGlass.rows().filter(member_id=member_id, subject_id__in=list(subject_ids), until__gt=now)
    return dict(rows.order_by("until").values_list("subject_id", "until"))


def barred_subjects(actor: Actor) -> "QuerySet[LeadTopic] | None":
    """Return the topics of leads that the actor is not trained for, as a condition; None where there are none."""
    barred = _barred(actor)
    return LeadTopic.rows().filter(topic_id__in=barred) if barred else None


def trained_leads(subject_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return who of the trained team hears of a lead's clocks, by lead; one query where there are topics at all."""
    if not topics() or not subject_ids:
        return {}
    known = {topic.id: topic for topic in topics()}
    rows = LeadTopic.rows().filter(subject_id__in=list(subject_ids), topic_id__in=list(known)).order_by("since", "id")
    first: dict[UUID, UUID] = {}
    for subject_id, topic_id in rows.values_list("subject_id", "topic_id"):
        first.setdefault(subject_id, topic_id)
    leading = {topic_id: next(iter(_leading(known[topic_id].team_ids)), None) for topic_id in set(first.values())}
    return {subject: member for subject, topic_id in first.items() if (member := leading[topic_id]) is not None}


def break_glass(*, actor: Actor, subject_id: UUID, reason: str, note: str, now: datetime) -> BrokenGlass:
    """Open a restricted lead for an hour; compliance hears of it at once. Refuses agencies and keys.

    Invalid without a reason of the list and a note of some words; whoever sees the lead anyway opens nothing.
    """
    if actor.membership_id is None or actor.is_agency:
        raise Refused("Only colleagues open a restricted lead.", action="lead.break_glass", object_type="lead")
    problems = []
    if reason not in REASONS:
        problems.append(Problem("/reason", "unknown", "Choose why you open it."))
    if len(note.strip()) < 10:
        problems.append(Problem("/note", "too_short", "Say in some words why you open it."))
    if not restricted_to(actor, [subject_id], now=now):
        problems.append(Problem("/reason", "not_restricted", "This lead is open to you already."))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))
    row = BrokenGlass(
        subject_id=subject_id,
        member_id=actor.membership_id,
        reason=reason,
        note=note.strip()[:500],
        at=now,
        until=now + LONGEST,
    )
    row.save(force_insert=True)
    ledger.record(
        actor=actor,
        action="lead.break_glass",
        object_type="lead",
        object_id=subject_id,
        detail={"reason": reason, "until": row.until.isoformat()},
    )
    tell_people(
        kind="break_glass",
        sentence="Somebody opened a restricted lead. Look at why.",
        dedup_key=f"glass:{row.id}",
        now=now,
        permission=Permission.COMPLIANCE_VIEW,
        url="/compliance/restricted/",
    )
    return row


def look_at_glass(*, actor: Actor, glass_id: UUID, now: datetime) -> None:
    """Note that compliance looked at why somebody opened a lead; nobody looks at their own."""
    row = BrokenGlass.rows().filter(id=glass_id).first()
    if row is None:
        raise NotFound
    if not actor.may(Permission.COMPLIANCE_VIEW) or actor.membership_id in (None, row.member_id):
        sentence = "Another person of compliance looks at this."
        raise Refused(sentence, action="glass.look", object_type="lead", object_id=row.subject_id)
    row.looked_by, row.looked_at = actor.label[:200], now
    row.save(update_fields=["looked_by", "looked_at"])
    ledger.record(actor=actor, action="glass.look", object_type="lead", object_id=row.subject_id)
