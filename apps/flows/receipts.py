"""Receipts: that we have an inquiry and when contact will come, by mail, else by text, where that is permitted (CP-19).

Permission is the consent decision's word, asked when a receipt is intended and again when it goes. A text goes only
from a tenant with a line and a template for it, and never in quiet hours. People out of a file, and those whose
inquiry its sender kept for long, wait for no answer: they get none, by whatever channel.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import Q

from apps.capture.models import Submission
from apps.catalog.terms import CaptureMethod
from apps.consent.queries import Reach, reaches
from apps.consent.terms import Channel
from apps.flows.arrival import Case
from apps.flows.words import next_contact, planned_contact
from apps.leads.models import ContactPoint, Lead, Person
from apps.outreach.actions import find_template, intend_message
from apps.outreach.models import Message
from apps.outreach.terms import TOLD
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


def receipt_channel(case: Case, found: Mapping[Channel, Reach], lead: Lead, key: str = FIRST) -> Channel | None:
    """Return by which channel a receipt may go now: mail first, then text; None where neither may.

    None for imports and late deliveries too, and for what is split off late or after its receipt went.
    """
    if case.draft.capture_method == CaptureMethod.IMPORT or _is_late(case.submission):
        return None
    if key == FIRST and _is_past_telling(case):
        return None
    if found[Channel.EMAIL].verdict.allowed:
        return Channel.EMAIL
    texts = found[Channel.TEXT]
    if not texts.verdict.allowed or texts.point is None:
        return None
    return Channel.TEXT if text_line() and find_template(key, _language(lead), Channel.TEXT) else None


def acknowledge_first(
    case: Case, lead: Lead, found: Mapping[Channel, Reach], *, opens_at: datetime, first_step_at: datetime
) -> None:
    """Intend the receipt of a new lead, once; whoever called has been heard already.

    It promises no hour that has passed while the inquiry waited in a queue of ours.
    """
    zone, language = case.organization.zone, _language(lead)
    if first_step_at > case.now:
        said = next_contact(opens_at, first_step_at, case.now, zone, language)
    else:
        said = planned_contact(None, opens_at, case.now, zone, language)
    _intend(case, lead, found, key=FIRST, purpose=FIRST, dedup_key=f"ack:{lead.id}", said=said)


def acknowledge_repeat(case: Case, lead: Lead) -> None:
    """Intend one short receipt in 24 hours for a person who asks again on an open lead.

    None for tests, for what a sender tells later, for imports, batches, late deliveries, calls, chats and what a
    colleague typed in; none for a lead that waits for a permission.
    """
    if lead.closed_at is not None or lead.validity != "valid" or not _asks_now(case, lead):
        return
    found = reaches(lead, now=case.now, document=case.document("contact"), default_zone=case.organization.zone)
    opens_at = opening_of(lead.queue, case.now) if lead.queue else case.now
    said = planned_contact(lead.next_action_at, opens_at, case.now, case.organization.zone, _language(lead))
    _intend(case, lead, found, key=AGAIN, purpose=REPEAT, dedup_key=f"again:{case.submission.id}", said=said)


def _intend(
    case: Case, lead: Lead, found: Mapping[Channel, Reach], *, key: str, purpose: str, dedup_key: str, said: str
) -> None:
    channel = receipt_channel(case, found, lead, key)
    point = found[channel].point if channel else None
    if channel is None or point is None:
        return
    person = lead.contact_person or lead.person
    if purpose == REPEAT and _told_lately(person, point.kind, point.value, case.now):
        return
    intend_message(
        lead,
        purpose=purpose,
        template_key=key,
        contact_point=point,
        words={
            "first_name": person.first_name,
            "organization": case.organization.name,
            "reference": lead.ref,
            "next_contact": said,
        },
        language=_language(lead),
        dedup_key=dedup_key,
        now=case.now,
        channel=channel,
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


def _told_lately(person: Person, kind: str, value: str, now: datetime) -> bool:
    """Whether the person, or who has their number or address, got a receipt for a repeat in the last day, or the
    first one just now. The intake holds the lock of the value, so that two at once do not both find none; their
    points are read first, since no index fits a join by either of two columns.
    """
    points = ContactPoint.rows().filter(Q(person=person) | Q(kind=kind, value=value)).values_list("id", flat=True)
    rows = Message.rows().filter(contact_point__in=list(points), state__in=TOLD, created_at__gt=now - ONCE_IN)
    repeats, first = Q(purpose=REPEAT), Q(purpose=FIRST, created_at__gt=now - FRESH)
    return rows.filter(repeats | first).exists()


def _language(lead: Lead) -> str:
    return (lead.contact_person or lead.person).language or "en"
