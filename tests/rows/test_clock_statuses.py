"""Statuses that the clock sets, through the doors: rows ST-02 and ST-08."""

from datetime import timedelta

import pytest

from apps.flows.tasks import sweep
from apps.leads.models import Task
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import ask, change_rules, page
from tests.rows.test_stages import CONNECTED, NO_ANSWER

SOON = TUESDAY_NINE + timedelta(minutes=12)
FAR = {"next_action_at": "2026-12-20T16:00:00Z"}


def look(at):
    """Let the clock go on to an instant and sweep."""
    with travelling(to=at):
        sweep()


@pytest.mark.row("ST-02")
@pytest.mark.row("ST-08")
def test_three_days_without_a_reply_make_a_lead_stale_until_somebody_hears_of_it(harbor, client_as, only_harbor):
    lead = make_lead(harbor)
    owner = client_as(lead.owner.user.email.partition("@")[0])
    path, stale_at = f"/leads/{lead.id}", TUESDAY_NINE + timedelta(hours=72)

    def status(at):
        return ask(owner, "GET", path, at=at).json()["status"]

    assert ask(owner, "POST", f"{path}/activities", {**NO_ANSWER, **FAR}, at=SOON).status_code == 201
    look(TUESDAY_NINE + timedelta(hours=24, minutes=1))
    assert status(stale_at) == "waiting"
    look(stale_at - timedelta(minutes=1))
    assert status(stale_at) == "waiting"
    version = reload(harbor, lead.id).version
    look(stale_at + timedelta(minutes=1))
    look(stale_at + timedelta(minutes=2))
    found = reload(harbor, lead.id)
    assert (found.stage.key, found.timed_status, found.closure_reason, found.version) == (
        *("attempting", "stale", ""),
        version,
    )
    later = stale_at + timedelta(minutes=5)
    assert status(later) == "stale"
    with harbor.scope():
        alert = Task.rows().get(lead=lead, kind="escalation")
        assert alert.title.startswith("Stale")
    shown = page(owner, f"{path}/", at=later)
    assert "Attempting: stale, waiting 2 days" in shown
    assert "Status: Stale, 3 days after the person was last heard." in shown
    listed = page(owner, "/queue/?view=all&status=stale", at=later)
    assert f"lead-{lead.ref}" in listed and "Attempting contact, stale" in listed
    assert f"lead-{lead.ref}" not in page(owner, "/queue/?view=all&status=waiting", at=later)
    talk = {**CONNECTED, **FAR, "started_at": later.isoformat()}
    assert ask(owner, "POST", f"{path}/activities", talk, at=later).status_code == 201
    assert status(later) == "in_contact"


@pytest.mark.row("ST-08")
def test_when_a_lead_is_stale_is_the_pipelines_to_say(harbor, client_as, only_harbor):
    def sooner(document):
        statuses = document["pipelines"]["patient"]["statuses"]
        statuses[:] = [{"key": "quiet", "label": "Quiet", "since": "activity", "after_seconds": 600}]

    change_rules(harbor, client_as, "process", sooner)
    lead = make_lead(harbor)
    look(TUESDAY_NINE + timedelta(minutes=11))
    assert reload(harbor, lead.id).status_now == "quiet"
