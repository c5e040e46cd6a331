"""Rows of access: what leaves as a file, and how a colleague asks for a change of what is not theirs."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.audit.models import AuditEntry
from apps.leads.models import Lead, Task
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.doors import Api, ask
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead, reload, send_in

OpenBrowser = Callable[..., Client]
SOON = TUESDAY_NINE + timedelta(minutes=2)


def table_of(answer: Any) -> list[list[str]]:
    """Return the rows of a file that was answered."""
    assert answer["Content-Type"].startswith("text/csv")
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def entries(tenant: Tenant, action: str) -> list[AuditEntry]:
    """Return the ledger's entries of an action."""
    with tenant.scope():
        return list(AuditEntry.rows().filter(action=action).order_by("seq"))


@pytest.mark.row("TA-11")
@pytest.mark.row("TA-04")
def test_an_export_holds_what_the_grant_covers_and_is_noted(harbor: Tenant, client_as: OpenBrowser) -> None:
    for _ in range(50):
        send_in(harbor, inquiry(), at=TUESDAY_NINE)
    other = inquiry(source="landing-pages", request__service="dermatology", request__location="oak-park")
    send_in(harbor, other, at=TUESDAY_NINE)
    harbor.drain(TUESDAY_NINE)
    lena = client_as("lena")
    with travelling(to=SOON):
        assert "/queue/leads.csv" in lena.get("/queue/").content.decode()
        head, *rows = table_of(lena.get("/queue/leads.csv?service=imaging&view=all"))
        everything = table_of(lena.get("/queue/leads.csv"))
    assert (len(rows), len(head)) == (50, 8)
    assert len(everything) == 1 + 50, "the lead of Oak Park is seen by her and not hers to take out"
    first, second = entries(harbor, "lead.export")
    assert (first.actor_label, first.detail["rows"], first.detail["columns"]) == ("Lena Hart", 50, 8)
    assert first.detail["filter"]["service"] == "imaging"
    assert (second.detail["rows"], second.detail["left_out"]) == (50, 1)
    assert len(first.fields) == 8
    for name in ("ana", "cleo"):
        with travelling(to=SOON):
            refused = client_as(name).get("/queue/leads.csv")
            assert "/queue/leads.csv" not in client_as(name).get("/queue/").content.decode()
        assert refused.status_code == 403 and "not download them" in refused.content.decode()
    assert [each.detail["code"] for each in entries(harbor, "refused:lead.export")] == ["no_download_grant"] * 2


@pytest.mark.row("TA-06")
def test_a_refusal_names_owner_time_and_reason_and_asking_reaches_the_owner(
    harbor: Tenant, client_as: OpenBrowser, api: Callable[..., Api]
) -> None:
    lead = make_lead(harbor)
    with harbor.scope():
        owner = lead.owner.user.email.partition("@")[0]
    cleo, mine, path = client_as("cleo"), client_as(owner), f"/leads/{lead.id}/change-requests"
    with travelling(to=SOON):
        refused = ask(cleo, "PATCH", f"/leads/{lead.id}", {"stage": "nurture"})
        assert refused.json()["code"] == "locked_by_owner"
        assert "Elm Calls since 1 Dec, 09:00, because they own this lead" in refused.json()["detail"]
        assert "Ask to change" in refused.json()["detail"]
        wish = {"field": "priority", "proposed": "P1", "reason": "She is in pain"}
        asked = ask(cleo, "POST", path, wish)
        other = ask(cleo, "POST", path, {"field": "best_time", "proposed": "after five", "reason": "She works"})
        assert (asked.status_code, asked.json()["state"]) == (201, "open"), asked.content
        assert asked.json()["due_at"] == "2026-12-01T15:32:00Z"
        assert ask(cleo, "POST", path, {**wish, "proposed": "P9"}).status_code == 422
        assert ask(cleo, "POST", path, {**wish, "reason": " "}).status_code == 422
        assert ask(mine, "POST", path, wish).json()["code"] == "own_field"
        assert "asks to change: Priority" in mine.get("/").content.decode()
        assert api("bp-1").post(path, wish).status_code == 404
        answers = [f"{path}/{each.json()['id']}/answer" for each in (asked, other)]
        assert ask(cleo, "POST", answers[0], {"answer": "accept"}).status_code == 403
        assert ask(mine, "POST", answers[1], {"answer": "decline"}).status_code == 422
        said = ask(mine, "POST", answers[1], {"answer": "decline", "because": "She said mornings"})
        assert said.json()["state"] == "declined"
        assert ask(mine, "POST", answers[0], {"answer": "accept"}).json()["state"] == "accepted"
        mine_now = [(each["field"], each["state"], each["answer"]) for each in ask(cleo, "GET", path).json()["results"]]
        assert mine_now == [("best_time", "declined", "She said mornings"), ("priority", "accepted", "")]
        assert ask(client_as("ola"), "GET", path).json()["results"] == []
        assert "Declined" in cleo.get(f"/leads/{lead.id}/").content.decode()
    changed = reload(harbor, lead.id)
    assert (changed.priority, changed.best_time) == ("P1", lead.best_time)
    assert [each.actor_label for each in entries(harbor, "lead.answer")] == [lead.owner.user.name] * 2


