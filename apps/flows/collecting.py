"""Ask a person by a link for what their lead lacks, on a channel they permit (rows EX-03, EX-04).

The message is intended here; its link is made when the message goes, and the token stands in the message alone.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings

from apps.audit import ledger
from apps.catalog.terms import CaptureMethod
from apps.consent.queries import Reach, reaches
from apps.consent.terms import Channel, ContactCode
from apps.exceptions.decisions import asked_by_hand, asked_unbidden
from apps.exceptions.models import OPEN, ExceptionItem
from apps.exceptions.terms import ASKED_WORDS, TOLD_BY_PERSON, ItemState
from apps.flows.exceptional import COLLECT, the_product
from apps.flows.listed import refuse_listed
from apps.flows.precontact import refuse_contact
from apps.flows.receipts import Way
from apps.leads.actions import lock_lead, tell
from apps.leads.models import Lead
from apps.outreach.actions import intend_message
from apps.outreach.late_words import fills
from apps.outreach.models import DataRequest, Message
from apps.outreach.templates import find_template
from apps.outreach.terms import MessageState, RequestState
from apps.outreach.texts import text_line
from apps.ownership.queries import lead_to_change, require_change
from apps.policies.queries import live_document
from apps.tenancy import outbox
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict
from apps.tenancy.ids import new_id
from apps.tenancy.models import Address
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import current_organization_id
from apps.tenancy.writing import insert

#: Purpose and template of the message, and the kind under which the address book keeps a link's digest.
PURPOSE, TEMPLATE, ADDRESS = "data-request", "data-request", "data_request"
#: How long a link serves, and how often a person is asked in a day.
SERVES, MOST_A_DAY = timedelta(hours=72), 3


def missing_of(lead: Lead) -> tuple[str, ...]:
    """Return what a lead lacks of all that a person can be asked for."""
    phones = (lead.contact_person or lead.person).contact_points.filter(kind="phone").exclude(validity="invalid")
    lacks = {
        "service": lead.service_id is None,
        "location": lead.location_id is None,
        "patient_type": not lead.patient_type,
        "preferred_channel": not lead.preferred_channel,
        "phone": not phones.exists(),
    }
    return tuple(name for name, is_missing in lacks.items() if is_missing)


@outbox.handler(COLLECT)
def collect(item_id: UUID, now: datetime) -> None:
    """Ask for what an exception lacks, once; where nobody may ask, the lead's story says so and the clock runs on."""
    item = ExceptionItem.rows().filter(id=item_id).first()
    if item is None:
        return
    lead = lock_lead(item.lead_id)
    item.refresh_from_db(fields=["state"])
    is_asked = DataRequest.rows().filter(lead=lead, created_at__gte=item.opened_at).exists()
    if item.state == ItemState.RESOLVED or lead.closed_at is not None or is_asked:
        return
    actor = the_product()
    try:
        refuse_listed(lead)
        _refuse_people_of_a_file(lead)
        asked = asked_unbidden(item.code, missing_of(lead), has_place=lead.person.latitude is not None)
        _ask(lead, asked, item=item, by=actor, now=now)
    except Conflict as refusal:
        sentence = f"Not asked by a link: {refusal.detail}"
        tell(lead, kind="message", sentence=sentence, actor=actor, now=now)


def ask_person(*, actor: Actor, lead_id: UUID, now: datetime, fields: Sequence[str] = ()) -> DataRequest:
    """Let a colleague ask the person by a link: for these fields, or for all that the lead lacks.

    A link that was sent before serves no more. Refuses who may not work the lead; Conflict for a closed lead, where
    nothing of it is missing, where no channel is permitted, and after three times in a day.
    """
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    require_change(actor, lead, ("status",), now=now, action="lead.ask_person")
    return ask_for(lead, fields, by=actor, now=now)


def ask_for(lead: Lead, fields: Sequence[str], *, by: Actor, now: datetime) -> DataRequest:
    """Ask for fields of a locked lead, on behalf of whoever was found to be allowed to."""
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Reopen it first.", code="closed")
    refuse_contact(lead)
    rows = ExceptionItem.rows().filter(OPEN, lead=lead, type__in=[str(each) for each in TOLD_BY_PERSON])
    item = rows.order_by("opened_at", "id").first()
    asked = asked_by_hand(fields, missing_of(lead))
    request = _ask(lead, asked, item=item, by=by, now=now)
    ledger.record(
        actor=by,
        action="lead.ask_person",
        object_type="lead",
        object_id=lead.id,
        fields=list(asked),
        detail={"request": str(request.id)},
    )
    return request


def ask_anew(request: DataRequest, *, now: datetime) -> bool:
    """Send another link to who opened one whose time is over; say whether one goes."""
    lead = lock_lead(request.lead_id)
    asked = asked_by_hand(request.asked, missing_of(lead))
    if lead.closed_at is not None or not asked:
        return False
    try:
        _ask(lead, asked, item=request.item, by=the_product(), now=now, because="Their link was too old. ")
    except Conflict:
        return False
    return True


