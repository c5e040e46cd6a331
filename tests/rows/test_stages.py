"""Stages, statuses and gates through the doors: rows ST-01 to ST-18."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.management import call_command

from apps.accounts.keys import create_key
from apps.audit.models import AuditEntry
from apps.flows import booking, owner_moves
from apps.flows.tasks import sweep
from apps.leads.models import Lead, Pipeline, Stage, StageSpell, Task
from apps.onboarding.actions.organization import organization_id_of
from apps.outreach.models import Message
from apps.ownership.models import Spell
from apps.sla.models import SlaTimer
from apps.tenancy.clock import travelling
from apps.tenancy.scope import tenant_scope
from tests.doors import Api
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import ask, change_rules, page
from tests.words import saying, the_one_saying

SOON = TUESDAY_NINE + timedelta(minutes=12)
NEXT_DAY = "2026-12-02T16:00:00Z"
NO_ANSWER = {"kind": "call", "outcome": "no_answer", "next_action_at": NEXT_DAY}
CONNECTED = {"kind": "call", "outcome": "connected", "next_action_at": NEXT_DAY}
VISIT = {"starts_at": "2026-12-03T17:00:00Z", "location": "elm-st", "confirmed_by": "patient"}
VERIFIED = {"V-1": "imaging", "V-2": "has a referral", "V-3": "yes", "V-4": "first visit"}
DEFAULT = [
    "new",
    "mql",
    "routed",
    "attempting",
    "contacted",
    "qualified",
    "scheduled",
    "in_treatment",
    "closed",
    "not_qualified",
    "nurture",
]


@pytest.fixture
def lead(harbor):
    return make_lead(harbor)


@pytest.fixture
def owner(lead, client_as):
    """The browser of the lead's owner."""
    return client_as(lead.owner.user.email.partition("@")[0])


@pytest.fixture
def say(lead, owner):
    """Let the owner's program post something of the lead: `say("stage", {"to": "nurture"})`."""

    def post(part, body, at=SOON, by=owner):
        return ask(by, "POST", f"/leads/{lead.id}/{part}", body, at=at)

    return post


def pipeline_form(pipeline, rows):
    """Return the admin's form of a pipeline with these stages: (id, key, label, is open, next actions)."""
    body = {
        "name": pipeline.name,
        "person_word": pipeline.person_word,
        "stages-TOTAL_FORMS": len(rows),
        "closure_reasons": json.dumps(pipeline.closure_reasons),
        "stages-INITIAL_FORMS": len([row for row in rows if row[0]]),
    }
    known_first = sorted(enumerate(rows), key=lambda entry: entry[1][0] is None)
    for place, (position, (row_id, key, label, is_open, actions)) in enumerate(known_first):
        part = {
            "position": position,
            "key": key,
            "label": label,
            "next_actions": json.dumps(actions),
            "pipeline": pipeline.id,
            "id": row_id or "",
            "is_open": "on" if is_open else "",
        }
        body |= {f"stages-{place}-{name}": value for name, value in part.items() if value != ""}
    return body


def save_stages(harbor, client, change):
    """Let the administrator save the patient pipeline with changed stages."""
    with harbor.scope():
        pipeline = Pipeline.rows().get(key="patient")
        rows = [(row.id, row.key, row.label, row.is_open, row.next_actions) for row in pipeline.stages.all()]
    answer = client.post(f"/admin/leads/pipeline/{pipeline.id}/change/", pipeline_form(pipeline, change(rows)))
    assert answer.status_code == 302


@pytest.mark.row("ST-01")
def test_a_new_tenant_gets_the_default_pipeline(tmp_path):
    slug = f"fresh-{uuid4().hex[:8]}"
    file = tmp_path / "fresh.yaml"
    file.write_text(f"organization: {{slug: {slug}, name: Fresh, zone: America/Chicago, region: US}}\n")
    call_command("tenant", "apply", str(file), skip_checks=True)
    with tenant_scope(organization_id_of(slug)):
        pipeline = Pipeline.rows().get()
        assert [row.key for row in pipeline.stages.all()] == DEFAULT
        assert [row.key for row in pipeline.stages.all() if not row.is_open] == ["closed", "not_qualified"]
        assert "no_response" in [each["key"] for each in pipeline.closure_reasons]
    call_command("tenant", "apply", str(file), skip_checks=True)
    with tenant_scope(organization_id_of(slug)):
        assert (Pipeline.rows().count(), Stage.rows().count()) == (1, 11)


