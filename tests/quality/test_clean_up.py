"""A clean-up of one value over many leads: previewed, judged lead by lead, audited, taken back exactly."""

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.http import HttpResponse
from django.test import Client

from apps.audit.models import AuditEntry
from apps.catalog.models import Location
from apps.flows.models import BulkRun
from apps.leads.models import Lead, TimelineEntry
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.doors import ask
from tests.leads_made import TUESDAY_NINE, make_lead, reload

SOON = TUESDAY_NINE + timedelta(minutes=5)
SENT = {"field": "location", "was": "elm", "value": "elm-st", "reason": "One office, two names"}


def text_of(answer: HttpResponse) -> str:
    """Return a page in one line, as people read it."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.unescape(answer.content.decode())))


def misplaced(harbor: Tenant, count: int) -> list[Lead]:
    """Return leads at an office that the catalog has twice."""
    leads = [make_lead(harbor) for _ in range(count)]
    with harbor.scope():
        right = Location.rows().get(key="elm-st")
        wrong = Location(key="elm", name="Elm", city=right.city, region=right.region, postal_code=right.postal_code)
        wrong.latitude, wrong.longitude, wrong.calendar = right.latitude, right.longitude, right.calendar
        wrong.save()
        Lead.rows().filter(id__in=[each.id for each in leads]).update(location=wrong)
    return leads


@pytest.mark.row("VQ-14")
def test_37_elm_become_elm_st_and_undo_restores_what_nobody_changed_since(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    leads, lena = misplaced(harbor, 37), client_as("lena")
    with travelling(to=SOON):
        form = text_of(lena.get("/quality/change/?field=location"))
        assert "Elm (37)" in form
        preview = lena.post("/quality/change/", {**SENT, "step": "preview"})
        assert "Location: “Elm” to “Elm St”" in text_of(preview) and "37 leads will change" in text_of(preview)
        assert reload(harbor, leads[0].id).location.key == "elm"
        key = re.search(r'name="idempotency_key" value="([^"]+)"', preview.content.decode())[1]
        done = lena.post("/quality/change/", {**SENT, "step": "do", "idempotency_key": key})
        assert done.status_code == 303
        again = lena.post("/quality/change/", {**SENT, "step": "do", "idempotency_key": key})
    with harbor.scope():
        assert Lead.rows().filter(location__key="elm-st").count() == 37
        run = BulkRun.rows().get()
        assert again.status_code in (303, 422) and run.detail["reason"] == "One office, two names"
        assert AuditEntry.rows().filter(action="lead.bulk_change").count() == 1
        assert AuditEntry.rows().filter(action="lead.clean").count() == 37
        story = TimelineEntry.rows().filter(lead=leads[0], kind="edit").get()
        assert "One office, two names" in story.sentence
        # Somebody sends one of them to another office meanwhile; another one has a call logged.
        Lead.rows().filter(id=leads[0].id).update(location=Location.rows().get(key="evanston"))
        Lead.rows().filter(id=leads[1].id).update(attempts=1, version=99)
    with travelling(to=SOON + timedelta(days=2)):
        assert lena.post(f"{done['Location']}undo/").status_code == 303
        result = text_of(lena.get(done["Location"]))
    assert "Changed since; left as it is." in result
    with harbor.scope():
        assert Lead.rows().filter(location__key="elm").count() == 36
        assert Lead.rows().get(id=leads[0].id).location.key == "evanston"
        assert Lead.rows().get(id=leads[1].id).attempts == 1


def test_what_may_not_be_changed_is_named_and_stays(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    leads = misplaced(harbor, 2)
    with travelling(to=SOON):
        for name in ("ada", "cleo"):
            assert client_as(name).post("/quality/change/", {**SENT, "step": "do"}).status_code == 403
        otis = client_as("otis")
        answer = text_of(otis.post("/quality/change/", {**SENT, "step": "preview"}))
        missing = otis.post("/quality/change/", {**SENT, "reason": "", "step": "do"})
        assert missing.status_code == 422
        assert "lead" in answer
    assert reload(harbor, leads[0].id).location.key == "elm"


def test_the_api_previews_changes_and_takes_back_by_the_same_rules(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    leads, lena = misplaced(harbor, 2), client_as("lena")
    body = {"act": "change", "field": "location", "value": "elm-st", "was": "elm", "reason": "One office"}
    body |= {"leads": [str(each.id) for each in leads]}
    with travelling(to=SOON):
        assert ask(lena, "POST", "/leads/bulk", {**body, "dry_run": True}).json()["done"] == 2
        assert reload(harbor, leads[0].id).location.key == "elm"
        wrong = ask(lena, "POST", "/leads/bulk", {**body, "value": "nowhere"})
        assert (wrong.status_code, wrong.json()["errors"][0]["pointer"]) == (422, "/value")
        run = ask(lena, "POST", "/leads/bulk", body).json()
        assert run["done"] == 2 and reload(harbor, leads[0].id).location.key == "elm-st"
    with travelling(to=SOON + timedelta(days=6)):
        ask(lena, "POST", f"/leads/bulk/{run['run']}/undo", {})
    assert reload(harbor, leads[1].id).location.key == "elm"
    with travelling(to=SOON + timedelta(days=8)):
        late = ask(lena, "POST", f"/leads/bulk/{run['run']}/undo", {})
    assert late.status_code == 409