@fills(PURPOSE)
def link_of(message: Message, now: datetime) -> Mapping[str, str] | None:
    """Make the link of a request at the moment its message goes; None where nothing is asked any more."""
    rows = DataRequest.rows().select_for_update(of=("self",)).select_related("lead__person", "lead__contact_person")
    request = rows.filter(message=message, state=RequestState.OPEN).first()
    if request is None:
        return None
    if request.lead.closed_at is not None or not set(request.asked) & set(missing_of(request.lead)):
        end_request(request, RequestState.SETTLED, now)
        return None
    token = secrets.token_urlsafe(24)
    request.token_digest, request.sent_at, request.expires_at = digest_of(token), now, now + SERVES
    request.save(update_fields=["token_digest", "sent_at", "expires_at"])
    Address.objects.create(
        kind=ADDRESS, key=request.token_digest, organization_id=current_organization_id(), row_id=request.id
    )
    return {"link": f"{settings.LEADCRM_BASE_URL}/c/{token}/"}


def digest_of(token: str) -> str:
    """Return what is kept of a link's token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def end_request(request: DataRequest, state: RequestState, now: datetime) -> None:
    """End a request: a message that has not gone stays here, and the answers of earlier pages are forgotten."""
    request.state, request.ended_at, request.sealed = state, now, None
    request.save(update_fields=["state", "ended_at", "sealed"])
    waiting = Message.rows().filter(id=request.message_id, state=MessageState.PENDING)
    waiting.update(state=MessageState.BLOCKED, reason=f"The request is {state}.", finished_at=now)


def spoken(asked: Sequence[str]) -> str:
    """Return what is asked for as the story tells it: “service, location”."""
    return ", ".join(ASKED_WORDS[each] for each in asked)


def _ask(
    lead: Lead, asked: Sequence[str], *, item: ExceptionItem | None, by: Actor, now: datetime, because: str = ""
) -> DataRequest:
    if not asked:
        raise Conflict("Nothing that the person could be asked for is missing.", code="nothing_missing")
    lately = DataRequest.rows().filter(lead=lead, created_at__gt=now - timedelta(days=1))
    if lately.count() >= MOST_A_DAY:
        raise Conflict(f"They were asked {MOST_A_DAY} times today. Call them instead.", code="asked_often")
    way = _way(lead, now)
    _replace_open(lead, now)
    request = DataRequest(
        id=new_id(),
        lead=lead,
        item=item,
        message=_intend(lead, way, now),
        asked=list(asked),
        asked_by_id=by.membership_id,
        asked_label=by.label,
        created_at=now,
    )
    insert(request)
    how = "text" if way.channel is Channel.TEXT else "e-mail"
    sentence = f"{because}Asked by {how} for: {spoken(asked)}."
    tell(lead, kind="message", sentence=sentence, actor=by, now=now)
    return request


def _replace_open(lead: Lead, now: datetime) -> None:
    """End the request that is open, if one is: its message is locked first, as the sender does."""
    rows = DataRequest.rows().filter(lead=lead, state=RequestState.OPEN)
    messages = Message.rows().filter(id__in=list(rows.values_list("message_id", flat=True)))
    list(messages.order_by("id").select_for_update(of=("self",)))
    for earlier in rows.select_for_update(of=("self",)):
        end_request(earlier, RequestState.REPLACED, now)


def _intend(lead: Lead, way: Way, now: datetime) -> Message:
    person, organization = lead.contact_person or lead.person, current_organization()
    message = intend_message(
        lead,
        purpose=PURPOSE,
        template_key=TEMPLATE,
        contact_point=way.point,
        words={
            "first_name": person.first_name,
            "organization": organization.name,
            "reference": lead.ref,
            "link": "{link}",
        },
        language=person.language or "en",
        dedup_key=f"ask:{new_id()}",
        now=now,
        due_at=way.at if way.waits else None,
        channel=way.channel,
    )
    if message is None:
        raise Conflict("There is no approved message template “data-request”.", code="no_template")
    return message


def _way(lead: Lead, now: datetime) -> Way:
    """Return how the request goes: as they prefer, else by mail, else by text, by what they permit alone (CN-05)."""
    document, zone = live_document("contact", now), current_organization().zone
    found = reaches(lead, now=now, document=document, default_zone=zone)
    wished = [Channel.TEXT] if lead.preferred_channel == Channel.TEXT else []
    ways = [way for channel in (*wished, Channel.EMAIL, Channel.TEXT) if (way := _way_by(lead, found[channel], now))]
    if not ways:
        raise Conflict("They permit neither e-mail nor text, or neither can reach them.", code="no_permitted_channel")
    return next((way for way in ways if not way.waits), ways[0])


def _way_by(lead: Lead, reach: Reach, now: datetime) -> Way | None:
    language = (lead.contact_person or lead.person).language or "en"
    if reach.point is None or find_template(TEMPLATE, language, reach.channel, now=now) is None:
        return None
    if reach.channel is Channel.TEXT and not text_line():
        return None
    if reach.verdict.allowed:
        return Way(reach.channel, reach.point, now)
    opens_at = reach.verdict.opens_at if reach.verdict.code == ContactCode.QUIET_HOURS else None
    return Way(reach.channel, reach.point, opens_at, waits=True) if opens_at is not None else None


def _refuse_people_of_a_file(lead: Lead) -> None:
    if lead.capture_method == CaptureMethod.IMPORT:
        raise Conflict("Who comes out of a file waits for no word of ours.", code="imported")
