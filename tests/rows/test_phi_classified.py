"""Row PH-13, second half: staff say with a reason that a lead is PHI or is not, and what the rules find after that."""

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client

from apps.audit.models import AuditEntry
from apps.privacy.models import PhiMark
from apps.privacy.phi import phi_among, state_of
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.doors import ask
from tests.leads_made import TUESDAY_NINE, make_lead

LATER = TUESDAY_NINE + timedelta(minutes=3)
UNNAMED = {"source": "landing-pages", "request__service": "", "request__location": ""}
WHY = "She writes a book about migraine and asks for an interview"


@pytest.mark.row("PH-13")
def test_staff_classify_a_lead_both_ways_with_a_reason_and_a_new_word_flips_it_again(
    harbor: Tenant, client_as: Callable[[str], Client]
) -> None:
    lead = make_lead(harbor, **UNNAMED, request__message="I write about migraine")
    ewa, cleo, name, path = client_as("ewa"), client_as("cleo"), str(lead.person), f"/leads/{lead.id}"

    def seen_by_marketing() -> bool:
        shown = [cleo.get(f"{path}/"), cleo.get("/queue/?view=all")]
        told = {name in each.content.decode() for each in shown}
        told.add(ask(cleo, "GET", path).json()["person"].get("last_name") == lead.person.last_name)
        assert len(told) == 1, "pages, lists and the API agree"
        return told.pop()

    with travelling(to=LATER):
        assert not seen_by_marketing()
        assert ask(cleo, "GET", f"{path}/phi").status_code == 403 and cleo.get(f"{path}/phi/").status_code == 403
        assert ask(cleo, "POST", f"{path}/phi", {"is_phi": False, "reason": WHY}).status_code == 403
        assert ewa.post(f"{path}/phi/", {"is_phi": "no", "reason": " "}).status_code == 422
        assert ask(ewa, "POST", f"{path}/phi", {"is_phi": True, "reason": WHY}).status_code == 409
        assert "migraine" not in ewa.get(f"{path}/phi/").content.decode(), "the field is named, not its words"
        assert ewa.post(f"{path}/phi/", {"is_phi": "no", "reason": WHY}).status_code == 303
        assert seen_by_marketing(), "at once"
        assert WHY in ewa.get(f"{path}/phi/").content.decode()
        assert ask(ewa, "POST", f"{path}/notes", {"text": "Call her on Tuesday"}).status_code == 201
        assert seen_by_marketing(), "a word that says nothing of health changes nothing"
        assert ask(ewa, "POST", f"{path}/notes", {"text": "She takes insulin"}).status_code == 201
        assert not seen_by_marketing()
        history = ask(ewa, "GET", f"{path}/phi").json()
    assert [(each["is_phi"], each["rule"], each["field"]) for each in history["history"]] == [
        (True, "PH-R3", "note"),
        (False, "staff", ""),
        (True, "PH-R3", "message"),
    ]
    with harbor.scope():
        (entry,) = AuditEntry.rows().filter(action="phi.classify", object_id=lead.id, detail__has_key="mark")
        assert (entry.detail["was"], entry.detail["is"], entry.fields) == (True, False, ["phi"])
        with pytest.raises(DatabaseError), transaction.atomic():
            PhiMark.rows().filter(subject_id=lead.id).update(is_phi=False)
        with connection.cursor() as cursor:
            cursor.execute("SELECT string_agg(t::text, '') FROM privacy_phimark t")
            assert "migraine" not in cursor.fetchone()[0]


@pytest.mark.row("PH-13")
def test_facts_are_not_talked_away_and_older_leads_are_looked_at_once(
    harbor: Tenant, client_as: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    serviced, plain = make_lead(harbor), make_lead(harbor, **UNNAMED)
    ewa = client_as("ewa")
    with travelling(to=LATER):
        refused = ask(ewa, "POST", f"/leads/{serviced.id}/phi", {"is_phi": False, "reason": WHY})
        said = refused.json()
        assert (refused.status_code, said["code"]) == (409, "phi_by_facts") and "service" in said["detail"]
        assert ask(ewa, "POST", f"/leads/{plain.id}/phi", {"is_phi": True, "reason": "Her letter"}).status_code == 201
    with monkeypatch.context() as before_the_rule:
        before_the_rule.setattr("apps.privacy.phi.crosses", lambda told, triggers: None)
        old = make_lead(harbor, **UNNAMED, request__message="My asthma is worse")
        wanted = make_lead(harbor)
    quiet, told = make_lead(harbor, **UNNAMED), StringIO()
    five = [each.id for each in (serviced, plain, old, wanted, quiet)]
    with harbor.scope():
        assert phi_among(five) == {serviced.id, plain.id}
    for _ in range(2):
        call_command("phi", "look-back", tenant=harbor.slug, stdout=told)
        with harbor.scope():
            assert phi_among(five) == {serviced.id, plain.id, old.id, wanted.id}
    assert [each.partition(": ")[2] for each in told.getvalue().splitlines()] == [
        "3 leads read, 2 of them are PHI.",
        "1 leads read, 0 of them are PHI.",
    ]
    with harbor.scope():
        state, seen = state_of(old.id), state_of(wanted.id)
        assert state and seen and (state.rule, seen.rule, state.at) == ("PH-R3", "PH-R1", TUESDAY_NINE)
        (read, _again) = AuditEntry.rows().filter(action="phi.look_back").order_by("seq")
        assert set(read.detail["ids"]) == {str(each) for each in (old.id, wanted.id, quiet.id)}


@pytest.mark.row("PH-15")
def test_a_masked_number_is_revealed_for_a_purpose_of_the_list_and_the_ledger_keeps_it(
    harbor: Tenant, client_as: Callable[[str], Client]
) -> None:
    lead = make_lead(harbor, insurance={"payer": "Blue Cross", "member_id": "W9988"})
    ewa, cleo, path, place = client_as("ewa"), client_as("cleo"), f"/leads/{lead.id}", "insurance-number/"
    masked = ewa.get(f"{path}/").content.decode()
    assert "••••88" in masked and "W9988" not in masked
    body = {"kind": "insurance_member", "purpose": "booking"}
    asked = ewa.get(f"{path}/{place}")
    assert asked.status_code == 200 and "W9988" not in asked.content.decode()
    for wrong in ({}, {"purpose": "curiosity"}):
        assert "W9988" not in ewa.post(f"{path}/{place}", wrong).content.decode()
    assert ask(ewa, "POST", f"{path}/reveal", body | {"purpose": "curiosity"}).status_code == 422
    assert cleo.post(f"{path}/{place}", body).status_code == 403
    assert ask(cleo, "POST", f"{path}/reveal", body).status_code == 403
    shown = ewa.post(f"{path}/{place}", {"purpose": "coverage_check"})
    assert "W9988" in shown.content.decode() and shown["Cache-Control"] == "no-store"
    told = ask(ewa, "POST", f"{path}/reveal", body)
    assert [each["value"] for each in told.json()["results"]] == ["W9988"] and told["Cache-Control"] == "no-store"
    with harbor.scope():
        rows = AuditEntry.rows().filter(action="health_reveal.read", object_id=lead.id).order_by("seq")
        assert [(each.detail["purpose"], each.fields, each.actor_id) for each in rows] == [
            (purpose, ["insurance_member"], harbor.user("ewa").id) for purpose in ("coverage_check", "booking")
        ]
