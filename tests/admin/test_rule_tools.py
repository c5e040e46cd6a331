"""The tools of marketing operations: rules edited by a form, tried with samples, approved by another person."""

import pytest

from apps.audit.models import AuditEntry
from apps.flows.admin.rules.routing import with_layer
from apps.leads.models import Lead
from apps.policies.actions import save_draft
from apps.policies.decisions.changes import Change, Sentence, changed_sentences
from apps.policies.decisions.places import find_place, free_id, moved, put, taken_out
from apps.policies.decisions.rule_rows import Joint, Row, Rows, as_condition, as_rows
from apps.policies.models import RuleSetVersion
from apps.policies.queries import field_specs, version_in_force
from apps.routing.models import MemberTurn, QueueTurn, RoutingDecision
from apps.tenancy.clock import database_now
from tests.admin.test_registers import grant
from tests.approving import approve_at
from tests.leads_made import TUESDAY_NINE, inquiry, send_in
from tests.rows.arranging import CHICAGO
from tests.rule_documents import put_rule, rules_of

AUTHOR_REFUSED = "The author cannot approve their own version. Ask a colleague."


def live(tenant):
    """Return the routing version that rules."""
    with tenant.scope():
        return version_in_force("routing", database_now())


def drafts(tenant):
    """Return the drafts of the routing rules, oldest first."""
    with tenant.scope():
        rows = RuleSetVersion.rows().filter(rule_set__kind="routing", approved_at__isnull=True)
        return list(rows.select_related("rule_set").order_by("number"))


def place_of(version, rule_id):
    """Return the address of a rule's page."""
    for layer in version.document["layers"]:
        for number, rule in enumerate(layer["rules"]):
            if rule["id"] == rule_id:
                return f"/admin/policies/rulesetversion/{version.pk}/rule/?at=/layers/{layer['key']}/rules/{number}"
    raise AssertionError(rule_id)


def form_of(version, layer, number, **changes):
    """Return what the rule's form posts when nothing but `changes` is touched."""
    rule = rules_of(version.document, layer)[number]
    body = {"id": rule["id"], "name": rule["name"], "meaning": rule["meaning"], "reason": "Spring", "do": "save"}
    rows = as_rows(rule["when"])
    body |= {"joint": str(rows.joint), "rows": str(len(rows.rows))}
    for place, row in enumerate(rows.rows):
        body |= {f"field-{place}": row.field, f"op-{place}": row.op, f"value-{place}": list(row.values)}
    body |= {f"then-{key}": value for key, value in rule["then"].items()}
    body |= {name: "on" for name, usual in (("stop", False), ("is_active", True)) if rule.get(name, usual)}
    return body | changes


@pytest.mark.row("RT-20")
def test_a_rule_is_changed_by_its_form_and_rules_once_a_colleague_approved(harbor, client_as):
    grant(harbor, "marketing", "rules:approve")
    cleo, before = client_as("cleo"), live(harbor)
    page = place_of(before, "R-41")
    shown = cleo.get(page).content.decode()
    assert "Service is Orthopedics" in shown and 'name="op-0"' in shown
    answer = cleo.post(page, form_of(before, "location", 1, **{"then-queue": "nurse-line", "then-priority": "P1"}))
    assert answer.status_code == 302
    (draft,) = drafts(harbor)
    changed = cleo.get(answer["Location"]).content.decode()
    assert "set priority P1, choose office Elm St, send to Nurse Line</ins>" in changed
    assert live(harbor).pk == before.pk
    deed = f"/admin/policies/rulesetversion/{draft.pk}/approve/"
    refused = cleo.post(deed)
    assert refused.status_code == 403 and AUTHOR_REFUSED in refused.content.decode()
    assert approve_at(client_as("dev"), draft.pk).status_code == 302
    send_in(harbor, inquiry(source="web-ortho", request__service="orthopedics", request__location="elm-st"))
    harbor.drain()
    with harbor.scope():
        decision = RoutingDecision.rows().select_related("version", "lead").order_by("-id").first()
        assert (decision.rule_id, decision.version.number) == ("R-41", draft.number)
        assert decision.lead.priority == "P1"
        assert [each.action for each in AuditEntry.rows().filter(object_id=draft.pk).order_by("seq")] == [
            "rules.draft",
            "refused:rules.approve",
            "rules.test",
            "rules.replay",
            "rules.test",
            "rules.test",
            "rules.approve",
        ]
    why = client_as("ada").get(f"/leads/{decision.lead_id}/why/").content.decode()
    assert f"v{draft.number}" in why or f"version {draft.number}" in why


def test_saving_without_a_change_keeps_the_document(harbor, client_as):
    before = live(harbor)
    client_as("cleo").post(place_of(before, "R-22"), form_of(before, "urgency", 2))
    assert drafts(harbor)[0].document == before.document


