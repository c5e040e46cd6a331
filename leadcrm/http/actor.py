"""From a credential to an Actor, and from there into the tenant's scope around the view.

One request, one tenant, one transaction: the answer and the change stand or fall together. An
answer of 400 or more undoes what the view wrote, so "nothing was changed" is true by construction.
"""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID

from allauth.account.middleware import AccountMiddleware
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from structlog.contextvars import bind_contextvars

from apps.accounts import actors, keys
from apps.accounts.models import User
from apps.audit import ledger
from apps.tenancy.actor import Actor, Door
from apps.tenancy.clock import scope_opened_at
from apps.tenancy.errors import NotFound, Refused
from apps.tenancy.scope import tenant_scope
from leadcrm.http.errors import BadCredential, NoSeat, TooManyRequests, as_refusal, page_for
from leadcrm.http.polls import answer_to_poll
from leadcrm.http.scoping import (
    AnyRequest,
    bearer_of,
    has_own_scope,
    is_api,
    is_public,
    is_sign_in,
    keeps_writes,
    opens_to_agencies,
)
from leadcrm.http.sessions import sign_in_answer

#: Session key of the organization that a person with several seats works in.
ORGANIZATION = "organization_id"
NOTE_USE_SECONDS = 60

View = Callable[..., HttpResponseBase]


class ActorMiddleware:
    """Identify the visitor, open the scope around the view, turn errors into answers.

    Unmarked views without a credential are not called: pages send to sign-in, the API leaves the
    401 to its permission class. `@own_scope` views run outside any scope, `@public` ones without
    an actor too (leadcrm.http.scoping).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._sign_in_library = AccountMiddleware(get_response)

    def __call__(self, request: AnyRequest) -> HttpResponse:
        """Answer; tell a key what is left of its allowance."""
        _begin(request)
        ledger.acting(None)
        try:
            response = self.get_response(request)
        finally:
            ledger.acting(None)
        if request.quota is not None:
            response["RateLimit-Limit"] = str(request.quota.limit)
            response["RateLimit-Remaining"] = str(max(request.quota.remaining, 0))
            response["RateLimit-Reset"] = str(request.quota.reset_seconds)
        return response

    def process_view(self, request: AnyRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        """Call the view in its scope, or return None: then Django calls it."""
        if is_public(view) or is_sign_in(view):
            return None
        try:
            return self._enter(request, _Call(request, view, args, kwargs))
        except Exception as error:
            answer = self._sign_in_library.process_exception(request, error) or page_for(request, error)
            if answer is None:
                raise
            return answer

    def process_exception(self, request: AnyRequest, error: Exception) -> HttpResponse | None:
        """Answer an expected error of a view that Django called (own scope, public)."""
        return page_for(request, error)

    def _enter(self, request: AnyRequest, call: "_Call") -> HttpResponse | None:
        secret = bearer_of(request)
        if secret is not None:
            actor = actor_of_secret(request, secret)
            if is_api(request) and has_own_scope(call.view):
                _introduce(request, actor)
                return None
            return call.as_actor(actor.organization_id, lambda: actor)
        if not request.user.is_authenticated:
            return None if is_api(request) else sign_in_answer(request, "Sign in to go on.")
        user: User = request.user
        for organization_id in _candidates(request, user):
            entered = call.as_actor(organization_id, lambda: _seated(request, user))
            if request.actor is not None:
                _remember(request, organization_id)
                return entered
        raise NoSeat


class _Call:
    """One call of a view, to be made in the scope of the actor's organization."""

    def __init__(self, request: AnyRequest, view: View, args: Any, kwargs: Any) -> None:
        self.request, self.view, self.args, self.kwargs = request, view, args, kwargs

    def as_actor(self, organization_id: UUID, load: Callable[[], Actor | None]) -> HttpResponse | None:
        """Load the actor and call the view in one transaction; an own-scope view is left to Django.

        Nothing is called when `load` finds nobody: `request.actor` stays None.
        """
        answer: HttpResponse | None = None
        try:
            with tenant_scope(organization_id):
                actor = load()
                if not _introduce(self.request, actor):
                    return None
                if elsewhere := _way_of_agency(self.request, actor, self.view):
                    return elsewhere
                if has_own_scope(self.view):
                    return None
                answer = self._answer()
                if answer.status_code >= 400 and not keeps_writes(answer):
                    if self.request.refusal is not None:
                        raise self.request.refusal
                    transaction.set_rollback(True)
        except Refused:
            if answer is None:
                raise
        return answer

    def _answer(self) -> HttpResponse:
        """Return the rendered answer: a template rendered later would ask outside the scope."""
        try:
            answer = self.view(self.request, *self.args, **self.kwargs)
            render = getattr(answer, "render", None)
            if callable(render):
                answer = render()
        except Exception as error:
            refusal = as_refusal(error)
            if refusal is None or refusal is error:
                raise
            raise refusal from error
        if not isinstance(answer, HttpResponse):
            kind = "streams" if isinstance(answer, StreamingHttpResponse) else "returned no answer"
            raise TypeError(f"{self.view.__name__} {kind} inside the scope; mark it @own_scope")
        return answer_to_poll(self.request, answer)


