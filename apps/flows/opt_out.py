"""Stop contact: at once, on all of the person's leads, with everything that was on its way."""

from collections.abc import Container, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.consent import actions as consent
from apps.consent.decisions import SAID_BY_VALUE
from apps.consent.kept_bars import bring_back
from apps.consent.models import ConsentEvent
from apps.consent.opt_out_words import is_opt_out
from apps.consent.queries import POINT_KIND, events_of, reaches_of, said_no_by, states_of
from apps.consent.terms import Channel, ConsentValue, ContactCode
from apps.exceptions.terms import NO_PERMITTED_CHANNEL
from apps.flows import exceptional
from apps.flows.acknowledgement import forget_receipt
from apps.flows.cadences import end_all
from apps.flows.consent_requests import grant_requests, of_purpose
from apps.flows.release import reconsider
from apps.flows.streams import end_channels, plan_contact, settle
from apps.flows.worklists import leave_refused
from apps.leads.actions import close_tasks, lock_people, open_task, refresh_next_action, tell
from apps.leads.models import ContactPoint, Lead, Person, Task
from apps.outreach.actions import cancel_messages
from apps.outreach.cadence_terms import RunEnd
from apps.ownership.queries import change_verdict, lead_to_change
from apps.policies.queries import live_document
from apps.sla import actions as sla
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.errors import Invalid, Problem, Refused
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import current_organization_id


def opt_out(
    *,
    actor: Actor,
    lead_id: UUID,
    channels: Sequence[Channel],
    reason: str,
    now: datetime,
    source: str = "spoken",
    words: str = "",
) -> list[ConsentEvent]:
    """Record that the person no longer wants contact on these channels. Every colleague may.

    In the same transaction, on all the person's leads: waiting messages are blocked, contact tasks on
    these channels cancelled; where nothing stays permitted the lead becomes an exception with a
    task, so that it is not forgotten (rows CN-04, CN-14, CN-16).
    """
    if not channels:
        raise Invalid("Choose at least one channel.", (Problem("/channels", "missing", "Choose a channel."),))
    lead = lead_to_change(actor, lead_id)
    if not actor.may(Permission.CONSENT_NARROW):
        verdict = change_verdict(actor, lead, "consent", now=now)
        raise Refused(
            verdict.sentence,
            code=verdict.code,
            action="consent.narrow",
            object_type="lead",
            object_id=lead.id,
            fields=("consent",),
        )
    return record_opt_out(lead, channels, actor=actor, reason=reason, source=source, words=words, now=now)


def record_opt_out(
    lead: Lead,
    channels: Sequence[Channel],
    *,
    actor: Actor,
    reason: str,
    now: datetime,
    source: str = "spoken",
    words: str = "",
) -> list[ConsentEvent]:
    """Store an opt-out of the lead's person and stop what was on its way. Who may, the caller has decided."""
    person = lead.contact_person or lead.person
    return stop_person(person, channels, actor=actor, reason=reason, source=source, words=words, now=now)


def stop_person(
    person: Person,
    channels: Sequence[Channel],
    *,
    actor: Actor,
    reason: str,
    now: datetime,
    source: str = "spoken",
    words: str = "",
) -> list[ConsentEvent]:
    """Store an opt-out of a person, whichever leads they have, and stop what was on its way."""
    rows = consent.narrow(
        actor=actor, person=person, channels=channels, reason=reason, source=source, now=now, evidence=words
    )
    stop_contact(person, channels, actor=actor, reason=reason or "opted out", now=now)
    return rows


def opt_out_of_value(
    *,
    actor: Actor,
    channel: Channel,
    value: str,
    words: str,
    now: datetime,
    source: str = SAID_BY_VALUE,
    reason: str = "",
) -> int:
    """Withdraw a channel for everybody on file who is reached by a number or an address; return how many there are.

    The word came from that number or address ("STOP"), so nobody is asked who may: the person says it. It is kept by
    the value too, so that it holds for whoever inquires with it later (see `heed_values`). `reason` is for other doors
    than a message, each with its `source`.
    """
    people = holders_of(channel, value)
    heard = is_opt_out(words)
    said, word = words.strip()[:100], heard.words if heard else "an opt-out word"
    told, why = reason or f"their message says “{word}”", reason or f"wrote “{word}”"
    consent.say_no_by(actor=actor, channel=channel, kind=POINT_KIND[channel], value=value, reason=told, now=now)
    for person in people:
        consent.narrow(
            actor=actor, person=person, channels=[channel], reason=told, source=source, now=now, evidence=said or word
        )
        stop_contact(person, [channel], actor=actor, reason=why, now=now)
    return len(people)


