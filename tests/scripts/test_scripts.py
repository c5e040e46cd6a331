"""Scripts of calls and chats: every question is bound to a field, and its answer is written there."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.capture.scripts import check_document, script_for, with_catalog
from apps.catalog.models import Service
from apps.leads.models import Lead
from apps.policies import actions as rules
from apps.policies.terms import Known
from apps.tenancy.errors import Invalid
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead, reload

WHO: dict[str, Any] = {
    "id": "S-1",
    "ask": "Have you been here before?",
    "fills": "patient_type",
    "answers": {"existing patient": "established", "first visit": "new"},
}
SCRIPT: dict[str, Any] = {"id": "CALL-1", "name": "First call", "meaning": "m", "questions": [WHO]}


@pytest.mark.row("DD-13")
def test_the_answer_existing_patient_writes_patient_type_established(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    lead = make_lead(harbor, source="web-imaging", request__patient_type="new", person__first_name="Grace")
    ana = client_as("ana")
    path = f"/leads/{lead.id}/"
    for page in (path, f"{path}log-call/"):
        shown = ana.get(page).content.decode()
        assert "Have you been here before?" in shown and ">existing patient</option>" in shown
    answers = {"answer-S-1": "existing patient", "answer-S-4": "Aetna", "answer-S-2": "", "back": "call"}
    done = ana.post(f"{path}script/", answers)
    assert (done.status_code, done["Location"]) == (303, f"{path}log-call/")
    after = reload(harbor, lead.id)
    assert (after.patient_type, after.payer, after.timeframe) == ("established", "Aetna", lead.timeframe)
    assert "Changed: patient type, payer." in ana.get(path).content.decode()
    ana.post(f"{path}script/", {"answer-S-1": "sometimes"})
    assert "“sometimes” is no answer to" in ana.get(path).content.decode()
    assert reload(harbor, lead.id).patient_type == "established"
    assert client_as("ben").post(f"{path}script/", {"answer-S-1": "first visit"}).status_code == 403
    assert reload(harbor, lead.id).patient_type == "established"


@pytest.mark.row("DD-13")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"fills": ""}, "unbound"),
        ({"fills": "shoe_size"}, "unbound"),
        ({"answers": {}}, "answers_missing"),
        ({"answers": {"yes": "sometimes"}}, "unknown_value"),
        ({"answers": {"?": "new"}}, "no_word"),
        ({"ask": " "}, "question_missing"),
        ({"id": ""}, "id_missing"),
        ({"hint": "x"}, "unknown_key"),
    ],
)
def test_a_question_that_fills_nothing_is_refused(change: dict[str, Any], code: str) -> None:
    assert check_document({"scripts": [SCRIPT]}, {}, Known()) == []
    wrong = {"scripts": [{**SCRIPT, "questions": [WHO | change]}]}
    assert [each.code for each in check_document(wrong, {}, Known())] == [code]


@pytest.mark.row("DD-08")
def test_a_question_without_answers_offers_the_services_of_now(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    lead = make_lead(harbor, source="web-imaging")
    ana, path = client_as("ana"), f"/leads/{lead.id}/"
    with harbor.scope():
        Service.rows().filter(key="cosmetic").update(is_active=False)
    shown = ana.get(path).content.decode()
    assert '<option value="dermatology">Dermatology</option>' in shown and 'value="cosmetic"' not in shown
    ana.post(f"{path}script/", {"answer-S-5": "cosmetic"})
    assert "“cosmetic” is no answer to" in ana.get(path).content.decode()
    ana.post(f"{path}script/", {"answer-S-5": "orthopedics"})
    with harbor.scope():
        assert Lead.rows().get(id=lead.id, service__key="orthopedics")


def test_only_questions_of_the_catalog_may_leave_their_answers_out() -> None:
    asked = {"id": "S-2", "ask": "What for?", "fills": "service"}
    questions = [asked, asked | {"id": "S-3", "fills": "location"}]
    open_ones: dict[str, Any] = {"scripts": [{**SCRIPT, "questions": questions}]}
    assert check_document(open_ones, {}, Known()) == []
    script = script_for(open_ones, channel="call", service="")
    assert script is not None
    names = {"service": {"mri": "Imaging", "ct": "imaging", "derm": "Dermatology"}, "location": {}}
    service, location = with_catalog(script, names).questions
    assert service.choices == (("derm", "Dermatology"), ("ct", "imaging (ct)"), ("mri", "Imaging (mri)"))
    assert [service.value_of(said) for said in ("derm", "dermatology", "Imaging (mri)", "imaging", "knee")] == [
        *("derm", "derm", "mri"),
        *(None, None),
    ]
    assert location.value_of("anything") is None


def test_a_draft_with_an_unbound_question_is_not_saved(harbor: Tenant) -> None:
    document = {"scripts": [{**SCRIPT, "questions": [WHO | {"fills": ""}]}]}
    with harbor.scope(), pytest.raises(Invalid, match="fills no field"):
        rules.save_draft(actor=harbor.actor("cleo"), kind="scripts", document=document, reason="x", now=TUESDAY_NINE)


def test_the_first_script_for_channel_and_service_is_taken() -> None:
    ortho = {**SCRIPT, "id": "CALL-2", "channels": ["call"], "services": ["orthopedics"]}
    document = {"scripts": [{**ortho, "is_active": False, "id": "CALL-0"}, ortho, SCRIPT]}
    assert [script_for(document, channel=c, service=s).id for c, s in (("call", "orthopedics"), ("chat", ""))] == [
        "CALL-2",
        "CALL-1",
    ]
    assert script_for({}, channel="call", service="") is None
