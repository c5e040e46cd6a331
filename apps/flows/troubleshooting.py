"""Why was this lead misrouted or not contacted: all that decided on one timeline, and what is in the way now (AU-03).

It names what happened and which rule or gate said so; what patients wrote stands nowhere in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from apps.accounts.terms import FieldGroup
from apps.audit.models import AuditEntry
from apps.consent.queries import reaches
from apps.exceptions.models import ExceptionItem
from apps.exceptions.terms import TYPE_LABELS, ItemState, ItemType
from apps.leads.models import Lead, StageSpell
from apps.outreach.models import Activity, Message
from apps.outreach.queries import attempts_today
from apps.outreach.terms import MessageState
from apps.ownership.models import Spell
from apps.policies.queries import live_document
from apps.routing.models import RoutingDecision
from apps.sla.models import SlaTimer
from apps.tenancy.actor import Actor
from apps.tenancy.organizations import current_organization

#: Messages that were not delivered, for whatever reason.
UNSENT = (MessageState.BLOCKED, MessageState.FAILED, MessageState.UNKNOWN)
#: Exceptions that speak for a wrong route.
OF_ROUTES = (
    ItemType.OWNER_MISMATCH,
    ItemType.NO_RULE,
    ItemType.UNMAPPED_VALUE,
    ItemType.CONFLICTING_LOCATION,
    ItemType.UNAVAILABLE_SERVICE,
    ItemType.OUTSIDE_COVERAGE,
)


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a lead. `is_trouble`: it speaks for a wrong route or a missing contact."""

    at: datetime
    kind: str
    sentence: str
    is_trouble: bool = False


@dataclass(frozen=True, slots=True)
class Trouble:
    """The whole answer: what is wrong now, in sentences, and what led there, oldest first."""

    misrouted: list[str]
    uncontacted: list[str]
    events: list[Event]


def trouble_of(lead: Lead, *, reader: Actor, now: datetime) -> Trouble:
    """Return why a lead went where it is and why nobody reached the person, as far as the reader sees such fields."""
    shows = {group: group not in reader.hidden_fields for group in (FieldGroup.OUTCOME, FieldGroup.CONSENT)}
    events = [
        *_routed(lead),
        *_owned(lead),
        *_clocks(lead),
        *_exceptions(lead),
        *_messages(lead),
        *_refused(lead.id),
    ]
    if shows[FieldGroup.OUTCOME]:
        events += [*_stages(lead), *_contacts(lead)]
    events.sort(key=lambda each: each.at)
    return Trouble(_misrouted(lead, events), _uncontacted(lead, now, shows), events)


def _routed(lead: Lead) -> Iterator[Event]:
    rows = RoutingDecision.rows().filter(lead=lead).select_related("queue__team", "version", "member__user")
    for row in rows:
        rule = f"rule {row.rule_id}" if row.rule_id else "no rule"
        version = f", version {row.version.number}" if row.version else ""
        sentence = (
            f"Routed to {row.queue.name} ({row.queue.team.name}) by {rule}{version}, because of {_words(row.cause)}."
        )
        if row.is_fallback:
            sentence += " No rule fitted: this is the fallback."
        if row.exception:
            sentence += f" Exception: {_words(row.exception)}."
        yield Event(row.decided_at, "route", sentence, row.is_fallback or bool(row.exception))


def _owned(lead: Lead) -> Iterator[Event]:
    rows = Spell.rows().filter(lead=lead, kind="primary").select_related("team", "membership__user")
    for row in rows:
        who = f"{row.team.name}, {row.membership.user.name}" if row.membership else f"{row.team.name}, nobody yet"
        yield Event(row.started_at, "owner", f"With {who} ({_words(row.trigger)}, by {row.actor_label}).")


def _stages(lead: Lead) -> Iterator[Event]:
    for row in StageSpell.rows().filter(lead=lead).select_related("stage"):
        yield Event(row.started_at, "stage", f"Stage {row.stage.label} ({_words(row.event)}, by {row.actor_label}).")


def _clocks(lead: Lead) -> Iterator[Event]:
    for row in SlaTimer.rows().filter(lead=lead):
        name = f"{_words(row.kind).capitalize()} clock “{row.policy_name}”"
        yield Event(row.started_at, "clock", f"{name} started, due {_instant(row.due_at)}.")
        if row.breached_at:
            yield Event(row.breached_at, "clock", f"{name} was missed.", is_trouble=True)
        if row.met_at:
            yield Event(row.met_at, "clock", f"{name} was met.")
        if row.cancelled_at:
            yield Event(row.cancelled_at, "clock", f"{name} ended ({_words(row.ended_by) or 'cancelled'}).")


