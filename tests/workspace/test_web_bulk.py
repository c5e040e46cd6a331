"""Acts on many leads by page and by API: previewed by the leads' own rules, carried out, taken back."""

import html
import json
import re
from datetime import timedelta

import pytest

from apps.audit.models import AuditEntry
from apps.flows.models import BulkRun
from apps.leads.models import Lead, Task
from apps.sla.models import SlaTimer
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.words import saying

SOON = TUESDAY_NINE + timedelta(minutes=4)


@pytest.fixture
def own(harbor):
    """Two leads of Elm Calls, whose lead is Lena."""
    return [make_lead(harbor, at=TUESDAY_NINE + timedelta(minutes=n)) for n in range(2)]


@pytest.fixture
def foreign(harbor):
    return make_lead(harbor, source="web-ortho", request__service="orthopedics")


def send(client, at=SOON, **fields):
    with travelling(to=at):
        return client.post("/queue/bulk/", fields)


def text_of(answer):
    return html.unescape(answer.content.decode())


def to(harbor, team, name=""):
    with harbor.scope():
        return f"{team} {harbor.member(name).id}" if name else team


def ids(leads):
    return " ".join(str(lead.id) for lead in leads)


def follow(client, answer, part="", at=SOON):
    with travelling(to=at):
        return client.post(answer["Location"] + part) if part else client.get(answer["Location"])


def facts_of(harbor, lead):
    """Return how a lead stands: owner, open tasks, running clocks."""
    with harbor.scope():
        row = Lead.rows().get(id=lead.id)
        tasks = Task.rows().filter(lead=lead, state="open").order_by("id").values_list("id", "assignee_id", "due_at")
        timers = SlaTimer.rows().filter(lead=lead, met_at=None, cancelled_at=None).order_by("id").values_list("id")
        return row.owner_team_id, row.owner_id, row.due_at, row.next_action_at, list(tasks), list(timers)


@pytest.mark.ux(15)
def test_nothing_is_changed_before_the_last_step_and_refusals_have_their_own_sentence(harbor, client_as, own, foreign):
    lena, leads = client_as("lena"), [*own, foreign]
    before = [facts_of(harbor, each) for each in leads]
    assert "Assign 3 leads" in text_of(send(lena, act="assign", lead=[each.number for each in leads]))
    preview = text_of(
        send(lena, act="assign", step="preview", leads=ids(leads), to=to(harbor, "oak-calls"), reason="Near home")
    )
    team = foreign.owner_team.name
    assert re.search(rf"2 will change, 1 cannot: 1 owned by {team}", preview)
    with travelling(to=SOON):
        single = text_of(lena.get(f"/leads/{foreign.id}/transfer/"))
    sentence = re.search(rf"<span>([^<]*belongs to {team}[^<]*)</span>", preview).group(1)
    assert sentence in single
    assert [facts_of(harbor, each) for each in leads] == before


@pytest.mark.ux(15)
def test_it_is_done_lead_by_lead_once_and_taken_back_whole(harbor, client_as, own, foreign):
    lena, leads = client_as("lena"), [*own, foreign]
    before = [facts_of(harbor, each) for each in leads]
    sent = {"act": "assign", "step": "do", "leads": ids(leads), "to": to(harbor, "oak-calls"), "reason": "Near home"}
    answer = send(lena, **sent, idempotency_key="k1")
    assert send(lena, **sent, idempotency_key="k1")["Location"] == answer["Location"]
    result = text_of(follow(lena, answer))
    assert "2 leads assigned" in result
    assert "Stayed as they were" in result
    assert [reload(harbor, each.id).owner_team.key for each in own] == ["oak-calls", "oak-calls"]
    assert facts_of(harbor, foreign) == before[2]
    assert follow(lena, answer, "undo/", at=SOON + timedelta(seconds=20)).status_code == 303
    assert [facts_of(harbor, each) for each in leads] == before
    with harbor.scope():
        assert AuditEntry.rows().filter(action="lead.bulk_assign").count() == 1
        assert AuditEntry.rows().filter(action="lead.undo").count() == 2


