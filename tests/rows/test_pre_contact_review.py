"""A review before the first contact: nobody is told to call before somebody decided by the criteria (row QL-16)."""

from datetime import timedelta

import pytest

from apps.exceptions.models import ExceptionItem
from apps.leads.models import Task, TimelineEntry
from apps.policies.models import RuleSetVersion
from apps.sla.actions import running_timers
from apps.tenancy.clock import travelling
from tests.approving import approve_at
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import add_queue, ask, change_rules, page
from tests.rows.test_exceptions import decide, open_item

LATER = TUESDAY_NINE + timedelta(minutes=10)
CONTACTS = {"call", "text", "email"}
CRITERIA = [
    {"id": "stable", "sentence": "No sign of an emergency in what they wrote"},
    {"id": "ours", "sentence": "The question is one for an outpatient visit"},
]
REVIEW = {
    "id": "heart-first",
    "name": "Cardiology without a referral",
    "joint": "all",
    "rows": "2",
    "is_active": "on",
    "field-0": "service",
    "op-0": "is",
    "value-0": "cardiology",
    "field-1": "lead_class",
    "op-1": "is",
    "value-1": "patient",
    "reason": "Nurses decide first",
}
HEART = {"source": "landing-pages", "request__service": "cardiology"}
MET = {"stable": "met", "ours": "met"}


@pytest.fixture
def reviewed(harbor, client_as):
    """Let nurses review cardiology without a referral before anybody gets in touch."""
    add_queue(harbor, client_as, "nurse-review", "Nurse review", "clinical-intake")
    write_review(harbor, client_as)
    handler = {"type": "pre_contact_review", "queue": "nurse-review", "within_seconds": 7200, "then": "clinical-intake"}
    change_rules(harbor, client_as, "exceptions", lambda document: document["types"].append(handler))
    return harbor


def write_review(tenant, client_as):
    """Write the review in its form, first without anything to decide by, and let somebody else approve it."""
    ada = client_as("ada")
    with tenant.scope():
        live = RuleSetVersion.rows().get(rule_set__kind="criteria", state="approved")
    form = f"/admin/policies/rulesetversion/{live.pk}/rule/?at=/reviews/-"
    assert "Name the criteria that the decision rests on." in ada.post(form, REVIEW).content.decode()
    rows = {f"criteria-{n}-{key}": word for n, row in enumerate(CRITERIA) for key, word in {"was": "", **row}.items()}
    saved = ada.post(form, REVIEW | rows)
    assert saved.status_code == 302, saved.content.decode()
    with tenant.scope():
        draft = RuleSetVersion.rows().get(rule_set__kind="criteria", state="draft")
    assert approve_at(client_as("dev"), draft.id).status_code == 302


def open_kinds(tenant, lead):
    with tenant.scope():
        return set(Task.rows().filter(lead=lead, state__in=["open", "suppressed"]).values_list("kind", flat=True))


def clocks_of(tenant, lead):
    with tenant.scope():
        return set(running_timers(lead).values_list("kind", flat=True)) - {"acknowledgement"}


@pytest.mark.row("QL-16")
def test_cardiology_without_a_referral_waits_for_the_nurse(reviewed, client_as):
    lead, other = make_lead(reviewed, **HEART), make_lead(reviewed, **HEART)
    referred = make_lead(reviewed, **HEART, lead_class="referral")
    late = make_lead(reviewed)
    assert (lead.exception, lead.queue.key, lead.stage.key) == ("pre_contact_review", "nurse-review", "new")
    assert open_kinds(reviewed, lead) == {"review"} and clocks_of(reviewed, lead) == {"exception"}
    assert referred.exception != "pre_contact_review" and open_kinds(reviewed, referred) & CONTACTS
    reviewed.drain(TUESDAY_NINE + timedelta(minutes=1))
    assert reload(reviewed, lead.id).acknowledged_at is not None
    item, refused = open_item(reviewed, lead), open_item(reviewed, other)
    assert item.due_at == TUESDAY_NINE + timedelta(hours=2) and item.criteria == CRITERIA
    ivy, ewa = client_as("ivy"), client_as("ewa")
    path = f"/leads/{lead.id}"
    plan = {"title": "Call them", "due_at": "2026-12-02T16:00:00Z", "channel": "call"}
    for part, body in (("tasks", plan), ("data-requests", {"fields": ["timeframe"]})):
        answer = ask(ivy, "POST", f"{path}/{part}", body, at=LATER)
        assert answer.status_code in (409, 422), answer.content
    with travelling(to=LATER):
        assert ivy.post(f"{path}/call/").status_code == 409
    waiting = page(ivy, f"{path}/", at=LATER)
    assert "Nobody gets in touch before the review is decided" in waiting and "Yes now" not in waiting
    row = page(ivy, "/queue/", at=LATER).partition(f"/leads/{lead.id}/")[2].partition('class="chips">')[2]
    assert "<li class=no>Call<b>: no</b>" in row.partition("</ul>")[0], "the list says what the page says"
    shown = page(ivy, f"/exceptions/?item={item.id}", at=LATER)
    assert all(each["sentence"] in shown for each in CRITERIA) and "Route to another queue" not in shown

    said = {"decision": "accept", "reason": "Palpitations since spring, stable"}
    open_end = decide(ivy, item, LATER, **said)
    assert open_end.status_code == 422 and "Say whether it is met" in open_end.content.decode()
    against = decide(ivy, item, LATER, **said, **{"answer-stable": "met", "answer-ours": "unclear"})
    assert against.status_code == 422 and "Nobody is contacted unless" in against.content.decode()
    assert decide(ewa, item, LATER, **said, **{"answer-stable": "met", "answer-ours": "met"}).status_code == 403
    assert not open_kinds(reviewed, lead) & CONTACTS
    done = ask(ivy, "POST", f"/exceptions/{item.id}/decision", said | {"answers": MET}, at=LATER)
    assert done.status_code == 200, done.content
    row = reload(reviewed, lead.id)
    assert (row.exception, row.stage.key) == ("", "routed") and row.queue.key != "nurse-review"
    assert open_kinds(reviewed, lead) == {"call"} and "first_contact" in clocks_of(reviewed, lead)
    with reviewed.scope():
        assert not running_timers(lead).filter(kind="acknowledgement").exists(), "they were told once already"
    with reviewed.scope():
        told = next(
            each
            for each in TimelineEntry.rows().filter(lead=lead, kind="exception")
            if "outpatient visit: met" in each.note
        )
        kept = ExceptionItem.rows().get(id=item.id)
    assert told.actor_label == "Ivy Tran"
    assert (kept.decision, kept.answers) == ("accept", MET)

    body = {"decision": "close", "reason": "Chest pain at rest: sent to the emergency room", "closure": "not_eligible"}
    unsaid = ask(ivy, "POST", f"/exceptions/{refused.id}/decision", body | {"answers": MET}, at=LATER)
    assert (unsaid.status_code, unsaid.json()["errors"][0]["code"]) == (422, "criteria_met")

    assert open_kinds(reviewed, late) & CONTACTS
    owner = client_as(late.owner.user.email.partition("@")[0])
    put = ask(owner, "PATCH", f"/leads/{late.id}", {"service": "cardiology"}, at=LATER)
    assert put.status_code == 200, put.content
    row = reload(reviewed, late.id)
    assert (row.exception, row.queue.key) == ("pre_contact_review", "nurse-review")
    assert not open_kinds(reviewed, late) & CONTACTS
