"""Test traffic and real people never become one, whatever they share (row VQ-09)."""

from collections.abc import Callable

import pytest

from apps.consent.models import ConsentEvent
from apps.leads.models import Lead, Person
from tests.cast import Tenant
from tests.doors import Api
from tests.leads_made import consent, inquiry


@pytest.mark.row("VQ-09")
@pytest.mark.parametrize("first_is_test", [True, False])
def test_a_real_inquiry_never_joins_a_test_of_the_same_person(
    harbor: Tenant, api: Callable[[str], Api], first_is_test: bool
) -> None:
    agency, body = api("bp-1"), inquiry(source="imaging-spring", consent=[consent("call")])
    for number, is_test in enumerate((first_is_test, not first_is_test)):
        sent = {**body, "external_id": f"apart-{number}", "is_test": is_test}
        assert agency.post("/leads", sent).status_code == 202
        harbor.drain()
    with harbor.scope():
        leads = list(Lead.rows().select_related("person").order_by("captured_at", "number"))
        assert sorted(each.is_test for each in leads) == [False, True]
        assert all(each.is_test == each.person.is_test for each in leads)
        assert Person.rows().count() == 2
        for each in leads:
            assert ConsentEvent.rows().filter(person=each.person).count() == 1
