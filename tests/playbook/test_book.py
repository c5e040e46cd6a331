"""The playbook through its door: what is set up stands in it, and what is renamed is renamed in it."""

import json
import re
from collections.abc import Callable

import pytest
from django.test import Client

from apps.leads.models import Pipeline, Stage
from apps.policies import actions as rules
from apps.policies.queries import live_document
from apps.tenancy.clock import travelling
from tests.approving import approve_as
from tests.cast import Tenant, new_tenant
from tests.doors import ask
from tests.leads_made import TUESDAY_NINE, make_lead

OLD, NEW = "Attempting contact", "Trying to reach"


def read(client: Client, path: str = "/playbook/") -> str:
    """Return a page."""
    with travelling(to=TUESDAY_NINE):
        answer = client.get(path)
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def card(page: str, stage: str) -> str:
    """Return what the patient pipeline's chapter says of a stage, as text."""
    found = re.search(rf'id="stage-patient-{stage}">(.*?)</li>', page, re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]+>", " ", found[1]).split())


def rename(tenant: Tenant, ada: Client) -> None:
    """Rename the stage in every pipeline, as an administrator does it."""
    with tenant.scope():
        pipelines = [(each, list(each.stages.order_by("position"))) for each in Pipeline.rows()]
    for pipeline, stages in pipelines:
        body = {"key": pipeline.key, "name": pipeline.name, "person_word": pipeline.person_word}
        body |= {"closure_reasons": json.dumps(pipeline.closure_reasons)}
        body |= {"stages-TOTAL_FORMS": len(stages), "stages-INITIAL_FORMS": len(stages)}
        if pipeline.requires_phone:
            body["requires_phone"] = "on"
        for place, stage in enumerate(stages):
            name = f"stages-{place}"
            body |= {f"{name}-id": stage.id, f"{name}-pipeline": pipeline.id, f"{name}-position": stage.position}
            body |= {f"{name}-key": stage.key, f"{name}-label": NEW if stage.label == OLD else stage.label}
            body |= {f"{name}-next_actions": "[]"} | ({f"{name}-is_open": "on"} if stage.is_open else {})
        answer = ada.post(f"/admin/leads/pipeline/{pipeline.id}/change/", body)
        assert answer.status_code == 302, answer.content.decode()


@pytest.mark.row("DD-10")
def test_a_stage_renamed_in_the_admin_is_renamed_in_playbook_funnel_files_and_api(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    leads = [make_lead(harbor, person__phone=f"(312) 555-01{n:02}", external_id=f"n-{n}") for n in range(30, 45)]
    owner = client_as(leads[0].owner.user.email.partition("@")[0])
    call = {"kind": "call", "outcome": "voicemail", "next_action_at": "2026-12-02T16:00:00Z"}
    with travelling(to=TUESDAY_NINE):
        assert ask(owner, "POST", f"/leads/{leads[0].id}/activities", call).status_code == 201
    lena, ada = client_as("lena"), client_as("ada")
    day = "since=2026-12-01&until=2026-12-01"
    pages = {
        "playbook": lambda: read(lena),
        "funnel": lambda: read(lena, f"/reports/funnel/?{day}"),
        "funnel file": lambda: read(lena, f"/reports/funnel.csv?{day}"),
        "queue": lambda: read(lena, "/queue/"),
        "lead": lambda: read(lena, f"/leads/{leads[0].id}/"),
    }
    for name, open_page in pages.items():
        assert OLD in open_page(), name
    rename(harbor, ada)
    for name, open_page in pages.items():
        found = open_page()
        assert NEW in found and OLD not in found, name
    with travelling(to=TUESDAY_NINE):
        told = ask(lena, "GET", f"/leads/{leads[0].id}").json()
    assert (told["stage"], told["stage_label"]) == ("attempting", NEW)
    with harbor.scope():
        assert set(Stage.rows().filter(label=NEW).values_list("key", flat=True)) == {"attempting"}


def test_a_stage_says_what_it_means_needs_and_when_it_is_late(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    page = read(client_as("ana"))
    assert "A queue and an owner were chosen." in card(page, "routed")
    assert "valid phone" in card(page, "routed")
    assert "Owner Scheduling" in card(page, "scheduled")
    hot = "First contact within 5 minutes of opening time, since the lead has an owner (Hot lead"
    assert hot in card(page, "routed")
    assert "First contact" not in card(page, "qualified")
    for said in ("Elm Calls", "Lena Hart (team lead)", "mon-fri 08:00-17:00", "After-hours Intake", "Booked elsewhere"):
        assert said in page, said
    assert "Same phone within 72 hours" in page and "A form without a name and a wish is no inquiry." in page
    assert 'aria-current="page"' in re.search(r'<a [^>]*href="/playbook/"[^>]*>', page)[0]


def test_an_approved_change_is_read_at_once_with_its_version_and_approver(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    lena = client_as("lena")
    before = read(lena)
    with harbor.scope():
        document = live_document("sla", TUESDAY_NINE)
        document["policies"][0]["clocks"][1]["limit_seconds"] = 600
        draft = rules.save_draft(
            actor=harbor.actor("cleo"), kind="sla", document=document, reason="Ten will do", now=TUESDAY_NINE
        )
        assert read(lena).count("within 5 minutes") == before.count("within 5 minutes") > 0
        approve_as(harbor, "dev", draft.id, TUESDAY_NINE)
    page = read(lena)
    assert "First contact within 10 minutes" in card(page, "routed")
    row = re.search(r"<tr><th[^>]*>[^<]*SLA[^<]*</th>.*?</tr>", page, re.IGNORECASE | re.DOTALL)[0]
    assert "v2" in row and "Dev Patel" in row and "Cleo Marsh" in row and "Ten will do" in row


def test_what_is_not_set_up_is_named_and_agencies_do_not_read_it(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    assert client_as("bea").get("/playbook/").status_code == 404
    lakeside = new_tenant("lakeside")
    page = read(client_as("max", lakeside))
    assert "Harbor" not in page and "Missing:" in page
