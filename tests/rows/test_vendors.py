"""What may carry PHI, and what happens when an agreement ends (rows PH-08, PH-09)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from apps.accounts.notices import notices_of
from apps.catalog.models import Source
from apps.catalog.vendor_decisions import checklist
from apps.catalog.vendor_terms import AgreementFact
from apps.catalog.vendors import save_vendor
from apps.connectors.models import Connection, Hook
from apps.consent.queries import states_of
from apps.consent.terms import Channel
from apps.leads.models import Lead
from apps.outreach.models import Message
from apps.outreach.texts import NullTexts
from apps.tenancy.clock import travelling
from tests.connectors.senders import Sender, connect, sample
from tests.connectors.signing import push as sign_and_push
from tests.connectors.signing import sender_of
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, send_in
from tests.rows.arranging import page
from tests.vendors_made import name_vendor

AT = "/compliance/vendors/"
SOON = TUESDAY_NINE + timedelta(minutes=4)
#: The last and the next moment of 30 June in Chicago.
JUNE_30, JULY_1 = datetime(2027, 7, 1, 4, 59, tzinfo=UTC), datetime(2027, 7, 1, 5, 1, tzinfo=UTC)


def push(sender: Sender, lead_id: str, *, at: datetime) -> int:
    """Push a lead form with an id and a mail address of its own; return the status of the answer."""
    body = sample("google-lead-form", "lead")
    body["lead_id"] = lead_id
    for each in body["user_column_data"]:
        if each["column_id"] in ("EMAIL", "PHONE_NUMBER"):
            each["string_value"] = f"{lead_id}@example.com" if each["column_id"] == "EMAIL" else ""
    with travelling(to=at):
        return int(sender.post(body).status_code)


def test_the_six_provisions_are_judged_one_by_one():
    whole = AgreementFact("executed", date(2026, 1, 5), date(2026, 1, 12), None, True, True, 60, True, True, True)
    assert [each.holds for each in checklist(whole)] == [True] * 6
    bare = AgreementFact("executed")
    assert [each.holds for each in checklist(bare)] == [False] * 6
    assert "at most 60" in checklist(bare)[2].says


@pytest.mark.row("PH-08")
@pytest.mark.journey("E-13")
def test_a_vendor_with_ninety_days_of_notice_fails_the_checklist_and_sixty_pass(harbor, client_as):
    dev = client_as("dev")
    shown = page(dev, f"{AT}textco/", at=SOON)
    assert "Breaches are reported within 90 days; at most 60 are allowed." in shown and "5 of 6" in shown
    for column in ("Touches PHI", "Agreement", "Provisions", "Certificates"):
        assert column in page(dev, AT, at=SOON), column
    asked = {
        **dict.fromkeys(
            ("permitted_uses", "safeguards", "subcontractors", "access_and_amendment", "termination"), "on"
        ),
        "state": "executed",
        "signed_on": "2026-10-05",
        "effective_on": "2026-10-12",
        "expires_on": "2027-10-11",
        "notice_days": "90",
    }
    with travelling(to=SOON):
        answer = dev.post(f"{AT}textco/agreement/", asked)
        assert answer.status_code == 302, answer.content.decode()
    failing = page(dev, f"{AT}textco/", at=SOON)
    assert "lacks 1 of 6 provisions" in failing
    with travelling(to=SOON):
        assert dev.post(f"{AT}textco/agreement/", {**asked, "notice_days": "60"}).status_code == 302
    passing = page(dev, f"{AT}textco/", at=SOON)
    assert "TextCo has an executed agreement." in passing and "6 of 6" in passing
    with travelling(to=SOON):
        wrong = dev.post(f"{AT}textco/agreement/", {**asked, "signed_on": "", "expires_on": "2026-10-01"})
    assert wrong.status_code == 422 and "the day it was signed" in wrong.content.decode()
    assert client_as("lena").get(AT).status_code == 404


@pytest.mark.row("PH-09")
@pytest.mark.journey("E-13")
def test_texts_of_a_vendor_without_agreement_are_refused_and_go_once_there_is_one(harbor, client_as):
    name_vendor(harbor, "textco", ("texts", ""), name="TextCo", state="draft")
    lead = make_lead(harbor, consent=[consent("text")], request__preferred_channel="text")
    NullTexts.sent.clear()
    harbor.drain(SOON)
    assert not NullTexts.sent
    with harbor.scope():
        waits = Message.rows().get(lead=lead, channel="text")
        assert waits.state == "pending" and "no executed business associate agreement" in waits.reason
        assert any("TextCo" in each.sentence for each in notices_of(harbor.actor("dev")))
    assert "Waits:" in page(client_as("ewa"), f"/leads/{lead.id}/", at=SOON)
    name_vendor(harbor, "textco", ("texts", ""), name="TextCo")
    harbor.drain(SOON + timedelta(minutes=1))
    assert len(NullTexts.sent) == 1
    with harbor.scope():
        assert Message.rows().get(id=waits.id).state == "sent"


@pytest.mark.row("PH-09")
def test_at_midnight_after_the_last_day_the_connector_pauses_and_keeps_its_queue(harbor, client_as):
    shown = {"consent_version": "v4", "consent_channels": ["call", "email"]}
    sender = sender_of(harbor, "google-lead-form", **shown)
    key = sender.connection.key
    row = name_vendor(harbor, key, ("connection", key), name="FormCo", expires_on=date(2027, 6, 30))
    with harbor.scope():
        save_vendor(
            actor=harbor.system, key=row.key, values={"name": "FormCo", "service": "x", "owner": harbor.member("ada")}
        )
    assert push(sender, "a-1", at=JUNE_30) == 200
    harbor.drain(JUNE_30)
    with harbor.scope():
        leads = Lead.rows().count()
    harbor.drain(JULY_1)
    with harbor.scope():
        told = [each.sentence for each in notices_of(harbor.actor("ada"))]
    assert any("FormCo is paused: The agreement with FormCo ended on 2027-06-30." in each for each in told), told
    assert push(sender, "a-2", at=JULY_1) == 200
    harbor.drain(JULY_1 + timedelta(minutes=1))
    with harbor.scope():
        held = Hook.rows().get(state="held")
        assert Lead.rows().count() == leads and bytes(held.raw)
    shown = page(client_as("dev"), f"{AT}{key}/", at=JULY_1)
    assert "paused" in shown and "1 delivery" in shown
    name_vendor(harbor, key, ("connection", key), name="FormCo", expires_on=date(2028, 6, 30))
    harbor.drain(JULY_1 + timedelta(minutes=2))
    with harbor.scope():
        assert Lead.rows().count() == leads + 1 and Hook.rows().get(id=held.id).state == "taken"


@pytest.mark.row("PH-09")
def test_an_agency_without_agreement_delivers_into_a_queue_that_waits(harbor):
    name_vendor(harbor, "brightpath", ("agency", "brightpath"), name="BrightPath", state="ended")
    receipt = send_in(harbor, inquiry(source="imaging-spring"), at=TUESDAY_NINE)
    harbor.drain(TUESDAY_NINE + timedelta(minutes=1))
    with harbor.scope():
        assert not Lead.rows().filter(source__key="imaging-spring").exists()
    name_vendor(harbor, "brightpath", ("agency", "brightpath"), name="BrightPath")
    harbor.drain(TUESDAY_NINE + timedelta(minutes=2))
    with harbor.scope():
        assert Lead.rows().get(source__key="imaging-spring").captured_at is not None, receipt


@pytest.mark.row("PH-09")
def test_nothing_is_switched_on_that_nobody_named_a_vendor_for(harbor, client_as):
    ada = client_as("ada")
    with harbor.scope():
        source = str(Source.rows().get(key="landing-pages").id)
    body = {"key": "new-sender", "name": "New sender", "provider": "typeform", "source": source, "is_active": "on"}
    assert ada.post("/admin/connectors/connection/add/", body).status_code == 302
    with harbor.scope():
        row = Connection.rows().get(key="new-sender")
        assert not row.is_active
    refused = ada.post(f"/admin/connectors/connection/{row.id}/change/", body)
    assert refused.status_code in (409, 422) and "No vendor is named for it" in refused.content.decode()
    dev = client_as("dev")
    assert "New sender" in page(dev, AT, at=SOON)
    named = {
        "name": "FormCo",
        "key": "formco",
        "service": "Forms",
        "is_active": "on",
        "uses": ["connection new-sender"],
    }
    with travelling(to=SOON):
        assert dev.post(f"{AT}new/", named).status_code == 302
        assert ada.post(f"/admin/connectors/connection/{row.id}/change/", body).status_code == 302


@pytest.mark.row("CN-04")
@pytest.mark.row("PH-09")
def test_a_stop_through_a_paused_provider_is_heeded_and_the_rest_of_what_it_says_waits(harbor):
    lead = make_lead(harbor, person__phone="+13125550142", consent=[consent("call"), consent("text")])
    texts = connect(harbor, "twilio-sms", source="chat")
    key = texts.connection.key
    name_vendor(harbor, key, ("connection", key), state="ended")
    for sid, body in (("SM1", "Is Friday free?"), ("SM2", "STOP")):
        sent = sample("twilio-sms", "text") | {"Body": body, "MessageSid": sid, "From": "+13125550142"}
        with travelling(to=SOON):
            assert sign_and_push(texts, sent, "application/x-www-form-urlencoded").status_code == 200
    harbor.drain(SOON)
    with harbor.scope():
        assert states_of([lead.person_id], SOON)[lead.person_id][Channel.TEXT].value == "withdrawn"
        assert Hook.rows().filter(state="held").count() == 1
