"""What the tenant's rules let follow on a contact: the next step with its date, and a text of ours (row TK-05).

The rules are a document of kind `follow_up`; the times are chosen by `outreach.spreading`. What a form tells before it
is saved and what saving does come from the same `Planner`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.functional import cached_property

from apps.catalog.business_hours import Hours
from apps.consent.decisions import first_channel
from apps.consent.queries import Reach, local_zone, reaches
from apps.consent.quiet_hours import is_quiet, next_allowed, quiet_channels
from apps.consent.terms import Channel
from apps.flows.attempts import hours_of_lead
from apps.flows.contacts import Contact
from apps.flows.words import planned_contact
from apps.leads.models import ContactPoint, Lead
from apps.outreach.actions import intend_message
from apps.outreach.follow_up import DECISION, KIND, FollowUp, follow_up_of
from apps.outreach.models import Activity, Message
from apps.outreach.spreading import Callee, next_try
from apps.outreach.templates import find_template
from apps.outreach.terms import FOLLOW_UP, ActivityKind, Direction, MessageState
from apps.policies.queries import live_document, versions_in_force
from apps.tenancy.organizations import current_organization

DECIDE_TITLE = "Decide how to go on, or close it with its reason"


@dataclass(frozen=True, slots=True)
class Planned:
    """What follows on one outcome. `at` None: whoever logs it says when; `text` "" where no text goes."""

    rule: str = ""
    at: datetime | None = None
    channel: str = ""
    title: str = ""
    text: str = ""
    text_at: datetime | None = None


class Planner:
    """Tells what follows on contacts of one lead; the lead's facts are read once, when they are first needed."""

    def __init__(self, lead: Lead, now: datetime) -> None:
        self.lead, self.now = lead, now
        self.document = live_document(KIND, now)

    def after(self, kind: str, outcome: str) -> Planned:
        """Return what follows when a contact of a kind ended so just now."""
        rule = follow_up_of(self.document, kind=kind, outcome=outcome)
        if rule is None:
            return Planned()
        usual = kind if kind in frozenset(map(str, Channel)) else str(Channel.CALL)
        channel = self._open_channel(rule.channel or usual)
        callee = self.callee
        if kind == ActivityKind.CALL:
            callee = replace(callee, tries=(*callee.tries, self.now))
        at = next_try(replace(rule, channel=channel), callee, self.now)
        text_at = self._text_at(rule)
        text = rule.text if text_at is not None else ""
        return Planned(self._named(rule), at, channel, rule.title, text, text_at)

    @cached_property
    def callee(self) -> Callee:
        """By what the next time is chosen."""
        person = self.lead.contact_person or self.lead.person
        rows = Activity.rows().filter(lead=self.lead, kind=ActivityKind.CALL, direction=Direction.OUTBOUND)
        tries: Sequence[datetime] = tuple(rows.order_by("started_at").values_list("started_at", flat=True))
        zone = person.zone or self._zone
        return Callee(zone, tries, self.lead.best_time, self._contact, self._reaches[Channel.CALL].place, self._hours)

    @cached_property
    def _reaches(self) -> dict[Channel, Reach]:
        return reaches(self.lead, now=self.now, document=self._contact, default_zone=self._zone)

    @cached_property
    def _contact(self) -> dict[str, object]:
        return live_document("contact", self.now)

    @cached_property
    def _hours(self) -> Hours:
        return hours_of_lead(self.lead)

    @property
    def _zone(self) -> str:
        return str(current_organization().zone)

    def _named(self, rule: FollowUp) -> str:
        version = versions_in_force(self.now).get(KIND)
        return f"{rule.id} v{version.number}" if version is not None else rule.id

    def _open_channel(self, wanted: str) -> str:
        """Return the wanted channel, or another one where it is closed to us for good; a decision where all are."""
        if wanted == DECISION:
            return DECISION
        verdicts = {str(each): reach.verdict for each, reach in self._reaches.items()}
        return first_channel(wanted, verdicts) or wanted

    def _text_at(self, rule: FollowUp) -> datetime | None:
        """Return when the rule's text goes: never in their quiet hours, and not at all where they permit no texts."""
        reach = self._reaches[Channel.TEXT]
        is_open = reach.verdict.allowed or reach.verdict.opens_at is not None
        if not rule.text or not is_open or reach.point is None:
            return None
        at = self.now + timedelta(seconds=rule.text_after_seconds)
        person = self.lead.contact_person or self.lead.person
        if find_template(rule.text, person.language or "en", str(Channel.TEXT), now=at) is None:
            return None
        local = at.astimezone(local_zone(reach.place, person.zone or self._zone))
        if Channel.TEXT in quiet_channels(self._contact) and is_quiet(local, self._contact, reach.place):
            return next_allowed(local, self._contact, "", reach.place)
        return at

    def text_point(self) -> ContactPoint | None:
        """Return the number that the text goes to."""
        return self._reaches[Channel.TEXT].point


def with_follow_up(contact: Contact, planned: Planned) -> Contact:
    """Return a contact with the date that the rules give it, where whoever logs it gave none.

    The form fills that date in itself: who leaves it as it is gets the rules' next step too, and no call by habit.
    """
    if planned.at is None or not is_as_planned(contact, planned):
        return contact
    return replace(contact, next_at=planned.at, next_channel=contact.next_channel or planned.channel)


def is_as_planned(contact: Contact, planned: Planned) -> bool:
    """Say whether the next step is when the rules say, to the minute; also where they leave its date to the caller."""
    if contact.next_at is None or planned.at is None:
        return True
    return abs(contact.next_at - planned.at) < timedelta(minutes=1)


def intend_text(lead: Lead, planner: Planner, planned: Planned, *, event_id: UUID, now: datetime) -> Message | None:
    """Write down the text that the rules let follow; the sender asks consent and quiet hours again when it goes."""
    point = planner.text_point() if planned.text and planned.text_at is not None else None
    if point is None:
        return None
    person = lead.contact_person or lead.person
    language, zone, at = person.language or "en", str(current_organization().zone), planned.text_at or now
    words = {
        "first_name": person.first_name,
        "organization": current_organization().name,
        "reference": lead.ref,
        "next_contact": planned_contact(lead.next_action_at, at, at, zone, language),
    }
    return intend_message(
        lead,
        purpose=FOLLOW_UP,
        template_key=planned.text,
        channel=str(Channel.TEXT),
        contact_point=point,
        words=words,
        language=language,
        dedup_key=f"{event_id}:{FOLLOW_UP}",
        now=now,
        due_at=planned.text_at,
    )


def drop_texts(lead: Lead, *, because: str, now: datetime) -> int:
    """Stop the texts of earlier contacts that have not gone; return how many there were."""
    waiting = Message.rows().filter(lead=lead, state=MessageState.PENDING, purpose=FOLLOW_UP)
    return waiting.update(state=MessageState.BLOCKED, reason=because[:300], finished_at=now)
