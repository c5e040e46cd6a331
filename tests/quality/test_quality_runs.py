"""Runs of the checks: counted, listed once as items to fix, gone when mended; a failed check is never zero."""

import html
import itertools
import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Membership
from apps.audit.models import AuditEntry
from apps.catalog.models import Source
from apps.consent.models import ConsentEvent
from apps.leads.guards import acting_as_system
from apps.leads.models import ContactPoint, Lead, Stage, Touch
from apps.quality import checks
from apps.quality.models import FixItem, QualityRun
from apps.quality.tasks import run_all
from apps.quality.terms import Check
from apps.tenancy.clock import travelling
from apps.tenancy.scope import set_local
from tests import leads_made
from tests.cast import Tenant
from tests.doors import Api, ask
from tests.leads_made import TUESDAY_NINE, inquiry, reload

SIX_MAY = datetime.fromisoformat("2027-05-06T15:00:00+00:00")


_NAMES = itertools.product(
    ("Anders", "Brook", "Chidi", "Deepa", "Emre"), ("Zuur", "Quill", "Ono", "Ivarsen", "Bux", "Fyfe")
)
_people = itertools.cycle(_NAMES)


def make_lead(tenant: Tenant, *, at: datetime = TUESDAY_NINE, **changes: Any) -> Lead:
    """Return a lead of somebody who resembles nobody else."""
    first, last = next(_people)
    return leads_made.make_lead(tenant, at=at, person__first_name=first, person__last_name=last, **changes)


