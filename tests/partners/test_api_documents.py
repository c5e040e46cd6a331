"""Documents of a referral by the API: the rules of every door, one sender's own deliveries, each content once."""

import base64
from collections.abc import Callable
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from apps.capture.models import SubmissionDocument
from apps.leads.models import Lead, TimelineEntry
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.doors import Api
from tests.leads_made import TUESDAY_NINE
from tests.partners.agency import deliver

PAPER = b"%PDF-1.7 the operation report"
REFERRAL = {
    "source": "derm-winter",
    "lead_class": "referral",
    "referral": {"organization": "Lake Ortho", "provider": "Dr Kim", "reason": "post-op knee"},
}


def add(program: Api, delivery_id: str, content: Any = PAPER, name: str = "../report.exe") -> HttpResponse:
    """Send a file along with a delivery."""
    text = base64.b64encode(content).decode() if isinstance(content, bytes) else content
    with travelling(to=TUESDAY_NINE):
        return program.post(f"/submissions/{delivery_id}/documents", {"name": name, "content": text})


@pytest.mark.row("CP-15")
def test_an_agencys_program_sends_the_papers_of_its_referral_once(
    harbor: Tenant, api: Callable[..., Api], client_as: Callable[..., Client]
) -> None:
    program = api("northlight-1")
    delivery_id = deliver(harbor, program, **REFERRAL)
    answer = add(program, delivery_id)
    assert answer.status_code == 201, answer.content.decode()
    told = answer.json()
    assert (told["name"], told["media_type"], told["size_bytes"]) == ("report.exe.pdf", "application/pdf", len(PAPER))
    again = add(program, delivery_id, name="other.pdf")
    assert (again.status_code, again.json()) == (200, told)
    with harbor.scope(), travelling(to=TUESDAY_NINE):
        (row,) = SubmissionDocument.rows()
        assert PAPER not in bytes(row.sealed)
        lead = Lead.rows().get(id=row.submission.lead_id)
        (entry,) = TimelineEntry.rows().filter(lead=lead, kind="document")
        assert entry.sentence.startswith("A document of the referral came from")
    shown = client_as("ivy").get(f"/leads/{lead.id}/documents/{row.id}/")
    assert (shown.status_code, b"".join(shown) if shown.streaming else shown.content) == (200, PAPER)


@pytest.mark.row("CP-15")
def test_what_no_door_takes_the_api_does_not_take(harbor: Tenant, api: Callable[..., Api]) -> None:
    program, other = api("northlight-1"), api("bp-1")
    referral = deliver(harbor, program, **REFERRAL)
    for content, said in (
        (b"PK\x03\x04 a workbook", "is no PDF, JPEG, PNG or TIFF."),
        (b"", "is empty."),
        (PAPER + b"x" * 5 * 1024 * 1024, "is larger than 5 MB."),
        ("no base64!", "Write the content in base64"),
        (7, "Write the content in base64"),
    ):
        answer = add(program, referral, content)
        assert answer.status_code == 422 and said in answer.content.decode(), said
    assert add(program, referral, PAPER + b"x" * 8 * 1024 * 1024).status_code == 413
    assert add(other, referral).status_code == 404, "another agency's delivery is absent"
    plain = deliver(harbor, program, source="derm-winter")
    refused = add(program, plain)
    assert refused.status_code == 409 and "Documents come with a referral" in refused.json()["detail"]
    for number in range(5):
        assert add(program, referral, PAPER + bytes([48 + number])).status_code == 201
    full = add(program, referral, PAPER + b"6")
    assert full.status_code == 422 and "at most 5 documents" in full.content.decode()
    with harbor.scope():
        assert SubmissionDocument.rows().count() == 5
