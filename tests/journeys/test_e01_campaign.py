"""E-01: a hospital's imaging campaign in several clinics, from the form to the booked visit."""

import html
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page

from apps.accounts.keys import create_key
from apps.appointments.models import Appointment
from apps.audit.models import AuditEntry
from apps.capture.actions import payload_of
from apps.capture.models import Submission
from apps.leads.models import Lead, Stage, Task, Touch
from apps.ownership.models import LeadTeamGrant
from apps.routing.models import RoutingDecision
from apps.tenancy.clock import database_now
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE
from tests.live import Live, wait_until
from tests.program import Program


def fill_form(visitor: Page, slug: str, email: str) -> None:
    """Fill in the public form as Maria, without JavaScript."""
    visitor.goto(f"/f/{slug}/?utm_campaign=imaging-spring&utm_source=google")
    assert visitor.locator("input[name=consent_call]").is_checked() is False
    visitor.fill("[name=first_name]", "Maria")
    visitor.fill("[name=last_name]", "Lopez")
    visitor.fill("[name=phone]", "(312) 555-0142")
    visitor.fill("[name=email]", email)
    visitor.fill("[name=postal_code]", "60614")
    visitor.select_option("[name=service]", "imaging")
    visitor.select_option("[name=location]", "elm-st")
    visitor.select_option("[name=patient_type]", "new")
    visitor.select_option("[name=preferred_channel]", "call")
    visitor.select_option("[name=timeframe]", "asap")
    visitor.check("[name=consent_call]")
    visitor.check("[name=consent_email]")
    visitor.wait_for_timeout(2100)  # the form refuses what no person could fill in so fast
    visitor.click("main button[type=submit]")
    visitor.wait_for_url("**/thanks/**")


def only_lead(tenant: Tenant) -> Lead | None:
    with tenant.scope():
        return Lead.rows().select_related("stage", "owner_team", "owner__user", "campaign", "queue").first()


@pytest.mark.journey("E-01")
@pytest.mark.row("TA-06")
def test_from_the_form_to_the_booked_visit(
    live: Live, harbor: Tenant, visitor: Page, page_as: Callable[[str], Page]
) -> None:
    live.start(at=TUESDAY_NINE)

    # 1. One lead; ownership starts with the form; source, campaign and wording are kept.
    fill_form(visitor, f"{harbor.slug}-imaging", "maria@example.com")
    lead = wait_until(lambda: only_lead(harbor), "the lead")
    assert timedelta() <= lead.ownership_started_at - TUESDAY_NINE < timedelta(minutes=1)
    assert lead.campaign.key == "imaging-spring"
    assert lead.ownership_started_at == lead.captured_at

    # 2. Elm Calls by location; the trace names rule and version; owner, task and queue agree.
    assert (lead.owner_team.key, lead.queue.key) == ("elm-calls", "elm-calls")
    with harbor.scope():
        decision = RoutingDecision.rows().select_related("version").get(lead=lead)
        assert decision.rule_id and decision.version.number == 1
        task = Task.rows().get(lead=lead, state="open")
        assert (task.kind, task.team_id, task.assignee_id) == ("call", lead.owner_team_id, lead.owner_id)

    # 3. The call is due five minutes after the form.
    assert task.due_at - lead.captured_at == timedelta(minutes=5)

    # 4. Maria sends the form again with another address: a touch, no second call, both originals readable.
    fill_form(visitor, f"{harbor.slug}-imaging", "maria.lopez@example.com")
    with harbor.scope():
        wait_until(lambda: Touch.rows().filter(lead=lead).count() == 2, "the second touch")
        assert Lead.rows().count() == 1
        assert Task.rows().filter(state="open", kind="call").count() == 1
        originals = [payload_of(row)["person"]["email"] for row in Submission.rows().order_by("received_at")]
        assert originals == ["maria@example.com", "maria.lopez@example.com"]

    # 5. Ben of Oak Calls is refused in browser, API and admin, with one sentence, and it is noted.
    sentences = refused_to_ben(live, harbor, lead, page_as)
    assert len(set(sentences)) == 1, sentences
    assert "belongs to Elm Calls since" in sentences[0]
    with harbor.scope():
        assert AuditEntry.rows().filter(action__startswith="refused:", object_id=lead.id).count() >= 3

    # 6. Ana talks with Maria and books Thursday: stage, owner and rights change together.
    owner = lead.owner.user.email.partition("@")[0]
    ana = page_as(owner)
    ana.goto(f"/leads/{lead.id}/log-call/")
    ana.check("input[name=outcome][value=connected]")
    ana.fill("input[name=next_at]", "2026-12-02T10:00")
    ana.click("main button[type=submit]")
    ana.wait_for_url(f"**/leads/{lead.id}/")
    ana.goto(f"/leads/{lead.id}/book/")
    ana.fill("input[name=starts_at]", "2026-12-03T11:00")
    ana.select_option("select[name=location]", "elm-st")
    ana.fill("input[name=confirmed_by]", "Maria on the phone")
    ana.click("main button[type=submit]")
    ana.wait_for_url(f"**/leads/{lead.id}/")
    with harbor.scope():
        booked = Lead.rows().select_related("stage", "owner_team").get(id=lead.id)
        assert (booked.stage.key, booked.owner_team.key) == ("scheduled", "scheduling")
        assert Appointment.rows().filter(lead=lead).count() == 1
        assert not Task.rows().filter(lead=lead, state="open", kind="call").exists()
        grants = LeadTeamGrant.rows().filter(content_object=lead, group=harbor.team("elm-calls").group)
        assert [grant.permission.codename for grant in grants] == ["view_lead"]
    ana.goto(f"/leads/{lead.id}/move/")
    assert "belongs to Scheduling since" in ana.inner_text("main")
    ana.goto(f"/leads/{lead.id}/")
    assert "Call:" in ana.inner_text("main")


