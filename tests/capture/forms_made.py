"""The form builder and the public pages as people use them: what admin posts, and a visit to a form."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.test import Client

from apps.capture.models import Form, FormQuestion
from apps.catalog.models import Source
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE

TEXTS = ("title_es", "intro_es", "consent_version_es", "what_happens_next_es", "intro", "asset")
QUESTION = ("label", "hint", "purpose", "criterion", "choices", "label_es", "hint_es")


def question(key: str, kind: str, purpose: str = "routing", **more: str) -> dict[str, str]:
    """Return one row of the builder."""
    return {"key": key, "kind": kind, "purpose": purpose, **more}


#: The seven questions of row CP-04, and how to reach the person.
DERM = (
    question("service", "service"),
    question("location", "location"),
    question("reason", "reason"),
    question("best-time", "best_time", "scheduling"),
    question("patient-type", "patient_type"),
    question("preferred", "preferred_channel", "contact"),
    question("contact", "contact", "contact"),
    question("consent", "consent", "consent"),
)


def save_in_builder(
    admin: Client, tenant: Tenant, slug: str, questions: Sequence[Mapping[str, str]], **changes: Any
) -> HttpResponse:
    """Save a form with its questions as the builder does; a new one when the slug is new."""
    with tenant.scope():
        form = Form.rows().filter(slug=slug).first()
        source = Source.rows().get(key=changes.pop("source", "web-derm"))
        ids = {row.key: str(row.id) for row in FormQuestion.rows().filter(form=form)} if form else {}
    kept = [each for each in questions if each["key"] in ids]
    fresh = [each for each in questions if each["key"] not in ids]
    gone = [{"key": key, "kind": "reason", "DELETE": "on"} for key in ids if key not in {e["key"] for e in questions}]
    order = {each["key"]: place for place, each in enumerate(questions)}
    body = {
        **dict.fromkeys(TEXTS, ""),
        "slug": slug,
        "title": "Ask for a dermatology appointment",
        "kind": "inquiry",
        "layout": "one_page",
        "source": str(source.id),
        "services": ["dermatology", "cosmetic"],
        "consent_version": "v4",
        "what_happens_next": "The closest office calls you.",
        "field_cap": "15",
        "allowed_sites": "",
        "owning_team": str(form.owning_team_id or "") if form else "",
        "shared_team_ids": [str(each) for each in form.shared_team_ids] if form else [],
        "questions-TOTAL_FORMS": str(len(questions) + len(gone)),
        "questions-INITIAL_FORMS": str(len(kept) + len(gone)),
        "questions-MIN_NUM_FORMS": "0",
        "questions-MAX_NUM_FORMS": "1000",
        **changes,
    }
    for place, row in enumerate([*kept, *gone, *fresh]):
        values = {**dict.fromkeys(QUESTION, ""), "position": str(order.get(row["key"], 99)), **row}
        values |= {"id": ids.get(row["key"], ""), "form": str(form.id) if form else ""}
        body |= {f"questions-{place}-{name}": value for name, value in values.items()}
    address = f"/admin/capture/form/{form.id}/change/" if form else "/admin/capture/form/add/"
    return admin.post(address, body)


def form_of(tenant: Tenant, slug: str) -> Form:
    """Return a form of the tenant."""
    with tenant.scope():
        return Form.rows().get(slug=slug)


def publish_in_builder(admin: Client, tenant: Tenant, slug: str) -> str:
    """Press Publish; return the builder's page afterwards."""
    path = f"/admin/capture/form/{form_of(tenant, slug).id}/"
    assert admin.post(f"{path}publish/").status_code == 302
    return admin.get(f"{path}change/").content.decode()


def hidden(page: str, name: str) -> str:
    """Return the value of a hidden field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    return found[1] if found else ""


def open_form(client: Client, address: str, at: datetime = TUESDAY_NINE, **headers: str) -> str:
    """Open a form at an instant; return its page."""
    with travelling(to=at):
        answer = client.get(address, headers=headers)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def send_form(client: Client, address: str, values: Mapping[str, str], at: datetime = TUESDAY_NINE) -> HttpResponse:
    """Open a one-page form at an instant and send it ten seconds later."""
    token = hidden(open_form(client, address, at), "token")
    with travelling(to=at + timedelta(seconds=10)):
        return client.post(address.partition("?")[0], {"token": token, **values})
