"""Row TK-08: an agency logs contacts only where its agreement says so, and what it logs is kept as its word."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Party
from apps.audit.models import AuditEntry
from apps.leads.models import Lead
from apps.outreach.models import Activity
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.partners.test_agency_api import logging_key
from tests.rows.arranging import ask, page

OpenBrowser = Callable[..., Client]
CALL = {"kind": "call", "outcome": "no_answer"}


def agree(tenant: Tenant, client_as: OpenBrowser, **clauses: Any) -> None:
    """Change the agency's agreement in the admin; None takes a clause out."""
    with tenant.scope():
        party = Party.rows().get(key="brightpath")
    agreement = {name: value for name, value in {**party.agreement, **clauses}.items() if value is not None}
    body = {"name": party.name, "kind": party.kind, "is_active": "on", "agreement": json.dumps(agreement)}
    answer = client_as("ada").post(f"/admin/accounts/party/{party.id}/change/", body)
    assert answer.status_code == 302, answer.content.decode()


def activities(tenant: Tenant, lead: Lead) -> list[Activity]:
    """Return what was logged on a lead."""
    with tenant.scope():
        return list(Activity.rows().filter(lead=lead))


@pytest.mark.row("TK-08")
@pytest.mark.parametrize("clause", ["client", None])
def test_an_agency_whose_agreement_has_the_client_log_is_refused(
    harbor: Tenant, client_as: OpenBrowser, clause: str | None
) -> None:
    program = logging_key(harbor)
    lead = make_lead(harbor, source="imaging-spring")
    agree(harbor, client_as, contacts_logged_by=clause)
    with travelling(to=TUESDAY_NINE):
        answer = program.post(f"/leads/{lead.id}/activities", CALL)
    assert (answer.status_code, answer.json()["code"]) == (403, "client_logs_only")
    assert "Client logs only" in answer.json()["detail"] and lead.owner_team.name in answer.json()["detail"]
    assert activities(harbor, lead) == []
    with harbor.scope():
        assert AuditEntry.rows().filter(action="refused:lead.log_contact", object_id=lead.id).count() == 1
    # What the person told them not to do any more they record all the same.
    with travelling(to=TUESDAY_NINE):
        told = program.post(f"/leads/{lead.id}/activities", {"kind": "call", "outcome": "do_not_contact"})
    assert told.status_code == 201


@pytest.mark.row("TK-08")
def test_what_an_agency_logs_by_its_agreement_is_kept_as_theirs(harbor: Tenant, client_as: OpenBrowser) -> None:
    program = logging_key(harbor)
    lead = make_lead(harbor, source="imaging-spring")
    with travelling(to=TUESDAY_NINE):
        answer = program.post(f"/leads/{lead.id}/activities", CALL)
    assert (answer.status_code, answer.json()["logged_as"]) == (201, "agency")
    (row,) = activities(harbor, lead)
    assert (row.logged_as, row.member_id) == ("agency", None)
    owner = client_as(lead.owner.user.email.partition("@")[0])
    listed = ask(owner, "GET", f"/leads/{lead.id}/activities", at=TUESDAY_NINE).json()["results"]
    assert [each["logged_as"] for each in listed] == ["agency"]
    assert "Call by the agency: no answer." in page(owner, f"/leads/{lead.id}/", at=TUESDAY_NINE)
    # It met no clock and moved no stage, and a colleague's own is kept as the team's.
    assert reload(harbor, lead.id).attempts == 0
    own = ask(owner, "POST", f"/leads/{lead.id}/activities", CALL, at=TUESDAY_NINE)
    assert own.json()["logged_as"] == "team"
