"""Heed what is no inquiry: an opt-out, a wish to be written to again. Run by the worker, once per event.

The hook is read again as it was kept, so that nothing a person said rests anywhere but in its sealed copy.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from uuid import UUID

from apps.capture.email_address import read_email
from apps.capture.phone import read_phone
from apps.connectors.actions import HEED, kept_request
from apps.connectors.decisions.keys import named
from apps.connectors.models import HookEvent
from apps.connectors.providers import providers
from apps.connectors.terms import Event, Notice, NoticeKind
from apps.consent.terms import Channel
from apps.flows.opt_out import opt_out_of_value, permit_again
from apps.tenancy import outbox
from apps.tenancy.actor import Door, system_actor
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import current_organization_id

NOBODY = "Nobody on file has this number or address."

Heed = Callable[[HookEvent, Event, Notice, datetime], str]


@outbox.handler(HEED)
def heed(event_id: UUID, now: datetime) -> None:
    """Do what a kept event asks for; what could not be done stays with it as the reason."""
    row = HookEvent.rows().select_for_update(of=("self",)).select_related("hook__connection").get(id=event_id)
    if row.ignored or row.submission_id is not None:
        return
    event = _event_of(row)
    if event is None or event.notice is None:
        row.ignored = "The kept copy no longer reads as it did."
    else:
        row.ignored = _HEEDS[event.notice.kind](row, event, event.notice, now)[:200]
    if row.ignored:
        row.save(update_fields=["ignored"])


def contact_value(notice: Notice) -> str:
    """Return the number (E.164) or address that a notice is about; empty when it cannot be one."""
    if notice.channel == Channel.EMAIL:
        return str(read_email(notice.contact).address)
    return str(read_phone(notice.contact, current_organization().region).e164)


def _event_of(row: HookEvent) -> Event | None:
    """Read the kept hook again and return the event that this row stands for."""
    hook = row.hook
    events = providers()[hook.connection.provider].read(kept_request(hook))
    return next((each for event in events if (each := named(event, hook.received_at)).key == row.key), None)


def _opt_out(row: HookEvent, event: Event, notice: Notice, now: datetime) -> str:
    people = opt_out_of_value(
        actor=system_actor(current_organization_id(), f"hook {row.hook.connection.key}", Door.HOOK),
        channel=Channel(notice.channel),
        value=contact_value(notice),
        words=notice.words,
        now=now,
    )
    return "" if people else NOBODY


def _permit_again(row: HookEvent, event: Event, notice: Notice, now: datetime) -> str:
    people = permit_again(
        actor=system_actor(current_organization_id(), f"hook {row.hook.connection.key}", Door.HOOK),
        channel=Channel(notice.channel),
        value=contact_value(notice),
        words=notice.words,
        reference=f"{row.hook.connection.provider} {event.object_id}",
        now=now,
    )
    return "" if people else "Nobody on file had withdrawn by a message from this number or address."


_HEEDS: Mapping[NoticeKind, Heed] = {NoticeKind.OPT_OUT: _opt_out, NoticeKind.OPT_IN: _permit_again}