@pytest.mark.row("ST-01")
def test_an_administrator_inserts_a_stage_and_leads_pass_through_it(harbor, client_as, lead, owner, say):
    def insert(rows):
        place = [row[1] for row in rows].index("qualified")
        return [*rows[:place], (None, "insurance-check", "Insurance check", True, []), *rows[place:]]

    save_stages(harbor, client_as("ada"), insert)
    with harbor.scope():
        keys = list(Stage.rows().filter(pipeline__key="patient").order_by("position").values_list("key", flat=True))
    assert keys == [*DEFAULT[:5], "insurance-check", *DEFAULT[5:]]
    move = {
        "from": ["contacted"],
        "to": "insurance-check",
        "event": "call_connected",
        "meaning": "Cover is asked.",
    }
    change_rules(harbor, client_as, "gates", lambda document: document["moves"].append(move))
    assert say("activities", CONNECTED).status_code == 201
    assert say("stage", {"to": "insurance-check", "reason": ""}).json()["stage"] == "insurance-check"
    assert "Insurance check" in page(owner, f"/leads/{lead.id}/", at=SOON)


@pytest.mark.row("ST-02")
def test_where_it_is_what_is_true_and_why_it_ended_are_three_fields(lead, owner, say):
    assert say("activities", NO_ANSWER).status_code == 201
    two_days = SOON + timedelta(days=2, minutes=1)
    seen = ask(owner, "GET", f"/leads/{lead.id}", at=two_days).json()
    assert (seen["stage"], seen["status"], seen["closure_reason"]) == ("attempting", "attempting", "")
    shown = page(owner, f"/leads/{lead.id}/", at=two_days)
    assert "Attempting contact" in shown
    assert "Attempting: waiting 2 days" in shown
    assert "waiting 2 days" not in page(owner, f"/leads/{lead.id}/", at=SOON)
    closing = {"reason": "not_interested", "note": "Went elsewhere", "outcome": "not_qualified"}
    assert say("close", closing, at=two_days).status_code == 200
    seen = ask(owner, "GET", f"/leads/{lead.id}", at=two_days).json()
    assert (seen["stage"], seen["status"], seen["closure_reason"]) == ("closed", "closed", "not_interested")


@pytest.mark.row("ST-03")
def test_contacted_needs_a_connected_contact_on_record(harbor, lead, say):
    refused = say("stage", {"to": "contacted", "reason": "They will surely answer"})
    assert (refused.status_code, refused.json()["code"]) == (409, "event_missing")
    assert "call connected" in refused.json()["detail"]
    assert say("activities", NO_ANSWER).status_code == 201
    assert say("stage", {"to": "contacted", "reason": "Nearly"}).json()["code"] == "event_missing"
    unknown = say("stage", {"to": "in_treatment", "reason": "At once"})
    assert (unknown.status_code, unknown.json()["code"]) == (409, "unknown_move")
    assert reload(harbor, lead.id).stage.key == "attempting"
    assert say("activities", CONNECTED).status_code == 201
    with harbor.scope():
        spells = StageSpell.rows().filter(lead=lead).order_by("started_at", "id").values_list("stage__key", "event")
        assert list(spells)[2:] == [
            ("routed", "routing_decided"),
            ("attempting", "attempt_logged"),
            ("contacted", "call_connected"),
        ]


@pytest.mark.row("ST-04")
def test_no_path_leads_to_qualified_without_consent(harbor, client_as, lead, owner, say):
    assert say("activities", CONNECTED).status_code == 201
    assert say("verification", {"answers": VERIFIED}).status_code == 201
    for channel in ("call", "email"):
        assert say("consents", {"channel": channel, "state": "withdrawn"}).status_code == 201
    reason = "Dermatology interest and Elm location match"
    by_api = say("stage", {"to": "qualified", "reason": reason})
    assert by_api.status_code == 422
    assert [(each["pointer"], each["code"]) for each in by_api.json()["errors"]] == [("/consent", "missing")]
    version = reload(harbor, lead.id).version
    form = {"verdict": "qualified", "reason": reason, "version": version, "idempotency_key": str(uuid4())}
    with travelling(to=SOON):
        by_page = owner.post(f"/leads/{lead.id}/qualify/", form)
    assert by_page.status_code == 422 and "consent is missing" in by_page.content.decode()
    with harbor.scope():
        Lead.rows().filter(id=lead.id).update(patient_type="")
    again = say("stage", {"to": "qualified", "reason": reason})
    assert [each["pointer"] for each in again.json()["errors"]] == ["/patient_type", "/consent"]
    assert reload(harbor, lead.id).stage.key == "contacted"
    grant = {"channel": "call", "state": "granted", "evidence_kind": "recording", "evidence_ref": "call 7"}
    assert say("consents", grant, at=SOON + timedelta(minutes=1), by=client_as("ewa")).status_code == 201
    assert ask(owner, "PATCH", f"/leads/{lead.id}", {"patient_type": "new"}, at=SOON).status_code == 200
    moved = say("stage", {"to": "qualified", "reason": reason}, at=SOON + timedelta(minutes=2))
    assert moved.json()["stage"] == "qualified"


