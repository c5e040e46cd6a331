"""API keys: made, rolled with overlap, revoked, recognised, counted."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connection

from apps.accounts.models import ApiKey, Membership, Party
from apps.accounts.terms import KeyMode, Permission
from apps.audit import ledger
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Refused
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
) -> NewKey:
    """Make a key for a party or for a member.

    Refuses actors without `key:manage`, unknown scopes, and a key that belongs to nobody.
    The digest goes to the address book, so that the next request finds its tenant.
    """
    if not actor.may(Permission.KEY_MANAGE):
        raise Refused(
            "Only people who may manage keys can create one. Ask your tenant's administrator.",
            action="key.create",
            object_type="api_key",
        )
    unknown = sorted(set(scopes) - {str(each) for each in Permission})
    if unknown:
        raise Invalid(f"Unknown scopes: {', '.join(unknown)}.")
    if (party is None) == (membership is None):
        raise Invalid("A key belongs to a party or to a person: name exactly one.")
    secret = f"lk_{mode}_{secrets.token_hex(24)}"
    row = ApiKey(
        id=new_id(),
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


def roll_key(*, actor: Actor, key_id: UUID, overlap: timedelta, now: datetime) -> NewKey:
    """Make a successor with the same rights; the old key works until the overlap ends."""
    old = ApiKey.rows().select_for_update().get(id=key_id)
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
    if not actor.may(Permission.KEY_MANAGE):
        raise Refused(
            "Only people who may manage keys can revoke one. Ask your tenant's administrator.",
            action="key.revoke",
            object_type="api_key",
            object_id=key_id,
        )
    ApiKey.rows().filter(id=key_id, revoked_at__isnull=True).update(revoked_at=now)
    ledger.record(actor=actor, action="key.revoke", object_type="api_key", object_id=key_id)


def find_address(secret: str) -> Address | None:
    """Return the tenant and row of a key by its digest, before any scope is open."""
    return Address.objects.filter(kind="api_key", key=digest_of(secret)).first()


def usable_key(key_id: UUID, now: datetime) -> ApiKey | None:
    """Return the key if it is neither revoked, expired nor its person's access ended."""
    key = ApiKey.rows().filter(id=key_id).select_related("party", "membership__user", "membership__role").first()
    if key is None or key.revoked_at or (key.expires_at and key.expires_at <= now):
        return None
    if key.party_id and not key.party.is_active:
        return None
    if key.membership_id and not (key.membership.is_active and key.membership.user.is_active):
        return None
    return key


def spend(key: ApiKey, now: datetime, cost: int = 1) -> Quota:
    """Count a use of the key in the running minute and return what is left."""
    minute = now.replace(second=0, microsecond=0)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO accounts_keyusage (id, organization_id, key_id, minute, count) VALUES"
            " (%s, %s, %s, %s, %s) ON CONFLICT (organization_id, key_id, minute)"
            " DO UPDATE SET count = accounts_keyusage.count + EXCLUDED.count RETURNING count",
            [new_id(), key.organization_id, key.id, minute, cost],
        )
        count = cursor.fetchone()[0]
    left = 60 - (now - minute).seconds
    return Quota(key.per_minute, key.per_minute - count, left)
