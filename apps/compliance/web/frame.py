"""What every page of compliance stands in: its section, who may open it, what is noted of that."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpResponse
from django.urls import URLPattern, path

from apps.accounts.terms import Permission
from apps.tenancy.errors import NotFound
from leadcrm.http.scoping import ActorRequest

P = ParamSpec("P")
View = Callable[Concatenate[ActorRequest, P], HttpResponse]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of `/compliance/`.

    `key` is its folder in the address and the name of its first page, `title` and `sentence` (both marked for
    translation) stand on the index. Who lacks `permission` finds neither entry nor address. Further pages of a
    section are `more`: (address under the folder, name, view), guarded by the same permission.
    """

    key: str
    title: str
    sentence: str
    icon: str
    view: Callable[..., HttpResponse]
    permission: str = Permission.COMPLIANCE_VIEW
    more: tuple[tuple[str, str, Callable[..., HttpResponse]], ...] = field(default=())

    @property
    def routes(self) -> list[URLPattern]:
        """Return the addresses of the section."""
        pages = (("", self.key, self.view), *self.more)
        return [path(f"{self.key}/{each}", only_with(self.permission)(view), name=name) for each, name, view in pages]


def only_with(permission: str) -> Callable[[View[P]], View[P]]:
    """Return a decorator that answers 404 to who lacks the permission: the page is none of theirs."""

    def guard(view: View[P]) -> View[P]:
        @wraps(view)
        def guarded(request: ActorRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.actor.is_agency or not request.actor.may(permission):
                raise NotFound
            return view(request, *args, **kwargs)

        return guarded

    return guard
