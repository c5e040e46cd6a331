"""Transactions of connectors: take in what comes, read again what nobody could."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from django.db import connection as database
from django.db.models import F

from apps.accounts.saving import require_settings
from apps.audit import ledger
from apps.capture.actions import Envelope, receive
from apps.capture.document_rules import sort_out
from apps.capture.documents import keep_documents
from apps.capture.mapping import ANSWER, names_in
from apps.capture.queries import mapping_documents
from apps.capture.text import fold
from apps.catalog.models import Source
from apps.catalog.vendor_terms import UseKind
from apps.catalog.vendors import require_standing, stopped
from apps.connectors.decisions.consent_fields import channels_of, ticked_claims
from apps.connectors.decisions.keys import named
from apps.connectors.decisions.mapping import body_of
from apps.connectors.decisions.synonyms import mapping_for
from apps.connectors.models import Connection, Hook, HookEvent
from apps.connectors.pings import answer_ping
from apps.connectors.providers import providers
from apps.connectors.terms import (
    BookingAct,
    Event,
    Group,
    HookRequest,
    HookState,
    NoticeKind,
    Provider,
    Taken,
    Unmappable,
    Unreadable,
)
from apps.consent.terms import Purpose
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, Door, system_actor
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id
from apps.tenancy.sealed_fields import opened_of, seal_for

FETCH, HEED, POP = "connectors.fetch", "connectors.heed", "connectors.pop"
#: Headers worth keeping beside the body; proofs and credentials are not among them.
KEPT_HEADERS = (
    *("content-type", "user-agent", "x-github-event", "x-event-type", "x-request-id"),
    *("x-hook-event-id", "x-chatwoot-delivery"),
)

log = structlog.get_logger("connectors")
NOT_READ = "Our reader failed on this delivery. It is kept; read it again once that is mended."


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of one hook: its state and each event of it."""

    state: HookState
    taken: tuple[Taken, ...] = ()
    problem: str = ""


def take_in(row: Connection, request: HookRequest, now: datetime) -> Intake:
    """Keep a proven hook and hand its new events to capture.

    An event that came before is answered as it was then. What cannot be mapped is kept and shown; so is what comes
    while the vendor's agreement is not in order, which is read once it is (row PH-09). Raises Unreadable for a body
    that is not in the sender's form; then nothing is kept.
    """
    provider = providers()[row.provider]
    try:
        events = provider.read(request)
    except Unmappable as problem:
        _keep(row, request, now, HookState.UNMAPPED, str(problem))
        return Intake(HookState.UNMAPPED, problem=str(problem))
    except Unreadable:
        raise
    except Exception as error:  # a reader that fails must not lose what a proven sender sent
        log.error("hook_not_read", provider=row.provider, error=type(error).__name__)
        _keep(row, request, now, HookState.UNMAPPED, NOT_READ)
        return Intake(HookState.UNMAPPED, problem=NOT_READ)
    if events and all(each.is_ping for each in events):
        return Intake(HookState.IGNORED, tuple(answer_ping(row, provider, each) for each in events))
    if why := stopped(UseKind.CONNECTION, row.key, now=now):
        return _hold(row, request, events, now, why)
    return take_events(row, request, events, now)


def _hold(row: Connection, request: HookRequest, events: Sequence[Event], now: datetime, why: str) -> Intake:
    """Keep what came unread, but for opt-outs: whose word stops contact waits for no agreement (rows CN-04, PH-09)."""
    stops = [each for each in events if each.notice is not None and each.notice.kind is NoticeKind.OPT_OUT]
    intake = take_events(row, request, stops, now) if stops else Intake(HookState.HELD)
    if stops and len(stops) == len(events):
        return intake
    _keep(row, request, now, HookState.HELD, why)
    return Intake(HookState.HELD, intake.taken, why)


def take_events(row: Connection, request: HookRequest, events: Sequence[Event], now: datetime) -> Intake:
    """Keep a hook that was read, and hand the events that are new to capture."""
    provider = providers()[row.provider]
    events = [named(event, now) for event in events]
    known = {each.key: each for each in _known(row, events)}
    fresh = [event for event in events if event.key not in known]
    if events and not fresh:
        Hook.rows().filter(id__in={each.hook_id for each in known.values()}).update(repeats=F("repeats") + 1)
        return Intake(HookState.TAKEN, tuple(_again(event, known[event.key]) for event in events))
    hook_state = _state_of(fresh)
    hook = _keep(row, request, now, hook_state, is_test=any(event.is_test for event in events))
    return Intake(hook_state, tuple(_take(row, provider, hook, event, now) for event in events))