@pytest.mark.row("TA-15")
def test_a_leavers_requests_wait_in_the_teams_queue(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead = make_lead(harbor)
    with harbor.scope():
        member = lead.owner_id
    wish = {"field": "priority", "proposed": "P1", "reason": "She is in pain"}
    with travelling(to=SOON):
        asked = ask(client_as("cleo"), "POST", f"/leads/{lead.id}/change-requests", wish)
        assert client_as("ada").post(f"/admin/accounts/membership/{member}/end-access/").status_code == 302
    with harbor.scope():
        task = Task.rows().get(id=asked.json()["id"])
        assert (task.state, task.assignee_id, task.team_id) == ("open", None, harbor.team("elm-calls").id)
        assert Lead.rows().get(id=lead.id).owner_id is None
    with travelling(to=SOON):
        answered = ask(
            client_as("lena"), "POST", f"/leads/{lead.id}/change-requests/{task.id}/answer", {"answer": "accept"}
        )
    assert answered.json()["state"] == "accepted"
    assert reload(harbor, lead.id).priority == "P1"


@pytest.mark.row("TA-04")
def test_view_contact_and_download_are_given_apart_with_reason_and_end(
    harbor: Tenant, client_as: OpenBrowser, api: Callable[..., Api]
) -> None:
    lead = make_lead(harbor)
    lena, ben, ola, path = client_as("lena"), client_as("ben"), client_as("ola"), f"/leads/{lead.id}"
    wanted = {"team": "oak-calls", "reason": "They know the family", "ends_at": "2026-12-02T15:00:00Z"}
    with travelling(to=SOON):
        assert ask(ben, "GET", path).json()["code"] == "no_view_grant"
        for who in (ola, client_as("ewa")):
            assert ask(who, "POST", f"{path}/shares", wanted).status_code == 403
        assert ask(client_as("eli"), "POST", f"{path}/shares", wanted).json()["code"] == "not_supervisor"
        for fault in ({"reason": " "}, {"ends_at": "2027-12-02T15:00:00Z"}, {"team": "nobody"}, {"team": "elm-calls"}):
            assert ask(lena, "POST", f"{path}/shares", {**wanted, **fault}).status_code == 422
        shared = ask(lena, "POST", f"{path}/shares", wanted)
        assert shared.status_code == 201
        assert ask(ben, "GET", path).status_code == 200
        page = ben.get(f"/leads/{lead.id}/").content.decode()
        assert "Shared with" in page and f"/leads/{lead.id}/call/" not in page
        assert ask(ben, "POST", f"{path}/calls", {}).json()["code"] == "no_contact_grant"
        assert ask(ben, "PATCH", path, {"payer": "Blue"}).json()["code"] == "locked_by_owner"
        assert len(table_of(ola.get("/queue/leads.csv"))) == 1, "seen, and not hers to take out"
        form = {**wanted, "contact": "on", "download": "on", "ends_at": "2026-12-02T09:00", "idempotency_key": "s-1"}
        assert lena.post(f"/leads/{lead.id}/share/", form).status_code == 303
        assert f"/leads/{lead.id}/call/" in ben.get(f"/leads/{lead.id}/").content.decode()
        assert ask(ben, "POST", f"{path}/calls", {}).status_code == 200
        assert len(table_of(ola.get("/queue/leads.csv"))) == 2
        listed = ask(lena, "GET", f"{path}/shares").json()["results"]
        assert [(each["team"], each["contact"], each["download"]) for each in listed] == [("oak-calls", True, True)]
        assert listed[0]["reason"] == "They know the family" and listed[0]["granted_by"] == "Lena Hart"
        assert ask(ben, "PATCH", path, {"status": "qualified"}).status_code == 403
    with travelling(to=TUESDAY_NINE + timedelta(days=1, minutes=1)):
        assert ask(ben, "GET", path).json()["code"] == "no_view_grant"
        assert ask(lena, "GET", f"{path}/shares").json()["results"] == []
        alone = {**wanted, "team": "", "member": str(_member(harbor, "ben")), "ends_at": "2026-12-05T15:00:00Z"}
        mine = ask(lena, "POST", f"{path}/shares", alone)
        assert mine.status_code == 201, mine.content
        assert ask(ben, "GET", path).status_code == 200 and ask(ola, "GET", path).status_code == 200
        assert ask(ben, "DELETE", f"{path}/shares/{mine.json()['id']}").status_code == 403
        assert ask(lena, "DELETE", f"{path}/shares/{mine.json()['id']}").status_code == 200
        assert ask(ben, "GET", path).json()["code"] == "no_view_grant"
        assert ask(lena, "POST", f"{path}/shares", alone).status_code == 201
        moved = ask(lena, "POST", f"{path}/transfers", {"team": "scheduling", "reason": "Wants a date"})
        assert moved.status_code == 201, moved.content
        assert ask(ben, "GET", path).json()["code"] == "no_view_grant"
    assert len(entries(harbor, "lead.share")) == 4 and len(entries(harbor, "lead.unshare")) == 1
    assert api("bp-1").get(f"{path}/shares").status_code == 404


def _member(tenant: Tenant, name: str) -> Any:
    with tenant.scope():
        return tenant.member(name).id


@pytest.mark.row("TA-14")
def test_people_are_called_what_their_way_calls_them(harbor: Tenant, client_as: OpenBrowser) -> None:
    patient, doctor = make_lead(harbor), make_lead(harbor, lead_class="recruitment")
    partner = make_lead(harbor, lead_class="partnership")
    ewa = client_as("ewa")
    with travelling(to=SOON):
        for lead, word in ((patient, "Potential patient"), (doctor, "Candidate"), (partner, "Partner")):
            page = ewa.get(f"/leads/{lead.id}/").content.decode()
            called = [each for each in ("Potential patient", "Candidate", "Partner") if f">{each}<" in page]
            assert called == [word]
            assert ask(ewa, "GET", f"/leads/{lead.id}").json()["called"] == word
        screens = ("/", "/queue/", "/leads/new/", f"/leads/{patient.id}/", f"/leads/{patient.id}/why/")
        screens += (f"/people/{patient.person_id}/", f"/leads/{patient.id}/close/", f"/leads/{patient.id}/qualify/")
        for address in screens:
            text = ewa.get(address).content.decode().lower()
            assert not re.search(r"\b(customer|prospect)s?\b", text), address
