"""The outbox: once per row, leased, postponed, parked, replayed; and a broker that does not answer."""

import io
import uuid
from datetime import timedelta

import pytest
from celery import current_app
from django.core.management import call_command

from apps.capture.models import Submission
from apps.tenancy import outbox, wake
from apps.tenancy.clock import travelling
from apps.tenancy.models import Wakeup
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, inquiry, send_in


@pytest.fixture
def failing(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    calls: list[int] = []

    def fail(row_id: uuid.UUID, now: object) -> None:
        calls.append(1)
        raise RuntimeError("poison")

    monkeypatch.setitem(outbox._handlers, "test.poison", fail)
    return calls


@pytest.fixture(autouse=True)
def _nothing_left_of_the_set_up(harbor: Tenant) -> None:
    harbor.drain()


def mine(tenant: Tenant) -> list[Wakeup]:
    """Return the tenant's wake-ups but those that its vendors' agreements asked for, months ahead."""
    return list(Wakeup.objects.filter(organization_id=tenant.organization_id).exclude(kind="vendor.look"))


def test_asking_twice_is_one_wakeup_and_the_later_time_wins(harbor: Tenant) -> None:
    row = uuid.uuid4()
    with harbor.scope():
        outbox.enqueue("test.kind", row, due_at=TUESDAY_NINE)
        outbox.enqueue("test.kind", row, due_at=TUESDAY_NINE + timedelta(hours=1))
    assert [each.due_at for each in mine(harbor)] == [TUESDAY_NINE + timedelta(hours=1)]


def test_a_rolled_back_scope_asks_for_nothing(harbor: Tenant) -> None:
    with pytest.raises(RuntimeError), harbor.scope():
        outbox.enqueue("test.kind", uuid.uuid4())
        raise RuntimeError
    assert mine(harbor) == []


def test_a_leased_wakeup_is_not_given_out_again_until_the_lease_ends(harbor: Tenant) -> None:
    with harbor.scope():
        outbox.enqueue("test.kind", uuid.uuid4())
    assert len(outbox.claim(10, organization_id=harbor.organization_id)) == 1
    assert outbox.claim(10, organization_id=harbor.organization_id) == []
    with travelling(by=outbox.LEASE + timedelta(seconds=1)):
        assert len(outbox.claim(10, organization_id=harbor.organization_id)) == 1


def test_poison_is_parked_after_five_tries_shown_and_replayed(harbor: Tenant, failing: list[int]) -> None:
    with harbor.scope():
        outbox.enqueue("test.poison", uuid.uuid4())
    for hours in range(1, 10):
        with travelling(by=timedelta(hours=hours)):
            outbox.run_due(organization_id=harbor.organization_id)
    assert len(failing) == outbox.MAX_ATTEMPTS
    (parked,) = mine(harbor)
    assert parked.parked_at is not None and parked.last_error == "RuntimeError"
    shown = io.StringIO()
    call_command("outbox", stdout=shown)
    assert str(parked.row_id) in shown.getvalue()
    call_command("outbox", replay=str(parked.id), stdout=io.StringIO())
    assert mine(harbor)[0].parked_at is None


def test_one_poisoned_row_does_not_stop_the_others(harbor: Tenant, failing: list[int]) -> None:
    with harbor.scope():
        outbox.enqueue("test.poison", uuid.uuid4())
    receipt = send_in(harbor, inquiry())
    harbor.drain()

    with harbor.scope():
        assert Submission.rows().get(id=receipt.submission_id).state == "processed"


def test_a_dead_broker_costs_one_try_and_then_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[int] = []

    def dead(*args: object, **kwargs: object) -> None:
        tries.append(1)
        raise ConnectionError

    monkeypatch.setattr(wake, "broker", dead)
    monkeypatch.setattr(wake, "_quiet_until", 0.0)
    for _ in range(5):
        wake.hint()
    assert len(tries) == 1
    monkeypatch.setattr(wake, "_quiet_until", 0.0)


def test_a_hint_that_nobody_heard_yet_is_not_said_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[object] = []
    monkeypatch.setattr(current_app, "send_task", lambda *args, **kwargs: said.append(args))
    monkeypatch.setattr(wake, "_quiet_until", 0.0)
    wake.heard()
    wake.hint()
    wake.hint()
    assert len(said) == 1
    wake.heard()
    wake.hint()
    assert len(said) == 2
    wake.heard()


def test_the_sender_gets_its_answer_while_the_broker_is_dead(
    harbor: Tenant, api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def dead(*args: object, **kwargs: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(wake, "broker", dead)
    monkeypatch.setattr(wake, "_quiet_until", 0.0)
    answer = api("bp-1").post("/leads", inquiry(source="imaging-spring"))
    assert answer.status_code == 202
    monkeypatch.setattr(wake, "_quiet_until", 0.0)
