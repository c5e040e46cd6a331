"""A message and a STOP at the same moment, again and again, in two threads with connections of their own."""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import copy_context
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Barrier, Thread
from typing import ClassVar
from uuid import UUID

from django.conf import settings
from django.db import connection

from apps.consent.terms import Channel
from apps.flows.opt_out import opt_out_of_value, permit_again
from apps.leads.models import ContactPoint, Lead
from apps.outreach.actions import SEND, intend_message
from apps.outreach.models import Message
from apps.outreach.sending import send
from apps.tenancy import outbox
from apps.tenancy.clock import database_now
from tests.cast import Tenant

#: The STOP comes this long before or after the sender begins, at random.
SPREAD_SECONDS = 0.03


class LoggedTexts:
    """Stands in for a provider: it notes the moment at which its call begins."""

    began: ClassVar[dict[str, float]] = {}

    def open(self) -> None:
        """Reach nobody."""

    def start(self, *, key: str, sender: str, to: str, body: str) -> None:
        """Note when."""
        LoggedTexts.began[key] = time.perf_counter()
        self._key = key

    def finish(self) -> str:
        """Return the message's id."""
        return self._key

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class Raced:
    """What came of all rounds. `stop_seconds` is how long each STOP took, `late` the ids of calls begun after one."""

    sent: int = 0
    stopped: int = 0
    late: list[str] = field(default_factory=list)
    stop_seconds: list[float] = field(default_factory=list)


def race(tenant: Tenant, lead: Lead, value: str, rounds: int, seed: int) -> Raced:
    """Let the sender of a text and the STOP of its receiver race so many times.

    A call that the provider saw begin after the STOP's transaction had ended counts as late.
    """
    found, chance = Raced(), random.Random(seed)  # noqa: S311 - a spread of moments, no secret
    with _logging_texts():
        for n in range(rounds):
            message_id = intended(tenant, lead, value, f"race {seed} {n}")
            lead_in = chance.uniform(-SPREAD_SECONDS, SPREAD_SECONDS)
            stopped_at = _round(tenant, message_id, value, lead_in, found)
            began = LoggedTexts.began.pop(message_id.hex, None)
            found.sent, found.stopped = found.sent + (began is not None), found.stopped + (began is None)
            if began is not None and began > stopped_at:
                found.late.append(message_id.hex)
            _settled(tenant, message_id, value, was_sent=began is not None)
    return found


@contextmanager
def _logging_texts() -> Iterator[None]:
    before, settings.TEXT_SENDER = settings.TEXT_SENDER, f"{__name__}.{LoggedTexts.__name__}"
    try:
        yield
    finally:
        settings.TEXT_SENDER = before


def intended(tenant: Tenant, lead: Lead, value: str, key: str) -> UUID:
    """Mean to text somebody; nobody sends it yet."""
    with tenant.scope():
        point = ContactPoint.rows().get(kind="phone", value=value, person_id=lead.person_id)
        message = intend_message(
            lead,
            purpose="question",
            template_key="acknowledgement",
            contact_point=point,
            words={},
            language="en",
            dedup_key=key,
            now=database_now(),
            channel=Channel.TEXT,
        )
        outbox.cancel(SEND, message.id)
    return message.id


def _round(tenant: Tenant, message_id: UUID, value: str, lead_in: float, found: Raced) -> float:
    """Run both at once; return when the STOP was kept."""
    start, kept = Barrier(2), []
    errors: list[BaseException] = []

    def sender() -> None:
        start.wait()
        time.sleep(max(lead_in, 0))
        send(tenant.organization_id, message_id, database_now())

    def stopper() -> None:
        start.wait()
        time.sleep(max(-lead_in, 0))
        began = time.perf_counter()
        with tenant.scope():
            words = {"channel": Channel.TEXT, "value": value, "words": "STOP"}
            opt_out_of_value(actor=tenant.system, now=database_now(), **words)
        kept.append(time.perf_counter())
        found.stop_seconds.append(kept[0] - began)

    threads = [thread_of(lambda each=each: _alone(each, errors)) for each in (sender, stopper)]
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return kept[0]


def thread_of(work: Callable[[], None]) -> Thread:
    """Start a thread on the clock of this one."""
    thread = Thread(target=copy_context().run, args=(work,))
    thread.start()
    return thread


def _alone(work, errors: list[BaseException]) -> None:  # type: ignore[no-untyped-def]
    try:
        work()
    except BaseException as error:
        errors.append(error)
    finally:
        connection.close()


def _settled(tenant: Tenant, message_id: UUID, value: str, *, was_sent: bool) -> None:
    """Hold the state of the message against what the provider saw, and let the person write START again."""
    later = database_now() + timedelta(seconds=2)
    send(tenant.organization_id, message_id, later)
    with tenant.scope():
        state = Message.rows().get(id=message_id).state
        if state != ("sent" if was_sent else "blocked"):
            raise AssertionError(f"{message_id} is {state}, and the provider saw it: {was_sent}")
        outbox.cancel(SEND, message_id)
        permit_again(
            actor=tenant.system, channel=Channel.TEXT, value=value, words="START", reference="race", now=database_now()
        )
