"""R8: no message begins after a STOP is kept, whichever comes first; `make bench PART=stops` lets many race."""

from threading import Event, Thread

import pytest
from django.db import connection

from apps.consent.queries import states_of
from apps.consent.terms import Channel
from apps.flows.opt_out import opt_out_of_value
from apps.outreach.models import Message
from apps.outreach.sending import send
from apps.outreach.texts import NullTexts
from apps.tenancy.clock import database_now, travelling
from apps.tenancy.models import Wakeup
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, consent, make_lead
from tests.stop_races import intended, thread_of

PHONE = "+13125550177"
BLOCKED_SECONDS = 0.4


@pytest.fixture
def texted(harbor: Tenant):
    """A lead whose person may be texted."""
    lead = make_lead(harbor, person__phone=PHONE, consent=[consent("text"), consent("email")])
    with travelling(by=TUESDAY_NINE - database_now()):
        yield lead


def stop(tenant: Tenant, kept: Event, begun: Event | None = None, go_on: Event | None = None) -> Thread:
    """Write STOP in a thread of its own; `begun` is set before it is kept, which waits for `go_on`."""

    def work() -> None:
        with tenant.scope():
            opt_out_of_value(actor=tenant.system, channel=Channel.TEXT, value=PHONE, words="STOP", now=database_now())
            if begun and go_on:
                begun.set()
                go_on.wait(10)
        kept.set()
        connection.close()

    return thread_of(work)


@pytest.mark.row("CN-06")
def test_a_stop_waits_until_a_call_that_may_begin_has_begun(harbor: Tenant, texted, monkeypatch):
    message_id = intended(harbor, texted, PHONE, "first")
    kept, seen = Event(), []
    threads: list[Thread] = []

    def start(self, **parcel) -> None:
        # The claim is committed, the call begins: a STOP of now must not be kept before it has.
        threads.append(stop(harbor, kept))
        seen.append(kept.wait(BLOCKED_SECONDS))
        self._key = parcel["key"]

    monkeypatch.setattr(NullTexts, "start", start)
    send(harbor.organization_id, message_id, database_now())
    threads[0].join(10)
    assert seen == [False] and kept.is_set()
    with harbor.scope():
        assert Message.rows().get(id=message_id).state == "sent"
        assert states_of([texted.person_id])[texted.person_id][Channel.TEXT].value == "withdrawn"


@pytest.mark.row("CN-04")
@pytest.mark.row("CN-06")
def test_a_sender_steps_back_while_a_stop_is_being_kept_and_never_sends_after(harbor: Tenant, texted):
    NullTexts.sent.clear()
    message_id = intended(harbor, texted, PHONE, "second")
    kept, begun, go_on = Event(), Event(), Event()
    thread = stop(harbor, kept, begun, go_on)
    assert begun.wait(10)
    send(harbor.organization_id, message_id, database_now())
    with harbor.scope():
        again = Wakeup.objects.get(organization_id=harbor.organization_id, kind="outreach.send", row_id=message_id)
        assert Message.rows().get(id=message_id).state == "pending"
        assert again.due_at > database_now()
    go_on.set()
    thread.join(10)
    send(harbor.organization_id, message_id, database_now())
    with harbor.scope():
        assert Message.rows().get(id=message_id).state == "blocked"
    assert NullTexts.sent == []
