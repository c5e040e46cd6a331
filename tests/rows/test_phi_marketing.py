"""Row PH-04 and E-13, point 5: the role of the database that marketing reports read with, tried on every table."""

from collections.abc import Callable
from uuid import UUID

import pytest
from django.db import DatabaseError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.reporting.marketing import count_figures
from apps.tenancy.clock import database_now
from apps.tenancy.marketing_role import as_marketing
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead

#: What the role may read. A table that is to be added here has no person, no lead and nothing about health in it.
ALLOWED = {"reporting_marketingfigure"}
WRITES = (
    "INSERT INTO reporting_marketingfigure SELECT * FROM reporting_marketingfigure",
    "UPDATE reporting_marketingfigure SET leads = 0",
    "DELETE FROM reporting_marketingfigure",
    "CREATE TABLE public.copied AS SELECT 1",
)


def refusal(statement: str, *values: object) -> str:
    """Return what the database says to a statement of the role of marketing; empty where it did as told."""
    try:
        with as_marketing(), connection.cursor() as cursor:
            cursor.execute(statement, values)
        return ""
    except DatabaseError as problem:
        return str(problem).splitlines()[0]


@pytest.mark.row("PH-04")
@pytest.mark.journey("E-13")
def test_the_role_of_marketing_reports_is_refused_every_table_but_the_figures(harbor: Tenant, lakeside: Tenant) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relkind IN ('r', 'p', 'm', 'v') AND relnamespace = 2200")
        tables = {name for (name,) in cursor.fetchall()}
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 2200"
            " AND has_function_privilege('leadcrm_marketing', oid, 'EXECUTE')"
        )
        assert cursor.fetchall() == [], "a function with its maker's rights would be a way round"
    make_lead(harbor)
    with harbor.scope():
        assert count_figures(database_now()) == 1
    with lakeside.scope():
        said = {table: refusal(f'SELECT count(*) FROM "{table}"') for table in sorted(tables)}
        assert {table for table, words in said.items() if not words} == ALLOWED
        assert {words for words in said.values() if words} == {
            f"permission denied for table {table}" for table in tables - ALLOWED
        }
        assert [refusal(each).partition(" for ")[0] for each in WRITES] == ["permission denied"] * len(WRITES)
        join = "SELECT f.leads FROM reporting_marketingfigure f JOIN privacy_healthdetail h USING (organization_id)"
        assert refusal(join) == "permission denied for table privacy_healthdetail"
        with as_marketing(), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM reporting_marketingfigure")
            assert cursor.fetchone() == (0,), "another tenant's figures stay there"
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_user")
            assert cursor.fetchone() == ("leadcrm_app",), "the role ends with its block"


@pytest.mark.row("PH-04")
def test_marketing_reads_its_report_by_that_role_alone(harbor: Tenant, client_as: Callable[[str], Client]) -> None:
    made: list[UUID] = [make_lead(harbor).id for _ in range(2)]
    with harbor.scope():
        assert count_figures(TUESDAY_NINE) == 1
    cleo, asked = client_as("cleo"), "?since=2026-11-01&until=2026-12-31"
    with CaptureQueriesContext(connection) as noted:
        shown = cleo.get(f"/reports/marketing/{asked}")
    statements = [each["sql"] for each in noted.captured_queries]
    begun = next(i for i, each in enumerate(statements) if each.startswith("SET LOCAL ROLE"))
    ended = next(i for i, each in enumerate(statements) if each.startswith("RESET ROLE"))
    reads = [i for i, each in enumerate(statements) if "reporting_marketingfigure" in each]
    assert reads and all(begun < i < ended for i in reads)
    assert shown.status_code == 200 and "&lt; " in shown.content.decode(), "two are a small cell"
    told = client_as("lena").get(f"/reports/marketing.csv{asked}").content.decode()
    assert f",{len(made)}," in told and str(made[0]) not in told