def _exceptions(lead: Lead) -> Iterator[Event]:
    for row in ExceptionItem.rows().filter(lead=lead):
        label = str(TYPE_LABELS.get(row.type, _words(row.type)))
        yield Event(row.opened_at, "exception", f"Exception opened: {label}.", is_trouble=True)
        if row.decided_at:
            said = f"Exception decided: {label}, {_words(row.decision)} by {row.decided_label}."
            yield Event(row.decided_at, "exception", said)


def _messages(lead: Lead) -> Iterator[Event]:
    for row in Message.rows().filter(lead=lead).defer("subject", "body"):
        name = f"{row.channel.capitalize()} “{_words(row.purpose)}”"
        yield Event(row.created_at, "message", f"{name} was asked for.")
        if row.finished_at or row.state in UNSENT:
            why = f": {row.reason}" if row.reason else ""
            done = row.finished_at or row.sending_at or row.created_at
            yield Event(done, "message", f"{name} is {_words(row.state)}{why}.", row.state in UNSENT)


def _contacts(lead: Lead) -> Iterator[Event]:
    for row in Activity.rows().filter(lead=lead).defer("note"):
        said = f"{row.kind.capitalize()} ({row.direction}) by {row.actor_label}: {_words(row.outcome)}."
        yield Event(row.started_at, "contact", said)


def _refused(lead_id: UUID) -> Iterator[Event]:
    """Yield what somebody tried on the lead and was refused, such as a call that the gate did not let through."""
    for row in AuditEntry.rows().filter(object_id=lead_id, action__startswith="refused:"):
        tried = _words(row.action.removeprefix("refused:").replace(".", " "))
        code = _words(str(row.detail.get("code", "")))
        yield Event(row.at, "refusal", f"{row.actor_label} was refused “{tried}” ({code}).", is_trouble=True)


def _misrouted(lead: Lead, events: list[Event]) -> list[str]:
    routes = [each for each in events if each.kind == "route"]
    found = [each.sentence for each in routes[-1:] if each.is_trouble]
    if not routes:
        found.append("No rule has routed this lead.")
    owners = sum(each.kind == "owner" for each in events)
    if owners > 2:
        found.append(f"It changed hands {owners - 1} times.")
    if lead.owner_team_id is None:
        found.append("No team owns it.")
    open_items = ExceptionItem.rows().filter(lead=lead, state=ItemState.OPEN, type__in=OF_ROUTES)
    found += [f"Open exception: {TYPE_LABELS.get(each.type, _words(each.type))}." for each in open_items]
    return found


def _uncontacted(lead: Lead, now: datetime, shows: dict[FieldGroup, bool]) -> list[str]:
    found = []
    if lead.closed_at is not None:
        found.append("It is closed.")
    if lead.hold_reason:
        found.append(f"It is held: {_words(lead.hold_reason)}.")
    if lead.exception:
        found.append(f"An exception is open: {TYPE_LABELS.get(lead.exception, _words(lead.exception))}.")
    if shows[FieldGroup.CONSENT]:
        zone = current_organization().zone
        gate = reaches(
            lead,
            now=now,
            document=live_document("contact", now),
            default_zone=zone,
            attempts_today=attempts_today(lead, now),
        )
        found += [
            f"{channel.capitalize()}: {each.verdict.sentence}"
            for channel, each in gate.items()
            if not each.verdict.allowed
        ]
    if lead.owner_id is None and lead.closed_at is None:
        found.append("Nobody has taken it.")
    late = SlaTimer.rows().filter(lead=lead, breached_at__isnull=False, met_at=None, cancelled_at=None)
    found += [f"Missed and still open: {_words(each.kind)} clock, due {_instant(each.due_at)}." for each in late]
    unsent = Message.rows().filter(lead=lead, state__in=UNSENT).defer("subject", "body").order_by("-created_at")[:3]
    found += [
        f"Not delivered: {each.channel} “{_words(each.purpose)}”, {each.reason or each.state}." for each in unsent
    ]
    return found


def _words(text: str) -> str:
    return text.replace("_", " ")


def _instant(at: datetime) -> str:
    """Return an instant as the pages' clock finds and translates it."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
