"""Approved versions that do not begin yet: they wait for their date, and lose it when something newer speaks."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.audit.models import AuditEntry
from apps.leads.models import Lead
from apps.policies.models import RuleSetVersion
from apps.policies.queries import version_in_force
from apps.routing.models import RoutingDecision
from apps.tenancy.clock import database_now, travelling
from tests.admin.test_rule_tools import drafts, form_of, live, place_of
from tests.approving import approve_at
from tests.leads_made import TUESDAY_NINE, inquiry, processed, send_in

CHICAGO = ZoneInfo("America/Chicago")
LATER = timedelta(days=10)
SOON = timedelta(days=3)


def page_of(version):
    """Return the address of a version's page."""
    return f"/admin/policies/rulesetversion/{version.pk}/change/"


def drafted(tenant, client_as, queue, base=None, **changes):
    """Let Cleo save a draft that sends R-41 to a queue; return it."""
    base = base or live(tenant)
    body = form_of(base, "location", 1, **{"then-queue": queue, **changes})
    assert client_as("cleo").post(place_of(base, "R-41"), body).status_code == 302
    return drafts(tenant)[-1]


def approved(client_as, version, starts_at=None):
    """Let Dev approve a version from an instant on; return what the admin answers."""
    when = f"{starts_at.astimezone(CHICAGO):%Y-%m-%dT%H:%M}" if starts_at else ""
    return approve_at(client_as("dev"), version.pk, starts=when, follow=True)


def again(tenant, version):
    """Read a version anew."""
    with tenant.scope():
        return RuleSetVersion.rows().select_related("rule_set").get(id=version.pk)


def ruling(tenant, at):
    """Return the number of the routing version that rules at an instant."""
    with tenant.scope():
        return version_in_force("routing", at).number


def routed_by(tenant, at):
    """Let an orthopedics inquiry come at an instant; return the version and the queue that it was sent by and to."""
    came = inquiry(source="web-ortho", request__service="orthopedics", request__location="elm-st")
    row = processed(tenant, send_in(tenant, came, at=at), at=at)
    with tenant.scope():
        decision = RoutingDecision.rows().select_related("version").get(lead_id=row.lead_id)
        return decision.version.number, Lead.rows().select_related("queue").get(id=row.lead_id).queue.key


@pytest.fixture
def now():
    """The present minute, as the fields for a start are no finer."""
    return database_now().replace(second=0, microsecond=0)


def opened(now):
    """Return a Tuesday at eleven, when the clinics answer, at least `LATER` from now."""
    weeks = (now + LATER - TUESDAY_NINE) // timedelta(weeks=1) + 1
    return TUESDAY_NINE + weeks * timedelta(weeks=1) + timedelta(hours=2)


def test_a_future_start_is_taken_when_it_comes(harbor, client_as, now):
    before, start = live(harbor), opened(now)
    draft = drafted(harbor, client_as, "nurse-line")
    shown = approved(client_as, draft, start).content.decode()
    assert "Approved; it rules from" in shown and "Suspended" not in shown
    assert routed_by(harbor, start - timedelta(minutes=1)) == (before.number, "ortho-elm")
    assert routed_by(harbor, start) == (draft.number, "nurse-line")
    assert ruling(harbor, start - timedelta(seconds=1)) == before.number


def test_a_newer_approval_suspends_the_schedule_and_the_page_says_why(harbor, client_as, now):
    start = opened(now)
    planned = drafted(harbor, client_as, "nurse-line")
    approved(client_as, planned, start)
    newer = drafted(harbor, client_as, "general-intake", base=live(harbor))
    approved(client_as, newer, now + SOON)

    assert again(harbor, planned).state == "suspended"
    assert routed_by(harbor, start + timedelta(hours=1)) == (newer.number, "general-intake")
    shown = client_as("cleo").get(page_of(planned)).content.decode()
    assert "Suspended." in shown and f"Version {newer.number} was approved after this one" in shown
    assert "Roll back to this version" not in client_as("dev").get(page_of(planned)).content.decode()
    assert "suspended" in client_as("dev").get("/admin/").content.decode()
    with harbor.scope():
        last = AuditEntry.rows().filter(object_id=planned.pk).order_by("-seq").first()
    assert last.action == "rules.suspend"

    # Only somebody else than its author lets it go on.
    deed = f"/admin/policies/rulesetversion/{planned.pk}/approve/"
    assert client_as("cleo").post(deed).status_code == 403
    approved(client_as, planned, start)
    assert again(harbor, planned).suspended_because == ""
    assert (ruling(harbor, start - timedelta(seconds=1)), ruling(harbor, start)) == (newer.number, planned.number)


