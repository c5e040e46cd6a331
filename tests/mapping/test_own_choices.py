"""Choice fields of the tenant's own: a value of the choice or nothing, and a meaning for what nobody knew (DD-05)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.capture.choices import choice_words, picked_answers
from apps.capture.models import Submission
from apps.capture.terms import Answer
from apps.catalog.actions import save_custom_field
from apps.catalog.models import CustomField, UnmappedWord
from apps.flows.unmapped import map_word
from apps.leads.models import Lead
from apps.onboarding.file.applying import apply
from apps.onboarding.file.exporting import export
from apps.policies import actions as rules
from apps.privacy.models import HealthDetail
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Invalid
from apps.tenancy.sealing import unseal
from tests.capture.forms_made import DERM, publish_in_builder, question, save_in_builder, send_form
from tests.cast import Tenant
from tests.doors import Api
from tests.leads_made import TUESDAY_NINE, inquiry
from tests.mapping.test_mapping import rule_mapping

FIELD = "/admin/catalog/customfield/"


def job(harbor: Tenant, **changes: Any) -> CustomField:
    """Let the tenant have a field of its own for what the person works as."""
    values = {
        "label": "Works as",
        "kind": "choice",
        "picklist": ["Nurse", "Physician"],
        "synonyms": {"Nurse": ["RN", "registered nurse"]},
        **changes,
    }
    with harbor.scope():
        return save_custom_field(actor=harbor.system, key="job", values=values).row


def answering(*words: str, **changes: Any) -> dict[str, Any]:
    """Return an inquiry that answers the field."""
    answers = [{"key": "job", "question": "Works as", "values": list(words)}]
    return inquiry(source="imaging-spring", answers=answers, **changes)


def kept(harbor: Tenant, lead_id: Any) -> list[str]:
    """Return what stands in the lead's answers, in the order it was kept."""
    with harbor.scope():
        rows = HealthDetail.rows().filter(subject_id=lead_id, kind="answers").order_by("created_at", "id")
        return [
            unseal(
                bytes(row.sealed),
                organization_id=harbor.organization_id,
                row_id=row.id,
                column="privacy_healthdetail.sealed",
            ).decode()
            for row in rows
        ]


def delivered(harbor: Tenant, program: Api, body: dict[str, Any]) -> Submission:
    """Deliver by API and let the worker work."""
    answer = program.post("/leads", body)
    assert answer.status_code == 202, answer.content
    harbor.drain()
    with harbor.scope():
        return Submission.rows().get(id=answer.json()["id"])


@pytest.mark.row("DD-05")
def test_a_choice_of_the_tenants_own_holds_its_values_and_never_free_text(
    harbor: Tenant, api: Callable[..., Api], client_as: Callable[..., Client]
) -> None:
    job(harbor)
    program, cleo = api("bp-1"), client_as("cleo")
    for word in ("Nurse", " nurse ", "rn.", "Registered-Nurse"):
        row = delivered(harbor, program, answering(word))
        assert kept(harbor, row.lead_id) == ["Works as: Nurse"], word
    row = delivered(harbor, program, answering("keeps bees", "physician"))
    assert kept(harbor, row.lead_id) == ["Works as: Physician"]
    assert ("unmapped_value", "/answers/job") in [(each["code"], each.get("pointer")) for each in row.reasons]
    with harbor.scope():
        assert Lead.rows().get(id=row.lead_id).exception == "", "it decides no way: a note, as with a timeframe"
    other = delivered(harbor, program, answering("keeps bees"))
    assert kept(harbor, other.lead_id) == []
    raw = client_as("ewa").get(f"/leads/{other.lead_id}/background/").content.decode()
    assert "keeps bees" in raw, "what was sent stays readable"
    inbox = cleo.get("/admin/unmapped/").content.decode()
    assert "“keeps bees”" in inbox and "Works as" in inbox and '<option value="Physician">' in inbox
    with harbor.scope():
        word = UnmappedWord.rows().get()
    assert (word.field, word.typed) == ("job", "keeps bees")
    cleo.post("/admin/unmapped/", {"word": str(word.id), "means": "Nurse", "where": "catalog"})
    harbor.drain()
    assert kept(harbor, other.lead_id) == ["Works as: Nurse"]
    assert kept(harbor, row.lead_id) == ["Works as: Physician", "Works as: Nurse, Physician"]
    assert "Nothing waits" in cleo.get("/admin/unmapped/").content.decode()
    assert "Nurse = RN, registered nurse, keeps bees" in cleo.get(f"{FIELD}{job_id(harbor)}/change/").content.decode()
    again = delivered(harbor, program, answering("Keeps  Bees"))
    assert kept(harbor, again.lead_id) == ["Works as: Nurse"]


def job_id(harbor: Tenant) -> Any:
    """Return the field's id."""
    with harbor.scope():
        return CustomField.rows().get(key="job").id


