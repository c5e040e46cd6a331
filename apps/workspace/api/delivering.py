"""Deliveries in: one lead or many, stored at once, and an outcome for those who wait for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError
from pydantic import ValidationError as ShapeError
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.keys import spend
from apps.accounts.terms import Permission
from apps.capture.actions import Envelope, Receipt, receive, receive_many
from apps.capture.schema import LeadPost
from apps.capture.waiting import outcome_within
from apps.partners.delivering import envelope_of
from apps.partners.queries import leads_named, require
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, LeadcrmError, Problem
from apps.tenancy.scope import tenant_scope
from apps.workspace.api import showing
from apps.workspace.api.bodies import MAX_BATCH
from apps.workspace.api.reading import (
    actor_of,
    body_of,
    idempotency_key_of,
    now_of,
    object_of,
    stored_key,
    wait_of,
)
from leadcrm.http.errors import shown

ITEMS_PER_COUNT = 10


class StillRunning(Conflict):
    """A twin of this request is being stored at this moment."""

    code, wait_seconds = "still_running", 1


@dataclass(frozen=True, slots=True)
class BatchPart:
    """One item of a batch: an envelope to store, or what is wrong with it."""

    envelope: Envelope | None = None
    problems: tuple[Problem, ...] = ()


def deliver(request: Request) -> Response:
    """Store one lead and answer 202, or with `Prefer: wait` its outcome. Runs outside any scope."""
    actor, now = actor_of(request), now_of(request)
    key, wait = idempotency_key_of(request), wait_of(request)
    with tenant_scope(actor.organization_id):
        require(actor, Permission.DELIVERY_POST, "delivery.post")
        post = body_of(request, LeadPost)
        receipt = _store(actor, envelope_of(actor, post, object_of(request), now, stored_key(key)), now)
    if receipt.mismatch:
        raise mismatch(receipt)
    headers = {"Idempotency-Replayed": "true"} if receipt.is_replay else {}
    if wait:
        row = outcome_within(actor.organization_id, receipt.submission_id, wait)
        if row is not None:
            with tenant_scope(actor.organization_id):
                lead = leads_named(actor, [row.lead_id]).get(row.lead_id) if row.lead_id else None
                body = showing.processed(row, lead)
            status = 201 if showing.has_opened_lead(row) else 200
            return Response(body, status, headers=headers | {"Preference-Applied": f"wait={wait}"})
    return Response(showing.received(receipt.submission_id), 202, headers=headers)


def deliver_batch(request: Request) -> Response:
    """Store the good items of a batch in one transaction; each bad one is answered with its errors."""
    actor, now = actor_of(request), now_of(request)
    key, items = idempotency_key_of(request), _items(object_of(request))
    with tenant_scope(actor.organization_id):
        require(actor, Permission.DELIVERY_POST, "delivery.post")
        parts = [_part(actor, item, now, f"{key}#{place}" if key else "") for place, item in enumerate(items)]
        envelopes = [part.envelope for part in parts if part.envelope is not None]
        receipts = iter(_store_many(actor, envelopes, now))
        _count(request, actor, now, len(items))
    results = [
        _result(place, part, next(receipts) if part.envelope is not None else None) for place, part in enumerate(parts)
    ]
    taken = sum(each["status"] == "received" for each in results)
    return Response({"results": results, "received": taken, "refused": len(results) - taken}, 202)


def mismatch(receipt: Receipt) -> Invalid:
    """Return the refusal of a key that was used with another body."""
    detail = f"The key “{receipt.mismatch}” was used with another body before. Nothing was stored."
    return Invalid(detail, (Problem("", "idempotency_mismatch", detail),), code="idempotency_mismatch")


def _store(actor: Actor, envelope: Envelope, now: datetime) -> Receipt:
    return _guarded(lambda: [receive(actor=actor, envelope=envelope, now=now)])[0]


def _store_many(actor: Actor, envelopes: list[Envelope], now: datetime) -> list[Receipt]:
    return _guarded(lambda: receive_many(actor=actor, envelopes=envelopes, now=now)) if envelopes else []


def _guarded(store: Any) -> list[Receipt]:
    """Turn a twin in flight, and an id that another sender of this source used, into their answers."""
    try:
        receipts: list[Receipt] = store()
    except Conflict as error:
        if error.code == StillRunning.code:
            raise StillRunning(error.detail) from error
        raise
    except IntegrityError as error:
        detail = "Another sender has used this external id for this source."
        raise Invalid(
            detail, (Problem("/external_id", "external_id_taken", detail),), code="external_id_taken"
        ) from error
    return receipts


def _items(data: dict[str, Any]) -> list[Any]:
    problems = [Problem(f"/{name}", "extra_forbidden", "Only “leads”.") for name in data if name != "leads"]
    items = data.get("leads")
    if not isinstance(items, list) or not 1 <= len(items) <= MAX_BATCH:
        problems.append(Problem("/leads", "batch_size", f"Send a list of 1 to {MAX_BATCH} leads."))
    if problems:
        raise Invalid("The batch does not fit. Nothing was stored.", tuple(problems))
    return list(items or [])


def _part(actor: Actor, item: Any, now: datetime, key: str) -> BatchPart:
    try:
        post = LeadPost.model_validate(item)
        return BatchPart(envelope_of(actor, post, item, now, stored_key(key)))
    except (ShapeError, LeadcrmError) as error:
        what = shown(error)
        return BatchPart(problems=what.problems if what else ())


def _result(place: int, part: BatchPart, receipt: Receipt | None) -> dict[str, Any]:
    problems = part.problems
    if receipt is not None and receipt.mismatch:
        problems = mismatch(receipt).problems
    elif receipt is not None:
        return {"index": place, "replayed": receipt.is_replay, **showing.received(receipt.submission_id)}
    errors = [{"pointer": each.pointer, "code": each.code, "detail": each.detail} for each in problems]
    return {"index": place, "status": "refused", "errors": errors}


def _count(request: Request, actor: Actor, now: datetime, items: int) -> None:
    """Count ten items as one request; a batch begun within the key's allowance is taken whole."""
    asked: Any = request._request
    if asked.quota is not None and actor.id is not None and items > ITEMS_PER_COUNT:
        asked.quota = spend(actor.id, asked.quota.limit, now, cost=items // ITEMS_PER_COUNT)
