"""Who came in, who was kept out, who left: signals of the sign-in library as entries in the ledger (row AU-01).

A person may have a seat in several tenants: each tenant's ledger hears of it, since each has to answer for who was let
in. An address that belongs to nobody concerns no tenant; such attempts are kept with the failed sign-ins alone.
"""

from typing import Any

from allauth.mfa import signals as second_factor
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.http import HttpRequest

from apps.accounts.actors import actor_of_user, organizations_of
from apps.accounts.models import User
from apps.audit import ledger
from apps.tenancy.actor import Actor, ActorKind, Door
from apps.tenancy.scope import tenant_scope

#: Attribute of a request whose session was ended by the server: why ("idle", "too_old").
ENDED_BECAUSE = "session_ended_because"


def connect() -> None:
    """Listen; each name is this module's, so that nothing is heard twice."""
    user_logged_in.connect(_opened, dispatch_uid="ledger.opened")
    user_logged_out.connect(_closed, dispatch_uid="ledger.closed")
    user_login_failed.connect(_refused, dispatch_uid="ledger.refused")
    user_locked_out.connect(_locked_out, dispatch_uid="ledger.locked_out")
    second_factor.authentication_failed.connect(_wrong_code, dispatch_uid="ledger.wrong_code")
    second_factor.authenticator_added.connect(_factor_added, dispatch_uid="ledger.factor_added")
    second_factor.authenticator_removed.connect(_factor_removed, dispatch_uid="ledger.factor_removed")
    second_factor.authenticator_reset.connect(_factor_reset, dispatch_uid="ledger.factor_reset")


def note(user: User, request: HttpRequest | None, action: str, **detail: str) -> None:
    """Note an act of the sign-in in the ledger of each tenant where the person has a seat."""
    if address := str(request.META.get("REMOTE_ADDR", "")) if request is not None else "":
        detail["address"] = address
    for organization_id in organizations_of(user):
        with tenant_scope(organization_id):
            request_id = getattr(request, "request_id", "")
            actor = actor_of_user(user, Door.PAGE, request_id) or Actor(
                ActorKind.USER, organization_id, user.name, user.id, request_id=request_id
            )
            ledger.record(actor=actor, action=action, object_type="user", object_id=user.id, detail=detail)


def address_tried(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Return the address that somebody tried to sign in with, in lower case: failures are counted by it.

    The sign-in library hands it over as `email`; the lock-out library would look for the name of the form's field, find
    nothing, and lock everybody who comes from one network out together.
    """
    told = credentials or {}
    typed = told.get("email") or told.get("login") or told.get("username") or request.POST.get("login") or ""
    return str(typed).strip().lower()


def _opened(sender: Any, request: HttpRequest | None, user: User, **others: Any) -> None:
    note(user, request, "session.open")


def _closed(sender: Any, request: HttpRequest | None, user: User | None, **others: Any) -> None:
    if user is not None:
        note(user, request, "session.close", code=getattr(request, ENDED_BECAUSE, "signed_out"))


def _refused(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **others: Any) -> None:
    # Who is locked out is noted as such; their password was not looked at.
    if not getattr(request, "axes_locked_out", False):
        _note_by_address(address_tried(request or HttpRequest(), credentials), request, "wrong_password")


def _locked_out(sender: Any, request: HttpRequest | None, username: str | None = None, **others: Any) -> None:
    _note_by_address(username or "", request, "locked_out")


def _note_by_address(email: str, request: HttpRequest | None, code: str) -> None:
    user = User.objects.filter(email__iexact=email).first() if email else None
    if user is not None:
        note(user, request, "refused:session.open", code=code)


def _wrong_code(sender: Any, request: HttpRequest, user: User, authenticator: Any, **others: Any) -> None:
    note(user, request, "refused:session.open", code="second_factor", kind=str(authenticator.type))


def _factor_added(sender: Any, request: HttpRequest, user: User, authenticator: Any, **others: Any) -> None:
    note(user, request, "second_factor.add", kind=str(authenticator.type))


def _factor_removed(sender: Any, request: HttpRequest, user: User, authenticator: Any, **others: Any) -> None:
    note(user, request, "second_factor.remove", kind=str(authenticator.type))


def _factor_reset(sender: Any, request: HttpRequest, user: User, authenticator: Any, **others: Any) -> None:
    note(user, request, "second_factor.reset", kind=str(authenticator.type))