@pytest.mark.row("ST-06")
@pytest.mark.parametrize("place", [(booking.chasing, "plan_tasks"), (owner_moves, "hand_over")])
def test_an_error_on_the_way_leaves_stage_owner_tasks_and_clocks_as_they_were(
    harbor, monkeypatch, lead, owner, say, place
):
    assert say("activities", CONNECTED).status_code == 201
    before = picture(harbor, lead)

    def broken(*_args, **_more):
        raise RuntimeError("no task today")

    with monkeypatch.context() as patch:
        patch.setattr(*place, broken)
        owner.raise_request_exception = False
        assert say("appointments", VISIT).status_code == 500
    assert picture(harbor, lead) == before
    assert say("appointments", VISIT).status_code == 201
    after = picture(harbor, lead)
    assert (after["stage"], after["owner"], after["teams"]) == ("scheduled", "scheduling", {"scheduling"})
    assert (after["spells"], after["running"]) == (before["spells"] + 1, 0)


def picture(harbor, lead):
    """Return all that a change of stage changes."""
    found = reload(harbor, lead.id)
    with harbor.scope():
        tasks, clocks = Task.rows().filter(lead=lead, state="open"), SlaTimer.rows().filter(lead=lead)
        return {
            "stage": found.stage.key,
            "owner": found.owner_team.key,
            "version": found.version,
            "teams": set(tasks.values_list("team__key", flat=True)),
            "tasks": tasks.count(),
            "spells": Spell.rows().filter(lead=lead).count(),
            "running": clocks.filter(met_at__isnull=True, cancelled_at__isnull=True).count(),
        }


@pytest.mark.row("ST-09")
def test_entering_a_stage_runs_its_configured_next_actions(harbor, client_as, lead, say):
    actions = [
        {"kind": "call", "title": "Try the other number", "channel": "call", "after_seconds": 7200},
        {"do": "message", "template": "acknowledgement", "after_seconds": 600},
        {"do": "alert", "title": "Nobody answers yet", "after_seconds": 14400},
    ]

    def configure(rows):
        return [(*row[:4], actions if row[1] == "attempting" else row[4]) for row in rows]

    save_stages(harbor, client_as("ada"), configure)
    assert say("activities", NO_ANSWER).status_code == 201
    with harbor.scope():
        task = the_one_saying(Task.rows().filter(lead=lead), title="Try the other number")
        assert (task.kind, task.state, task.due_at) == ("call", "open", SOON + timedelta(hours=2))
        assert task.team_id == lead.owner_team_id
        clock = SlaTimer.rows().get(lead=lead, kind="first_contact")
        assert clock.met_at is None and clock.cancelled_at is None
        alert = Task.rows().select_related("assignee__user").get(lead=lead, kind="escalation")
        assert (alert.title, alert.assignee.user.name) == ("Nobody answers yet", "Lena Hart")
        assert Message.rows().get(lead=lead, purpose="stage").state == "pending"
    assert reload(harbor, lead.id).next_action_at == SOON + timedelta(hours=2)
    harbor.drain(SOON + timedelta(minutes=10))
    with harbor.scope():
        assert Message.rows().get(lead=lead, purpose="stage").state == "sent"
    assert say("activities", NO_ANSWER, at=SOON + timedelta(hours=1)).status_code == 201
    with harbor.scope():
        assert len(saying(Task.rows().filter(lead=lead), title="Try the other number")) == 1


@pytest.mark.row("ST-09")
@pytest.mark.parametrize("wrong", ["call", {"do": "dance"}, {"do": "message"}, {"after_seconds": "soon"}])
def test_a_next_action_that_nobody_could_carry_out_is_not_saved(harbor, client_as, wrong):
    with harbor.scope():
        pipeline = Pipeline.rows().get(key="patient")
        rows = [(row.id, row.key, row.label, row.is_open, [wrong]) for row in pipeline.stages.all()]
    path = f"/admin/leads/pipeline/{pipeline.id}/change/"
    assert client_as("ada").post(path, pipeline_form(pipeline, rows)).status_code == 422
    with harbor.scope():
        assert not Stage.rows().exclude(next_actions=[]).exists()


