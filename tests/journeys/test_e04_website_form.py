"""E-04, first half: a website form, scored, routed by specialty and place, timed, called with an outcome."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from apps.leads.models import Lead, Task
from apps.outreach.models import Activity
from apps.qualification.models import ScoreResult
from apps.sla.models import SlaTimer
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE
from tests.live import Live, wait_until


@pytest.mark.journey("E-04")
def test_from_the_form_to_a_logged_call(
    live: Live, harbor: Tenant, visitor: Page, page_as: Callable[[str], Page]
) -> None:
    live.start(at=TUESDAY_NINE)

    # 1. The form is submitted; the record uses standard names and values.
    visitor.goto(f"/f/{harbor.slug}-ortho/")
    assert "What happens next" in visitor.inner_text("main")
    for name, value in {
        "first_name": "  jOAN ",
        "last_name": "o'neil",
        "phone": "312.555.0161",
        "email": "Joan@Example.com",
        "postal_code": "60614",
    }.items():
        visitor.fill(f"[name={name}]", value)
    visitor.select_option("[name=location]", "elm-st")
    visitor.select_option("[name=patient_type]", "new")
    visitor.select_option("[name=preferred_channel]", "call")
    visitor.select_option("[name=timeframe]", "within_week")
    visitor.check("[name=consent_call]")
    visitor.wait_for_timeout(2100)
    visitor.click("main button[type=submit]")
    visitor.wait_for_url("**/thanks/**")

    def arrived() -> Lead | None:
        with harbor.scope():
            rows = Lead.rows().select_related("person", "queue", "owner_team", "owner__user", "service")
            return rows.first()

    lead = wait_until(arrived, "the lead")
    with harbor.scope():
        points = {row.kind: row.value for row in lead.person.contact_points.all()}
    assert points == {"phone": "+13125550161", "email": "joan@example.com"}
    assert lead.service.key == "orthopedics"

    # 3. Fit and intent with lines that make them.
    with harbor.scope():
        score = ScoreResult.rows().get(lead=lead)
    for part in ("fit", "intent"):
        lines = score.verdict[part]["lines"]
        assert sum(line["points"] for line in lines) == score.verdict[part]["total"] == getattr(lead, part) > 0
        assert all(line["meaning"] for line in lines)

    # 4. The specialty's queue at the place; a running clock; a task for the owner.
    assert lead.queue.key == "ortho-elm"
    assert lead.owner_team.key == "ortho-intake"
    with harbor.scope():
        timer = SlaTimer.rows().get(lead=lead, kind="first_contact")
        task = Task.rows().get(lead=lead, state="open")
    assert timetable(timer) and task.assignee_id == lead.owner_id

    # 5. A call without an outcome is refused and keeps what was typed; with one it is saved.
    owner = page_as(lead.owner.user.email.partition("@")[0])
    owner.goto(f"/leads/{lead.id}/log-call/")
    owner.fill("[name=note]", "Asked about knee surgery dates")
    owner.click("main button[type=submit]")
    assert "Choose how it ended" in owner.inner_text("main [role=alert]")
    assert owner.input_value("[name=note]") == "Asked about knee surgery dates"
    owner.check("input[name=outcome][value=connected]")
    owner.click("main button[type=submit]")
    owner.wait_for_url(f"**/leads/{lead.id}/")
    assert "Contacted" in owner.inner_text("main")
    with harbor.scope():
        assert Activity.rows().get(lead=lead).outcome == "connected"
        assert SlaTimer.rows().get(id=timer.id).met_at is not None


def timetable(timer: SlaTimer) -> bool:
    """Say whether the clock's three times are in order and its limit is the policy's."""
    return timer.started_at < timer.at_risk_at < timer.due_at <= timer.started_at + timedelta(minutes=30)
