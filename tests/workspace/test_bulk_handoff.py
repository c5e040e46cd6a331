"""Several leads handed to another team in one go: the checks of one, an answer for each, many by the worker."""

import re
from datetime import timedelta

import pytest

from apps.handoffs.models import Handoff
from apps.leads.models import Lead
from tests.cast import Tenant
from tests.leads_made import make_lead
from tests.rows.arranging import OpenBrowser, ask
from tests.rows.test_handoffs import AT, NOTE, TICKS, answer
from tests.workspace.test_web_bulk import follow, ids, send, text_of

TYPED = {"who": "H-1:scheduling", "confirmed": ["phone"], "next_step": NOTE["next_step"], "eligibility": "No implant"}
ITEMS = [f"H-1:{each}" for each in TICKS]


@pytest.mark.row("HO-01")
@pytest.mark.row("HO-03")
def test_leads_are_offered_together_each_by_its_own_checks(
    harbor: Tenant, client_as: OpenBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    lena, sam = client_as("lena"), client_as("sam")
    ready = [make_lead(harbor) for _ in range(2)]
    lacking, foreign = make_lead(harbor), make_lead(harbor, source="web-ortho", request__service="orthopedics")
    with harbor.scope():
        Lead.rows().filter(id=lacking.id).update(patient_type="")
    leads = [*ready, lacking, foreign]

    # By page: what each lacks is said before anything is offered, in the words of its own refusal.
    form = text_of(send(lena, act="hand_off", at=AT, lead=[each.number for each in leads]))
    assert "Hand off 4 leads" in form and "Scheduling: To scheduling" in form and "Insurance card asked for" in form
    typed = {"act": "hand_off", "leads": ids(leads), **TYPED}
    assert send(lena, step="preview", at=AT, **{**typed, "next_step": ""}).status_code == 422
    shown = text_of(send(lena, step="preview", at=AT, items=ITEMS[:3], **typed))
    assert "0 will change, 4 cannot" in shown and "The person knows who calls next and why" in shown
    shown = text_of(send(lena, step="preview", at=AT, items=ITEMS, **typed))
    assert "2 will change, 2 cannot" in shown and "Cannot hand off, missing: Patient type" in shown
    with harbor.scope():
        assert not Handoff.rows().exists()
    done = send(lena, step="do", at=AT, items=ITEMS, idempotency_key="once", **typed)
    page = text_of(follow(lena, done, at=AT))
    assert "2 leads offered" in page and page.count("Cannot hand off") == 1 and foreign.owner_team.name in page
    assert send(lena, step="do", at=AT, items=ITEMS, idempotency_key="once", **typed)["Location"] == done["Location"]
    with harbor.scope():
        rows = list(Handoff.rows().filter(state="offered").order_by("lead_id"))
        assert [row.lead_id for row in rows] == sorted(each.id for each in ready)
        assert {(row.note["service"], row.offered_label) for row in rows} == {("imaging", "Lena Hart")}
        assert all(item["by"] == "Lena Hart" for row in rows for item in row.checklist if item["done"])

    # Taken back: one was accepted meanwhile and stays with Scheduling.
    taken = {"lead": str(rows[0].lead_id), "id": str(rows[0].id)}
    assert answer(sam, taken, "accept", AT).status_code == 200
    follow(lena, done, "undo/", at=AT + timedelta(seconds=20))
    assert "Answered since; left as it is." in text_of(follow(lena, done, at=AT + timedelta(seconds=20)))
    with harbor.scope():
        assert sorted(Handoff.rows().values_list("state", flat=True)) == ["accepted", "withdrawn"]

    # More than a part are offered by the worker, with the rights that the sender has then; one refusal stops none.
    monkeypatch.setattr("apps.flows.bulk.PART", 2)
    many = [make_lead(harbor) for _ in range(4)]
    body = {"act": "hand_off", "type": "H-1", "checklist": TICKS, "leads": [str(each.id) for each in (*many, lacking)]}
    body |= {"confirmed": ["phone"], "next_step": NOTE["next_step"], "eligibility": "No implant"}
    previewed = ask(lena, "POST", "/leads/bulk", body | {"dry_run": True}, at=AT).json()
    assert (previewed["done"], previewed["refused"], previewed["waiting"]) == (4, 1, 0)
    begun = ask(lena, "POST", "/leads/bulk", body, at=AT).json()
    assert (begun["done"], begun["refused"], begun["waiting"]) == (0, 0, 5)
    with harbor.scope():
        assert not Handoff.rows().filter(lead__in=many).exists()
    harbor.drain(AT)
    with harbor.scope():
        assert Handoff.rows().filter(lead__in=many, state="offered", offered_label="Lena Hart").count() == 4
    shown = text_of(follow(lena, {"Location": f"/queue/bulk/{begun['run']}/"}, at=AT))
    assert "4 leads offered" in shown and re.search(r"Stayed as they were <span class=\"count\">1<", shown)


@pytest.mark.row("HO-01")
def test_nobody_is_offered_a_handoff_that_none_of_their_teams_may_begin(harbor: Tenant, client_as: OpenBrowser) -> None:
    lena, ewa = client_as("lena"), client_as("ewa")
    lead = make_lead(harbor)
    assert 'value="hand_off"' in text_of(lena.get("/queue/"))
    assert 'value="hand_off"' not in text_of(ewa.get("/queue/"))
    sent = send(ewa, act="hand_off", at=AT, lead=[lead.number])
    assert sent.status_code == 422 and "No handoff starts with your teams." in text_of(sent)