def permit_again(*, actor: Actor, channel: Channel, value: str, words: str, reference: str, now: datetime) -> int:
    """Record that people who had withdrawn by message want to be written to again; return how many they are.

    Whoever withdrew in another way, or is on the do-not-contact list, stays withdrawn.
    """
    consent.take_back(actor=actor, channel=channel, value=value, now=now)
    people = holders_of(channel, value)
    states = states_of([each.id for each in people], now)
    back = [
        each
        for each in people
        if states[each.id][channel].value == ConsentValue.WITHDRAWN and states[each.id][channel].source == "message"
    ]
    for person in back:
        consent.readmit(
            person=person,
            channel=channel,
            contact_value=value,
            words=words.strip()[:100],
            reference=reference,
            now=now,
            actor=actor,
        )
        sentence = f"{channel.capitalize()}: permitted again, they wrote “{words.strip()[:100]}”."
        for lead in leads_of(person):
            tell(lead, kind="consent", sentence=sentence, actor=actor, now=now)
            reconsider(lead.id, now=now)
    return len(back)


def heed_values(
    person: Person, values: Iterable[str], *, granted: Container[tuple[str, str]], now: datetime
) -> list[ConsentEvent]:
    """Withdraw for a person what the numbers and addresses they inquire with said no to before, as of then.

    Returns the lines written; what stands in the person's ledger already is not written again.

    `granted` are the (channel, value) pairs that this inquiry itself permits in words: that newer grant counts, and
    ends the entry. Call it before the inquiry's own permissions are read.
    """
    actor = system_actor(current_organization_id())
    values = list(values)
    bring_back(values)
    entries = said_no_by(values)
    told = events_of([person.id]).get(person.id, []) if entries else []
    rows: list[ConsentEvent] = []
    for entry in entries:
        said = [each for each in told if each.channel == entry.channel and each.captured_at >= entry.added_at]
        if not any(each.value == ConsentValue.WITHDRAWN for each in said):
            rows += consent.narrow(
                actor=actor,
                person=person,
                channels=[Channel(entry.channel)],
                reason=entry.reason,
                source="message",
                now=now,
                contact_value=entry.value,
                evidence=entry.reason,
                said_at=entry.added_at,
            )
        if (entry.channel, entry.value) in granted:
            consent.take_back(actor=actor, channel=Channel(entry.channel), value=entry.value, now=now)
    return rows


def holders_of(channel: Channel, value: str) -> list[Person]:
    """Return the people on file who are reached by a number or an address on this channel, oldest first."""
    if not value:
        return []
    points = ContactPoint.rows().filter(kind=POINT_KIND[channel], value=value, person__merged_into__isnull=True)
    return list(Person.rows().filter(id__in=points.values("person_id")).order_by("created_at", "id"))


def widen(
    *,
    actor: Actor,
    lead_id: UUID,
    channel: Channel,
    evidence_kind: str,
    evidence_ref: str,
    reason: str,
    now: datetime,
    purpose: str = "care_inquiry",
    only_lead: bool = False,
    expires_at: datetime | None = None,
) -> ConsentEvent:
    """Record a new grant; only the team that maintains consent may, and only with evidence.

    It may be limited to this lead, until that closes, and to a time (row CN-11).
    Leads of the person that waited for it go on and what colleagues asked of it is accepted, in the same transaction.
    """
    lead = lead_to_change(actor, lead_id)
    person = lead.contact_person or lead.person
    maintains = change_verdict(actor, lead, "consent", now=now)
    if not maintains.allowed:
        raise Refused(
            maintains.sentence,
            code=maintains.code,
            action="consent.widen",
            object_type="lead",
            object_id=lead.id,
            fields=("consent",),
        )
    if expires_at is not None and expires_at <= now:
        sentence = "A permission that ends needs an end in the future."
        raise Invalid(sentence, (Problem("/expires_at", "in_the_past", sentence),))
    if only_lead and lead.closed_at is not None:
        sentence = "This inquiry has ended; a permission for it alone permits nothing."
        raise Invalid(sentence, (Problem("/limited_to", "closed", sentence),))
    row = consent.widen(
        actor=actor,
        person=person,
        channel=channel,
        evidence_kind=evidence_kind,
        evidence_ref=evidence_ref,
        reason=reason,
        is_maintainer=maintains.allowed,
        now=now,
        purpose=purpose,
        only_lead=lead if only_lead else None,
        expires_at=expires_at,
    )
    limits = _limits(only_lead, expires_at)
    for other in [each for each in leads_of(person) if not only_lead or each.id == lead.id]:
        what = f"{channel.capitalize()}: granted{of_purpose(purpose)} ({evidence_kind}{limits})."
        tell(other, kind="consent", sentence=what, actor=actor, now=now)
        grant_requests(other, channel, purpose, actor=actor, now=now)
        reconsider(other.id, now=now)
    return row