def test_what_changed_since_stays_and_half_a_minute_is_all(harbor, client_as, own):
    lena = client_as("lena")
    others = {"ana", "eli", "lena"} - {own[0].owner.user.email.partition("@")[0]}
    taker = min(others - {own[1].owner.user.email.partition("@")[0]})
    sent = {"act": "assign", "step": "do", "leads": ids(own), "to": to(harbor, "elm-calls", taker)}
    answer = send(lena, **sent, idempotency_key="k2")
    assert [reload(harbor, each.id).owner.user.name.split()[0].lower() for each in own] == [taker, taker]
    note = {"payer": "Blue"}
    with travelling(to=SOON):
        lena.generic("PATCH", f"/api/v1/leads/{own[0].id}", json.dumps(note), "application/json")
    assert follow(lena, answer, "undo/").status_code == 303
    assert reload(harbor, own[0].id).owner.user.name.split()[0].lower() == taker
    assert reload(harbor, own[1].id).owner_id == own[1].owner_id
    assert "Changed since; left as it is." in text_of(follow(lena, answer))
    again = send(lena, **sent | {"leads": ids(own[1:])}, idempotency_key="k3")
    assert follow(lena, again, "undo/", at=SOON + timedelta(seconds=31)).status_code == 409
    assert follow(client_as("ewa"), again, "undo/").status_code == 404


def test_snoozing_plans_a_follow_up_and_is_taken_back(harbor, client_as, own):
    lena = client_as("lena")
    before = [facts_of(harbor, each) for each in own]
    sent = {"act": "snooze", "step": "do", "all": "1", "until": "2026-12-03T10:00", "title": "Ask again"}
    answer = send(lena, **sent, view="mine", service="imaging", idempotency_key="k4")
    assert answer.status_code in (303, 422)
    answer = send(lena, **sent, service="imaging", idempotency_key="k5")
    with harbor.scope():
        assert len(saying(Task.rows().filter(state="open"), title="Ask again")) == 2
    follow(lena, answer, "undo/")
    assert [facts_of(harbor, each) for each in own] == before


def test_a_role_that_changes_no_leads_and_too_many_are_refused(harbor, client_as, own):
    assert send(client_as("cleo"), act="assign", lead=own[0].number).status_code == 403
    many = " ".join(f"01939d4e-7b1c-7c3a-9f00-{n:012x}" for n in range(501))
    assert send(client_as("lena"), act="assign", leads=many).status_code == 422
    assert send(client_as("lena"), act="assign", lead="L-1").status_code == 422


def test_the_api_previews_does_and_takes_back_with_the_same_sentences(harbor, client_as, own, foreign):
    lena, leads = client_as("lena"), [*own, foreign]
    body = {"act": "assign", "leads": [str(each.id) for each in leads], "team": "oak-calls", "reason": "Near home"}

    def ask(path, body, **headers):
        with travelling(to=SOON):
            return lena.generic("POST", f"/api/v1{path}", json.dumps(body), "application/json", headers=headers)

    seen = ask("/leads/bulk", body | {"dry_run": True}).json()
    assert (seen["run"], seen["done"], seen["refused"]) == (None, 2, 1)
    done = ask("/leads/bulk", body, **{"Idempotency-Key": "b1"}).json()
    assert ask("/leads/bulk", body, **{"Idempotency-Key": "b1"}).json()["run"] == done["run"]
    by_lead = {each["lead"]: each for each in done["leads"]}
    alone = ask(f"/leads/{foreign.id}/transfers", {"team": "oak-calls", "reason": "Near home"})
    assert by_lead[str(foreign.id)]["detail"] == alone.json()["detail"]
    assert by_lead[str(foreign.id)]["code"] == alone.json()["code"]
    assert ask(f"/leads/bulk/{done['run']}/undo", {}).json()["undo_until"] is None
    assert [reload(harbor, each.id).owner_team.key for each in own] == ["elm-calls", "elm-calls"]
    with harbor.scope():
        assert BulkRun.rows().count() == 1
