"""The suite's tenants are copies: a copy is as good as a tenant that the actions of its file made."""

import json
from typing import Any

import pytest
from django.apps import apps
from django.test import Client

from apps.accounts.models import ApiKey
from apps.audit.verifying import verify_chain
from apps.connectors.models import Connection
from apps.connectors.queries import find_address, token_of
from apps.flows.invariants import breaches
from apps.onboarding.file.exporting import export_tenant, normalised
from apps.policies.actions import digest_of
from apps.policies.models import RuleSetVersion
from apps.tenancy.models import Address, TenantModel
from tests.cast import Tenant, made_tenant, new_tenant
from tests.doors import Api, sign_in
from tests.leads_made import inquiry

NAMES = ("harbor", "lakeside")


def _file(tenant: Tenant) -> dict[str, Any]:
    found = export_tenant(tenant.slug)
    assert found is not None
    file = normalised(found)
    mark = tenant.domain.removesuffix(".example")
    plain: dict[str, Any] = json.loads(json.dumps(file, default=str).replace(mark, "*"))
    return plain


def _counts(tenant: Tenant) -> dict[str, int]:
    models = [model for model in apps.get_models() if issubclass(model, TenantModel)]
    with tenant.scope():
        return {model._meta.label: model.objects.count() for model in models}


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_says_what_a_made_tenant_says(name: str) -> None:
    copied, made = new_tenant(name), made_tenant(name, f"made{name}")
    assert _file(copied) == _file(made)
    assert _counts(copied) == _counts(made)


@pytest.mark.parametrize("name", NAMES)
def test_a_copy_holds_together(name: str) -> None:
    tenant = new_tenant(name)
    tenant.drain()
    with tenant.scope():
        walk = verify_chain()
        assert walk.found is None and walk.entries > 50
        assert list(breaches()) == []
        for version in RuleSetVersion.rows():
            assert version.digest == digest_of(version.document)
        for row in Connection.rows():
            found = find_address(token_of(row))
            assert found is not None and (found.organization_id, found.row_id) == (tenant.organization_id, row.id)


def test_two_copies_share_no_row_and_no_secret(harbor: Tenant) -> None:
    other = new_tenant("harbor")
    assert not set(harbor.keys.values()) & set(other.keys.values())
    for model in apps.get_models():
        if issubclass(model, TenantModel):
            with harbor.scope():
                here = set(model.objects.values_list("id", flat=True))
            with other.scope():
                assert not here & set(model.objects.values_list("id", flat=True)), model._meta.label
    keys = {tenant.slug: set(_addresses(tenant)) for tenant in (harbor, other)}
    assert len(keys[harbor.slug]) == len(keys[other.slug]) and not keys[harbor.slug] & keys[other.slug]


def _addresses(tenant: Tenant) -> list[tuple[str, str]]:
    return list(Address.objects.filter(organization_id=tenant.organization_id).values_list("kind", "key"))


def test_people_sign_in_to_a_copy_and_its_keys_open_the_api(harbor: Tenant) -> None:
    browser: Client = sign_in(harbor.user("ana"))
    assert browser.get("/", follow=True).status_code == 200
    assert Api(harbor.keys["bp-1"]).post("/leads", inquiry()).status_code == 202
    with harbor.scope():
        assert ApiKey.rows().filter(prefix=harbor.keys["bp-1"][:14]).count() == 1