def read_again(*, actor: Actor, hook: Hook, now: datetime) -> Intake:
    """Read a kept hook once more, with the mapping of now; events that were taken in stay as they are.

    Refuses while the vendor's agreement is not in order.
    """
    require_settings(actor, "connection")
    row = hook.connection
    require_standing(UseKind.CONNECTION, row.key, now=now)
    request, provider = kept_request(hook), providers()[row.provider]
    ledger.record(actor=actor, action="hook.read_again", object_type="hook", object_id=hook.id)
    try:
        events = provider.read(request)
    except Unmappable as problem:
        return Intake(HookState.UNMAPPED, problem=str(problem))
    taken = tuple(_take(row, provider, hook, named(event, hook.received_at), now) for event in events)
    state = _state_of(events)
    if state is HookState.WAITING and not _ask_again(hook):
        state = HookState.TAKEN
    Hook.rows().filter(id=hook.id).update(state=state, problem="", mapping_version=row.mapping_version)
    return Intake(state, taken)


def kept_request(hook: Hook) -> HookRequest:
    """Return the request that a kept hook was, with the headers that were kept of it."""
    raw = opened_of(hook, "raw")
    settings = hook.connection.settings
    return HookRequest("POST", "", hook.headers, {}, raw, hook.headers.get("part", ""), settings)


def receive_event(
    row: Connection,
    event: Event,
    is_update: bool,
    now: datetime,
    *,
    source: Source | None = None,
    came_at: datetime | None = None,
) -> UUID:
    """Hand one event to capture as an inquiry; return its submission. It is the connection's source's, or another's.

    The sender's id is set apart by the connection's key, since two senders may count from one. A later event of
    the same object names it too, so that it finds the same person, yet it is a delivery of its own. What a mail had
    attached becomes documents of the submission where it may; the rest is noted with it, by name and reason.
    `came_at` is when the sender told us, where the event waited for our worker since.
    """
    provider, source = providers()[row.provider], source or row.source
    # What the source's mapping names stays an answer here: the intake moves it, by the version of then.
    named = dict.fromkeys(_named_by_source(source, event, now), ANSWER)
    mapping = mapping_for(event, {**provider.mapping, **named, **row.mapping}, guesses=provider.guesses)
    capture_method = event.capture_method or provider.capture_method
    body = body_of(event, mapping, source=source.key, capture_method=capture_method)
    if event.object_id:
        body["external_id"] = f"{row.key}:{event.object_id}"[:180]
    body["consent"] = [*body.get("consent", ()), *_ticked_consent(row, event, now), *_shown_consent(row, event, now)]
    files = sort_out(event.files)
    if files.refused:
        # The intake names them in the lead's story.
        body["refused_documents"] = [{"name": name, "reason": str(reason)} for name, reason in files.refused]
    envelope = Envelope(
        source=source,
        source_typed=source.key,
        payload=body,
        capture_method=capture_method,
        event_at=event.submitted_at or came_at or now,
        received_at=came_at or now,
        external_id="" if is_update else body.get("external_id", ""),
        idempotency_key=hashlib.sha256(f"{row.id}/{event.key}".encode()).hexdigest(),
        party_id=source.party_id,
        is_test=event.is_test,
    )
    actor = system_actor(current_organization_id(), f"hook {row.key}", Door.HOOK)
    receipt = receive(actor=actor, envelope=envelope, now=now)
    keep_documents(actor=actor, submission_id=receipt.submission_id, files=files.taken, now=now)
    return receipt.submission_id


def _named_by_source(source: Source, event: Event, now: datetime) -> list[str]:
    rules = names_in(mapping_documents(source.key, now))
    return [name for name in event.values if fold(name) in rules]


def is_told(row: Connection, event: Event) -> bool:
    """Say whether an earlier event of the same object became an inquiry."""
    earlier = HookEvent.rows().filter(connection=row, object_id=event.object_id, submission__isnull=False)
    return bool(event.object_id) and earlier.exists()


def _state_of(events: Sequence[Event]) -> HookState:
    open_events = [event for event in events if not event.ignored]
    if any(event.fetch for event in open_events):
        return HookState.WAITING
    return HookState.TAKEN if open_events else HookState.IGNORED


