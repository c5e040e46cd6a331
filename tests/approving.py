"""How a test lets a draft of rules pass its tests and be approved, at the admin's doors or by the actions behind."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.test import Client

from apps.policies import actions, testing
from apps.policies.models import RuleSetVersion
from tests.cast import Tenant


def approve_at(client: Client, version_id: UUID, *, starts: str = "", **more: Any) -> HttpResponse:
    """Run the tests of a version and approve it in the admin, as its approver does; return the approval's answer."""
    page = f"/admin/policies/rulesetversion/{version_id}/"
    tried = client.post(f"{page}run-tests/")
    assert tried.status_code == 302, tried.content.decode()
    answer: HttpResponse = client.post(f"{page}approve/", {"effective_from": starts}, **more)
    return answer


def approve_as(tenant: Tenant, name: str, version_id: UUID, now: datetime) -> RuleSetVersion:
    """Run the tests of a version and approve it as somebody, within a scope of the tenant."""
    actor = tenant.actor(name)
    testing.run_tests(actor=actor, version_id=version_id, now=now)
    return actions.approve(actor=actor, version_id=version_id, now=now)
