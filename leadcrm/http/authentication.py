"""DRF's view of the actor that `ActorMiddleware` found."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from apps.tenancy.actor import Actor, ActorKind


@dataclass(frozen=True, slots=True)
class ActorUser:
    """What DRF calls a user. Rights are asked of the actor, never of this."""

    actor: Actor
    is_authenticated: bool = True
    is_active: bool = True

    @property
    def pk(self) -> UUID | None:
        """The user's or key's id."""
        return self.actor.id


class ActorAuthentication(SessionAuthentication):
    """Hand over the actor; `request.auth` is the Actor in every API view.

    A person's browser sends its cookie by itself, so its unsafe requests must carry the CSRF
    token. Keys are sent on purpose and need none.
    """

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        """Return (user-like, actor), or None for a visitor."""
        actor: Actor | None = getattr(request._request, "actor", None)
        if actor is None:
            return None
        if actor.kind is ActorKind.USER:
            self.enforce_csrf(request)
        return ActorUser(actor), actor

    def authenticate_header(self, request: Request) -> str:
        """Say how to come in: makes DRF answer 401 instead of 403."""
        return "Bearer"


class HasActor(BasePermission):
    """Somebody is signed in. What they may do is decided by actions and queries."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Say whether there is an actor."""
        return isinstance(request.auth, Actor)
