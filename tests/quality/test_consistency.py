"""What a person told us is compared with itself and with the catalog: flag, lower quality, screening task."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.leads.models import Task
from apps.qualification.consistency import (
    Offer,
    ServiceWords,
    Told,
    check_document,
    default_quality_rules,
    flags_of,
    quality_of,
    stale_after_days,
)
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, consent, make_lead, reload

OFFER = Offer(
    {
        "dermatology": ServiceWords("Dermatology", ("dermatology", "skin", "rash")),
        "imaging": ServiceWords("Imaging", ("imaging", "MRI"), "diagnostic"),
        "orthopedics": ServiceWords("Orthopedics", ("knee", "joint pain")),
        "bariatrics": ServiceWords("Bariatrics", ("weight loss",), min_age=18, max_age=70),
    },
    {"elm-st": "Elm St", "oak-park": "Oak Park"},
    {"elm-st": {"imaging"}, "oak-park": {"dermatology"}},
)


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (Told("dermatology", reason="knee MRI"), ["service_reason"]),
        (Told("dermatology", reason="rash on the knee"), []),
        (Told("dermatology", message="I need an MRI"), ["service_message"]),
        (Told("imaging", reason="knee MRI", message="my knee hurts"), []),
        (Told("imaging", message="a rash"), []),
        (Told("", reason="knee MRI"), []),
        (Told("dermatology", "elm-st"), ["location_offer"]),
        (Told("dermatology", "oak-park"), []),
        (Told("bariatrics", age=17), ["age_limit"]),
        (Told("bariatrics", age=71), ["age_limit"]),
        (Told("bariatrics", age=18), []),
        (Told(timeframe="later", message="It is urgent!"), ["timeframe_message"]),
        (Told(timeframe="later", message="It is not urgent"), []),
        (Told(timeframe="asap", message="Sin prisa, gracias"), ["timeframe_message"]),
        (Told(patient_type="new", message="I am an existing patient"), ["patient_type_message"]),
        (Told(patient_type="established", message="My first visit"), ["patient_type_message"]),
    ],
)
def test_what_disagrees_is_flagged(told: Told, expected: list[str]) -> None:
    flags = flags_of(told, OFFER, default_quality_rules())
    assert [each.check for each in flags] == expected
    assert quality_of(flags) == 100 - sum(each.lowers for each in flags)


def test_a_tenant_says_which_checks_are_made_and_what_they_take() -> None:
    told = Told("dermatology", "elm-st", reason="knee MRI")
    rules: dict[str, Any] = {
        "stale_after_days": 90,
        "checks": [
            {"id": "a", "check": "service_reason", "lowers": 80, "meaning": "m", "is_active": False},
            {"id": "b", "check": "location_offer", "lowers": 80, "meaning": "m"},
        ],
    }
    assert [each.check for each in flags_of(told, OFFER, rules)] == ["location_offer"]
    assert stale_after_days(rules) == 90 and stale_after_days({}) == 180


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"stale_after_days": 0}, "/stale_after_days"),
        ({"checks": [{"id": "a", "check": "smell", "lowers": 1, "meaning": "m"}]}, "/checks/0/check"),
        ({"checks": [{"id": "a", "check": "age_limit", "lowers": 101, "meaning": "m"}]}, "/checks/0/lowers"),
        ({"checks": [{"id": "a", "check": "age_limit", "lowers": 1}]}, "/checks/0/meaning"),
        ({"staleness": 3}, "/staleness"),
    ],
)
def test_a_document_that_cannot_work_is_named(document: dict[str, Any], path: str) -> None:
    assert [each.path for each in check_document(document, {}, None)] == [path]  # type: ignore[arg-type]


def test_the_default_document_is_sound() -> None:
    assert check_document(default_quality_rules(), {}, None) == []  # type: ignore[arg-type]


@pytest.mark.row("VQ-10")
def test_a_referral_for_a_knee_mri_to_dermatology_is_flagged_and_screened(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    lead = make_lead(
        harbor,
        source="referral",
        capture_method="referral",
        request__service="dermatology",
        request__location="oak-park",
        referral={"organization": "Dr Kim's office", "reason": "knee MRI", "contact_phone": "+13125550177"},
    )
    sentence = "Service Dermatology, but the referral&#x27;s reason speaks of Imaging and Orthopedics."
    assert lead.quality == 75
    page = client_as("ewa").get(f"/leads/{lead.id}/").content.decode()
    assert sentence in page and "75 of 100" in page
    with harbor.scope():
        task = Task.rows().get(lead=lead, kind="screening")
        assert task.state == "open" and "Imaging" in task.title
    # The service is corrected with a transfer: the flag goes, the quality is whole, the task ends by itself.
    sent = {"team": "ortho-intake", "reason": "Asked for a knee", "service": "orthopedics"}
    owner = {"care-coordination": "ivy", "oak-calls": "ola"}[lead.owner_team.key]
    answer = client_as(owner).post(f"/leads/{lead.id}/transfer/", sent)
    assert answer.status_code == 303, answer.content.decode()
    again = reload(harbor, lead.id)
    assert (again.quality, again.flags) == (100, [])
    with harbor.scope():
        assert not Task.rows().filter(lead=lead, kind="screening", state="open").exists()


def test_an_edit_that_disagrees_with_the_message_is_flagged_at_once(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    lead = make_lead(harbor, request__message="I am an existing patient", request__patient_type="established")
    assert lead.flags == []
    with travelling(to=TUESDAY_NINE):
        client_as("lena").post(f"/leads/{lead.id}/edit/", {"patient_type": "new", "version": lead.version})
    found = reload(harbor, lead.id)
    assert [each["check"] for each in found.flags] == ["patient_type_message"] and found.quality == 90
    with harbor.scope():
        assert Task.rows().filter(lead=lead, kind="screening", state="open").count() == 1


@pytest.mark.row("VQ-11")
def test_completeness_for_the_next_stage_is_a_percent_and_a_list(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    lead = make_lead(harbor, consent=[consent("call")])
    ana, ewa = client_as("ana"), client_as("ewa")
    with travelling(to=TUESDAY_NINE + timedelta(minutes=5)):
        sent = {"channels": ["call", "text", "email"], "source": "spoken"}
        assert ana.post(f"/leads/{lead.id}/opt-out/", sent).status_code == 303
        page = ewa.get(f"/leads/{lead.id}/").content.decode()
        shown = ewa.get(f"/api/v1/leads/{lead.id}").json()["quality"]
    assert "75 % of what Qualified asks for (3 of 4): consent missing" in page
    assert shown["completeness"] == {"stage": "qualified", "percent": 75, "missing": ["consent missing"]}
