"""Mails to businesses that did not ask: purpose, basis, check, and a way out (row CN-17)."""

from datetime import timedelta

import pytest

from apps.leads.models import Lead
from apps.outreach.business_models import BusinessMail
from apps.outreach.models import Message
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.arranging import ask, page
from tests.rows.test_consent import owner_name

SOON = TUESDAY_NINE + timedelta(minutes=10)
CLINIC = {
    "lead_class": "business",
    "source": "outreach",
    "organization_name": "Rivertown Clinic",
    "person__email": "office@rivertown.example",
    "consent": [],
}
MAIL = {
    "template": "business-introduction",
    "about": "Screening days for your staff.",
    "basis": "published",
}


def clinic(harbor, **more) -> Lead:
    """Return a lead about a clinic that asked for nothing and permitted nothing."""
    return make_lead(harbor, **CLINIC, **more)


@pytest.mark.row("CN-17")
def test_a_business_is_mailed_with_purpose_basis_check_and_way_out(harbor, client_as, mailoutbox):
    lead = clinic(harbor)
    ewa, path = client_as("ewa"), f"/leads/{lead.id}"
    assert "This channel needs no consent." in page(ewa, f"{path}/business-mail/", at=SOON)
    without = ask(ewa, "POST", f"{path}/business-mails", MAIL | {"about": " "}, at=SOON)
    assert (without.status_code, without.json()["errors"][0]["pointer"]) == (422, "/about")
    assert ask(ewa, "POST", f"{path}/business-mails", MAIL, at=SOON).status_code == 201
    harbor.drain(SOON)
    (mail,) = [each for each in mailoutbox if each.to == ["office@rivertown.example"]]
    assert MAIL["about"] in mail.body and "/p/" in mail.body
    assert "one-click" in mail.extra_headers["List-Unsubscribe"]
    (kept,) = ask(ewa, "GET", f"{path}/business-mails", at=SOON).json()["results"]
    assert {name: kept[name] for name in ("about", "basis", "state", "has_way_out")} == {
        "about": MAIL["about"],
        "basis": "published",
        "state": "sent",
        "has_way_out": True,
    }
    assert kept["checked_at"] and "no list of refusals" in kept["check"]


@pytest.mark.row("CN-17")
def test_a_suppressed_clinic_gets_no_mail_at_the_click_nor_when_it_was_suppressed_since(harbor, client_as, mailoutbox):
    lead, ewa = clinic(harbor), client_as("ewa")
    path, barred = f"/leads/{lead.id}", {"kind": "email", "value": "Office@Rivertown.example", "reason": "by letter"}
    assert ask(ewa, "POST", f"{path}/business-mails", MAIL, at=SOON).status_code == 201
    assert ask(client_as("ada"), "POST", "/do-not-contact", barred, at=SOON).status_code == 201
    harbor.drain(SOON)
    again = ask(ewa, "POST", f"{path}/business-mails", MAIL, at=SOON)
    assert (again.status_code, again.json()["code"]) == (403, "do_not_contact")
    assert not [each for each in mailoutbox if each.to == ["office@rivertown.example"]]
    with harbor.scope():
        assert [each.state for each in Message.rows().filter(lead=lead, purpose="business")] == ["blocked"]
        assert BusinessMail.rows().count() == 1


@pytest.mark.row("CN-17")
def test_who_seeks_care_gets_no_business_mail(harbor, client_as):
    lead = make_lead(harbor)
    refused = ask(client_as(owner_name(lead)), "POST", f"/leads/{lead.id}/business-mails", MAIL, at=SOON)
    assert (refused.status_code, refused.json()["code"]) == (409, "not_a_business")
