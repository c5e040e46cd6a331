"""From a filled form to a stored submission: the last step of every way through a form."""

from datetime import datetime

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import urlencode

from apps.capture.actions import Envelope, Receipt
from apps.capture.document_field import put_away
from apps.capture.document_shelf import clear, files_on
from apps.capture.documents import keep_documents
from apps.capture.form_queries import FormSheet
from apps.capture.form_terms import QuestionKind
from apps.capture.proof_of_work import check
from apps.capture.quarantine import Sent, sender_digest, take_in
from apps.capture.screening import Sending
from apps.capture.web.fields import HONEYPOT
from apps.capture.web.inquiry import InquiryForm
from apps.capture.web.ticket import Ticket, sign_receipt
from apps.tenancy.actor import Door, system_actor

_NAMES = ("first_name", "last_name", "who_first_name", "who_last_name", "referral_contact_name")
_TEXTS = ("message", "referral_reason", "best_time", "payer", "city")


def send(request: HttpRequest, filled: InquiryForm, ticket: Ticket, now: datetime) -> Receipt:
    """Store under the visit's own key; a corrected form sent from the same page is a delivery of its own.

    The visit's documents go with it. Raises TooManySent, and Invalid for more documents than one inquiry takes; then
    nothing is stored.
    """
    sheet = filled.sheet
    actor = system_actor(sheet.organization.id, f"form {sheet.form.slug}", Door.FORM)
    envelope = Envelope(
        source=sheet.form.source,
        source_typed=sheet.form.source.key,
        payload=filled.body(
            ticket,
            ip=_address(request),
            user_agent=request.headers.get("User-Agent", ""),
            page_url=request.build_absolute_uri(reverse("capture:form", args=[sheet.form.slug])),
        ),
        capture_method=sheet.content.capture_method,
        event_at=now,
        received_at=now,
        idempotency_key=f"form:{ticket.id}",
        party_id=sheet.form.source.party_id,
    )
    proven = check(request.POST.get("altcha", ""), sheet.form.slug)
    data = filled.cleaned_data
    own = [each.field for each in filled.questions if each.kind is QuestionKind.SHORT_TEXT]
    sending = Sending(
        names=tuple(data[name] for name in _NAMES if data.get(name)),
        texts=tuple(data[name] for name in (*_TEXTS, *own) if data.get(name)),
        seconds_open=ticket.seconds_open(now),
        is_decoy_filled=bool(data.get(HONEYPOT)),
        proof=proven.proof,
    )
    sent = Sent(envelope, sheet.form.id, sheet.version_id, _address(request), sending, proven.id)
    # Both or neither: who reads "not sent" has sent nothing.
    with transaction.atomic():
        receipt = take_in(actor=actor, sent=sent, now=now)
        keep_documents(actor=actor, submission_id=receipt.submission_id, files=files_on(ticket.shelf), now=now)
        clear(ticket.shelf)
    return receipt


def hold_documents(request: HttpRequest, filled: InquiryForm, ticket: Ticket, now: datetime) -> bool:
    """Hold what a page brought along for the visit, whatever else of the page is wrong; False where it is too much."""
    return put_away(filled, ticket.shelf, now, sender=sender_digest(_address(request)))


def to_thanks(sheet: FormSheet, receipt: Receipt, *, embedded: bool = False) -> HttpResponse:
    """Lead to the thanks: the same for a new person, a known one, a double send and what is quarantined."""
    slug = sheet.form.slug
    query = {"r": sign_receipt(receipt.submission_id, slug), "lang": sheet.language}
    if embedded:
        query["embed"] = "1"
    return HttpResponseRedirect(f"{reverse('capture:thanks', args=[slug])}?{urlencode(query)}", status=303)


def _address(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))
