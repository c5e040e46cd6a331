"""Rows PH-01, PH-02, PH-03, PH-13 and E-13, points 1 and 2: when contact data becomes PHI, and who sees what then."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from apps.catalog.field_names import STANDARD_FIELDS
from apps.catalog.models import CustomField
from apps.catalog.terms import PrivacyClass
from apps.flows.masking import LEFT_OUT, MARKETING_SEES
from apps.leads.models import ContactPoint, Lead, Person, Touch
from apps.privacy.decisions import Crossing, PhiRule, crosses
from apps.privacy.models import PhiState
from apps.tenancy.clock import travelling
from apps.workspace.api.answers import AgencyLead
from tests.cast import Tenant
from tests.doors import ask
from tests.leads_made import TUESDAY_NINE, make_lead, reload

CROSSED = TUESDAY_NINE + timedelta(minutes=3)
#: Columns that a marketing view never sees once a lead is PHI.
HIDDEN_FROM_MARKETING = {
    *(
        "acknowledged_at",
        "appointment_type",
        "band",
        "best_time",
        "city",
        "contact_relation",
        "created_at",
        "date_of_birth",
        "first_name",
    ),
    *("erased_at", "part_of_day"),
    *("flags", "is_organization", "language", "last_activity_at", "last_name", "latitude", "lease_until", "leased_by"),
    *("longitude", "merged_into", "name_key", "number", "organization", "outreach_started_at", "ownership_started_at"),
    *("patient_type", "payer", "postal_code", "preferred_channel", "prior_values", "quality", "region", "related_to"),
    *("said_at", "service", "shares_stream_with", "stage_since", "timed_since", "timed_status", "timeframe"),
    *("workflow", "zone", "zone_by"),
}
#: What the program's answer says besides columns.
ANSWERED = {"called", "clocks", "consent", "mapping_version", "parties", "ref", "stage_label"}
#: What an agency is answered of a lead that it delivered: no name, no number, no service, no words.
AGENCY_SEES = {
    *("id", "ref", "stage", "stage_label", "status", "verdict", "reasons", "external_id", "source", "campaign"),
    *("delivered_at", "counted_as_delivered", "consent"),
}
UNNAMED = {"source": "landing-pages", "request__service": "", "request__location": ""}


def state(tenant: Tenant, lead: Lead) -> tuple[datetime, str, str] | None:
    """Return since when a lead is PHI, by which rule and field."""
    with tenant.scope():
        row = PhiState.rows().filter(subject_id=lead.id).first()
        return (row.since, row.rule, row.field) if row else None


@pytest.mark.row("PH-02")
@pytest.mark.row("PH-03")
@pytest.mark.row("PH-13")
@pytest.mark.parametrize(
    ("told", "found"),
    [
        ({"service": "", "message": "How much is it? Tell me more"}, None),
        ({"service": "diabetes", "message": "diabetes"}, Crossing(PhiRule.INTEREST, "service")),
        ({"insurance_member": "W123"}, Crossing(PhiRule.TRIGGER, "insurance_member")),
        ({"diagnosis_code": "E11.9"}, Crossing(PhiRule.TRIGGER, "diagnosis_code")),
        ({"message": "I have type 2 diabetes"}, Crossing(PhiRule.WORDS, "message")),
        ({"note": "Toma MEDICACIÓN para el corazón"}, Crossing(PhiRule.WORDS, "note")),
        ({"note": "Ms. Lopez is glad to hear from us at the campaign"}, None),
    ],
)
def test_one_fact_of_health_beside_a_person_is_phi(told: dict[str, str], found: Crossing | None) -> None:
    assert crosses(told) == found


@pytest.mark.row("PH-01")
def test_the_dictionary_names_the_class_of_each_field(harbor: Tenant, client_as: Callable[[str], Client]) -> None:
    assert STANDARD_FIELDS["utm_source"].privacy == PrivacyClass.MARKETING
    with harbor.scope():
        CustomField(key="diagnosis_code", label="Diagnosis code", privacy=PrivacyClass.PHI).save(force_insert=True)
    shown = client_as("ada").get("/admin/dictionary/").content.decode()
    row = shown[shown.index("Diagnosis code") :]
    assert ">phi<" in row[: row.index("</tr>")]


@pytest.mark.journey("E-13")
@pytest.mark.row("PH-02")
def test_a_newsletter_becomes_phi_with_a_service_and_the_marketing_view_masks(
    harbor: Tenant, client_as: Callable[[str], Client]
) -> None:
    lead = make_lead(harbor, **UNNAMED)
    cleo, name = client_as("cleo"), str(lead.person)
    assert state(harbor, lead) is None, "a name and an address alone are contact data"
    assert name in cleo.get(f"/leads/{lead.id}/").content.decode()
    assert name in cleo.get("/queue/?view=all").content.decode()
    lead = reload(harbor, lead.id)
    with travelling(to=CROSSED):
        answer = ask(client_as("ewa"), "PATCH", f"/leads/{lead.id}", {"service": "imaging", "version": lead.version})
        assert answer.status_code == 200, answer.content
    assert state(harbor, lead) == (CROSSED, "PH-R1", "service")
    with harbor.scope(), pytest.raises(DatabaseError), transaction.atomic():
        PhiState.rows().filter(subject_id=lead.id).update(rule="PH-R9")
    with travelling(to=CROSSED):
        masked = cleo.get(f"/leads/{lead.id}/")
        whole = client_as("ewa").get(f"/leads/{lead.id}/")
        listed = ask(cleo, "GET", f"/leads/{lead.id}").json()
    assert "PH-R1" in whole.content.decode()
    assert "PH-R1" not in masked.content.decode() and "Hidden from your role" in masked.content.decode()
    assert name in whole.content.decode() and set(listed) <= MARKETING_SEES
    with harbor.scope():
        values = {name, *ContactPoint.rows().filter(person=lead.person).values_list("value", flat=True)}
    pages = [masked, cleo.get("/queue/?view=all"), cleo.get(f"/people/{lead.person_id}/")]
    pages += [cleo.get(f"/leads/{lead.id}/{part}/") for part in ("background", "why")]
    shown = [each.content.decode() for each in pages] + [str(listed)]
    assert [(place, value) for value in values for place, page in enumerate(shown) if value in page] == []
    assert "Name hidden" in shown[0] and f">{lead.person.initials}<" not in shown[0] + shown[1], "nor the initials"
    assert lead.ref in shown[1] and lead.ref not in cleo.post("/search/", {"q": lead.person.last_name}).content.decode()
    told = [re.sub(r"<option[^>]*>[^<]*", "", each) for each in shown]
    assert [place for place, page in enumerate(told) if "Imaging" in page] == [], "picklists are settings, not hers"
    assert "service" not in listed
    assert cleo.get("/queue/?view=all&service=primary-care").content.decode().count(lead.ref) > 0, "no filter tells it"


@pytest.mark.row("PH-02")
def test_a_new_column_of_a_lead_or_a_person_is_classified_before_marketing_could_see_it() -> None:
    """What a marketing view is shown is a list of what is allowed; each other column is named here as hidden."""
    columns = {each.name for model in (Lead, Person) for each in model._meta.concrete_fields}
    assert columns - MARKETING_SEES - HIDDEN_FROM_MARKETING == set()
    assert set() == MARKETING_SEES & HIDDEN_FROM_MARKETING
    assert columns | ANSWERED >= MARKETING_SEES, "a name that nothing has"


@pytest.mark.row("PH-04")
def test_an_agency_is_answered_in_columns_of_its_own_delivery_alone() -> None:
    """A field that is added to an agency's answer is put on this list first; none of them is of a person or of care."""
    asked = {each.name for model in (Lead, Person) for each in model._meta.concrete_fields} & set(
        AgencyLead.model_fields
    )
    assert set(AgencyLead.model_fields) == AGENCY_SEES
    assert asked == {"id", "stage", "status", "source", "campaign"}


