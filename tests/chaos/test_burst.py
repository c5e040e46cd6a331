"""A burst of posts while the worker and then the broker are killed: none is lost, none is doubled."""

import io
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import call_command

from apps.accounts.models import ApiKey
from apps.capture.models import Submission
from apps.leads.models import Lead
from apps.outreach.models import Message
from apps.tenancy.models import Wakeup
from leadcrm.stack.testing import TestBroker, start_test_broker
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, inquiry
from tests.live import Live, wait_until
from tests.program import Answer, Program

POSTS = int(os.environ.get("LEADCRM_CHAOS_POSTS", "48"))
SENDERS = 4
RECOVERY_SECONDS = 120.0


@pytest.fixture
def fragile(tmp_path: Path) -> Iterator[tuple[Live, TestBroker]]:
    """The product over a broker of its own, which the test may kill."""
    broker = start_test_broker()
    live = Live(tmp_path, {"REDIS_URL": broker.url})
    yield live, broker
    live.stop()
    broker.stop()


def post_all(program: Program, answers: list[Answer], on_progress) -> None:  # type: ignore[no-untyped-def]
    """Send POSTS inquiries from several senders at once."""
    bodies = [inquiry(source="imaging-spring") for _ in range(POSTS)]
    lock = threading.Lock()

    def work(share: list[dict]) -> None:
        for body in share:
            answer = program.post("/leads", body)
            with lock:
                answers.append(answer)
                on_progress(len(answers))

    senders = [threading.Thread(target=work, args=(bodies[n::SENDERS],)) for n in range(SENDERS)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()


@pytest.mark.row("SL-10")
@pytest.mark.usefixtures("nothing_in_line")
def test_killing_worker_and_broker_in_a_burst_loses_and_doubles_nothing(
    fragile: tuple[Live, TestBroker], harbor: Tenant
) -> None:
    live, broker = fragile
    with harbor.scope():
        ApiKey.rows().update(per_minute=1_000_000)
    live.start(at=TUESDAY_NINE)
    answers: list[Answer] = []

    def strike(count: int) -> None:
        if count == POSTS // 3:
            live.kill("worker")
        if count == POSTS // 2:
            broker.kill()

    post_all(Program(live.url, harbor.keys["bp-1"]), answers, strike)
    assert [answer.status for answer in answers] == [202] * POSTS, {a.status for a in answers}
    assert len({answer.body["id"] for answer in answers}) == POSTS

    broker.start()
    live.start_one("worker")

    def owned() -> bool:
        with harbor.scope():
            return not Submission.rows().filter(state="received").exists()

    def all_done() -> bool:
        waiting = Wakeup.objects.filter(organization_id=harbor.organization_id)
        return not waiting.filter(kind__in=["outreach.send", "outreach.sent"]).exists()

    returned = time.monotonic()
    wait_until(owned, "an owner for every post", RECOVERY_SECONDS)
    print(f"{POSTS} posts: all owned {time.monotonic() - returned:.0f} s after the services returned")
    wait_until(all_done, "an acknowledgement for every post", RECOVERY_SECONDS)
    with harbor.scope():
        assert Submission.rows().count() == POSTS
        assert Lead.rows().count() == POSTS
        assert Lead.rows().filter(owner_team__isnull=True).count() == 0
        assert Message.rows().filter(purpose="acknowledgement").count() == POSTS
    call_command("invariants", tenant=harbor.slug, stdout=io.StringIO(), stderr=io.StringIO())
