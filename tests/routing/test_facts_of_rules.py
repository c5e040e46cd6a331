"""Each field that a rule may look at is a fact that something tells: a rule on any other would never hold."""

from datetime import timedelta

import pytest

from apps.policies.decisions.fields import FIELDS
from apps.routing.models import RoutingDecision
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead

#: Judged and not kept: the words of a message, and what the layers before decided.
JUDGED_ONLY = {"message_words", "workflow", "program"}
#: Recorded after the arrival; they are told once there is something.
LATER = {"engaged_times", "has_replied", "minutes_to_talk", "used_scheduling_link"}
SATURDAY_NIGHT = TUESDAY_NINE + timedelta(days=4, hours=11)


def facts_at(tenant: Tenant, at: object, **changes: object) -> dict[str, object]:
    lead = make_lead(tenant, at=at, **changes)
    with tenant.scope():
        return dict(RoutingDecision.rows().get(lead=lead).facts)


def test_every_field_of_the_rules_is_told(harbor: Tenant) -> None:
    told = facts_at(harbor, TUESDAY_NINE)
    assert sorted(set(FIELDS) - set(told) - JUDGED_ONLY - LATER) == []


@pytest.mark.parametrize(("at", "is_open"), [(TUESDAY_NINE, True), (SATURDAY_NIGHT, False)])
def test_a_rule_may_ask_whether_the_office_is_open(harbor: Tenant, at: object, is_open: bool) -> None:
    assert facts_at(harbor, at)["is_open"] is is_open
    assert facts_at(harbor, at, person__phone="(312) 555-0177", request__location="")["is_open"] is is_open
