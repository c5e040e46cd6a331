"""A criterion as a form of the admin: read into the document, refused without a test, saved as a draft (row QL-01)."""

from apps.policies.models import RuleSetVersion

NEAR = {
    "set-id": "Patient-1",
    "set-name": "Patients",
    "set-pipeline": "patient",
    "id": "near-clinic",
    "kind": "location_coverage",
    "sentence": "Lives within 10 miles of an open clinic",
    "ask": "Which ZIP do you live in?",
    "joint": "all",
    "rows": "1",
    "field-0": "miles_to_open_clinic",
    "op-0": "at_most",
    "value-0": "10",
    "marketing": "on",
    "is_active": "on",
    "reason": "Nearer only",
}


def test_a_criterion_is_changed_and_added_in_a_form(harbor, client_as):
    cleo = client_as("cleo")
    with harbor.scope():
        live = RuleSetVersion.rows().get(rule_set__kind="criteria")
    version = f"/admin/policies/rulesetversion/{live.id}/"
    address = f"{version}rule/?at=/sets/0/criteria/1"
    assert "rule/?at=/sets/0/criteria/1" in cleo.get(f"{version}change/").content.decode()
    shown = cleo.get(address).content.decode()
    assert "Lives within 25 miles of an open clinic" in shown and "Miles to the nearest open clinic" in shown
    untested = cleo.post(address, {**NEAR, "rows": "0"})
    assert untested.status_code == 422 and "needs a test of a field" in untested.content.decode()
    unsaid = cleo.post(address, {**NEAR, "reason": ""})
    assert unsaid.status_code == 422 and "Say why this changes." in unsaid.content.decode()
    wider = cleo.post(address, {**NEAR, "do": "add-row", "new-field": "age"}).content.decode()
    assert 'name="field-1" value="age"' in wider
    assert cleo.post(address, {**NEAR, "do": "drop-0"}).status_code == 200
    assert cleo.get(f"{version}rule/?at=/sets/9/criteria/0").status_code == 404
    saved = cleo.post(address, {**NEAR, "do": "save"})
    assert saved.status_code == 302, saved.content.decode()
    added = cleo.post(
        f"{version}rule/?at=/sets/-/criteria/-", {**NEAR, "set-id": "Ortho-1", "set-service": "orthopedics"}
    )
    assert added.status_code == 302, added.content.decode()
    with harbor.scope():
        changed, other = RuleSetVersion.rows().filter(rule_set__kind="criteria", state="draft").order_by("number")
    before, after = live.document["sets"][0], changed.document["sets"][0]
    assert [each for each in after["criteria"] if each["id"] != "near-clinic"] == [
        each for each in before["criteria"] if each["id"] != "near-clinic"
    ]
    assert after["criteria"][1] == {
        "id": "near-clinic",
        "kind": "location_coverage",
        "sentence": "Lives within 10 miles of an open clinic",
        "when": {"field": "miles_to_open_clinic", "op": "at_most", "value": 10},
        "ask": "Which ZIP do you live in?",
        "required": False,
        "marketing": True,
    }
    assert [each["id"] for each in other.document["sets"]] == ["Patient-1", "Imaging-2", "Ortho-1"]
