"""Names that are said once: a service or a stage is renamed in one place, and every page and answer follows."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.capture.models import Form
from apps.catalog.models import Service
from apps.leads.models import Stage
from apps.onboarding.file.applying import apply
from apps.onboarding.file.exporting import export
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.doors import ask
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.test_service_menu import sheet


def renamed(harbor: Tenant, key: str, name: str) -> tuple[str, dict[str, Any]]:
    """Return a service's page and what it sends when only the name is changed."""
    with harbor.scope():
        row = Service.rows().get(key=key)
        body = sheet(harbor, key, name, kind=row.kind, synonyms=",".join(row.synonyms), workflow=row.workflow_id)
        body |= {"owner": row.owner_id, "appointment_types": ",".join(row.appointment_types)}
        places = list(row.offerings.order_by("id"))
        body |= {"offerings-TOTAL_FORMS": len(places), "offerings-INITIAL_FORMS": len(places)}
        for place, each in enumerate(places):
            body |= {f"offerings-{place}-id": each.id, f"offerings-{place}-location": each.location_id}
            body[f"offerings-{place}-service"] = row.id
    return f"/admin/catalog/service/{row.id}/change/", body


@pytest.mark.row("DD-08")
def test_a_renamed_service_is_renamed_in_forms_choices_and_reports(
    harbor: Tenant, client_as: Callable[..., Client], client: Client
) -> None:
    with harbor.scope():
        form = Form.rows().filter(services__contains=["dermatology"], is_published=True).first()
    assert form is not None
    lead = make_lead(harbor, source="web-derm", request__service="dermatology", request__location="evanston")
    lena, ada = client_as("lena"), client_as("ada")
    pages: dict[str, Callable[[], Any]] = {
        "form": lambda: client.get(f"/f/{form.slug}/"),
        "lead": lambda: client_as("nina").get(f"/leads/{lead.id}/"),
        "report": lambda: lena.get("/reports/"),
        "campaign": lambda: ada.get("/admin/catalog/campaign/add/"),
        "script": lambda: client_as("nina").get(f"/leads/{lead.id}/log-call/"),
        "dictionary": lambda: ada.get("/admin/dictionary/"),
    }
    with travelling(to=TUESDAY_NINE):
        for name, open_page in pages.items():
            assert "Dermatology" in open_page().content.decode(), name
        choice = '<option value="dermatology">{}</option>'
        assert choice.format("Dermatology") in pages["script"]().content.decode()
        path, body = renamed(harbor, "dermatology", "Skin clinic")
        assert ada.post(path, body).status_code == 302
        for name, open_page in pages.items():
            found = open_page().content.decode()
            assert "Skin clinic" in found, name
            assert ">Dermatology<" not in found, name
        assert choice.format("Skin clinic") in pages["script"]().content.decode()
    with harbor.scope():
        row = Service.rows().get(key="dermatology")
        assert (row.name, row.offerings.count()) == ("Skin clinic", 2)


@pytest.mark.row("DD-10")
def test_a_renamed_stage_keeps_its_key_and_is_renamed_everywhere(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    lead = make_lead(harbor)
    assert lead.owner is not None
    owner = client_as(lead.owner.user.email.partition("@")[0])
    call = {"kind": "call", "outcome": "voicemail", "next_action_at": "2026-12-02T16:00:00Z"}
    with travelling(to=TUESDAY_NINE):
        assert ask(owner, "POST", f"/leads/{lead.id}/activities", call).status_code == 201
    with harbor.scope():
        file = export()
    lena, ada = client_as("lena"), client_as("ada")
    shown = ("/admin/dictionary/", "/admin/try/ownership-matrix/")
    old, new = "Attempting contact", "Trying to reach"
    with travelling(to=TUESDAY_NINE):
        assert ask(lena, "GET", f"/leads/{lead.id}").json()["stage_label"] == old
        assert old in lena.get(f"/leads/{lead.id}/").content.decode()
        ways = []
        for way in file.pipelines or ():
            stages = [each.model_copy(update={"label": new}) if each.label == old else each for each in way.stages]
            ways.append(way.model_copy(update={"stages": tuple(stages)}))
        apply(file.model_copy(update={"pipelines": tuple(ways)}))
        told = ask(lena, "GET", f"/leads/{lead.id}").json()
        assert (told["stage"], told["stage_label"]) == ("attempting", new)
        assert new in lena.get(f"/leads/{lead.id}/").content.decode()
        for path in shown:
            found = ada.get(path).content.decode()
            assert new.lower() in found.lower() and old.lower() not in found.lower(), path
    with harbor.scope():
        assert set(Stage.rows().filter(label=new).values_list("key", flat=True)) == {"attempting"}
