"""A colleague says that a number works or does not; a landline is called and not texted."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.accounts.terms import FieldGroup
from apps.audit.models import AuditEntry
from apps.consent.models import ConsentEvent
from apps.consent.queries import reaches
from apps.flows.reachability import judge_point
from apps.leads.models import ContactPoint, Lead, Task, TimelineEntry
from apps.policies.queries import live_document
from apps.tenancy.clock import database_now, travelling
from apps.tenancy.errors import Refused
from tests.cast import Tenant
from tests.connectors.senders import connect, sample
from tests.connectors.signing import push
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, reload
from tests.words import words_of

LATER = TUESDAY_NINE + timedelta(hours=1)
PHONE, EMAIL = "+13125550161", "vera@example.com"


@pytest.fixture
def lead(harbor: Tenant) -> Lead:
    """Return Elm's lead with a phone and an address, all channels permitted."""
    permitted = [consent("call"), consent("text"), consent("email")]
    return make_lead(harbor, person__phone=PHONE, person__email=EMAIL, consent=permitted)


def point_of(harbor: Tenant, value: str = PHONE) -> ContactPoint:
    """Return the contact point as it is now."""
    with harbor.scope():
        return ContactPoint.rows().get(value=value)


def judge(client: Client, harbor: Tenant, lead: Lead, works: str, reason: str = "", status: int = 303) -> str:
    """Send the form as people do."""
    values = {"point": str(point_of(harbor).id), "works": works, "reason": reason}
    with travelling(to=LATER):
        answer = client.post(f"/leads/{lead.id}/contact-point/", values)
    assert answer.status_code == status, answer.content[:800]
    return answer.content.decode()


def page(client: Client, path: str) -> str:
    """Return a page of now."""
    with travelling(to=LATER):
        answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.row("VQ-06")
def test_a_number_is_given_up_and_verified_again_on_the_leads_page(
    harbor: Tenant, lead: Lead, client_as: Callable[[str], Client]
) -> None:
    ana = client_as("ana")
    shown, form = page(ana, f"/leads/{lead.id}/"), f"/leads/{lead.id}/contact-point/?point={point_of(harbor).id}"
    assert "Not verified" in shown and form in shown
    assert re.search(rf'<input[^>]*value="{point_of(harbor).id}"[^>]*checked', page(ana, form))
    judge(ana, harbor, lead, "no", "a fax answers")
    point = point_of(harbor)
    assert (point.validity, point.health_reason, point.health_by) == ("invalid", "a fax answers", "Ana Ruiz")
    assert "Not usable" in page(ana, f"/leads/{lead.id}/")
    with harbor.scope():
        assert [each.kind for each in Task.rows().filter(lead=lead, state="open")] == ["email"]
    judge(ana, harbor, lead, "yes", "spoke with them")
    assert point_of(harbor).validity == "valid" and point_of(harbor).verified_at is not None
    assert "Verified" in page(ana, f"/leads/{lead.id}/")
    with harbor.scope():
        told = set(words_of(TimelineEntry.rows().filter(lead=lead, kind="contact"), "sentence"))
        noted = list(AuditEntry.rows().filter(action__startswith="contact_point.").values_list("action", flat=True))
    assert {"Phone invalid: a fax answers.", "Phone counts again: spoke with them."} <= told
    assert sorted(noted) == ["contact_point.invalid", "contact_point.valid"]


def test_others_teams_people_and_other_leads_points_are_refused(
    harbor: Tenant, lead: Lead, client_as: Callable[[str], Client]
) -> None:
    judge(client_as("ben"), harbor, lead, "no", status=403)
    with harbor.scope(), pytest.raises(Refused, match="does not change fields of the group “contact”"):
        blind = replace(harbor.actor("ana"), hidden_fields=frozenset({FieldGroup.CONTACT}))
        judge_point(
            actor=blind, lead_id=lead.id, point_id=point_of(harbor).id, works=False, reason="", now=database_now()
        )
    other = make_lead(harbor)
    judge(client_as("ana"), harbor, reload(harbor, other.id), "no", status=422)
    assert (point_of(harbor).validity, point_of(harbor).verified_at) == ("valid", None)


