"""Senders in the tenant file: addresses that stay, numbers, and demo hooks that take a lead in."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.test import Client

from apps.capture.models import Submission
from apps.catalog.models import TrackingNumber
from apps.connectors.models import Connection
from apps.onboarding.actions.organization import organization_id_of
from apps.onboarding.demo.keeping import read_demo
from apps.onboarding.file.exporting import export_tenant, normalised
from apps.onboarding.terms import FileRefused
from apps.tenancy.scope import tenant_scope
from tests.connectors.senders import sample
from tests.onboarding.test_apply import Tiny

SENDERS = """
tracking_numbers: [{number: "+13125550900", label: Knee-Ad-3, location: l}]
vendors:
  - key: typeform
    name: Typeform
    service: Questionnaires
    agreement: {state: executed, signed_on: 2026-01-05, effective_on: 2026-01-12, notice_days: 30}
    uses: [connection site]
connections: [{key: site, name: Site forms, provider: typeform, source: unknown, consent_channels: [call]}]
"""


@pytest.fixture
def tiny() -> Tiny:
    tiny = Tiny()
    tiny.text += SENDERS
    return tiny


def test_an_address_is_made_once_printed_and_kept(tiny: Tiny) -> None:
    first = tiny.apply()
    printed = first.as_json()["hooks"]
    assert [each["key"] for each in printed] == ["site"]
    assert re.search(r"/hooks/typeform/[A-Za-z0-9_-]{32}/$", printed[0]["url"])
    again = tiny.apply()
    assert again.changes.lines == [] and again.as_json()["hooks"] == printed
    there = export_tenant(tiny.slug)
    assert there is not None
    told, said = normalised(there), normalised(tiny.file())
    assert [told[each] for each in ("vendors", "connections", "tracking_numbers")] == [
        said[each] for each in ("vendors", "connections", "tracking_numbers")
    ]
    tiny.apply(("name: Site forms", "name: Forms"), ("Knee-Ad-3", "Knee-Ad-4"))
    with tenant_scope(first.organization_id):
        assert Connection.rows().get().name == "Forms"
        assert TrackingNumber.rows().get().label == "Knee-Ad-4"


def test_what_is_not_named_is_switched_off_and_another_sender_needs_another_key(tiny: Tiny) -> None:
    made = tiny.apply()
    with pytest.raises(FileRefused) as refused:
        tiny.apply(("provider: typeform", "provider: jotform"))
    assert "address for typeform" in str(refused.value.faults)
    with pytest.raises(FileRefused):
        tiny.apply(("provider: typeform", "provider: nobody"))
    off = tiny.apply(
        ("[{key: site, name: Site forms, provider: typeform, source: unknown, consent_channels: [call]}]", "[]"),
        ('[{number: "+13125550900", label: Knee-Ad-3, location: l}]', "[]"),
    )
    assert {"deactivated connection site", "deactivated tracking number +13125550900"} <= set(off.changes.lines)
    assert off.as_json()["hooks"] == []
    with tenant_scope(made.organization_id):
        assert not Connection.rows().get().is_active


def test_a_demo_hook_takes_a_lead_in(tmp_path: Any, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setenv("LEADCRM_DATA_DIR", str(tmp_path))
    settings.LEADCRM_DEMO = True
    call_command("demo", "--apply", verbosity=0)
    hooks = {each["key"]: each for each in read_demo().hooks}
    google = hooks["google-ads"]
    body = {**sample("google-lead-form", "lead"), "google_key": google["secret"]}
    answer = Client().post(urlsplit(google["url"]).path, body, content_type="application/json")
    assert answer.status_code == 200
    organization_id = organization_id_of("harbor")
    assert organization_id is not None
    with tenant_scope(organization_id):
        assert Submission.rows().filter(external_id__startswith="google-ads:").count() == 1
    call_command("demo", "--apply", verbosity=0)
    assert {each["key"]: each for each in read_demo().hooks} == hooks