def _limits(only_lead: bool, expires_at: datetime | None) -> str:
    until = f", until {expires_at:%Y-%m-%d %H:%M} UTC" if expires_at is not None else ""
    return f"{', for this inquiry only' if only_lead else ''}{until}"


def stop_contact(
    person: Person,
    channels: Sequence[Channel],
    *,
    actor: Actor,
    reason: str,
    now: datetime,
    told: str = "Opted out of",
) -> None:
    """Cancel what was on its way on these channels, on every lead of the person; `told` begins what the story says."""
    event_id = new_id()
    leads = leads_of(person)
    words = [str(each) for each in channels]
    blocked = cancel_messages([lead.id for lead in leads], reason=reason, now=now, channels=words)
    for lead in leads:
        named = ", ".join(words)
        tell(lead, kind="consent", sentence=f"{told} {named}: {reason}", actor=actor, now=now, event_id=event_id)
        if lead.closed_at is None:
            end_channels(lead, words)
            close_tasks(lead, because="opted out", now=now, kinds=words, state="cancelled")
            forget_receipt(lead, now=now)
            leave_refused(lead, actor=actor, event_id=event_id, now=now)
            _keep_in_sight(lead, person, event_id, now)
    end_all(leads, RunEnd.OPTED_OUT, now=now)
    for lead in leads:
        settle(lead, actor=actor, event_id=event_id, now=now)
    ledger.record(
        actor=actor,
        action="consent.opt_out",
        object_type="person",
        object_id=person.id,
        event_id=event_id,
        fields=[f"consent_{each}" for each in words],
        detail={"leads": len(leads), "messages_blocked": blocked},
    )


def leads_of(person: Person) -> list[Lead]:
    """Return the leads for which this person is the one we contact, locked as the person is, oldest first."""
    lock_people([person.id])
    own = Lead.rows().filter(person=person, contact_person__isnull=True)
    others = Lead.rows().filter(contact_person=person)
    ids = [*own.values_list("id", flat=True), *others.values_list("id", flat=True)]
    rows = Lead.rows().select_for_update(of=("self",), no_key=True).select_related("stage")
    return list(rows.filter(id__in=ids).order_by("id"))


def _keep_in_sight(lead: Lead, person: Person, event_id: UUID, now: datetime) -> None:
    """A lead whose contact task was cancelled gets another dated next action; with no way left, an exception."""
    states, rules = states_of([person.id], now)[person.id], live_document("contact", now)
    reaches = reaches_of(person, now=now, document=rules, default_zone=current_organization().zone)
    needs = rules.get("needs_consent", {})
    agreed = [each for each in Channel if states[each].value == "granted" or needs.get(str(each)) is False]
    left = [each for each in agreed if reaches[each].verdict.code is not ContactCode.DO_NOT_CONTACT]
    if not left:
        sla.cancel_all(lead, now=now, because="no permitted channel")
        exceptional.flag(lead, NO_PERMITTED_CHANNEL, detail="They opted out of every channel.", now=now)
    if not Task.rows().filter(lead=lead, state="open").exists():
        _open_substitute(lead, person, left, event_id, now)
    refresh_next_action(lead)
    sla.refresh_due(lead)


def _open_substitute(lead: Lead, person: Person, left: list[Channel], event_id: UUID, now: datetime) -> None:
    if not left:
        open_task(
            lead,
            kind="review",
            title="No channel is permitted: decide how to go on",
            due_at=now + timedelta(days=1),
            now=now,
            event_id=event_id,
        )
        return
    channel = lead.preferred_channel if lead.preferred_channel in left else str(left[0])
    plan_contact(
        lead,
        channel=channel,
        title=f"Reach them by {channel} instead",
        due_at=now + timedelta(hours=4),
        now=now,
        event_id=event_id,
        actor=system_actor(current_organization_id()),
    )