def test_the_staff_api_judges_as_the_page_does(harbor: Tenant, lead: Lead, client_as: Callable[[str], Client]) -> None:
    ana, ben = client_as("ana"), client_as("ben")
    path = f"/api/v1/leads/{lead.id}/contact-points/{point_of(harbor).id}"
    with travelling(to=LATER):
        refused = ben.post(path, {"works": False}, content_type="application/json")
        odd = ana.post(path, {"works": "perhaps"}, content_type="application/json")
        answer = ana.post(path, {"works": False, "reason": "no such number"}, content_type="application/json")
    assert (refused.status_code, odd.status_code, answer.status_code) == (403, 422, 200)
    assert (answer.json()["validity"], answer.json()["value"]) == ("invalid", PHONE)
    assert point_of(harbor).health_reason == "no such number"


@pytest.mark.parametrize("code", ["30006", "21614"])
def test_a_landline_is_unfit_for_texts_and_can_be_called(
    harbor: Tenant, lead: Lead, client_as: Callable[[str], Client], code: str
) -> None:
    sender = connect(harbor, "twilio-sms", source="chat")
    said = sample("twilio-sms", "text") | {"MessageSid": "SM7", "MessageStatus": "undelivered"}
    said |= {"SmsStatus": "undelivered", "ErrorCode": code, "From": "+13125550188", "To": PHONE}
    assert push(sender, said, "application/x-www-form-urlencoded").status_code == 200
    harbor.drain()
    point = point_of(harbor)
    assert (point.takes_texts, point.validity) == (False, "valid")
    with harbor.scope(), travelling(to=LATER):
        found = reaches(lead, now=LATER, document=live_document("contact", LATER), default_zone="America/Chicago")
        assert {str(each): str(reach.verdict.code) for each, reach in found.items()} == {
            "call": "ok",
            "text": "no_valid_point",
            "email": "ok",
        }
        assert not ConsentEvent.rows().filter(person=lead.person, value="withdrawn").exists()
        assert [each.kind for each in Task.rows().filter(lead=lead, state="open")] == ["call"]
    shown = page(client_as("ana"), f"/leads/{lead.id}/")
    assert "Takes no texts" in shown and "This number takes no texts; it can be called." in shown


def test_another_person_on_a_known_landline_gets_no_texts_either(harbor: Tenant, lead: Lead) -> None:
    with harbor.scope():
        ContactPoint.rows().filter(value=PHONE).update(takes_texts=False)
    other = make_lead(
        harbor, person__first_name="Tom", person__last_name="Berg", person__email="tom@example.com", person__phone=PHONE
    )
    assert other.person_id != lead.person_id
    with harbor.scope():
        assert not ContactPoint.rows().get(person=other.person, kind="phone").takes_texts


@pytest.mark.row("VQ-04")
@pytest.mark.parametrize(
    ("typed", "code", "is_told"), [("+44 20 7946 0958", "no_valid_point", True), ("+44 7400 123456", "ok", False)]
)
def test_a_number_that_is_surely_a_fixed_line_starts_without_texts(
    harbor: Tenant,
    api: Callable[..., Any],
    client_as: Callable[[str], Client],
    typed: str,
    code: str,
    is_told: bool,
) -> None:
    body = inquiry(person__phone=typed, consent=[consent("call"), consent("text"), consent("email")])
    with travelling(to=TUESDAY_NINE):
        assert api("bp-1").post("/leads", body).status_code == 202
    harbor.drain(TUESDAY_NINE)
    with harbor.scope(), travelling(to=LATER):
        lead = Lead.rows().select_related("person").get()
        point = ContactPoint.rows().get(person=lead.person, kind="phone")
        assert (point.typed, point.validity, point.takes_texts) == (typed, "valid", not is_told)
        found = reaches(lead, now=LATER, document=live_document("contact", LATER), default_zone="America/Chicago")
        codes = {str(each): str(reach.verdict.code) for each, reach in found.items()}
        assert (codes["call"], codes["text"]) == ("ok", code)
    assert ("Takes no texts" in page(client_as("lena"), f"/leads/{lead.id}/")) is is_told
