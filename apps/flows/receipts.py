"""Receipts: that we have an inquiry and when contact will come, by mail, else by text, where that is permitted (CP-19).

Permission is the consent decision's word, asked when a receipt is intended and again when it goes. A text goes only
from a tenant with a line and a template for it; in the person's quiet hours it waits for the first minute that is
allowed, and says then what holds then. People out of a file, and those whose
inquiry its sender kept for long, wait for no answer: they get none, by whatever channel.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from apps.capture.models import Submission
from apps.catalog.queries import custom_fields
from apps.catalog.terms import CaptureMethod
from apps.consent.queries import Reach, reaches
from apps.consent.terms import Channel, ContactCode
from apps.flows.arrival import Case
from apps.flows.listed import LISTED
from apps.flows.words import next_contact, planned_contact
from apps.leads.models import ContactPoint, Lead, Person
from apps.outreach.actions import intend_message
from apps.outreach.models import Message
from apps.outreach.templates import find_template
from apps.outreach.terms import TOLD, MessageState
from apps.outreach.texts import text_line
from apps.routing.queries import opening_of

FIRST, AGAIN = "acknowledgement", "acknowledgement-repeat"
#: The purpose of a receipt for a repeat; one in so long is enough.
REPEAT, ONCE_IN = "receipt", timedelta(hours=24)
#: How somebody who asks again asks by themselves; a call or a chat is answered there, the rest is told by others.
ASKED_BY_THEMSELVES = frozenset({CaptureMethod.WEB_FORM, CaptureMethod.EMAIL, CaptureMethod.EVENT, CaptureMethod.API})
#: What reaches our door later than this after its event comes out of a file or a sender's queue: nobody waits for
#: an answer. How long it then waits in a queue of ours does not count.
FRESH = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Way:
    """How a receipt goes: by which channel, whereto, and when; `waits` until quiet hours end."""

    channel: Channel
    point: ContactPoint
    at: datetime
    waits: bool = False


def receipt_way(case: Case, found: Mapping[Channel, Reach], lead: Lead, key: str = FIRST) -> Way | None:
    """Return how a receipt may go: by mail, else by text once quiet hours are over; None where neither may.

    None for who is on the do-not-contact list, for imports and late deliveries too, for what is split off late or after
    its receipt went, and for a first receipt of a lead that had one: whoever waited for a decision was told before.
    """
    if lead.hold_reason == LISTED or case.draft.capture_method == CaptureMethod.IMPORT or _is_late(case.submission):
        return None
    if key == FIRST and (lead.acknowledged_at is not None or _is_past_telling(case)):
        return None
    mails, texts = found[Channel.EMAIL], found[Channel.TEXT]
    if mails.verdict.allowed and mails.point is not None:
        return Way(Channel.EMAIL, mails.point, case.now)
    if texts.point is None or not text_line() or not find_template(key, _language(lead), Channel.TEXT, now=case.now):
        return None
    if texts.verdict.allowed:
        return Way(Channel.TEXT, texts.point, case.now)
    opens_at = texts.verdict.opens_at if texts.verdict.code == ContactCode.QUIET_HOURS else None
    return Way(Channel.TEXT, texts.point, opens_at, waits=True) if opens_at is not None else None


def acknowledge_first(
    case: Case, lead: Lead, found: Mapping[Channel, Reach], *, opens_at: datetime, first_step_at: datetime
) -> None:
    """Intend the receipt of a new lead, once; whoever called has been heard already.

    It promises no hour that will have passed when it goes.
    """
    way = receipt_way(case, found, lead)
    if way is None:
        return
    zone, language = case.organization.zone, _language(lead)
    if first_step_at > way.at:
        said = next_contact(opens_at, first_step_at, way.at, zone, language)
    else:
        said = planned_contact(None, opens_at, way.at, zone, language)
    _intend(case, lead, way, key=FIRST, purpose=FIRST, dedup_key=f"ack:{lead.id}", said=said)


def acknowledge_repeat(case: Case, lead: Lead) -> None:
    """Intend one short receipt in 24 hours for a person who asks again on an open lead.

    None for tests, for what a sender tells later, for imports, batches, late deliveries, calls, chats and what a
    colleague typed in; none for a lead that waits for a permission.
    """
    if lead.closed_at is not None or lead.validity != "valid" or not _asks_now(case, lead):
        return
    found = reaches(lead, now=case.now, document=case.document("contact"), default_zone=case.organization.zone)
    way = receipt_way(case, found, lead, AGAIN)
    if way is None or _told_lately(lead.contact_person or lead.person, way.point, case.now):
        return
    opens_at = opening_of(lead.queue, way.at) if lead.queue else way.at
    said = planned_contact(lead.next_action_at, opens_at, way.at, case.organization.zone, _language(lead))
    _intend(case, lead, way, key=AGAIN, purpose=REPEAT, dedup_key=f"again:{case.submission.id}", said=said)


def _intend(case: Case, lead: Lead, way: Way, *, key: str, purpose: str, dedup_key: str, said: str) -> None:
    person = lead.contact_person or lead.person
    intend_message(
        lead,
        purpose=purpose,
        template_key=key,
        contact_point=way.point,
        words={
            **{each.key: ", ".join(each.values) for each in case.draft.answers if each.key in custom_fields()},
            "first_name": person.first_name,
            "organization": case.organization.name,
            "reference": lead.ref,
            "next_contact": said,
        },
        language=_language(lead),
        dedup_key=dedup_key,
        now=case.now,
        due_at=way.at if way.waits else None,
        channel=way.channel,
    )


def _is_past_telling(case: Case) -> bool:
    """Whether an inquiry that is split off is old, or its receipt went, or goes, from the lead it was joined to."""
    row = case.submission
    if case.touch is None:
        return False
    if case.now - row.event_at > FRESH:
        return True
    released = Q(dedup_key=f"ack:{case.touch.lead_id}", created_at=row.processed_at)
    told = Message.rows().filter(Q(dedup_key=f"again:{row.id}") | released)
    return told.filter(state__in=TOLD).exists()


def _asks_now(case: Case, lead: Lead) -> bool:
    row = case.submission
    if case.draft.is_test or lead.is_test or row.is_rehearsal or case.draft.capture_method not in ASKED_BY_THEMSELVES:
        return False
    return not _is_late(row) and not _is_of_batch(row)


def _is_late(row: Submission) -> bool:
    """Whether the sender kept it for long: between what they tell of the event and our door, not what we took since."""
    return row.received_at - row.event_at > FRESH


def _is_of_batch(row: Submission) -> bool:
    """Whether others came in the same request: a batch is stored at one instant under one id."""
    if not row.request_id:
        return False
    same = Submission.rows().filter(party=row.party_id, received_at=row.received_at, request_id=row.request_id)
    return same.exclude(id=row.id).exists()


def _told_lately(person: Person, point: ContactPoint, now: datetime) -> bool:
    """Whether the person, or who has their number or address, got a receipt for a repeat in the last day, or the
    first one just now, or will when quiet hours end. The intake holds the lock of the value, so that two at once do
    not both find none; their points are read first, since no index fits a join by either of two columns.
    """
    whose = Q(person=person) | Q(kind=point.kind, value=point.value)
    points = list(ContactPoint.rows().filter(whose).values_list("id", flat=True))
    rows = Message.rows().filter(contact_point__in=points, state__in=TOLD, created_at__gt=now - ONCE_IN)
    just_now = Q(created_at__gt=now - FRESH) | Q(finished_at__gt=now - FRESH) | Q(state=MessageState.PENDING)
    return rows.filter(Q(purpose=REPEAT) | Q(purpose=FIRST) & just_now).exists()


def _language(lead: Lead) -> str:
    return (lead.contact_person or lead.person).language or "en"
