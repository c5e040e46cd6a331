"""Forms and calling lists have one owning team and a list of teams with access, on every door (row TA-12)."""

import html
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client

from apps.accounts.actions import Place, save_person
from apps.accounts.asset_models import AccessRequest
from apps.accounts.models import Role
from apps.audit.models import AuditEntry
from apps.capture.models import Form, FormVersion, Submission
from apps.imports.models import ImportRun
from apps.tenancy.clock import travelling
from tests.capture.forms_made import form_of, save_in_builder, send_form
from tests.cast import Tenant
from tests.doors import ask
from tests.imports.test_imports import HEADER, file_of, opened, people, plan
from tests.leads_made import TUESDAY_NINE

SENT = {
    "service": "imaging",
    "location": "elm-st",
    "preferred_channel": "call",
    "consent_call": "on",
    "first_name": "Nora",
    "last_name": "Lindqvist",
    "phone": "(312) 555-0163",
}
OWNED = "This form belongs to Marketing Ops"


def seated(harbor: Tenant, name: str, role: str, team: str) -> None:
    """Give somebody another role, in one team."""
    with harbor.scope():
        member = harbor.member(name)
        save_person(
            actor=harbor.system,
            email=member.user.email,
            name=member.user.name,
            role=Role.rows().get(key=role),
            places=[Place(harbor.team(team))],
        )


def said(answer: object) -> str:
    """Return the text of an answer."""
    return html.unescape(answer.content.decode())  # type: ignore[attr-defined]


@pytest.mark.row("TA-12")
def test_elm_sees_what_came_through_imaging_spring_and_cannot_edit_it(
    harbor: Tenant, client: Client, client_as: Callable[..., Client]
) -> None:
    slug = f"{harbor.slug}-imaging-spring"
    assert send_form(client, f"/f/{slug}/", SENT).status_code == 303
    harbor.drain(TUESDAY_NINE + timedelta(minutes=2))
    form = form_of(harbor, slug)
    with harbor.scope():
        submission = Submission.rows().get()
    page, came = f"/forms/form/{form.id}/", f"/capture-assets/form/{form.id}/submissions"
    ana, lena, cleo, ada = (client_as(name) for name in ("ana", "lena", "cleo", "ada"))

    # Elm, with whom it is shared, sees what came, on the page and by API; who is neither is told whose it is.
    assert "Imaging-Spring" in said(ana.get("/forms/"))
    shown = said(ana.get(page))
    assert "Nora Lindqvist" in shown and "Owned by Marketing Ops. Shared with Elm Calls." in shown
    assert "Change it" not in shown and 'name="owner"' not in shown
    (listed,) = ask(ana, "GET", "/capture-assets").json()["results"]
    assert (listed["owner"], listed["shared_with"], listed["submissions"]) == ("Marketing Ops", ["Elm Calls"], 1)
    (row,) = ask(ana, "GET", came).json()["results"]
    assert (row["id"], row["name"], row["result"]) == (str(submission.id), "Nora Lindqvist", "accepted")
    ola = client_as("ola")
    assert "Imaging-Spring" not in said(ola.get("/forms/"))
    for refused in (ola.get(page), ask(ola, "GET", came), ask(ola, "GET", f"/submissions/{submission.id}")):
        assert refused.status_code == 403 and OWNED in said(refused) and "Lindqvist" not in said(refused)
    assert ask(lena, "GET", f"/submissions/{submission.id}").status_code == 200
    assert ask(ola, "GET", "/deliveries").json()["results"] == []

    # The right to change settings is not enough: in the admin Elm looks and cannot save, Oak does not even look.
    seated(harbor, "eli", "marketing", "elm-calls")
    seated(harbor, "ben", "marketing", "oak-calls")
    eli, ben = client_as("eli"), client_as("ben")
    change = f"/admin/capture/form/{form.id}/change/"
    shown = said(eli.get(change))
    assert "Imaging-Spring" in shown and "Marketing Ops" in shown and 'name="_save"' not in shown
    with harbor.scope():
        before = Form.rows().values().get(id=form.id), FormVersion.rows().filter(form=form).count()
    for refused in (
        save_in_builder(eli, harbor, slug, (), title="Ours now"),
        eli.post(f"/admin/capture/form/{form.id}/take-down/"),
        eli.post(f"/admin/capture/form/{form.id}/publish/"),
        ask(eli, "PUT", f"/capture-assets/form/{form.id}/access", {"owner": "elm-calls"}),
        ask(lena, "PUT", f"/capture-assets/form/{form.id}/access", {"owner": "elm-calls"}),
        lena.post(f"{page}access/", {"owner": "elm-calls"}),
    ):
        assert refused.status_code == 403 and "Marketing Ops" in said(refused)
    assert str(form.id) not in said(ben.get("/admin/capture/form/"))
    assert ben.get(change).status_code == 403 and OWNED in said(ben.get(change))
    with harbor.scope():
        assert before == (Form.rows().values().get(id=form.id), FormVersion.rows().filter(form=form).count())
        noted = AuditEntry.rows().filter(object_id=form.id, action__startswith="refused:")
        acts = {"refused:form.read", "refused:form.save", "refused:form.publish", "refused:form.share"}
        assert set(noted.values_list("action", flat=True)) == acts
        assert (
            AuditEntry.rows().filter(action="submission.read", object_id=submission.id, actor_label="Ana Ruiz").exists()
        )

    # What looks like spam waits for Elm's lead and for whoever watches over all, and for nobody of Oak.
    with harbor.scope(), connection.cursor() as cursor:
        cursor.execute("UPDATE capture_submission SET state = 'quarantined'")
    restore = f"/quarantine/{submission.id}/restore/"
    assert "Lindqvist" not in said(ola.get("/quarantine/")) and ola.post(restore).status_code == 403
    register = f"/admin/capture/submission/{submission.id}/change/"
    assert client_as("dev").get(register).status_code == 200
    assert "Lindqvist" in said(lena.get("/quarantine/")) and lena.post(restore).status_code == 303

    # Its owner says who else sees it, and so does an administrator; teams that are not there are named.
    access = f"/capture-assets/form/{form.id}/access"
    assert ask(cleo, "PUT", access, {"owner": "marketing-ops", "teams": ["nowhere"]}).status_code == 422
    given = ask(cleo, "PUT", access, {"owner": "marketing-ops", "teams": ["elm-calls", "oak-calls"]})
    assert given.json()["shared_with"] == ["Elm Calls", "Oak Calls"]
    assert "Nora Lindqvist" in said(ola.get(page))
    assert cleo.post(f"{page}access/", {"owner": "marketing-ops", "teams": ["elm-calls"]}).status_code == 303
    assert ola.get(page).status_code == 403
    with harbor.scope():
        oak = str(harbor.team("oak-calls").id)
    assert "Marketing Ops" in said(ada.get("/admin/capture/form/"))
    assert save_in_builder(ada, harbor, slug, (), title="Imaging-Spring", owning_team=oak).status_code == 302
    assert "Owned by Oak Calls" in said(ola.get(page)) and cleo.get(page).status_code == 403
    given = r"This form belongs to Oak Calls since \d+ \w{3}, \d\d:\d\d, because Ada \w+ gave it to them\."
    for refused in (cleo.get(page), ask(cleo, "GET", came)):
        assert re.search(given, said(refused)), said(refused)


