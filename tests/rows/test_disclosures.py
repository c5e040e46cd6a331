"""What leaves about a person goes by an approved connector and is written down (row PH-06)."""

import pytest
from django.db import DatabaseError, connection

from apps.catalog.models import OutsideSystem
from apps.flows.adapters import NotTold, adapters
from apps.privacy.disclosures import Disclosure
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.arranging import ask, change_rules, page
from tests.rows.test_outside_updates import SOON, Tool, tell_both
from tests.rows.test_stages import CONNECTED, VISIT

NINE = (
    *("first_name", "last_name", "phone", "email", "postal_code"),
    *("preferred_language", "service", "location", "patient_type"),
)


def set_up(harbor, client_as, key, name, fields, **more):
    """Set a system up in the admin as a webhook that hears these fields."""
    with harbor.scope():
        pk = OutsideSystem.rows().get(key=key).pk
    body = {"name": name, "adapter": "webhook", "address": f"https://{key}.example/hook", "secret": "s" * 20}
    body |= {"is_active": "on", "purpose": "care", "fields_heard": fields, **more}
    return client_as("ada").post(f"/admin/catalog/outsidesystem/{pk}/change/", body)


def book(harbor, client_as):
    """Book a visit for a new lead, of which both systems are told; return the lead."""
    change_rules(harbor, client_as, "gates", tell_both)
    lead = make_lead(
        harbor, person__email="maria@lopez.example", person__postal_code="60601", request__patient_type="new"
    )
    owner = client_as(lead.owner.user.email.partition("@")[0])
    assert ask(owner, "POST", f"/leads/{lead.id}/activities", CONNECTED, at=SOON).status_code == 201
    assert ask(owner, "POST", f"/leads/{lead.id}/appointments", VISIT, at=SOON).status_code == 201
    return lead


@pytest.mark.row("PH-06")
def test_a_push_to_the_ehr_is_kept_with_nine_field_names_the_connector_and_the_job(harbor, client_as):
    assert set_up(harbor, client_as, "ehr", "EHR", list(NINE)).status_code == 302
    assert set_up(harbor, client_as, "ma-tool", "MA tool", []).status_code == 302
    lead = book(harbor, client_as)
    tool = Tool("id-1", "id-2")
    with adapters(webhook=tool):
        harbor.drain(SOON)
    bodies = {each.address: each.body for each in tool.heard}
    assert set(bodies["https://ehr.example/hook"]["fields"]) == set(NINE)
    assert "fields" not in bodies["https://ma-tool.example/hook"], "a system without fields hears the stage alone"
    shown = page(
        client_as("dev"), "/compliance/disclosures/?to=EHR+%28ehr%29&since=2026-12-01&until=2026-12-01", at=SOON
    )
    assert ", ".join(NINE) in shown and "EHR (ehr)" in shown and "job outside.tell" in shown
    assert "Lopez" not in shown.partition("<main")[2]
    with harbor.scope():
        kept = Disclosure.rows().get(recipient="EHR (ehr)")
        assert (kept.lead_id, kept.fields, kept.outcome) == (lead.id, [*NINE, "reference", "stage"], "confirmed")
        assert kept.because.startswith("care: ")
    for verb in ("DELETE FROM privacy_disclosure", "UPDATE privacy_disclosure SET fields = '[]'"):
        with pytest.raises(DatabaseError), harbor.scope(), connection.cursor() as cursor:
            cursor.execute(verb)


@pytest.mark.row("PH-06")
@pytest.mark.row("AU-07")
def test_what_is_not_confirmed_is_kept_too_and_no_system_hears_what_is_not_recorded_for_it(harbor, client_as):
    refused = set_up(harbor, client_as, "ma-tool", "MA tool", ["service", "email"], purpose="marketing")
    said = "“service” is recorded for care, scheduling, payment, reporting, not for marketing."
    assert refused.status_code == 422 and said in refused.content.decode()
    assert set_up(harbor, client_as, "ehr", "EHR", ["first_name"]).status_code == 302
    book(harbor, client_as)
    with adapters(webhook=Tool(NotTold("answered 503"))):
        harbor.drain(SOON)
    with harbor.scope():
        kept = Disclosure.rows().get(recipient="EHR (ehr)")
        assert (kept.fields, kept.outcome) == (["first_name", "reference", "stage"], "not confirmed: answered 503")


@pytest.mark.row("PH-06")
def test_a_file_of_leads_is_a_transfer_of_each(harbor, client_as):
    leads = [make_lead(harbor), make_lead(harbor, at=TUESDAY_NINE)]
    assert client_as("lena").get("/queue/leads.csv?view=all").status_code == 200
    with harbor.scope():
        rows = Disclosure.rows().filter(recipient_kind="file")
        assert {each.lead_id for each in rows} == {each.id for each in leads}
        assert {tuple(each.fields) for each in rows} == {("first_name", "last_name", "service", "location", "source")}