@pytest.mark.row("DD-05")
def test_words_for_a_choice_are_said_in_admin_in_the_file_and_for_one_source(
    harbor: Tenant, api: Callable[..., Api], client_as: Callable[..., Client]
) -> None:
    row, cleo, program = job(harbor, synonyms={}), client_as("cleo"), api("bp-1")
    form = {"label": "Works as", "kind": "choice", "picklist": "Nurse,Physician", "privacy": "plain", "is_active": "on"}
    path = f"{FIELD}{row.id}/change/"
    wrong = cleo.post(path, {**form, "synonyms": "Baker = bread"}).content.decode()
    assert "“Baker” is none of the field" in wrong
    twice = cleo.post(path, {**form, "synonyms": "Nurse = helper\nPhysician = Helper"}).content.decode()
    assert "means Nurse and Physician" in twice
    assert "write a value, “=”, and its words" in cleo.post(path, {**form, "synonyms": "RN"}).content.decode()
    waits = delivered(harbor, program, answering("MD"))
    assert cleo.post(path, {**form, "synonyms": "Physician = MD, doctor\n"}).status_code == 302
    harbor.drain()
    assert kept(harbor, waits.lead_id) == ["Works as: Physician"], "a new word is looked for among those that wait"
    with harbor.scope():
        file = export()
    (part,) = file.custom_fields or ()
    assert part.synonyms == {"Physician": ["MD", "doctor"]}
    more = part.model_copy(update={"synonyms": {"Nurse": ["Nr"], "Physician": ["MD"]}})
    apply(file.model_copy(update={"custom_fields": (more,)}))
    with harbor.scope():
        assert CustomField.rows().get(key="job").synonyms == {"Nurse": ["Nr"], "Physician": ["MD"]}
    rule_mapping(harbor, {"values": {"job": {"2": "Physician"}}})
    assert kept(harbor, delivered(harbor, program, answering("2")).lead_id) == ["Works as: Physician"]
    with harbor.scope(), pytest.raises(Invalid, match="“Baker” is no value of job"):
        values = {"values": {"job": {"3": "Baker"}}}
        rules.save_draft(
            actor=harbor.actor("cleo"), kind="mapping", key="x", document=values, reason="r", now=database_now()
        )


@pytest.mark.row("DD-05")
def test_a_form_and_a_mapped_name_bring_a_choice_by_the_same_rule(
    harbor: Tenant, api: Callable[..., Api], client_as: Callable[..., Client], client: Client
) -> None:
    job(harbor)
    rule_mapping(harbor, {"fields": [{"from": "Beruf", "to": "custom.job"}]})
    body = inquiry(source="imaging-spring", answers=[{"key": "beruf", "values": ["baker"]}])
    row = delivered(harbor, api("bp-1"), body)
    assert kept(harbor, row.lead_id) == []
    with harbor.scope():
        word = UnmappedWord.rows().get()
        assert (word.field, word.name) == ("job", "Beruf")
        now, cleo = database_now(), harbor.actor("cleo")
        draft = map_word(actor=cleo, word_id=word.id, means="Nurse", where="source", now=now)
        assert draft is not None
        rules.approve(actor=harbor.actor("dev"), version_id=draft.id, now=now)
    harbor.drain()
    assert kept(harbor, row.lead_id) == ["Works as: Nurse"]
    admin, slug = client_as("ada"), f"{harbor.slug}-job"
    asked = question("job", "choice", "eligibility", label="Works as", choices="n | Registered nurse\nb | Beekeeper")
    save_in_builder(admin, harbor, slug, [*DERM, asked], title="Ask")
    page = publish_in_builder(admin, harbor, slug)
    assert "“Beekeeper” is no value of the field “job”" in page and "“Registered nurse” is no value" not in page
    values = {"first_name": "Ida", "last_name": "Roe", "phone": "(312) 555-0163", "service": "dermatology"}
    for chosen, text in (("n", ["Works as: Nurse"]), ("b", [])):
        fields = {**values, "phone": f"(312) 555-0{ord(chosen) + 10}", "q_job": chosen}
        assert send_form(client, f"/f/{slug}/", fields, TUESDAY_NINE).status_code == 303
        harbor.drain(TUESDAY_NINE + timedelta(minutes=1))
        with harbor.scope():
            last = Submission.rows().filter(source__key="web-derm").latest("id")
        assert kept(harbor, last.lead_id) == text


@pytest.mark.row("DD-05")
@pytest.mark.parametrize(
    ("typed", "value"),
    [("a+", "A+"), ("A-", "A-"), ("A", ""), ("zero", "0"), ("ZÉRO", "0"), ("0", "0"), ("minus", "A-"), ("x" * 200, "")],
)
def test_signs_tell_values_apart_and_a_word_for_two_says_neither(typed: str, value: str) -> None:
    words = {"blood": choice_words({"A+": "A+", "A-": "A-", "0": "0", "zero": "0"})}
    answers = [Answer("Blood", "Blood?", (typed,)), Answer("free", "", ("as it came",))]
    kept, unknown = picked_answers(answers, words, {"blood": {"minus": "A-", "zero": "B"}})
    assert [each.values for each in kept if each.key == "blood"] == ([(value,)] if value else [])
    assert kept[-1].values == ("as it came",)
    assert [each.field for each in unknown] == ([] if value else ["blood"])
