"""The data dictionary: every field from the live set-up, names apart from one another, one set of labels."""

import csv
import io
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.catalog.actions import save_campaign, save_custom_field
from apps.catalog.field_names import STANDARD_FIELDS, near_duplicate
from apps.catalog.models import Campaign, CustomField
from apps.onboarding.file.applying import apply
from apps.onboarding.file.exporting import export
from apps.onboarding.file.schema_catalog import CustomFieldPart, FieldKeepingPart
from apps.tenancy.errors import Invalid
from tests.capture.forms_made import DERM, publish_in_builder, question, save_in_builder
from tests.cast import Tenant
from tests.rows.test_service_menu import sheet

PATH, FIELDS, KEEPING = "/admin/dictionary/", "/admin/catalog/customfield/", "/admin/catalog/fieldkeeping/"


@pytest.mark.row("DD-01")
def test_podiatry_stands_in_the_dictionary_at_once(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    cleo = client_as("cleo")
    before = cleo.get(PATH).content.decode()
    assert "Podiatry" not in before
    for words in ("Appointment scheduled", "every editor who sees the lead", "Central Intake", "owning team alone"):
        assert words.lower() in before.lower(), words
    new = sheet(harbor, "podiatry", "Podiatry", effective_on="2026-11-01")
    assert cleo.post("/admin/catalog/service/add/", new).status_code == 302
    assert "Podiatry" in cleo.get(PATH).content.decode()
    found = cleo.get(PATH, {"q": "podiatry"}).content.decode()
    assert "<code>service</code>" in found
    assert "<code>phone</code>" not in found


@pytest.mark.row("DD-01")
def test_maintainer_and_retention_are_what_the_admin_says(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    cleo = client_as("cleo")

    def entry(name: str) -> tuple[str, str]:
        rows = csv.DictReader(io.StringIO(cleo.get("/admin/dictionary.csv").content.decode("utf-8-sig")))
        return next((row["maintained by"], row["kept"]) for row in rows if row["name"] == name)

    assert entry("payer") == ("the lead's owning team", "as long as the lead")
    with harbor.scope():
        team = harbor.team("scheduling")
    said = {"field": "payer", "team": team.id, "kept_months": 24, "note": "Counsel, 2026", "is_active": "on"}
    assert cleo.post(f"{KEEPING}add/", said).status_code == 302
    assert entry("payer") == ("Scheduling", "2 years after the lead is closed (Counsel, 2026)")
    assert "2 years after the lead is closed" in cleo.get(PATH, {"q": "payer counsel"}).content.decode()
    assert cleo.post(f"{KEEPING}add/", {"field": "message", "kept_months": 18, "is_active": "on"}).status_code == 302
    assert entry("message") == ("the lead's owning team", "18 months after the lead is closed, sealed")
    for wrong in ({"field": "shoe"}, {"field": "city", "kept_months": 0}, {"field": "payer"}):
        answer = cleo.post(f"{KEEPING}add/", wrong | {"is_active": "on"})
        assert answer.status_code in (200, 422) and "error" in answer.content.decode(), wrong
    with harbor.scope():
        file = export()
        kept = {each.field: (each.team, each.kept_months, each.note) for each in file.field_keeping or ()}
    assert {key: kept[key] for key in ("payer", "message")} == {
        "payer": ("scheduling", 24, "Counsel, 2026"),
        "message": (None, 18, ""),
    }
    apply(file.model_copy(update={"field_keeping": (FieldKeepingPart(field="city", kept_months=6),)}))
    assert entry("payer")[1] == "as long as the lead" and entry("city")[1] == "6 months after the lead is closed"


@pytest.mark.row("DD-02")
def test_the_tag_of_call_tracking_is_listed_with_its_field(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    page = client_as("cleo").get(PATH, {"q": "ct_loc"}).content.decode()
    assert "ct_loc (every source, mapping v1)" in page
    assert "<code>location</code>" in page
    everything = client_as("cleo").get(PATH).content.decode()
    assert "form “" in everything
    assert "API, imports" in everything


@pytest.mark.row("DD-01")
@pytest.mark.row("DD-02")
def test_a_form_is_named_at_what_it_asks_and_nowhere_else(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    admin, slug, title = client_as("ada"), f"{harbor.slug}-short", "Ask us shortly"

    def origins(name: str) -> str:
        rows = csv.DictReader(io.StringIO(admin.get("/admin/dictionary.csv").content.decode("utf-8-sig")))
        return next((row["comes from"] for row in rows if row["name"] == name), "")

    asked = question("occupation", "choice", "eligibility", label="Occupation", criterion="F-4", choices="a | Nurse\nb")
    few = [each for each in DERM if each["kind"] in ("service", "contact", "consent")]
    save_in_builder(admin, harbor, slug, [*few, asked], title=title)
    assert title not in origins("service") and origins("occupation") == "", "not on the net yet"
    assert "is published" in publish_in_builder(admin, harbor, slug)
    for name in ("service", "phone", "consent_text", "consent_any", "occupation"):
        assert f"form “{title}”" in origins(name), name
    for name in ("location", "patient_type", "postal_code", "message", "payer", "best_time"):
        assert title not in origins(name), name
    page = admin.get(PATH, {"q": "occupation nurse"}).content.decode()
    assert "<code>occupation</code>" in page and "Judged by F-4." in page and "Nurse, b" in page
    save_in_builder(admin, harbor, slug, few, title=title)
    assert title in origins("occupation"), "people are asked until it is published again"
    with CaptureQueriesContext(connection) as before:
        admin.get(PATH)
    save_in_builder(admin, harbor, f"{slug}-2", [*DERM, asked], title="Ask us at length")
    publish_in_builder(admin, harbor, f"{slug}-2")
    with CaptureQueriesContext(connection) as after:
        assert "Ask us at length" in admin.get(PATH, {"q": "occupation"}).content.decode()
    assert len(after) == len(before)


@pytest.mark.row("DD-01")
def test_the_file_holds_no_formula(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    with harbor.scope():
        values = {"label": "Badge", "meaning": "=1+1", "origin": "Event form"}
        save_custom_field(actor=harbor.system, key="badge", values=values)
    answer = client_as("cleo").get("/admin/dictionary.csv", {"q": "badge"})
    (row,) = csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert (row["name"], row["meaning"], row["comes from"]) == ("badge", "'=1+1", "Event form")


@pytest.mark.row("DD-12")
def test_a_name_that_is_nearly_another_is_blocked_with_a_pointer(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    cleo = client_as("cleo")
    fields = {"key": "service_line", "label": "Line of service", "kind": "text", "privacy": "plain", "is_active": "on"}
    assert cleo.post(f"{FIELDS}add/", fields).status_code == 302
    answer = cleo.post(f"{FIELDS}add/", {**fields, "key": "line", "label": "Service Line"})
    assert answer.status_code == 422
    assert "is nearly the field “Line of service” (service_line)" in answer.content.decode()
    with harbor.scope():
        assert list(CustomField.rows().values_list("key", flat=True)) == ["service_line"]
        with pytest.raises(Invalid, match="is nearly the field “Patient type”"):
            save_custom_field(actor=harbor.system, key="patient-types", values={"label": "Kind of patient"})


@pytest.mark.parametrize(
    ("name", "twin"),
    [
        ("Service Line", "service_line"),
        ("service-lines", "service_line"),
        ("Postalcode", "postal_code"),
        ("Prefered language", "preferred_language"),
        ("Shoe size", ""),
        ("Line", ""),
        ("", ""),
    ],
)
def test_near_names(name: str, twin: str) -> None:
    known = {"service_line": "Line of service", **{key: each.label for key, each in STANDARD_FIELDS.items()}}
    assert near_duplicate(name, known) == twin


@pytest.mark.row("DD-11")
def test_a_campaign_takes_the_services_of_leads_and_no_other(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    cleo = client_as("cleo")
    form = {"key": "spring", "name": "Spring", "scope": "", "services": "podology"}
    answer = cleo.post("/admin/catalog/campaign/add/", form)
    assert answer.status_code == 200
    assert "podology is not one of the available choices" in answer.content.decode()
    assert cleo.post("/admin/catalog/campaign/add/", {**form, "services": "imaging"}).status_code == 302
    with harbor.scope():
        assert Campaign.rows().get(key="spring").services == ["imaging"]
        with pytest.raises(Invalid, match="is no service"):
            save_campaign(actor=harbor.system, key="x", values={"name": "X", "services": ["Imaging!"]})


def test_own_fields_and_mappings_are_in_the_tenant_file(harbor: Tenant) -> None:
    with harbor.scope():
        save_custom_field(actor=harbor.system, key="badge", values={"label": "Badge"})
        file = export()
    assert file.rules is not None
    own = {"web-ortho": {"values": {"service": {"joints": "orthopedics"}}}}
    more = CustomFieldPart(key="shoe-size", label="Shoe size", picklist=())
    changed: dict[str, Any] = {"custom_fields": (*(file.custom_fields or ()), more)}
    changed["rules"] = file.rules.model_copy(update={"mappings": own})
    apply(file.model_copy(update=changed))
    with harbor.scope():
        file = export()
    assert file.rules is not None
    assert file.rules.mappings == own
    assert [each.key for each in file.custom_fields or ()] == ["badge", "shoe-size"]
    assert file.rules.mapping is not None
    assert file.rules.mapping["fields"][0] == {"from": "ct_loc", "to": "request.location"}
