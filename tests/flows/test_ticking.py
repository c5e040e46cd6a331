"""Many clocks in one go do what a tick of one does; workers that die or tell another time change nothing (R5, R16)."""

import os
import subprocess
import sys
from datetime import datetime, timedelta

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone

from apps.capture.models import Submission
from apps.leads.models import Lead, TimelineEntry
from apps.outreach.models import Message
from apps.sla.models import Escalation, SlaTimer
from apps.tenancy import failpoints, outbox
from apps.tenancy.clock import database_now
from apps.tenancy.models import Wakeup
from tests.cast import Tenant, new_tenant
from tests.leads_made import TUESDAY_NINE, consent, inquiry, make_lead, send_in
from tests.words import saying

DUE = TUESDAY_NINE + timedelta(minutes=5)
MINUTE = timedelta(minutes=1)


class Killed(BaseException):
    """A worker that is gone: no handler of errors sees it, and its transaction rolls back."""


def told(tenant: Tenant) -> dict[str, list[tuple[str, ...]]]:
    """Return what became of every clock: its marks, its steps, and what the stories say of it."""
    with tenant.scope():
        marks = SlaTimer.rows().order_by("lead__number", "kind").values_list("kind", "at_risk_noted_at", "breached_at")
        steps = Escalation.rows().filter(done_at__isnull=False, timer__isnull=False)
        story = TimelineEntry.rows().filter(kind__in=["breach", "escalation", "assigned"])
        return {
            "marks": [tuple(map(str, each)) for each in marks],
            "steps": sorted(
                tuple(map(str, each))
                for each in steps.values_list("timer__lead__number", "timer__kind", "step", "result")
            ),
            "story": sorted((str(each.lead.number), each.kind, each.sentence) for each in story.select_related("lead")),
        }


def numbered(found: dict[str, list[tuple[str, ...]]]) -> dict[str, list[tuple[str, ...]]]:
    """Leave out who was alerted or chosen by turn: it differs from tenant to tenant of the same cast."""
    return {
        "marks": found["marks"],
        "steps": [each[:3] for each in found["steps"]],
        "story": [each[:2] for each in found["story"]],
    }


def leads_late(tenant: Tenant) -> list[Lead]:
    """Return leads of one queue whose clocks are due at once."""
    return [make_lead(tenant, source="imaging-spring") for _ in range(3)]


@pytest.mark.row("SL-10")
def test_many_together_do_what_each_alone_does(harbor: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    second_harbor = new_tenant("harbor")
    for tenant in (harbor, second_harbor):
        leads_late(tenant)
    for at in (DUE - MINUTE, DUE, DUE + 5 * MINUTE, DUE + 12 * MINUTE):
        harbor.drain(at)
        with monkeypatch.context() as patched:
            patched.setattr(outbox, "_batch_handlers", {})
            second_harbor.drain(at)
    assert numbered(told(harbor)) == numbered(told(second_harbor))
    assert len(told(harbor)["story"]) > 8


@pytest.mark.row("SL-10")
@pytest.mark.parametrize("point", ["outbox.claimed", "outbox.before_commit", "outbox.after_commit"])
def test_a_worker_that_dies_at_a_named_point_loses_and_doubles_nothing(
    harbor: Tenant, monkeypatch: pytest.MonkeyPatch, point: str
) -> None:
    leads_late(harbor)
    passed: list[str] = []

    def die(name: str) -> None:
        passed.append(name)
        if name == point and passed.count(point) <= 2:
            raise Killed

    late = DUE + 12 * MINUTE
    with monkeypatch.context() as patched:
        patched.setattr(outbox, "failpoint", die)
        for _ in range(3):
            try:
                harbor.drain(late)
            except Killed:
                continue
    harbor.drain(late + outbox.LEASE + timedelta(seconds=1))
    found = told(harbor)
    assert len(found["steps"]) == len({each[:3] for each in found["steps"]})
    with harbor.scope():
        missed = Escalation.rows().filter(done_at__isnull=True, at__lte=late, timer__met_at__isnull=True)
        assert not missed.exists()
        assert not SlaTimer.rows().filter(breached_at__isnull=True, met_at__isnull=True, due_at__lte=late).exists()
        for lead in Lead.rows():
            lines = saying(TimelineEntry.rows().filter(lead=lead, kind="breach"), sentence__startswith="First contact")
            assert len(lines) == 1
            assert (
                len(saying(TimelineEntry.rows().filter(lead=lead, kind="assigned"), sentence__startswith="Given")) == 1
            )


def killed_at(tenant: Tenant, at: datetime, point: str) -> None:
    """Let a worker of its own process run what is due at an instant, until it is killed at a named point."""
    program = (
        "import django; django.setup();"
        "from leadcrm import celery_app; celery_app.loader.import_default_modules();"
        "from apps.tenancy import outbox; import uuid;"
        f"tenant = uuid.UUID('{tenant.organization_id}');"
        "[None for _ in iter(lambda: outbox.run_due(organization_id=tenant), 0)]"
    )
    variables = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "leadcrm.settings.test",
        "LEADCRM_CLOCK_SHIFT_SECONDS": str((at - database_now()).total_seconds()),
        "LEADCRM_FAILPOINT": point,
    }
    died = subprocess.run([sys.executable, "-c", program], env=variables, capture_output=True, check=False)
    assert died.returncode == failpoints.KILLED, died.stderr.decode()