def refused_to_ben(live: Live, harbor: Tenant, lead: Lead, page_as: Callable[[str], Page]) -> list[str]:
    """Let Ben try to change the stage through three doors; return what each said."""
    ben = page_as("ben")
    answer = ben.goto(f"/leads/{lead.id}/move/")
    assert answer is not None and answer.status == 403
    page_says = ben.inner_text("main")
    with harbor.scope():
        member = harbor.member("ben")
        key = create_key(
            actor=harbor.system,
            name="ben",
            scopes=sorted(member.role.permissions),
            now=database_now(),
            membership=member,
        )
    api = Program(live.url, key.secret).post(f"/leads/{lead.id}/stage", {"to": "contacted", "reason": "x"})
    assert api.status == 403
    with harbor.scope():
        role = member.role
        role.permissions = [*role.permissions, "admin:use"]
        role.save(update_fields=["permissions"])
        closed = Stage.rows().get(pipeline_id=lead.pipeline_id, key="closed")
    ben.goto("/")
    token = ben.locator("input[name=csrfmiddlewaretoken]").first.get_attribute("value") or ""
    form = {"csrfmiddlewaretoken": token, "stage": str(closed.id)}
    page = ben.request.post(
        f"{live.url}/admin/leads/lead/{lead.id}/change/", form=form, headers={"Referer": f"{live.url}/"}
    )
    assert page.status == 403
    sentence = str(api.body["detail"])
    assert html.escape(sentence) in page.text()
    return [sentence, next(line for line in page_says.splitlines() if "belongs to" in line)]


@pytest.mark.journey("E-01")
def test_eighty_hours_later_it_is_a_linked_new_inquiry(live: Live, harbor: Tenant, visitor: Page) -> None:
    live.start(at=TUESDAY_NINE)
    fill_form(visitor, f"{harbor.slug}-imaging", "maria@example.com")
    first = wait_until(lambda: only_lead(harbor), "the lead")
    live.stop()
    live.start(at=TUESDAY_NINE + timedelta(hours=80))
    fill_form(visitor, f"{harbor.slug}-imaging", "maria@example.com")
    with harbor.scope():
        wait_until(lambda: Lead.rows().count() == 2, "the second lead")
        assert Lead.rows().exclude(id=first.id).get().related_to_id == first.id