def test_ones_own_draft_is_replaced_by_the_next_save(harbor, client_as):
    cleo, before = client_as("cleo"), live(harbor)
    cleo.post(place_of(before, "R-22"), form_of(before, "urgency", 2, name="This week"))
    first = drafts(harbor)[0]
    assert "You have a draft waiting" in cleo.get(place_of(before, "R-22")).content.decode()
    cleo.post(place_of(first, "R-22"), {"do": "up"})
    old, new = drafts(harbor)
    assert (old.state, new.state) == ("superseded", "draft")
    assert [rule["id"] for rule in rules_of(new.document, "urgency")] == ["R-20", "R-22", "R-21"]
    assert rules_of(new.document, "urgency")[1]["name"] == "This week"


def test_what_is_wrong_is_said_and_nothing_is_saved(harbor, client_as):
    cleo, before = client_as("cleo"), live(harbor)
    page = place_of(before, "R-41")
    empty = cleo.post(page, form_of(before, "location", 1, meaning=""))
    assert empty.status_code == 422 and "Say in plain words" in empty.content.decode()
    silent = cleo.post(page, form_of(before, "location", 1, reason=""))
    assert silent.status_code == 422 and "Say why this changes" in silent.content.decode()
    unknown = cleo.post(page, form_of(before, "location", 1, do="check", **{"then-queue": "no-such"}))
    assert "There is no queue “no-such”" in unknown.content.decode()
    assert drafts(harbor) == []


def test_a_warning_stands_beside_its_rule(harbor, client_as):
    cleo, before = client_as("cleo"), live(harbor)
    cleo.post(place_of(before, "R-41"), form_of(before, "location", 1, **{"then-queue": "no-such"}))
    shown = cleo.get(f"/admin/policies/rulesetversion/{drafts(harbor)[0].pk}/change/").content.decode()
    rule = shown[shown.index('id="R-41"') : shown.index('id="R-42"')]
    assert "There is no queue “no-such”" in rule


def test_rows_come_and_go_without_saving(harbor, client_as):
    cleo, before = client_as("cleo"), live(harbor)
    body = form_of(before, "urgency", 0, do="add-row", **{"new-field": "is_repeat"})
    shown = cleo.post(place_of(before, "R-20"), body).content.decode()
    assert 'name="field-1" value="is_repeat"' in shown and '<option value="at_least"' not in shown
    gone = cleo.post(place_of(before, "R-20"), body | {"do": "drop-0"}).content.decode()
    assert "the rule holds always" in gone
    assert drafts(harbor) == []


def test_a_nested_condition_is_kept_and_read_aloud(harbor, client_as):
    cleo, before = client_as("cleo"), live(harbor)
    nested = {"any": [{"field": "service", "op": "is", "value": "imaging"}, {"not": {"always": True}}]}
    with harbor.scope():
        rule = {**rules_of(before.document, "urgency")[0], "when": nested}
        document = put_rule(before.document, "urgency", 0, rule)
        draft = save_draft(
            actor=harbor.actor("cleo"), kind="routing", document=document, reason="x", now=database_now()
        )
    shown = cleo.get(place_of(draft, "R-20")).content.decode()
    assert "kept as it is" in shown and f"?from={draft.number}" in shown and 'name="joint"' not in shown
    body = {"id": "R-20", "name": "New", "meaning": "m", "then-priority": "P1", "is_active": "on", "reason": "y"}
    assert cleo.post(place_of(draft, "R-20"), body).status_code == 302
    saved = rules_of(drafts(harbor)[-1].document, "urgency")[0]
    assert (saved["when"], saved["name"]) == (nested, "New")


def test_who_may_only_read_rules_saves_none(harbor, client_as):
    before = live(harbor)
    dev, page = client_as("dev"), place_of(before, "R-22")
    assert "Save as draft" not in dev.get(page).content.decode()
    assert dev.post(page, form_of(before, "urgency", 2)).status_code == 403
    assert drafts(harbor) == []


def counted(tenant):
    """Return how many rows there are of everything that a routing could write, and the turns."""
    with tenant.scope():
        tables = (Lead, RoutingDecision, RuleSetVersion, AuditEntry, QueueTurn, MemberTurn)
        turns = list(MemberTurn.rows().order_by("id").values_list("membership_id", "last_turn"))
        return [table.rows().count() for table in tables], turns


SAMPLE = {
    "source": "web-ortho",
    "channel": "web_form",
    "lead_class": "patient",
    "service": "orthopedics",
    "location": "elm-st",
    "postal_code": "60614",
    "timeframe": "asap",
    "preferred_channel": "call",
    "consents": ["call", "email"],
    "at": f"{TUESDAY_NINE:%Y-%m-%dT%H:%M}",
}


@pytest.mark.row("RT-21")
def test_a_sample_lead_shows_its_whole_way_and_saves_nothing(harbor, client_as):
    cleo, before = client_as("cleo"), live(harbor)
    cleo.post(place_of(before, "R-41"), form_of(before, "location", 1, **{"then-queue": "general-intake"}))
    (draft,) = drafts(harbor)
    send_in(harbor, inquiry())
    harbor.drain()
    dev, stood = client_as("dev"), counted(harbor)
    many = "service=imaging; postal_code=60614\n" * 19 + "location=elm-st"
    answer = dev.post("/admin/try/sample-lead/", SAMPLE | {"draft": str(draft.pk), "many": many})
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert f"v{draft.number} (draft)" in shown and f"v{before.number} (approved)" in shown
    for words in (
        "Consent and safety",
        "Location",
        "R-41",
        "Next turn",
        "Service level",
        "First contact",
        "Not chosen",
    ):
        assert words in shown, words
    assert shown.count("service=imaging; postal_code=60614</td>") == 19
    assert "<td>yes</td>" in shown and "<td>no</td>" in shown
    assert counted(harbor) == stood


