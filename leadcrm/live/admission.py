"""Who may listen: the checks that a page makes, read only, so that listening keeps nobody signed in."""

import time
from dataclasses import dataclass
from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.http import HttpRequest

from apps.accounts import actors
from apps.accounts.models import User
from apps.accounts.terms import Permission
from apps.tenancy.actor import Door
from apps.tenancy.scope import tenant_scope
from leadcrm.http.actor import ORGANIZATION
from leadcrm.http.sessions import OPENED, SEEN, SessionVerdict, judge


@dataclass(frozen=True, slots=True)
class Listener:
    """A person in the one tenant whose pokes they hear."""

    user_id: UUID
    organization_id: UUID


def admit(session_key: str) -> Listener | None:
    """Return who the session belongs to and where they sit; None when a page would not open either.

    Refused are: no session, one past its limits, a person switched off or without a second factor, no active
    seat in the tenant, and whoever may not see leads. The session is not touched. Its connection is given back.
    """
    try:
        return _listener_of(SessionStore(session_key))
    finally:
        connection.close()


def _listener_of(session: SessionStore) -> Listener | None:
    request = HttpRequest()
    request.session = session
    user = get_user(request)
    if not isinstance(user, User) or not user.is_active or not _goes_on(session):
        return None
    if not is_mfa_enabled(user, [Authenticator.Type.TOTP]):
        return None
    chosen = session.get(ORGANIZATION)
    for organization_id in [UUID(chosen)] if chosen else actors.organizations_of(user):
        with tenant_scope(organization_id):
            actor = actors.actor_of_user(user, Door.PAGE)
        if actor is not None:
            return Listener(user.id, organization_id) if actor.may(Permission.LEAD_VIEW) else None
    return None


def _goes_on(session: SessionStore) -> bool:
    now = time.time()
    verdict = judge(
        opened=session.get(OPENED, now),
        seen=session.get(SEEN, now),
        now=now,
        idle=settings.SESSION_IDLE_SECONDS,
        absolute=settings.SESSION_ABSOLUTE_SECONDS,
    )
    return verdict is SessionVerdict.OPEN
