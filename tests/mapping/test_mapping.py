"""A source's mapping: names and words of the sender become our fields, by a version that the lead names."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.capture.mapping import Transform, apply_mapping, changed, synonyms_in
from apps.capture.models import Submission
from apps.capture.normalise import normalise
from apps.leads.models import Lead, TimelineEntry
from apps.policies import actions as rules
from apps.policies.models import RuleSetVersion
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Invalid
from tests.cast import Tenant
from tests.doors import Api, ask
from tests.leads_made import TUESDAY_NINE, inquiry, processed, reload, send_in

SVC = {"fields": [{"from": "svc_interest", "to": "request.service"}]}


def rule_mapping(tenant: Tenant, document: dict[str, Any], key: str = "imaging-spring") -> RuleSetVersion:
    """Let one person draft a mapping and another approve it."""
    with tenant.scope():
        now = database_now()
        draft = rules.save_draft(
            actor=tenant.actor("cleo"), kind="mapping", key=key, document=document, reason="test", now=now
        )
        return rules.approve(actor=tenant.actor("dev"), version_id=draft.id, now=now)


def asked(word: str, name: str = "svc_interest", **changes: Any) -> dict[str, Any]:
    """Return BrightPath's inquiry with the service under its own name."""
    body = inquiry(source="imaging-spring", **changes)
    body["request"].pop("service")
    return {**body, "answers": [{"key": name, "values": [word]}]}


@pytest.mark.row("DD-03")
def test_brightpaths_own_name_lands_as_orthopedics_and_the_lead_names_mapping_v3(
    harbor: Tenant, api: Callable[..., Api], client_as: Callable[..., Client]
) -> None:
    for document in (SVC, {**SVC, "values": {"service": {"knees": "orthopedics"}}}, SVC):
        rule_mapping(harbor, document)
    body = asked("ortho", capture_method="web_form")
    answer = api("bp-1").post("/leads", body)
    assert answer.status_code in (200, 201, 202), answer.content
    harbor.drain()
    with harbor.scope():
        row = Submission.rows().get(external_id=body["external_id"])
        assert row.lead_id is not None
        story = [each.sentence for each in TimelineEntry.rows().filter(lead=row.lead_id)]
    lead = reload(harbor, row.lead_id)
    assert (lead.service.key, lead.exception, row.mapping_version) == ("orthopedics", "", 3)
    assert any("mapping v3" in each for each in story)
    ewa = client_as("ewa")
    assert "mapping v3" in ewa.get(f"/leads/{lead.id}/").content.decode()
    assert ask(ewa, "GET", f"/leads/{lead.id}").json()["mapping_version"] == 3


def test_a_new_version_needs_a_second_person(harbor: Tenant) -> None:
    with harbor.scope():
        now = database_now()
        rules.save_draft(
            actor=harbor.actor("cleo"), kind="mapping", key="imaging-spring", document=SVC, reason="draft", now=now
        )
    receipt = send_in(harbor, asked("ortho"), at=TUESDAY_NINE)
    row = processed(harbor, receipt, at=TUESDAY_NINE)
    assert row.mapping_version == 0
    assert reload(harbor, row.lead_id).service is None


@pytest.mark.parametrize(
    ("document", "sentence"),
    [
        ({"fields": [{"from": "x", "to": "person.shoe_size"}]}, "“x”: there is no field “person.shoe_size”."),
        ({"fields": [{"from": "a", "to": "answer", "transform": "sing"}]}, "“sing” is none of"),
        ({"fields": [{"from": "a b", "to": "answer"}, {"from": "A_B", "to": "-"}]}, "are one name"),
        ({"values": {"service": {"ortho": "orthopaedy"}}}, "“orthopaedy” is no value of service."),
        ({"values": {"message": {"a": "b"}}}, "“message” is no picklist"),
        ({"fields": [{"from": "a", "to": "person.city", "transform": "date_mdy"}]}, "A date fits a date of birth"),
    ],
)
def test_a_mapping_that_cannot_work_is_not_saved(harbor: Tenant, document: dict[str, Any], sentence: str) -> None:
    with harbor.scope(), pytest.raises(Invalid, match=sentence.replace("(", "\\(")):
        rules.save_draft(
            actor=harbor.actor("cleo"), kind="mapping", key="x", document=document, reason="r", now=database_now()
        )