@pytest.mark.row("ST-10")
def test_a_synced_tool_cannot_override_the_status_and_its_try_is_noted(harbor, client_as, lead):
    with harbor.scope():
        key = create_key(
            actor=harbor.actor("ada"),
            name="ma-tool",
            scopes=["lead:view", "lead:edit"],
            now=TUESDAY_NINE,
            membership=harbor.member("ewa"),
        )
    tool, path = Api(key.secret), f"/leads/{lead.id}"
    with travelling(to=SOON):
        answers = [
            tool.patch(path, {"status": "closed"}),
            tool.patch(path, {"stage": "closed"}),
            tool.post(f"{path}/stage", {"to": "nurture", "reason": "synced"}),
            tool.post(f"{path}/close", {"reason": "no_response", "note": "synced", "outcome": "none"}),
        ]
    for answer in answers:
        assert (answer.status_code, answer.json()["code"]) == (403, "locked_by_owner")
        assert "Elm Calls" in answer.json()["detail"]
    after = reload(harbor, lead.id)
    assert (after.stage.key, after.status, after.version) == ("routed", "new", lead.version)
    with harbor.scope():
        noted = AuditEntry.rows().filter(object_id=lead.id, action__startswith="refused:").order_by("seq")
        tries = [(each.action, each.fields, each.door) for each in noted]
        assert all("ma-tool" in each.actor_label for each in noted)
    assert tries == [
        ("refused:lead.edit", ["status"], "api"),
        ("refused:lead.edit", ["stage"], "api"),
        ("refused:lead.move", ["stage"], "api"),
        ("refused:lead.close", ["closure_reason"], "api"),
    ]


@pytest.mark.row("ST-10")
def test_which_fields_are_ours_alone_is_configured(harbor, client_as, lead, owner):
    change_rules(harbor, client_as, "ownership", lambda document: document["locked_fields"].append("payer"))
    refused = ask(client_as("ewa"), "PATCH", f"/leads/{lead.id}", {"payer": "Acme"}, at=SOON)
    assert (refused.status_code, refused.json()["code"]) == (403, "locked_by_owner")
    assert ask(owner, "PATCH", f"/leads/{lead.id}", {"payer": "Acme"}, at=SOON).status_code == 200


@pytest.mark.row("ST-16")
def test_a_lead_left_without_a_next_action_is_listed_and_gets_a_task(harbor, client_as, lead, only_harbor):
    other = make_lead(harbor)
    assert lead.next_action_at is not None and lead.owner is not None
    with harbor.scope():
        Task.rows().filter(lead=lead).delete()
        Lead.rows().filter(id=lead.id).update(next_action_at=None)
    lost = page(client_as("ewa"), "/queue/?view=no_next", at=SOON)
    assert f"lead-{lead.ref}" in lost and f"lead-{other.ref}" not in lost
    with travelling(to=SOON):
        sweep()
    with harbor.scope():
        task = Task.rows().get(lead=lead, state="open")
    assert (task.team_id, task.assignee_id, task.due_at) == (
        lead.owner_team_id,
        lead.owner_id,
        SOON + timedelta(minutes=30),
    )
    assert reload(harbor, lead.id).next_action_at == task.due_at
    found = page(client_as("ewa"), "/queue/?view=no_next", at=SOON)
    assert f"lead-{lead.ref}" in found and f"lead-{other.ref}" not in found
    assert "No next action: decide what comes next" in page(client_as("ewa"), f"/leads/{lead.id}/", at=SOON)
    with travelling(to=SOON + timedelta(minutes=1)):
        sweep()
    with harbor.scope():
        assert Task.rows().filter(lead=lead).count() == 1


@pytest.mark.row("ST-18")
def test_the_stage_history_names_durations_and_who(harbor, lead, owner, say):
    assert say("activities", NO_ANSWER).status_code == 201
    later = SOON + timedelta(days=1, hours=3)
    contact = {**CONNECTED, "next_action_at": "2026-12-04T16:00:00Z"}
    assert say("activities", contact, at=later).status_code == 201
    html = page(owner, f"/leads/{lead.id}/why/", at=later + timedelta(minutes=30))
    part = html[html.index("stages-title") :]
    text = " ".join(part[: part.index("</section>")].split())
    name = lead.owner.user.name
    for stage, lasted in (("Routed", "12 min"), ("Attempting contact", "1 d 3 h"), ("Contacted", "30 min")):
        assert f"<strong>{stage}</strong>, {lasted}" in text
    assert f"Attempt logged, {name}" in text and f"Call connected, {name}" in text