def actor_of_secret(request: AnyRequest, secret: str) -> Actor:
    """Return the actor of an API key and count the use.

    A key of an agency costs one statement; a person's key is read with the person's rights of this moment.
    Raises BadCredential for a key that is unknown, expired or revoked, TooManyRequests over the limit.
    """
    key = keys.use(secret) if secret else None
    if key is None:
        raise BadCredential
    if not key.is_usable:
        _note_dead_key(key, request.request_id)
        raise BadCredential
    request.now, request.quota = key.at, key.quota
    note = key.last_used_at is None or (key.at - key.last_used_at).total_seconds() >= NOTE_USE_SECONDS
    if note or key.membership_id is not None:
        actor = _actor_in_scope(key, request.request_id, note)
    else:
        actor = actors.actor_of_key(key, request.request_id)
    if key.quota.is_spent:
        raise TooManyRequests(key.quota.reset_seconds)
    return actor


def _note_dead_key(key: keys.UsedKey, request_id: str) -> None:
    """Note that somebody came with a key that no longer opens: revoked, expired, or of who has left.

    As many times a minute as a key may be used: a stranger's loop does not fill the ledger.
    """
    if not key.quota.is_spent:
        with tenant_scope(key.organization_id):
            keys.note_refusal(key, request_id)


def _actor_in_scope(key: keys.UsedKey, request_id: str, note: bool) -> Actor:
    with tenant_scope(key.organization_id):
        if key.membership_id is None or keys.has_access(key.membership_id):
            if note:
                keys.note_use(key)
            return actors.actor_of_key(key, request_id)
    _note_dead_key(key, request_id)
    raise BadCredential


def _begin(request: AnyRequest) -> None:
    """Start every request as a stranger's."""
    request.actor = request.organization_id = request.quota = request.refusal = None


def _seated(request: AnyRequest, user: User) -> Actor | None:
    """Return the person's actor in the tenant in scope, at the door they came by."""
    request.now = scope_opened_at()
    door = Door.API if is_api(request) else Door.PAGE
    if request.path_info.startswith("/admin/"):
        door = Door.ADMIN
    return actors.actor_of_user(user, door, request.request_id)


def _way_of_agency(request: AnyRequest, actor: Actor | None, view: View) -> HttpResponse | None:
    """Keep an agency's people on their own pages: from the start they are led there, other pages do not exist."""
    if actor is None or not actor.is_agency or is_api(request) or opens_to_agencies(view):
        return None
    if request.path_info == "/":
        return HttpResponseRedirect(reverse("partner:home"))
    raise NotFound


def _introduce(request: AnyRequest, actor: Actor | None) -> bool:
    """Put the actor on the request, the ledger and the log; say whether there is one."""
    if actor is None:
        return False
    request.actor, request.organization_id = actor, actor.organization_id
    ledger.acting(actor)
    bind_contextvars(organization_id=str(actor.organization_id), actor=str(actor.id))
    return True


def _remember(request: AnyRequest, organization_id: UUID) -> None:
    """Keep the choice in the session; written only when it changes."""
    if request.session.get(ORGANIZATION) != str(organization_id):
        request.session[ORGANIZATION] = str(organization_id)


def _candidates(request: AnyRequest, user: User) -> Iterator[UUID]:
    """Yield the organization worked in last, then the person's others; each is checked again."""
    chosen: UUID | None = None
    text = request.session.get(ORGANIZATION)
    if text:
        chosen = UUID(text)
        yield chosen
    for organization_id in actors.organizations_of(user):
        if organization_id != chosen:
            yield organization_id