@pytest.mark.row("RT-21")
def test_a_sample_goes_the_way_of_a_real_lead(harbor, client_as):
    send_in(harbor, inquiry(source="web-ortho", request__service="orthopedics", request__timeframe="asap"))
    with harbor.scope():
        at = database_now().astimezone(CHICAGO)
    body = SAMPLE | {"at": f"{at:%Y-%m-%dT%H:%M}"}
    harbor.drain()
    shown = client_as("cleo").post("/admin/try/sample-lead/", body).content.decode()
    with harbor.scope():
        decision = RoutingDecision.rows().order_by("-id").first()
    assert decision.rule_id == "R-41"
    for step in decision.verdict["path"]:
        assert step["layer_name"] in shown and step["rule_id"] in shown


def test_a_line_that_names_no_fact_is_refused(client_as):
    answer = client_as("cleo").post("/admin/try/sample-lead/", SAMPLE | {"many": "colour=red"})
    assert "Line 1: “colour” is not one of" in answer.content.decode()


def test_who_answers_on_tuesday_evening(harbor, client_as):
    cleo, stood = client_as("cleo"), counted(harbor)
    answer = cleo.get("/admin/try/who-answers/?day=1&time=19:30&service=imaging&location=elm-st")
    shown = answer.content.decode()
    assert "Tuesday" in shown and "19:30" in shown
    assert "Elm Calls" in shown and "closed, opens Wed" in shown and "A plain inquiry without ZIP goes to" in shown
    assert "Oak" not in shown[shown.index("<tbody>") :].partition("</tbody>")[0].replace("Oakes", "")
    assert counted(harbor) == stood


def test_the_ownership_matrix_says_what_a_colleague_reads(client_as):
    shown = client_as("cleo").get("/admin/try/ownership-matrix/?team=elm-calls").content.decode()
    assert "Stage belongs to Scheduling since" in shown and "because they own this lead" in shown
    assert "Consent is maintained by Central Intake since" in shown
    own = client_as("cleo").get("/admin/try/ownership-matrix/?team=scheduling").content.decode()
    assert "May change." in own


@pytest.mark.parametrize(
    "condition",
    [
        {"always": True},
        {"field": "service", "op": "is", "value": "imaging"},
        {"field": "consent_any", "op": "is", "value": False},
        {"field": "hour_of_day", "op": "between", "value": [8, 17]},
        {"any": [{"field": "party", "op": "is_known"}, {"field": "timeframe", "op": "in", "value": ["asap", "later"]}]},
    ],
)
def test_rows_and_back_is_the_same_condition(harbor, condition):
    with harbor.scope():
        assert as_condition(as_rows(condition), field_specs()) == condition


def test_several_values_widen_the_test(harbor):
    rows = Rows(Joint.ALL, (Row("service", "is", ("imaging", "orthopedics")),))
    with harbor.scope():
        made = as_condition(rows, field_specs())
    assert made == {"field": "service", "op": "in", "value": ["imaging", "orthopedics"]}


def test_what_rows_cannot_show_has_none():
    test = {"field": "service", "op": "is", "value": "imaging"}
    for condition in ({"not": test}, {"all": [test, {"any": [test, test]}]}, {**test, "value": "a, b"}, {"what": 1}):
        assert as_rows(condition) is None


def test_a_rule_takes_its_place_in_a_layer_that_was_not_there():
    steps = ("layers", "urgency", "rules", "-")
    grown = with_layer({"layers": [{"key": "service", "rules": []}]}, steps)
    assert [layer["key"] for layer in grown["layers"]] == ["urgency", "service"]
    place = find_place(grown, ("layers", "#", "rules", "#"), steps)
    document = put(grown, place, {"id": "R-07"})
    assert place == ("layers", 0, "rules", 0) and rules_of(document, "urgency") == [{"id": "R-07"}]
    assert free_id(["R-07", "R-31B", "S-9"], "R-") == "R-08" and free_id(["S-2"], "S-") == "S-3"
    assert moved(document, place, 1) == document and rules_of(taken_out(document, place), "urgency") == []
    assert find_place(document, ("layers", "#", "rules", "#"), ("layers", "9", "rules", "0")) is None


def test_changes_stand_below_the_heading_of_their_rule():
    before = [Sentence("R-1", True), Sentence("Priority: P2"), Sentence("R-2", True), Sentence("Queue: a")]
    after = [Sentence("R-1", True), Sentence("Priority: P1"), Sentence("R-2", True), Sentence("Queue: a")]
    found = [(each.change, each.text) for each in changed_sentences(before, after)]
    assert found == [(Change.SAME, "R-1"), (Change.GONE, "Priority: P2"), (Change.NEW, "Priority: P1")]
    assert changed_sentences(after, after) == ()
