"""Requests for access to forms and calling lists as their pages and the API show them (row TA-12)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.accounts.access_requests import KINDS, WORDS
from apps.accounts.asset_models import AccessRequest, CaptureAsset
from apps.accounts.assets import may_see_asset, may_share_asset, owner_of
from apps.accounts.terms import AccessState
from apps.tenancy.actor import Actor
from apps.workspace import assets_page

MOST_SHOWN = 50


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request. `kind` stands in addresses, `what` is the asset's name, or its sort for who may not look at it."""

    id: UUID
    kind: str
    asset_id: UUID
    what: str
    owner: str
    team: str
    reason: str
    asked_by: str
    asked_at: datetime
    due_at: datetime
    state: AccessState
    answer: str
    answered_by: str
    may_answer: bool

    @property
    def is_open(self) -> bool:
        """Say whether it waits for its answer."""
        return self.state == AccessState.OPEN


def requests_of(actor: Actor, row: CaptureAsset) -> list[RequestRow]:
    """Return the requests for one asset, newest first: to who shares it all of them, to others their teams'."""
    rows = AccessRequest.rows().filter(asset_id=row.id).select_related("team")
    if not may_share_asset(actor, row):
        rows = rows.filter(team__in=list(actor.team_ids))
    return [shown(actor, each, row) for each in rows[:MOST_SHOWN]]


def requests_for(actor: Actor) -> tuple[list[RequestRow], list[RequestRow]]:
    """Return what waits for the actor's answer, first due first, and what their teams asked for, newest first."""
    rows = AccessRequest.rows().select_related("team")
    mine = list(rows.filter(team__in=list(actor.team_ids))[:MOST_SHOWN])
    is_shared = Q(asset_id__in=[each.id for each in _shared_by(actor)])
    waiting = list(rows.filter(is_shared, state=AccessState.OPEN).order_by("due_at", "id")[:MOST_SHOWN])
    assets = {each.id: each for each in _assets_of((*mine, *waiting))}
    return (
        [shown(actor, each, assets[each.asset_id]) for each in waiting if each.asset_id in assets],
        [shown(actor, each, assets[each.asset_id]) for each in mine if each.asset_id in assets],
    )


def shown(actor: Actor, request: AccessRequest, row: CaptureAsset) -> RequestRow:
    """Return one request as a reader sees it."""
    word = WORDS[request.asset_type]
    return RequestRow(
        id=request.id,
        kind=KINDS[request.asset_type],
        asset_id=request.asset_id,
        what=str(row) if may_see_asset(actor, row) else word,
        owner=owner_of(row),
        team=request.team.name,
        reason=request.reason,
        asked_by=request.asker_label,
        asked_at=request.created_at,
        due_at=request.due_at,
        state=AccessState(request.state),
        answer=request.answer,
        answered_by=request.answered_label,
        may_answer=request.state == AccessState.OPEN and may_share_asset(actor, row),
    )


def _shared_by(actor: Actor) -> Iterator[CaptureAsset]:
    """Yield the assets with an open request that the actor may share."""
    wanted = AccessRequest.rows().filter(state=AccessState.OPEN)
    return (each for each in _assets_of(wanted.order_by("due_at")[:500]) if may_share_asset(actor, each))


def _assets_of(requests: Iterable[AccessRequest]) -> Iterator[CaptureAsset]:
    """Yield the assets of requests: two queries, however many they are."""
    ids = [each.asset_id for each in requests]
    for kind, model in assets_page.KINDS.items():
        rows: Any = model.rows().filter(id__in=ids)
        yield from rows.defer("file") if kind == "list" else rows
