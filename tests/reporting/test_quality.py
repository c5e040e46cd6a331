"""SC-12 and SC-13: early and late quality never mix, and each goal is judged by its own measures."""

import re

import pytest

from apps.catalog.models import Campaign
from apps.leads.models import Lead
from apps.reporting.goals import REFERRAL, Maturity, Measure, QualityRow, has_visits, measures
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.reporting.test_promises import copies
from tests.reporting.test_web import DAY, page, table
from tests.rows.arranging import ask
from tests.rows.test_stages import CONNECTED, VISIT


@pytest.mark.row("SC-12")
@pytest.mark.row("SC-13")
def test_late_shows_no_reachability_and_a_partnership_campaign_no_show_rate(harbor, client_as):
    lead = make_lead(harbor)
    owner = client_as(lead.owner.user.email.partition("@")[0])
    assert ask(owner, "POST", f"/leads/{lead.id}/activities", CONNECTED, at=TUESDAY_NINE).status_code == 201
    assert ask(owner, "POST", f"/leads/{lead.id}/appointments", VISIT, at=TUESDAY_NINE).status_code == 201
    copies(harbor, lead, 19)
    ally = make_lead(harbor, source="derm-winter", lead_class="partnership")
    with harbor.scope():
        campaign = Campaign.rows().get(key="derm-winter").name
        assert Lead.rows().get(id=ally.id).pipeline.key == "partnership"
    lena = client_as("lena")
    early = page(lena, f"/reports/quality/?{DAY}&by=source&quality=early")
    assert ">Reachable</th>" in early and ">Fit</th>" in early
    assert ">Scheduled</th>" not in early and ">Show rate</th>" not in early
    late = page(lena, f"/reports/quality/?{DAY}&by=source&quality=late")
    assert ">Scheduled</th>" in late and ">Completed intake</th>" in late
    assert ">Reachable</th>" not in late and ">Fit</th>" not in late
    _, rows = table(lena, f"/reports/quality.csv?{DAY}&quality=late&goal=patient")
    assert rows == [
        ["Source", "Goal", "Leads", "Scheduled", "Show rate", "Completed intake"],
        [lead.source.name, "Patient inquiry", "20", "1 (5 %)", "0", "0 (0 %)"],
    ]
    of_ally = f"/reports/quality/?{DAY}&by=campaign&quality=late&goal=partnership"
    shown = page(lena, of_ally)
    assert ">Won</th>" in shown and campaign in shown
    assert "Show rate" not in shown and "Completed intake" not in shown
    funnel = page(lena, f"/reports/funnel/?{DAY}&goal=partnership")
    assert "Show" not in re.findall(r'<th scope="row">([^<]+)</th>', funnel) and "Show rate" not in funnel
    assert page(lena, f"/reports/quality/?{DAY}&goal=nonsense", status=422)


def test_no_goal_mixes_early_and_late_and_only_patients_have_a_show_rate():
    for goal in ("patient", REFERRAL, "partnership", "recruitment"):
        early, late = (measures(goal, each) for each in Maturity)
        assert early and late and not set(early) & set(late)
        assert (Measure.SHOWN in late) == (goal == "patient")
    assert has_visits("") and has_visits("patient") and not has_visits("partnership")


def test_a_show_rate_is_a_share_of_those_scheduled():
    row = QualityRow("Web", 40, {Measure.SCHEDULED: 12, Measure.SHOWN: 9})
    assert (row.base(Measure.SHOWN), row.base(Measure.SCHEDULED)) == (12, 40)
    assert row.is_enough(Measure.SHOWN) and not QualityRow("x", 40, {Measure.SCHEDULED: 3}).is_enough(Measure.SHOWN)
