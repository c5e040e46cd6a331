"""API keys: made, rolled with overlap, revoked, recognised, counted."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection

from apps.accounts.models import ApiKey, Membership, Party
from apps.accounts.terms import AGENCY_SCOPES, KeyMode, Permission
from apps.audit import ledger
from apps.tenancy.actor import Actor, ActorKind, Door
from apps.tenancy.clock import time_shown
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused
from apps.tenancy.ids import new_id
from apps.tenancy.models import Address
from apps.tenancy.scope import current_organization_id


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made; `secret` is shown this once and kept nowhere."""

    row: ApiKey
    secret: str


@dataclass(frozen=True, slots=True)
class Quota:
    """A key's allowance in the running minute."""

    limit: int
    remaining: int
    reset_seconds: int

    @property
    def is_spent(self) -> bool:
        """True when this request is over the limit."""
        return self.remaining < 0


def digest_of(secret: str) -> str:
    """Return what is stored of a key: SHA-256 (the key itself has 192 random bits)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def create_key(
    *,
    actor: Actor,
    name: str,
    scopes: list[str],
    now: datetime,
    party: Party | None = None,
    membership: Membership | None = None,
    mode: KeyMode = KeyMode.LIVE,
    expires_at: datetime | None = None,
    per_minute: int = 600,
    row_id: UUID | None = None,
) -> NewKey:
    """Make a key for a party or for a member.

    Refuses actors without `key:manage` (for an agency's key `agency:manage` is enough), unknown scopes,
    and a key that belongs to nobody. An agency's person makes keys of their own agency only, with no
    right that they do not hold. `row_id` names the key beforehand: a form sent twice makes one key, and
    the second time is a Conflict. The digest goes to the address book, so that the next request finds
    its tenant.
    """
    require_manager(actor, party.id if party else None, "key.create")
    if party is not None and not actor.may(Permission.KEY_MANAGE):
        _require_agency_scopes(actor, scopes)
    if row_id is not None and ApiKey.rows().filter(id=row_id).exists():
        raise Conflict("This key was made already. Its secret was shown then and is kept nowhere.", code="made_already")
    unknown = sorted(set(scopes) - {str(each) for each in Permission})
    if unknown:
        raise Invalid(f"Unknown scopes: {', '.join(unknown)}.")
    if (party is None) == (membership is None):
        raise Invalid("A key belongs to a party or to a person: name exactly one.")
    secret = f"lk_{mode}_{secrets.token_hex(24)}"
    row = ApiKey(
        id=row_id or new_id(),
        name=name,
        prefix=secret[:14],
        digest=digest_of(secret),
        mode=mode,
        scopes=list(scopes),
        party=party,
        membership=membership,
        created_at=now,
        expires_at=expires_at,
        per_minute=per_minute,
    )
    row.save(force_insert=True)
    Address.objects.create(kind="api_key", key=row.digest, organization_id=current_organization_id(), row_id=row.id)
    ledger.record(
        actor=actor,
        action="key.create",
        object_type="api_key",
        object_id=row.id,
        detail={"scopes": list(scopes), "mode": str(mode)},
    )
    return NewKey(row, secret)


def roll_key(*, actor: Actor, key_id: UUID, overlap: timedelta, now: datetime, row_id: UUID | None = None) -> NewKey:
    """Make a successor with the same rights; the old key works until the overlap ends.

    Refuses who may not make such a key, and a key that was revoked or rolled.
    """
    old = _locked(actor, key_id, "key.roll")
    if old.revoked_at or old.replaced_by_id:
        raise Conflict("This key was revoked or rolled already.")
    new = create_key(
        actor=actor,
        name=old.name,
        scopes=list(old.scopes),
        now=now,
        party=old.party,
        membership=old.membership,
        mode=KeyMode(old.mode),
        per_minute=old.per_minute,
        row_id=row_id,
    )
    ends = now + overlap
    old.expires_at = min(old.expires_at, ends) if old.expires_at else ends
    old.replaced_by = new.row
    old.save(update_fields=["expires_at", "replaced_by"])
    ledger.record(
        actor=actor, action="key.roll", object_type="api_key", object_id=old.id, detail={"successor": str(new.row.id)}
    )
    return new


def revoke_key(*, actor: Actor, key_id: UUID, now: datetime) -> None:
    """End a key at once."""
    row = _locked(actor, key_id, "key.revoke")
    ApiKey.rows().filter(id=row.id, revoked_at__isnull=True).update(revoked_at=now)
    ledger.record(actor=actor, action="key.revoke", object_type="api_key", object_id=key_id)


def require_manager(actor: Actor, party_id: UUID | None, action: str, key_id: UUID | None = None) -> None:
    """Refuse who may not manage keys of this party (None: of people)."""
    is_own = party_id is not None and actor.party_id in (None, party_id)
    if actor.may(Permission.KEY_MANAGE) and (is_own or not actor.is_agency):
        return
    if is_own and actor.may(Permission.AGENCY_MANAGE):
        return
    word = action.partition(".")[2]
    raise Refused(
        f"Only people who may manage keys can {word} one. Ask your tenant's administrator.",
        action=action,
        object_type="api_key",
        object_id=key_id,
    )


def _locked(actor: Actor, key_id: UUID, action: str) -> ApiKey:
    """Return the key, locked. For an agency, another's key is not there at all."""
    row = ApiKey.rows().select_for_update().filter(id=key_id).first()
    if row is None or (actor.is_agency and row.party_id != actor.party_id):
        raise NotFound
    require_manager(actor, row.party_id, action, key_id)
    return row


def _require_agency_scopes(actor: Actor, scopes: list[str]) -> None:
    """Refuse scopes that are no agency's, and for an agency's person those that they do not hold."""
    allowed = {str(each) for each in AGENCY_SCOPES}
    if actor.is_agency:
        allowed &= actor.permissions
    beyond = sorted(set(scopes) - allowed)
    if beyond:
        sentence = f"A key of yours may not carry {', '.join(beyond)}."
        raise Invalid(sentence, (Problem("/scopes", "scope_beyond", sentence),))


@dataclass(frozen=True, slots=True)
class UsedKey:
    """A key that a program showed, as stored, with this use of it counted."""

    organization_id: UUID
    id: UUID
    name: str
    mode: str
    scopes: list[str]
    party_id: UUID | None
    membership_id: UUID | None
    per_minute: int
    expires_at: datetime | None
    revoked_at: datetime | None
    last_used_at: datetime | None
    party_is_active: bool
    at: datetime
    used: int

    @property
    def is_usable(self) -> bool:
        """False for a key that was revoked, has expired, or whose agency has left."""
        return not (self.revoked_at or (self.expires_at and self.expires_at <= self.at)) and self.party_is_active

    @property
    def quota(self) -> Quota:
        """What is left of the running minute after this use."""
        return _quota(self.per_minute, self.used, self.at)


def use(secret: str) -> UsedKey | None:
    """Recognise a key by its digest and count the use, in one statement of its own; None for a stranger.

    The count stays when the request fails: otherwise failing requests would be free. Runs outside any scope.
    """
    asked: list[Any] = [digest_of(secret), new_id(), *time_shown()]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM leadcrm_use_key(%s, %s, %s, %s)", asked)
        row = cursor.fetchone()
    return UsedKey(*row) if row else None


def note_use(key: UsedKey) -> None:
    """Remember that the key was in use at this time; people look there before they end a key."""
    ApiKey.rows().filter(id=key.id).update(last_used_at=key.at)


def note_refusal(key: UsedKey, request_id: str) -> None:
    """Note in the ledger that a program came with a key that opens no more, and why it does not."""
    actor = Actor(
        ActorKind.API_KEY,
        key.organization_id,
        key.name,
        key.id,
        party_id=key.party_id,
        door=Door.API,
        request_id=request_id,
    )
    code = "revoked" if key.revoked_at else "expired" if key.expires_at and key.expires_at <= key.at else "left"
    ledger.record(actor=actor, action="refused:key.use", object_type="api_key", object_id=key.id, detail={"code": code})


def has_access(membership_id: UUID) -> bool:
    """Say whether a person whose key this is may still come in: nobody's key outlives their access."""
    rows = Membership.rows().filter(id=membership_id, is_active=True, user__is_active=True)
    return bool(rows.exists())


def spend(key_id: UUID, per_minute: int, now: datetime, cost: int) -> Quota:
    """Count more uses of a key in the running minute and return what is left."""
    minute = now.replace(second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_keyusage (id, organization_id, key_id, minute, count) VALUES"
            " (%s, %s, %s, %s, %s) ON CONFLICT (organization_id, key_id, minute)"
            " DO UPDATE SET count = accounts_keyusage.count + EXCLUDED.count RETURNING count",
            [new_id(), current_organization_id(), key_id, minute, cost],
        )
        count = cursor.fetchone()[0]
    return _quota(per_minute, count, now)


def _quota(per_minute: int, used: int, now: datetime) -> Quota:
    return Quota(per_minute, per_minute - used, 60 - now.second)
