"""The walls between tenants, tried from inside: manager, row security, composite keys, scope."""

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction

from apps.accounts.models import Team
from apps.catalog.models import Location, Offering, Service
from apps.leads.models import ContactPoint, Lead
from apps.tenancy.errors import NoTenantScope
from apps.tenancy.scope import tenant_scope
from tests.cast import Tenant
from tests.leads_made import make_lead


def count(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {table}")
        return cursor.fetchone()[0]


def test_outside_a_scope_the_manager_raises_and_the_database_shows_nothing(harbor: Tenant) -> None:
    with pytest.raises(NoTenantScope):
        Team.rows().count()
    with pytest.raises(NoTenantScope):
        Team.objects.count()
    assert count("accounts_team") == 0


def test_raw_sql_sees_its_own_tenant_only(harbor: Tenant, lakeside: Tenant) -> None:
    with harbor.scope():
        own = count("accounts_team")
        assert own == Team.rows().count() > 0
    with lakeside.scope():
        assert 0 < count("accounts_team") != own


def test_the_scope_ends_with_its_transaction(harbor: Tenant) -> None:
    with harbor.scope():
        pass
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('leadcrm.organization_id', true)")
        assert cursor.fetchone()[0] in (None, "")


def test_writing_another_tenants_row_is_refused_by_the_database(harbor: Tenant, lakeside: Tenant) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), harbor.scope():
        Service(organization_id=lakeside.organization_id, key="smuggled", name="Smuggled").save(force_insert=True)


def test_a_reference_cannot_cross_tenants(harbor: Tenant, lakeside: Tenant) -> None:
    with lakeside.scope():
        foreign = Location.rows().first()
    with pytest.raises(IntegrityError, match="location_id_tfk"), harbor.scope():
        service = Service.rows().first()
        Offering(service=service, location_id=foreign.id).save(force_insert=True)


def test_two_tenants_at_once_is_an_error(harbor: Tenant, lakeside: Tenant) -> None:
    with harbor.scope(), pytest.raises(NoTenantScope), tenant_scope(lakeside.organization_id):
        pass


@pytest.mark.row("TA-01")
def test_one_phone_in_two_tenants_is_two_people(harbor: Tenant, lakeside: Tenant) -> None:
    make_lead(harbor, person__phone="+13125550142")
    with lakeside.scope():
        assert not ContactPoint.rows().filter(value="+13125550142").exists()
        assert not Lead.rows().exists()