def test_a_later_plan_does_not_disturb_an_earlier_one(harbor, client_as, now):
    first = drafted(harbor, client_as, "nurse-line")
    approved(client_as, first, now + SOON)
    second = drafted(harbor, client_as, "general-intake", base=live(harbor))
    approved(client_as, second, now + LATER)
    assert again(harbor, first).state == "approved"
    assert (ruling(harbor, now + SOON), ruling(harbor, now + LATER)) == (first.number, second.number)


def test_a_rollback_suspends_what_was_planned(harbor, client_as, now):
    old = live(harbor)
    ruled = drafted(harbor, client_as, "general-intake")
    approved(client_as, ruled)
    planned = drafted(harbor, client_as, "nurse-line", base=live(harbor))
    approved(client_as, planned, now + LATER)
    deed = f"/admin/policies/rulesetversion/{old.pk}/roll-back/"
    assert client_as("dev").post(deed, {"reason": "Wrong for the nurses."}).status_code == 302
    assert again(harbor, planned).state == "suspended"
    number = live(harbor).number
    assert ruling(harbor, now + 2 * LATER) == number == planned.number + 1


def test_an_edit_after_the_approval_takes_the_approval_back(harbor, client_as, now):
    before, start = live(harbor), now + LATER
    planned = drafted(harbor, client_as, "nurse-line")
    approved(client_as, planned, start)
    planned = again(harbor, planned)
    assert "takes that approval back" in client_as("cleo").get(place_of(planned, "R-41")).content.decode()
    changed = drafted(harbor, client_as, "general-intake", base=planned)

    assert (again(harbor, planned).state, changed.state, changed.approver_id) == ("suspended", "draft", None)
    assert ruling(harbor, start + timedelta(days=1)) == before.number
    shown = client_as("dev").get(page_of(planned)).content.decode()
    assert f"draft {changed.number} was made from it" in shown
    approved(client_as, changed, start)
    assert ruling(harbor, start) == changed.number
    assert ruling(harbor, start - timedelta(seconds=1)) == before.number


def test_an_edit_of_what_rules_leaves_it_ruling(harbor, client_as, now):
    before = live(harbor)
    draft = drafted(harbor, client_as, "nurse-line")
    assert again(harbor, before).state == "approved"
    assert (draft.state, ruling(harbor, now + LATER)) == ("draft", before.number)


def test_a_plan_that_never_ruled_is_nothing_to_go_back_to(harbor, client_as, now):
    planned = drafted(harbor, client_as, "nurse-line")
    approved(client_as, planned, now + LATER)
    answer = client_as("dev").post(f"/admin/policies/rulesetversion/{planned.pk}/roll-back/", {"reason": "Now."})
    assert answer.status_code == 409 and "never ruled" in answer.content.decode()
    with travelling(to=now + LATER):
        assert live(harbor).number == planned.number


def test_what_ruled_at_an_earlier_instant_can_be_read_after_a_rollback(harbor, client_as, now):
    before = live(harbor)
    draft = drafted(harbor, client_as, "nurse-line")
    approved(client_as, draft)
    with travelling(by=timedelta(hours=2)):
        back = f"/admin/policies/rulesetversion/{before.pk}/roll-back/"
        assert client_as("dev").post(back, {"reason": "Too many calls."}).status_code == 302
    assert again(harbor, draft).state == "rolled_back"
    assert ruling(harbor, now + timedelta(hours=1)) == draft.number
    assert ruling(harbor, now + timedelta(hours=3)) == draft.number + 1
