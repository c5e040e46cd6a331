"""Fetch what a notice only named: read its ids in one transaction, ask in none, take the answer in in another."""

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from apps.connectors.actions import FETCH, is_told, receive_event
from apps.connectors.graph import GraphRefused, GraphUnavailable, graph
from apps.connectors.models import Hook, HookEvent
from apps.connectors.providers import providers
from apps.connectors.queries import secrets_of
from apps.connectors.terms import Event, HookState, SecretPurpose, Unmappable
from apps.tenancy import outbox
from apps.tenancy.clock import database_now
from apps.tenancy.scope import tenant_scope

NOTHING_TO_ASK_WITH = "No page token: add one to the connection, then read this delivery again."


@dataclass(frozen=True, slots=True)
class _Question:
    """What to ask for, with which token; it is never written down."""

    path: str
    token: str


@outbox.own_scope_handler(FETCH)
def fetch(organization_id: UUID, event_id: UUID, now: datetime) -> None:
    """Read one lead from its sender, once.

    A refusal leaves the notice as unmapped, with the reason; without a token it waits. Anything that passes is
    raised, so that the outbox tries again later.
    """
    with tenant_scope(organization_id):
        question = _question(event_id)
    if question is None:
        return
    try:
        document = graph().read(question.path, question.token)
        event = _read(organization_id, event_id, document)
    except (GraphRefused, Unmappable) as problem:
        _note(organization_id, event_id, HookState.UNMAPPED, str(problem))
    except GraphUnavailable as problem:
        _note(organization_id, event_id, HookState.WAITING, f"No answer yet ({problem}). It is asked again.")
        raise
    else:
        _take(organization_id, event_id, event)


def _question(event_id: UUID) -> _Question | None:
    """Return what to ask; None when there is nothing to ask (any more) or nobody gave us a token."""
    row = HookEvent.rows().select_related("connection").get(id=event_id)
    spec = providers()[row.connection.provider]
    if row.submission_id or row.ignored or spec.fetch_path is None:
        return None
    tokens = secrets_of(row.connection, SecretPurpose.API)
    if not tokens:
        Hook.rows().filter(id=row.hook_id).update(state=HookState.WAITING, problem=NOTHING_TO_ASK_WITH)
        return None
    return _Question(spec.fetch_path(row.object_id, row.connection.settings), tokens[-1])


def _read(organization_id: UUID, event_id: UUID, document: object) -> Event:
    with tenant_scope(organization_id):
        row = HookEvent.rows().select_related("connection").get(id=event_id)
    fetched = providers()[row.connection.provider].fetched
    if fetched is None or not isinstance(document, dict):
        raise Unmappable("The answer is no object.")
    return replace(fetched(document), key=row.key, object_id=row.object_id)


def _take(organization_id: UUID, event_id: UUID, event: Event) -> None:
    """Hand the lead to capture, unless another worker was faster."""
    with tenant_scope(organization_id):
        row = HookEvent.rows().select_for_update(of=("self",)).get(id=event_id)
        if row.submission_id is not None:
            return
        connection = row.connection
        is_update = is_told(connection, event)
        row.submission_id = receive_event(connection, event, is_update, database_now(), came_at=row.taken_at)
        row.save(update_fields=["submission"])
        waits = HookEvent.rows().filter(hook=row.hook_id, submission__isnull=True, ignored="").exists()
        changes: dict[str, object] = {"is_test": True} if event.is_test else {}
        if not waits:
            changes |= {"state": HookState.TAKEN, "problem": ""}
        if changes:
            Hook.rows().filter(id=row.hook_id).update(**changes)


def _note(organization_id: UUID, event_id: UUID, state: HookState, problem: str) -> None:
    with tenant_scope(organization_id):
        row = HookEvent.rows().get(id=event_id)
        Hook.rows().filter(id=row.hook_id).update(state=state, problem=problem[:500])