def _ask_again(hook: Hook) -> int:
    """Ask the sender once more for what its notices named and we never got; return for how many."""
    missing = HookEvent.rows().filter(hook=hook, submission__isnull=True, ignored="")
    ids = list(missing.values_list("id", flat=True))
    for each in ids:
        outbox.enqueue(FETCH, each)
    return len(ids)


def _known(row: Connection, events: Sequence[Event]) -> list[HookEvent]:
    """Return the events that came before. A lock on the connection's keys makes twins wait for each other."""
    with database.cursor() as cursor:
        for key in sorted({event.key for event in events}):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"{row.id}/{key}"])
    return list(HookEvent.rows().filter(connection=row, key__in=[event.key for event in events]))


def _keep(
    row: Connection, request: HookRequest, now: datetime, state: HookState, problem: str = "", *, is_test: bool = False
) -> Hook:
    hook = Hook(id=new_id(), connection=row, received_at=now, state=state, problem=problem[:500], is_test=is_test)
    hook.raw = seal_for(hook, "raw", request.raw)
    hook.raw_digest = hashlib.sha256(request.raw).hexdigest()
    hook.headers = {name: request.headers[name][:200] for name in KEPT_HEADERS if name in request.headers}
    if request.part:
        hook.headers["part"] = request.part
    hook.mapping_version = row.mapping_version
    hook.save(force_insert=True)
    return hook


def _again(event: Event, known: HookEvent) -> Taken:
    return Taken(event, known.submission_id, is_repeat=True)


def _take(row: Connection, provider: Provider, hook: Hook, event: Event, now: datetime) -> Taken:
    """Take one event in, unless it came before."""
    seen = HookEvent.rows().filter(connection=row)
    if known := seen.filter(key=event.key).first():
        return _again(event, known)
    is_update = is_told(row, event)
    if event.opens_only and is_update:
        event = replace(event, ignored="More is known of it already.")
    if event.notice and event.is_test:
        event = _tried(event)
    waits = event.ignored or event.fetch or event.notice
    submission_id = None if waits else receive_event(row, event, is_update, now)
    made = HookEvent(
        id=new_id(),
        connection=row,
        hook=hook,
        key=event.key[:300],
        object_id=event.object_id[:180],
        kind=event.kind[:40],
        ignored=event.ignored[:200],
        submission_id=submission_id,
        taken_at=now,
    )
    made.save(force_insert=True)
    if event.fetch and not event.ignored:
        outbox.enqueue(FETCH, made.id)
    if event.notice and not event.ignored:
        outbox.enqueue(HEED, made.id)
    if provider.group is Group.CALLS and submission_id and (event.opens_only or is_update):
        outbox.enqueue(POP, made.id)
    return Taken(event, submission_id)


def _tried(event: Event) -> Event:
    """Return what a test of this notice does: a mail, a text or a booking is an inquiry, the rest is left alone."""
    booking = event.notice.booking if event.notice else None
    is_inquiry = booking is not None and booking.act is BookingAct.BOOKED
    if is_inquiry or (event.notice and event.notice.kind in (NoticeKind.MAIL, NoticeKind.TEXT)):
        return replace(event, notice=None)
    return replace(event, ignored="A test: nothing was done.")


def _shown_consent(row: Connection, event: Event, now: datetime) -> list[dict[str, Any]]:
    """Return what the person agreed to by sending a form whose wording the connection or the sender names.

    A channel that has a box of its own is granted by that box only.
    """
    said = [each for each in event.consent if each.get("purpose", Purpose.CARE_INQUIRY) == Purpose.CARE_INQUIRY]
    if said or not (row.consent_version or event.evidence.get("text")):
        return []
    boxed = {channel for channels in channels_of(row.settings).values() for channel in channels}
    shown = [each for each in row.consent_channels if each not in boxed]
    return [_claim(row, event, now, {"channel": each, "state": "granted"}) for each in shown]


def _ticked_consent(row: Connection, event: Event, now: datetime) -> list[dict[str, Any]]:
    """Return what the person agreed to by ticking boxes that the connection's settings name."""
    return [_claim(row, event, now, each) for each in ticked_claims(event, row.settings)]


def _claim(row: Connection, event: Event, now: datetime, said: Mapping[str, Any]) -> dict[str, Any]:
    """Complete a claim with its time, its wording's version and what proves it."""
    kept = {"evidence_ref": f"{row.provider} {event.object_id}".strip(), **event.evidence, **said}
    version = {"text_version": row.consent_version} if row.consent_version else {}
    at = (event.submitted_at or now).isoformat()
    return {**kept, **version, "captured_at": at, "evidence_kind": "connector_form"}