@pytest.mark.row("TA-12")
def test_a_calling_list_is_its_teams_and_is_shared_like_a_form(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    seated(harbor, "ben", "marketing", "oak-calls")
    cleo, ben, lena = client_as("cleo"), client_as("ben"), client_as("lena")
    run = opened(cleo, file_of(people(200, 2)))
    with harbor.scope():
        row = ImportRun.rows().get()
    assert "Owned by Marketing Ops." in said(cleo.get(run))
    assert "list.csv" not in said(ben.get("/imports/")) and ben.get(run).status_code == 403
    for verb in ("plan", "discard"):
        refused = ben.post(f"{run}{verb}/", plan(HEADER))
        assert refused.status_code == 403 and "This calling list belongs to Marketing Ops" in said(refused)
    assert cleo.post(f"{run}plan/", plan(HEADER)).status_code == 303
    harbor.drain()
    assert cleo.post(f"{run}confirm/").status_code == 303
    harbor.drain()
    page = f"/forms/list/{row.id}/"
    assert lena.get(page).status_code == 403
    shared = {"owner": "marketing-ops", "teams": ["elm-calls"]}
    assert ask(cleo, "PUT", f"/capture-assets/list/{row.id}/access", shared).status_code == 200
    assert "Nora Quinn200" in said(lena.get(page)) and "Nora Quinn201" in said(client_as("ana").get(page))
    refused = client_as("ola").get(page)
    assert refused.status_code == 403 and "Quinn" not in said(refused)
    with harbor.scope():
        ids = [str(each) for each in Submission.rows().values_list("id", flat=True)]
    assert ask(client_as("ola"), "GET", "/deliveries").json()["results"] == []
    assert {each["id"] for each in ask(lena, "GET", "/deliveries").json()["results"]} == set(ids)


@pytest.mark.row("TA-12")
def test_a_team_asks_for_access_and_its_owner_grants_or_declines_with_a_reason(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    form = form_of(harbor, f"{harbor.slug}-imaging-spring")
    page, api = f"/forms/form/{form.id}/", f"/capture-assets/form/{form.id}/access-requests"
    ola, ana, cleo, omar = (client_as(name) for name in ("ola", "ana", "cleo", "omar"))

    # The refusal says since when though nobody ever handed it over, and offers to ask; asking needs a reason.
    with travelling(to=TUESDAY_NINE):
        refused = ola.get(page)
        assert refused.status_code == 403 and f'action="{page}ask/"' in said(refused)
        assert re.search(OWNED + r" since \d+ \w{3}, \d\d:\d\d, because", said(refused)), said(refused)
        assert ola.post(f"{page}ask/", {"reason": " "}).status_code == 422
        assert ola.post(f"{page}ask/", {"reason": "Our imaging leads come of it"}).status_code == 303
        again = ask(ola, "POST", api, {"reason": "Once more"})
        assert (again.status_code, again.json()["code"]) == (409, "asked_already")
        assert ask(ana, "POST", api, {"reason": "Mine"}).json()["code"] == "own_access"
        assert ask(ola, "POST", api, {"reason": "x", "team": "elm-calls"}).status_code == 422

        # Who asked sees by when the answer comes; the owner hears of it and reads it on both pages; none else answers.
        assert "answer by" in said(ola.get(page)) and "answer by" in said(ola.get("/forms/"))
        (row,) = ask(ola, "GET", api).json()["results"]
        assert (row["team"], row["owner"], row["state"]) == ("Oak Calls", "Marketing Ops", "open")
        assert datetime.fromisoformat(row["due_at"]) == TUESDAY_NINE + timedelta(minutes=30)
        assert ask(ana, "GET", api).json()["results"] == [] == ask(omar, "GET", api).json()["results"]
        for where in (page, "/forms/"):
            assert "Our imaging leads come of it" in said(cleo.get(where))
        assert "asks for access to a form of yours" in said(cleo.get("/"))
        answer = f"{api}/{row['id']}/answer"
        for nobody in (ola, ana, omar):
            assert ask(nobody, "POST", answer, {"accept": True}).status_code == 403
        assert ask(cleo, "POST", answer, {"accept": False}).status_code == 422
        cleo.post(f"{page}requests/{row['id']}/", {"answer": "decline", "because": "Ask Elm for its leads"})
        assert ola.get(page).status_code == 403 and "Ask Elm for its leads" in said(ola.get("/forms/"))
        assert "declined access to a form that you asked for" in said(ola.get("/"))
        assert ask(cleo, "POST", answer, {"accept": True}).json()["code"] == "answered"

        # Asked again and granted: the ordinary share; Elm keeps its access. A share from elsewhere answers as well.
        second = ask(ola, "POST", api, {"reason": "Elm has none of ours"})
        granted = ask(cleo, "POST", f"{api}/{second.json()['id']}/answer", {"accept": True})
        assert granted.json()["state"] == "granted" and ola.get(page).status_code == 200
        (listed,) = ask(ana, "GET", "/capture-assets").json()["results"]
        assert listed["shared_with"] == ["Elm Calls", "Oak Calls"]
        access = f"/capture-assets/form/{form.id}/access"
        assert ask(cleo, "PUT", access, {"owner": "marketing-ops", "teams": ["oak-calls"]}).status_code == 200
        third = ask(ana, "POST", api, {"reason": "We had it"}).json()["id"]
        assert ask(cleo, "PUT", access, {"owner": "marketing-ops", "teams": ["elm-calls"]}).status_code == 200
    with harbor.scope():
        states = dict(AccessRequest.rows().values_list("id", "state"))
        assert sorted(states.values()) == ["declined", "granted", "granted"] and states[UUID(third)] == "granted"
        noted = AuditEntry.rows().filter(object_id=form.id, action__contains="access").exclude(action__startswith="ref")
        acts = sorted(noted.values_list("action", flat=True))
        assert acts == ["form.answer_access"] * 3 + ["form.ask_access"] * 3