@pytest.mark.row("PH-03")
@pytest.mark.row("PH-13")
def test_a_member_number_or_a_word_of_health_is_enough_by_itself(
    harbor: Tenant, client_as: Callable[[str], Client]
) -> None:
    insured = make_lead(harbor, **UNNAMED, insurance={"payer": "Blue Cross", "member_id": "W9988"})
    told = make_lead(harbor, **UNNAMED, request__message="I have type 2 diabetes")
    noted = make_lead(harbor, **UNNAMED)
    assert state(harbor, insured) == (TUESDAY_NINE, "PH-R2", "insurance_member")
    assert state(harbor, told) == (TUESDAY_NINE, "PH-R3", "message")
    assert state(harbor, noted) is None
    with travelling(to=CROSSED):
        said = {"text": "She asked about her insulin"}
        assert ask(client_as("ewa"), "POST", f"/leads/{noted.id}/notes", said).status_code == 201
        assert ask(client_as("ewa"), "POST", f"/leads/{told.id}/notes", said).status_code == 201
    assert state(harbor, noted) == (CROSSED, "PH-R3", "note")
    assert state(harbor, told) == (TUESDAY_NINE, "PH-R3", "message"), "the first moment stays"


@pytest.mark.row("PH-10")
def test_a_member_number_is_not_collected_before_a_conversation(
    harbor: Tenant, client_as: Callable[[str], Client]
) -> None:
    lead = make_lead(harbor, **UNNAMED)
    ewa, path = client_as("ewa"), f"/leads/{lead.id}"
    with travelling(to=CROSSED):
        early = ask(ewa, "PATCH", path, {"insurance_member": "W9988", "version": lead.version})
        form = ewa.get(f"{path}/edit/").content.decode()
        typed = ewa.post(f"{path}/edit/", {"insurance_member": "W9988", "version": lead.version}).content.decode()
    assert early.status_code == 422, early.content
    assert [(each["pointer"], each["detail"]) for each in early.json()["errors"]] == [
        ("/insurance_member", "Not collected at this step.")
    ]
    assert 'name="insurance_member"' not in form and 'name="payer"' in form
    assert "Not collected at this step." in typed and state(harbor, lead) is None
    talked = make_lead(harbor)
    assert talked.owner is not None
    owner, path = client_as(talked.owner.user.email.partition("@")[0]), f"/leads/{talked.id}"
    call = {"kind": "call", "outcome": "connected", "next_action_at": "2026-12-02T16:00:00Z"}
    with travelling(to=CROSSED):
        assert ask(owner, "POST", f"{path}/activities", call).status_code == 201
        talked = reload(harbor, talked.id)
        assert 'name="insurance_member"' in owner.get(f"{path}/edit/").content.decode()
        later = ask(owner, "PATCH", path, {"insurance_member": "W9988", "version": talked.version})
        assert later.status_code == 200, later.content
        whole = owner.get(f"{path}/").content.decode()
        assert "••••88" in whole and "W9988" not in whole


@pytest.mark.row("PH-05")
def test_what_somebody_searched_for_is_not_kept_where_marketing_reads(
    harbor: Tenant, client_as: Callable[[str], Client]
) -> None:
    page = "https://harbor.example/visit"
    told = {"keyword": "mri near me", "utm_source": "google", "referrer": "https://find.example/depression?q=insulin"}
    lead = make_lead(harbor, **UNNAMED, attribution={**told, "landing_page": f"{page}?q=type+2+diabetes"})
    with harbor.scope():
        kept = Touch.rows().get(lead=lead).attribution
        everything = str(list(Touch.rows().values()))
    assert (kept["landing_page"], kept["utm_source"], kept["keyword"]) == (page, "google", "mri near me")
    assert kept["referrer"] == LEFT_OUT
    shown = client_as("cleo").get(f"/leads/{lead.id}/background/").content.decode()
    assert not [word for word in ("insulin", "depression", "diabetes") if word in everything + shown]
