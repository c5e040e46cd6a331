"""Marks on views, and the shape of a request that passed `ActorMiddleware`.

Unmarked views are for signed-in people (or keys) and run inside their tenant's scope. The marks
are the only exceptions, so that a forgotten mark closes a view instead of opening it.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from django.http import HttpRequest, HttpResponse

from apps.accounts.keys import Quota
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Refused

View = TypeVar("View", bound=Callable[..., Any])
_Answer = TypeVar("_Answer", bound=HttpResponse)
API_PREFIX = "/api/"


class AnyRequest(HttpRequest):
    """A request after the middlewares; `actor` is None for a visitor without a credential."""

    actor: Actor | None
    organization_id: UUID | None
    now: datetime
    request_id: str
    quota: Quota | None
    refusal: Refused | None


class ActorRequest(AnyRequest):
    """The request of an unmarked page: somebody is signed in. For annotations of views."""

    actor: Actor
    organization_id: UUID


def own_scope(view: View) -> View:
    """Mark a view that opens `tenant_scope` itself; its visitor is identified all the same."""
    view.door_mark = "own_scope"  # type: ignore[attr-defined]
    return view


def public(view: View) -> View:
    """Mark a view that anybody may open: no session is asked, no actor set, no scope opened."""
    view.door_mark = "public"  # type: ignore[attr-defined]
    return view


def for_agencies(view: View) -> View:
    """Mark a page that people of an agency may open; every other page does not exist for them."""
    view.opens_to_agencies = True  # type: ignore[attr-defined]
    return view


def opens_to_agencies(view: Callable[..., Any]) -> bool:
    """Say whether people of an agency may open the page."""
    return bool(getattr(view, "opens_to_agencies", False))


def has_own_scope(view: Callable[..., Any]) -> bool:
    """Say whether the view opens its scopes itself."""
    return _mark_of(view) in ("own_scope", "public")


def keeping_writes(answer: _Answer) -> _Answer:
    """Mark an answer that asks for a correction and yet keeps what the view wrote, such as documents held for it.

    Whatever else the view tried has to be taken back by a savepoint of its own.
    """
    answer.keeps_writes = True  # type: ignore[attr-defined]
    return answer


def keeps_writes(answer: HttpResponse) -> bool:
    """Say whether an answer of 4xx keeps what its view wrote."""
    return getattr(answer, "keeps_writes", False) is True


def is_public(view: Callable[..., Any]) -> bool:
    """Say whether the view is open to anybody."""
    return _mark_of(view) == "public"


def is_sign_in(view: Callable[..., Any]) -> bool:
    """Say whether the view belongs to the sign-in library: reachable before the second factor."""
    return str(getattr(view, "__module__", "")).startswith("allauth.")


def is_api(request: HttpRequest) -> bool:
    """Say whether the asker is a program of the REST API, which reads problem documents."""
    return request.path_info.startswith(API_PREFIX)


def is_fragment(request: HttpRequest) -> bool:
    """Say whether htmx asks for a part of a page that is already open."""
    return request.headers.get("HX-Request") == "true"


def bearer_of(request: HttpRequest) -> str | None:
    """Return the credential of an API request, or None. "" when there is one of another shape.

    Pages never look at it, and the API never takes a key from a cookie or an address.
    """
    if not is_api(request) or "Authorization" not in request.headers:
        return None
    scheme, _, secret = request.headers["Authorization"].partition(" ")
    secret = secret.strip()
    return secret if scheme.lower() == "bearer" and 0 < len(secret) <= 200 else ""


def _mark_of(view: Callable[..., Any]) -> str:
    mark = getattr(view, "door_mark", "")
    if not mark:
        view_class = getattr(view, "cls", None) or getattr(view, "view_class", None)
        mark = getattr(view_class, "door_mark", "")
    return str(mark)
