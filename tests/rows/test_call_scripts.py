"""Row TN-03: approved scripts stand on the call screen with their fields, and a call keeps its version."""

import html
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from apps.outreach.models import Activity
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import make_lead, reload
from tests.rows.arranging import ask, change_rules, chicago, draft_rules, page

OpenBrowser = Callable[..., Client]
TEN = chicago("2026-12-01 10:00")
AT = chicago("2026-12-01 10:06")


def says(line: str, part: str = "says") -> Callable[[dict[str, Any]], None]:
    """Return a change that gives the script of calls one more line."""

    def change(document: dict[str, Any]) -> None:
        document["scripts"][0][part] = [*document["scripts"][0][part], line]

    return change


@pytest.mark.row("TN-03")
def test_the_approved_version_stands_on_the_call_screen_and_stays_with_the_call(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    for line in ("We have your request here.", "It takes five minutes."):
        change_rules(harbor, client_as, "scripts", says(line))
    draft_rules(harbor, client_as, "scripts", says("Nobody approved this."))
    lead = make_lead(harbor, at=TEN)
    owner = client_as(lead.owner.user.email.partition("@")[0])
    shown = html.unescape(page(owner, f"/leads/{lead.id}/log-call/", at=AT))
    assert "First call, version 3" in shown and 'name="script" value="CALL-1@3"' in shown
    assert "It takes five minutes." in shown and "Nobody approved this." not in shown
    assert f"this is {lead.owner.user.name} from Harbor Health" in shown and "Am I speaking with Maria?" in shown
    # What a voicemail or somebody else hears names no service.
    for title in ("If a voicemail answers", "If somebody else answers"):
        panel = shown[shown.index(title) :]
        assert "imaging" not in panel[: panel.index("</section>")].casefold()
    # Its questions fill fields of the lead.
    assert "Who is your insurance with?" in shown
    with travelling(to=AT):
        said = owner.post(f"/leads/{lead.id}/script/", {"answer-S-4": "Aetna", "back": "call"})
        assert said.status_code == 303
        sent = {"kind": "call", "outcome": "connected", "next_at": "2026-12-02T10:15", "script": "CALL-1@3"}
        sent |= {"version": reload(harbor, lead.id).version, "idempotency_key": str(uuid4())}
        assert owner.post(f"/leads/{lead.id}/log-call/", sent).status_code == 303
    assert reload(harbor, lead.id).payer == "Aetna"
    with harbor.scope():
        row = Activity.rows().get(lead=lead)
        assert (row.script, row.script_version) == ("CALL-1", 3)
    listed = ask(owner, "GET", f"/leads/{lead.id}/activities", at=AT).json()["results"]
    assert [each["script"] for each in listed] == ["CALL-1@3"]
    assert "Script CALL-1, version 3." in page(owner, f"/leads/{lead.id}/", at=AT)


@pytest.mark.row("TN-03")
def test_a_call_keeps_the_version_that_was_read_and_no_draft(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead = make_lead(harbor, at=TEN)
    owner = client_as(lead.owner.user.email.partition("@")[0])
    change_rules(harbor, client_as, "scripts", says("Changed while they talked."))
    draft_rules(harbor, client_as, "scripts", says("Nobody approved this."))
    path, call = f"/leads/{lead.id}/activities", {"kind": "call", "outcome": "no_answer"}
    for wrong in ("CALL-1@3", "CALL-9@1", "CALL-1"):
        refused = ask(owner, "POST", path, call | {"script": wrong}, at=AT)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/script"), wrong
    assert ask(owner, "POST", path, call | {"script": "CALL-1@1"}, at=AT).json()["script"] == "CALL-1@1"
    assert ask(owner, "POST", path, call, at=AT).json()["script"] == "CALL-1@2"


@pytest.mark.row("TN-03")
@pytest.mark.parametrize("part", ["voicemail", "someone_else"])
def test_what_somebody_else_may_hear_never_names_a_service(harbor: Tenant, client_as: OpenBrowser, part: str) -> None:
    for line in ("It is about your imaging visit.", "It is about {service}."):
        refused = draft_rules(harbor, client_as, "scripts", says(line, part))
        assert refused.status_code == 422 and "names a service" in refused.content.decode(), line
    assert draft_rules(harbor, client_as, "scripts", says("Imaging is fine here.")).status_code == 302
