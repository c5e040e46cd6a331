"""Retention: an unconverted lead of 24 months ago loses its data; counts and opt-outs outlive them (AU-06)."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.test import Client

from apps.audit.models import AuditEntry
from apps.capture.models import Submission
from apps.compliance import tasks
from apps.compliance.models import RetentionItem, RetentionRun
from apps.consent.models import DoNotContact
from apps.consent.queries import reaches
from apps.leads.models import Lead, Person
from apps.policies.queries import live_document
from apps.privacy.models import HealthDetail
from apps.tenancy.clock import travelling
from apps.tenancy.models import TenantModel
from apps.tenancy.sealed_fields import SealedTextField, opened_of
from apps.tenancy.sealing import CannotUnseal
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, processed, reload, send_in
from tests.rows.arranging import ask

SOON = TUESDAY_NINE + timedelta(minutes=20)
TWO_YEARS = TUESDAY_NINE.replace(year=TUESDAY_NINE.year + 2) + timedelta(days=1)
TOLD = "I have a herniated disc near Rockford-Zyx"
WHO = {
    "first_name": "Zenobia",
    "last_name": "Quillfeather",
    "email": "zenobia.quillfeather@example.com",
    "phone": "+17735550199",
    "postal_code": "60614",
    "city": "Chicago",
    "region": "IL",
    "preferred_language": "en",
    "date_of_birth": "1961-07-03",
}
VALUES = ("Zenobia", "Quillfeather", "zenobia", "7735550199", "Rockford-Zyx", "1961-07-03")
#: Where a value may stand afterwards: proof of what was agreed to, and of what was done.
ALLOWED = {"consent_consentevent", "audit_auditentry"}


def person_lead(tenant: Tenant, **more: Any) -> Lead:
    body = inquiry(**{"request__message": TOLD, "consent": [consent("email"), consent("call", "denied")], **more})
    body["person"] = {**WHO, **more.get("person_", {})}
    body.pop("person_", None)
    row = processed(tenant, send_in(tenant, body, at=TUESDAY_NINE), at=TUESDAY_NINE)
    assert row.lead_id, row.reasons
    return reload(tenant, row.lead_id)


def end(tenant: Tenant, browser: Callable[..., Client], lead: Lead) -> Lead:
    """End a lead unconverted, as its owner, after an attempt that reached nobody."""
    owner = browser(lead.owner.user.email.partition("@")[0])
    tried = {"kind": "email", "outcome": "sent", "next_action_at": (SOON + timedelta(days=1)).isoformat()}
    assert ask(owner, "POST", f"/leads/{lead.id}/activities", tried, at=SOON).status_code == 201
    said = {"reason": "no_response", "note": f"{lead.person.last_name} gave up on us", "outcome": "no_response"}
    answer = ask(owner, "POST", f"/leads/{lead.id}/close", said, at=SOON + timedelta(hours=1))
    assert answer.status_code == 200, answer.content
    return reload(tenant, lead.id)


def found_in(tenant: Tenant, values: tuple[str, ...]) -> dict[str, list[str]]:
    """Return the tables in which one of the values stands, in the clear or sealed, with what was found."""
    found: dict[str, list[str]] = {}
    with tenant.scope():
        for model in apps.get_models():
            if not issubclass(model, TenantModel):
                continue
            for row in model.objects.all():
                text = json.dumps([_shown(row, each) for each in row._meta.concrete_fields], default=str)
                hits = [each for each in values if each.casefold() in text.casefold()]
                if hits:
                    found.setdefault(model._meta.db_table, []).extend(hits)
    return found


def _shown(row: Any, field: Any) -> Any:
    value = getattr(row, field.attname)
    if field.get_internal_type() == "BinaryField" and not isinstance(field, SealedTextField) and value:
        try:
            return opened_of(row, field.column).decode(errors="replace")
        except CannotUnseal:
            return ""
    return value


@pytest.mark.row("AU-06")
def test_after_24_months_the_data_are_gone_and_counts_and_opt_outs_stay(harbor: Tenant, client_as: Any) -> None:
    assert tasks
    lead = end(harbor, client_as, person_lead(harbor))
    held = end(harbor, client_as, make_lead(harbor, person__last_name="Heldwick"))
    mother = end(harbor, client_as, make_lead(harbor, person__last_name="Staywell"))
    child = make_lead(harbor, person__last_name="Openhand")
    with harbor.scope():
        twin = Person(first_name="Zenobia", last_name="Quillfeather-Older", merged_into=lead.person, created_at=SOON)
        twin.save(force_insert=True)
        Lead.rows().filter(id=child.id).update(contact_person=mother.person)
        row = {"added_by": "test", "added_at": SOON, "reason": "asked on the phone"}
        DoNotContact(kind="email", value=WHO["email"], **row).save(force_insert=True)
        assert HealthDetail.rows().filter(subject_id=lead.id).exists()
        figures = Lead.rows().count(), Submission.rows().count()
    assert set(found_in(harbor, VALUES)) > ALLOWED - {"audit_auditentry"}
    dev, ada = client_as("dev"), client_as("ada")
    with travelling(to=TWO_YEARS - timedelta(days=3)):
        assert "0 leads" in dev.get("/compliance/retention/due/").content.decode()
    with travelling(to=TWO_YEARS):
        hold = {"scope": "lead", "subject": held.ref, "reason": "A claim in court"}
        assert dev.post("/compliance/retention/holds/", hold).status_code == 303
        due = dev.get("/compliance/retention/due/").content.decode()
        assert "2 leads" in due and "1 open: somebody" in due and "1 under a legal hold" in due
        page = dev.post("/compliance/retention/propose/")["Location"]
        assert dev.post("/compliance/retention/propose/")["Location"].endswith("/due/")
        assert dev.post(f"{page}decide/", {"act": "approve"}).status_code == 403
        assert "Zenobia" not in ada.get(page).content.decode()
    with harbor.scope():
        run = RetentionRun.rows().get()
        item = RetentionItem.rows().filter(run=run, lead=lead).get()
        assert (run.total, run.counts["people"], run.state) == (2, 2, "proposed")
        refuse_unapproved(item)
    with travelling(to=TWO_YEARS):
        assert ada.post(f"{page}decide/", {"act": "approve"}).status_code == 303
    harbor.drain(TWO_YEARS + timedelta(minutes=1))

    assert set(found_in(harbor, VALUES)) <= ALLOWED
    with harbor.scope():
        assert (Lead.rows().count(), Submission.rows().count()) == figures
        run = RetentionRun.rows().get()
        assert run.state == "done" and run.receipt["leads"] == 2 and len(run.digest) == 64
        assert run.receipt["approved_by"] == "Ada Wells" and run.receipt["rows"]["privacy_healthdetail"] == 1
        gone = Lead.rows().select_related("person").get(id=lead.id)
        assert str(gone.person) == "Erased person" and gone.erased_at and gone.closure_reason == "no_response"
        assert Person.rows().get(id=twin.id).erased_at
        # Whose child still waits is known; what the old inquiry told is not.
        assert Person.rows().get(id=mother.person_id).last_name == "Staywell"
        assert Lead.rows().get(id=mother.id).erased_at and not Lead.rows().get(id=held.id).erased_at
        assert AuditEntry.rows().filter(action="retention.done", detail__receipt=run.digest).exists()
        kept = DoNotContact.rows().filter(ended_at=None)
        assert {(each.kind, each.channel, each.value[:7]) for each in kept} >= {
            ("email", "", "digest:"),
            ("phone", "call", "digest:"),
        }
    with travelling(to=TWO_YEARS):
        assert dev.get(f"/leads/{lead.id}/").status_code == 200
        assert dev.get(f"/leads/{lead.id}/why/").status_code == 200
        assert json.loads(dev.get(f"{page}receipt/").content)["run"] == run.ref

    # Who returns is a new person, and barred as before.
    told = {"person__email": WHO["email"], "person__phone": WHO["phone"], "consent": [consent("email")]}
    back = make_lead(harbor, at=TWO_YEARS + timedelta(days=1), **told)
    with harbor.scope():
        assert back.person_id != lead.person_id
        document = live_document("contact", TWO_YEARS)
        found = reaches(back, now=TWO_YEARS + timedelta(days=1), document=document, default_zone="America/Chicago")
    assert not any(each.verdict.allowed for each in found.values())
    assert {channel.value: each.verdict.code for channel, each in found.items()}["email"] == "do_not_contact"


def refuse_unapproved(item: RetentionItem) -> None:
    """Neither the function nor a table lets anything go without a second person."""
    for statement in (
        "SELECT leadcrm_erase(%s, '{}'::jsonb, now())",
        "UPDATE compliance_retentionrun SET state = 'running', approved_by_id = proposed_by_id WHERE id <> %s",
        "DELETE FROM outreach_activity WHERE id = %s",
        "INSERT INTO compliance_erased (id) VALUES (%s)",
    ):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [item.id])