@pytest.mark.row("SL-10")
def test_a_process_killed_between_sending_and_its_mark_sends_nothing_twice(
    harbor: Tenant, mailoutbox: list[EmailMessage]
) -> None:
    """What went out is noted before the wake-up goes: the next worker finds it sent, and sends nothing."""
    receipt = send_in(harbor, inquiry(consent=[consent("email")]), at=TUESDAY_NINE)
    killed_at(harbor, TUESDAY_NINE + timedelta(seconds=1), "outbox.before_mark")
    with harbor.scope():
        lead_id = Submission.rows().get(id=receipt.submission_id).lead_id
        (message,) = Message.rows().filter(lead_id=lead_id, purpose="acknowledgement")
        assert message.state == "sent" and Wakeup.objects.filter(row_id=message.id).exists()
    harbor.drain(TUESDAY_NINE + outbox.LEASE + MINUTE)
    with harbor.scope():
        assert [each.state for each in Message.rows().filter(lead_id=lead_id)] == ["sent"]
        assert not Wakeup.objects.filter(row_id=message.id).exists()
    assert mailoutbox == [], "the receipt went out once, by the worker that was killed"


@pytest.mark.row("SL-10")
def test_a_killed_process_leaves_its_ticks_to_the_next(harbor: Tenant) -> None:
    leads_late(harbor)
    killed_at(harbor, DUE + timedelta(seconds=1), "outbox.before_commit")
    with harbor.scope():
        assert not TimelineEntry.rows().filter(kind="breach").exists(), "what was not committed did not happen"
    harbor.drain(DUE + MINUTE)
    with harbor.scope():
        assert len(saying(TimelineEntry.rows().filter(kind="breach"), sentence__startswith="First contact")) == 3


@pytest.mark.row("SL-10")
@pytest.mark.parametrize("skew", [-10, 10])
def test_a_worker_whose_clock_is_ten_minutes_off_misses_and_repeats_nothing(
    harbor: Tenant, monkeypatch: pytest.MonkeyPatch, skew: int
) -> None:
    """The process's own clock is read for nothing: what the database says is now."""
    leads_late(harbor)

    def wrong() -> datetime:
        return DUE + skew * MINUTE

    monkeypatch.setattr(timezone, "now", wrong)
    monkeypatch.setattr("time.time", lambda: wrong().timestamp())
    harbor.drain(DUE - timedelta(seconds=1))
    with harbor.scope():
        assert not SlaTimer.rows().filter(kind="first_contact", breached_at__isnull=False).exists()
    for _ in range(2):
        harbor.drain(DUE)
    with harbor.scope():
        assert list(SlaTimer.rows().filter(kind="first_contact").values_list("breached_at", flat=True)) == [DUE] * 3
        assert len(saying(TimelineEntry.rows().filter(kind="breach"), sentence__startswith="First contact")) == 3
