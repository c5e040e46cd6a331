"""Role profiles: a group of fields that a role does not see is in no answer of any door."""

import pytest

from apps.accounts.actions import save_role
from apps.accounts.models import Membership
from tests.doors import ask
from tests.leads_made import make_lead

NUMBER = "MB-778812"


@pytest.mark.row("TA-09")
def test_a_profile_without_insurance_sees_the_policy_number_nowhere(harbor, client_as):
    lead = make_lead(harbor, at=None, insurance={"payer": "Acme", "member_id": NUMBER})
    with harbor.scope():
        owner = Membership.rows().select_related("user", "role").get(id=lead.owner_id)
        role = owner.role
    browser = client_as(owner.user.email.partition("@")[0])
    page = f"/leads/{lead.id}/"
    veiled = f"••••{NUMBER[-2:]}"
    assert veiled in browser.get(page).content.decode()
    with harbor.scope():
        save_role(
            actor=harbor.system,
            key=role.key,
            name=role.name,
            permissions=sorted({*role.permissions, "admin:use"}),
            hidden_field_groups=["insurance"],
        )
    admin = f"/admin/leads/lead/{lead.id}/change/"
    answers = [browser.get(page), browser.get(admin), ask(browser, "GET", f"/leads/{lead.id}")]
    for answer in answers:
        assert answer.status_code == 200
        assert NUMBER not in answer.content.decode() and veiled not in answer.content.decode()