def text_of(answer: HttpResponse) -> str:
    """Return a page in one line, as people read it."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.unescape(answer.content.decode())))


def checked(harbor: Tenant, browser: Client, at: datetime) -> str:
    """Ask for a run by page, let it be made, and return the page."""
    with travelling(to=at):
        assert browser.post("/quality/run/").status_code == 303
    harbor.drain(at)
    return shown(browser, at)


def shown(browser: Client, at: datetime) -> str:
    """Return the page at an instant."""
    with travelling(to=at):
        return text_of(browser.get("/quality/"))


def count(page: str, label: str) -> int:
    """Return what a line of the page counts."""
    found = re.search(rf"{label} (\d+) ", page)
    assert found, page
    return int(found[1])


@pytest.mark.row("VQ-13")
def test_a_run_finds_4_3_and_9_and_fixing_one_drops_the_count_at_once(
    harbor: Tenant, client_as: Callable[..., Client], api: Callable[..., Api]
) -> None:
    arrived = SIX_MAY - timedelta(days=1)
    lacking = [make_lead(harbor, at=arrived) for _ in range(4)]
    # Three people who each inquire twice, with another number and another address: an agency delivers both.
    for first, last in (("Zora", "Nyland"), ("Tomas", "Weck"), ("Ulla", "Harkness")) * 2:
        body = inquiry(source="imaging-spring", person__first_name=first, person__last_name=last)
        with travelling(to=arrived):
            assert api("bp-1").post("/leads", body).status_code in (201, 202)
        harbor.drain(arrived)
    bare = {"source": "landing-pages", "attribution": {}}
    unattributed = [make_lead(harbor, at=arrived, **bare) for _ in range(9)]
    told = {"source": "landing-pages", "attribution": {"utm_source": "newsletter"}}
    make_lead(harbor, at=arrived, **told)
    with harbor.scope():
        Lead.rows().filter(id__in=[each.id for each in lacking]).update(preferred_channel="")
    ada, lena = client_as("ada"), client_as("lena")
    page = checked(harbor, ada, SIX_MAY)
    assert "Computed 6 May, 10:00" in page
    found = [count(page, label) for label in ("Missing required fields", "Duplicates waiting", "Missing attribution")]
    assert found == [4, 3, 9]
    # Mended on the lead's own page: the count drops before the next run, and that run closes the item.
    owner = client_as({"elm-calls": "lena"}[lacking[0].owner_team.key])
    with travelling(to=SIX_MAY + timedelta(minutes=1)):
        sent = {"preferred_channel": "call", "version": reload(harbor, lacking[0].id).version}
        assert owner.post(f"/leads/{lacking[0].id}/edit/", sent).status_code == 303
    assert count(shown(lena, SIX_MAY + timedelta(minutes=1)), "Missing required fields") == 3
    checked(harbor, ada, SIX_MAY + timedelta(minutes=15))
    with harbor.scope():
        items = FixItem.rows().filter(check_key=Check.MISSING_REQUIRED)
        assert (items.count(), items.filter(closed_at__isnull=True).count()) == (4, 3)
        assert not QualityRun.rows().filter(state="waiting").exists()
    listed = text_of(ada.get("/quality/missing_attribution/"))
    assert all(each.ref in listed for each in unattributed)
    assert "3" in text_of(ada.get("/quality/duplicates/"))


def test_each_check_finds_its_own_and_nothing_else(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    at = TUESDAY_NINE + timedelta(minutes=1)
    make_lead(harbor)
    assert "All 15 checks clean at 09:01" in checked(harbor, client_as("ada"), at)
    rows = {check: make_lead(harbor) for check in Check if check is not Check.DUPLICATES}
    with harbor.scope():
        _break(rows)
    checked(harbor, client_as("ada"), at + timedelta(minutes=1))
    with harbor.scope():
        for check, lead in rows.items():
            found = FixItem.rows().filter(check_key=check).values_list("lead_id", flat=True)
            assert list(found) == [lead.id], check


def _break(rows: Mapping[Check, Lead]) -> None:
    def of(check: Check) -> QuerySet[Lead]:
        return Lead.rows().filter(id=rows[check].id)

    of(Check.MISSING_REQUIRED).update(preferred_channel="")
    of(Check.MISSING_ATTRIBUTION).update(campaign=None)
    of(Check.NO_NEXT_ACTION).update(next_action_at=None)
    gone = Membership.rows().get(user__name="Raj Iyer")
    Membership.rows().filter(id=gone.id).update(is_active=False)
    with acting_as_system():
        of(Check.INACTIVE_OWNER).update(owner=gone)
        of(Check.STAGE_OWNER).update(stage=Stage.rows().get(pipeline__key="patient", key="scheduled"))
    of(Check.UNKNOWN_SOURCE).update(source=Source.rows().get(key="unknown"))
    of(Check.INVALID_PHONE).update(preferred_channel="email")
    points = ContactPoint.rows()
    points.filter(person=rows[Check.INVALID_PHONE].person, kind="phone").update(validity="invalid")
    points.filter(person=rows[Check.STALE_CONTACT].person).update(created_at=TUESDAY_NINE - timedelta(days=200))
    Touch.rows().filter(lead=rows[Check.NO_INQUIRY]).update(lead=rows[Check.DISAGREES])
    set_local("leadcrm.consent_by", "capture")
    bare = ConsentEvent(person=rows[Check.CONSENT_EVIDENCE].person, channel="text", purpose="care_inquiry")
    bare.value, bare.source, bare.recorded_by = "granted", "capture", "an old list"
    bare.recorded_at = bare.captured_at = TUESDAY_NINE
    bare.save()
    of(Check.OWNER_MISMATCH).update(exception="owner_mismatch")
    of(Check.UNMAPPED_VALUE).update(exception="unmapped_value")
    of(Check.DISAGREES).update(flags=[{"check": "age_limit", "sentence": "Too young.", "lowers": 25}])
    of(Check.HELD_LONG).update(validity="held", created_at=TUESDAY_NINE - timedelta(days=2))


def test_a_check_that_fails_is_shown_as_failed_and_never_as_zero(
    harbor: Tenant, client_as: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    make_lead(harbor, at=SIX_MAY, source="landing-pages", attribution={})
    ada = client_as("ada")
    assert count(checked(harbor, ada, SIX_MAY), "Missing attribution") == 1

    def broken(now: datetime) -> QuerySet[Any]:
        return Lead.rows().extra(where=["no_such_column = 1"])

    monkeypatch.setattr("apps.quality.actions.CHECKS", {**checks.CHECKS, Check.MISSING_ATTRIBUTION: broken})
    page = checked(harbor, ada, SIX_MAY + timedelta(minutes=15))
    assert "1 check failed to run: Missing attribution" in page
    assert re.search(r"Missing attribution Failed \(1 before\)", page)
    with harbor.scope():
        assert FixItem.rows().filter(check_key=Check.MISSING_ATTRIBUTION, closed_at__isnull=True).count() == 1
        results = QualityRun.rows().get(computed_at=SIX_MAY + timedelta(minutes=15)).results
        assert results["missing_attribution"] == {"count": None, "error": "ProgrammingError", "before": 1}
        assert results["no_next_action"]["count"] == 0


def test_the_beat_asks_for_a_run_and_the_page_asks_as_often_with_many_as_with_one(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    ada = client_as("ada")
    assert "Nothing was checked yet" in text_of(ada.get("/quality/"))
    asked = []
    for extra in (1, 4):
        for _ in range(extra):
            make_lead(harbor, source="landing-pages", attribution={})
        for source in ("landing-pages", "web-derm", "web-ortho", "web-imaging")[:extra]:
            leads_made.send_in(harbor, {"external_id": f"blank-{extra}", "source": source})
        assert run_all() >= 1
        harbor.drain()
        with CaptureQueriesContext(connection) as statements:
            page = text_of(ada.get("/quality/"))
        assert page.count("excluded (") == extra
        asked.append(len(statements))
    assert asked[0] == asked[1] <= 16


def test_only_who_reads_reports_sees_it_and_a_team_sees_its_own_leads(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    assert client_as("ana").get("/quality/").status_code == 403
    assert client_as("ana").post("/quality/run/").status_code == 403
    assert client_as("dev").post("/quality/recheck/").status_code == 403
    with harbor.scope():
        assert AuditEntry.rows().filter(action="refused:quality.read").exists()


@pytest.mark.row("VQ-12")
def test_contact_data_unverified_for_180_days_is_marked_and_checked_again_in_a_batch(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    lead, other = (make_lead(harbor) for _ in range(2))
    with harbor.scope():
        ContactPoint.rows().filter(person=other.person, kind="phone").update(value="+13125550", validity="unverified")
    lena, later = client_as("lena"), TUESDAY_NINE + timedelta(days=181)
    with travelling(to=later - timedelta(days=2)):
        assert "refresh due" not in text_of(lena.get(f"/leads/{lead.id}/"))
    with travelling(to=later):
        assert "Phone: refresh due, verified last" in text_of(lena.get(f"/leads/{lead.id}/"))
    assert count(checked(harbor, lena, later), "Contact data to refresh") == 2
    with travelling(to=later):
        answer = lena.post("/quality/recheck/", follow=True)
        assert "4 looked at, 1 cannot work, 0 still to refresh." in text_of(answer)
        assert "refresh due" not in text_of(lena.get(f"/leads/{lead.id}/"))
    assert count(shown(lena, later), "Contact data to refresh") == 0
    with harbor.scope():
        phone = ContactPoint.rows().get(person=other.person, kind="phone")
        assert (phone.validity, phone.verified_at, phone.health_reason) == ("invalid", None, "fails the check today")
        assert AuditEntry.rows().filter(action="contact.recheck").count() == 1


@pytest.mark.row("VQ-12")
def test_a_lead_from_200_days_ago_is_looked_at_again_before_it_is_taken_up(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    lead, later = make_lead(harbor), TUESDAY_NINE + timedelta(days=200)
    owner = client_as("lena")
    with travelling(to=TUESDAY_NINE + timedelta(minutes=5)):
        sent = {"to": "nurture", "reason": "Wants to wait until summer"}
        assert ask(owner, "POST", f"/leads/{lead.id}/stage", sent).status_code == 200
    with harbor.scope():
        phone = ContactPoint.rows().get(person=lead.person, kind="phone")
        assert phone.verified_at is None
    with travelling(to=later):
        sent = {"to": "routed", "reason": "Asked us to call again"}
        assert ask(owner, "POST", f"/leads/{lead.id}/stage", sent).status_code == 200
    with harbor.scope():
        assert ContactPoint.rows().get(id=phone.id).verified_at == later
        assert AuditEntry.rows().filter(action="contact.recheck").count() == 1