@pytest.mark.row("DD-05")
@pytest.mark.parametrize("typed", ["New pt", "new-patient", "NEW", "Brand new!"])
def test_words_for_a_new_patient_become_new(typed: str) -> None:
    words = synonyms_in([{"values": {"patient_type": {"brand-new": "new"}}}])
    draft = normalise(
        {"request": {"patient_type": typed}}, region="US", services={}, locations={}, towns=[], synonyms=words
    )
    assert (draft.patient_type, draft.unmapped, draft.typed["patient_type"]) == ("new", (), typed)


@pytest.mark.row("DD-05")
def test_delivered_words_for_a_new_patient_become_new_and_free_text_becomes_nothing(
    harbor: Tenant, api: Callable[..., Api], client_as: Callable[..., Client]
) -> None:
    words, program, ewa = ("New pt", "new-patient", "NEW", "my cousin's friend"), api("bp-1"), client_as("ewa")
    found = {}
    for word in words:
        answer = program.post("/leads", inquiry(source="imaging-spring", request__patient_type=word))
        assert answer.status_code == 202, answer.content
        harbor.drain()
        outcome = program.get(answer.json()["url"].removeprefix("/api/v1")).json()
        lead = ask(ewa, "GET", f"/leads/{outcome['lead']['id']}").json()
        found[word] = (lead["patient_type"], "unmapped_value" in [each["code"] for each in outcome["reasons"]])
    assert [found[word] for word in words] == [("new", False)] * 3 + [("", True)]
    with harbor.scope():
        assert sorted(Lead.rows().values_list("patient_type", flat=True)) == ["", "new", "new", "new"]


@pytest.mark.row("DD-05")
def test_free_text_is_never_written_to_a_picklist() -> None:
    body = {
        "request": {"service": "a sore knee", "patient_type": "cousin", "timeframe": "soonish"},
        "on_behalf_of": {"first_name": "Jo", "relation": "Neighbour of hers"},
    }
    draft = normalise(body, region="US", services={}, locations={}, towns=[])
    assert (draft.service_key, draft.patient_type, draft.timeframe) == ("", "", "")
    assert draft.on_behalf_of is not None
    assert draft.on_behalf_of.relation == ""
    assert [(each.field, each.typed) for each in draft.unmapped] == [
        ("service", "a sore knee"),
        ("patient_type", "cousin"),
        ("timeframe", "soonish"),
        ("relation", "Neighbour of hers"),
    ]


@pytest.mark.parametrize(
    ("transform", "text", "becomes"),
    [
        (Transform.LOWER, " ORTHO ", "ortho"),
        (Transform.DATE_MDY, "12/31/1980", "1980-12-31"),
        (Transform.DATE_DMY, "31.12.1980", "1980-12-31"),
        (Transform.DATE_MDY, "31/12/1980", None),
        (Transform.NUMBER, "about 1,200.50 USD", "1200.50"),
        (Transform.NUMBER, "none", None),
    ],
)
def test_transforms(transform: Transform, text: str, becomes: str | None) -> None:
    assert changed(text, transform) == becomes


def test_nothing_is_lost_and_what_was_said_stands() -> None:
    document = {
        "fields": [
            {"from": "Full-Name", "to": "person.full_name", "transform": "split_name"},
            {"from": "born", "to": "person.date_of_birth", "transform": "date_mdy"},
            {"from": "svc", "to": "request.service"},
            {"from": "secret", "to": "-"},
            {"from": "shoe", "to": "custom.shoe_size"},
        ]
    }
    answers = [
        {"key": "full_name", "values": ["de la Cruz, Ana"]},
        {"key": "born", "values": ["yesterday"]},
        {"key": "svc", "values": ["ortho"]},
        {"key": "secret", "values": ["x"]},
        {"key": "shoe", "values": ["42"]},
        {"key": "new_question", "values": ["hm"]},
    ]
    body = {"request": {"service": "imaging"}, "answers": answers}
    mapped = apply_mapping(body, [document], custom={"shoe_size": "Shoe size"})
    assert mapped.body["person"] == {"first_name": "Ana", "last_name": "de la Cruz"}
    assert mapped.body["request"] == {"service": "imaging"}
    kept = {each["key"]: each["values"] for each in mapped.body["answers"]}  # type: ignore[attr-defined]
    assert kept == {
        "full_name": ["de la Cruz, Ana"],
        "born": ["yesterday"],
        "svc": ["ortho"],
        "shoe_size": ["42"],
        "new_question": ["hm"],
    }
    assert [(each.name, each.typed) for each in mapped.unknown] == [("new_question", "hm")]
    assert mapped.problems == ("“born” could not be read as a date, month first (12/31/2026).",)
