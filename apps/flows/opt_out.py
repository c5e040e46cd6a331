"""Stop contact: at once, on all of the person's leads, with everything that was on its way."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.consent import actions as consent
from apps.consent.models import ConsentEvent
from apps.consent.queries import states_of
from apps.consent.terms import Channel
from apps.flows.release import reconsider
from apps.leads.actions import close_tasks, open_task, refresh_next_action, tell
from apps.leads.models import Lead, Person, Task
from apps.outreach.actions import cancel_messages
from apps.ownership.queries import change_verdict, lead_to_change
from apps.policies.queries import live_document
from apps.sla import actions as sla
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, Problem, Refused
from apps.tenancy.ids import new_id


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
    rows = consent.narrow(
        actor=actor, person=person, channels=channels, reason=reason, source=source, now=now, evidence=words
    )
    stop_contact(person, channels, actor=actor, reason=reason or "opted out", now=now)
    return rows


def widen(
    *,
    actor: Actor,
    lead_id: UUID,
    channel: Channel,
    evidence_kind: str,
    evidence_ref: str,
    reason: str,
    now: datetime,
) -> ConsentEvent:
    """Record a new grant; only the team that maintains consent may, and only with evidence.

    Leads of the person that waited for it go on, in the same transaction.
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
    row = consent.widen(
        actor=actor,
        person=person,
        channel=channel,
        evidence_kind=evidence_kind,
        evidence_ref=evidence_ref,
        reason=reason,
        is_maintainer=maintains.allowed,
        now=now,
    )
    for other in leads_of(person):
        tell(
            other, kind="consent", sentence=f"{channel.capitalize()}: granted ({evidence_kind}).", actor=actor, now=now
        )
        reconsider(other.id, now=now)
    return row


def stop_contact(person: Person, channels: Sequence[Channel], *, actor: Actor, reason: str, now: datetime) -> None:
    """Cancel what was on its way on these channels, on every lead of the person."""
    event_id = new_id()
    leads = leads_of(person)
    words = [str(each) for each in channels]
    blocked = cancel_messages([lead.id for lead in leads], reason=reason, now=now, channels=words)
    for lead in leads:
        named = ", ".join(words)
        tell(lead, kind="consent", sentence=f"Opted out of {named}: {reason}", actor=actor, now=now, event_id=event_id)
        if lead.closed_at is None:
            close_tasks(lead, because="opted out", now=now, kinds=words, state="cancelled")
            _keep_in_sight(lead, person, event_id, now)
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
    """Return the leads for which this person is the one we contact, locked, oldest first."""
    own = Lead.rows().filter(person=person, contact_person__isnull=True)
    others = Lead.rows().filter(contact_person=person)
    ids = [*own.values_list("id", flat=True), *others.values_list("id", flat=True)]
    return list(Lead.rows().select_for_update(of=("self",), no_key=True).filter(id__in=ids).order_by("id"))


def _keep_in_sight(lead: Lead, person: Person, event_id: UUID, now: datetime) -> None:
    """A lead whose contact task was cancelled gets another dated next action; with no way left, an exception."""
    states = states_of([person.id], now)[person.id]
    needs = live_document("contact", now).get("needs_consent", {})
    left = [each for each in Channel if states[each].value == "granted" or needs.get(str(each)) is False]
    if not left:
        Lead.rows().filter(id=lead.id).update(exception="no_permitted_channel")
        sla.cancel_all(lead, now=now, because="no permitted channel")
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
    open_task(
        lead,
        kind=channel,
        title=f"Reach {person} by {channel} instead",
        channel=channel,
        due_at=now + timedelta(hours=4),
        now=now,
        event_id=event_id,
    )
