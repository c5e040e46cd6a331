"""Choice fields of the tenant's own that tell of somebody's health: the value is in no sentence and on no open page."""

from collections.abc import Callable

import pytest
from django.test import Client

from apps.accounts.models import Role
from apps.audit.models import AuditEntry
from apps.catalog.models import UnmappedWord
from apps.leads.models import Lead, TimelineEntry
from apps.policies.models import RuleSetVersion
from tests.cast import Tenant
from tests.doors import Api
from tests.mapping.test_own_choices import answering, delivered, job, kept

SECRET = "takes pills"  # noqa: S105 - an answer, no password
PAGE = "/admin/unmapped/"


@pytest.fixture
def dev(harbor: Tenant, client_as: Callable[..., Client]) -> Client:
    """Return the browser of who reads health details and may change mappings."""
    with harbor.scope():
        role = Role.rows().get(key="compliance")
        role.permissions = [*role.permissions, "rules:write", "settings:write"]
        role.save()
    return client_as("dev")


@pytest.mark.row("DD-05")
@pytest.mark.parametrize("privacy", ["health", "insurance"])
def test_an_unknown_answer_about_health_is_named_by_its_field_alone(
    harbor: Tenant, api: Callable[..., Api], client_as: Callable[..., Client], dev: Client, privacy: str
) -> None:
    job(harbor, label="Under treatment", privacy=privacy)
    program, cleo = api("bp-1"), client_as("cleo")
    row = delivered(harbor, program, answering(SECRET))
    reason = next(each for each in row.reasons if each["code"] == "unmapped_value")
    assert reason["detail"] == "Unmapped value: nobody has said what an answer to “Under treatment” means."
    assert SECRET not in program.get(f"/deliveries/{row.id}").content.decode()
    hidden, shown = cleo.get(PAGE).content.decode(), dev.get(PAGE).content.decode()
    assert SECRET not in hidden and "Under treatment" in hidden and "Hidden from your role: who reads" in hidden
    assert f"“{SECRET}”" in shown and '<option value="Nurse">' in shown
    with harbor.scope():
        word = UnmappedWord.rows().get()
    for act in ({"means": "Nurse", "where": "catalog"}, {"act": "ignore"}):
        assert cleo.post(PAGE, {"word": str(word.id), **act}).status_code == 403
    dev.post(PAGE, {"word": str(word.id), "means": "Nurse", "where": "source"})
    with harbor.scope():
        draft = RuleSetVersion.rows().get(rule_set__kind="mapping", state="draft")
    assert draft.reason.startswith("An answer to “Under treatment” has a meaning (")
    dev.post(PAGE, {"word": str(word.id), "means": "Nurse", "where": "catalog"})
    harbor.drain()
    assert kept(harbor, row.lead_id) == ["Works as: Nurse"], "as the sender's form asks it"
    with harbor.scope():
        lead = Lead.rows().get(id=row.lead_id)
        told = TimelineEntry.rows().get(lead=lead, kind="mapped").sentence
        trail = AuditEntry.rows().filter(object_type="unmapped_word").values_list("detail", flat=True)
        assert not [each for each in trail if "Nurse" in str(each)]
    assert told == "An answer to “Under treatment” has a meaning by the catalog: the value is filled in."
    story = client_as("cleo").get(f"/leads/{lead.id}/").content.decode()
    assert told in story and SECRET not in story and "Nurse" not in story
