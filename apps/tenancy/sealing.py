"""Encryption at rest: AES-256-GCM. A tenant's data has the tenant's own random key, wrapped by a master (`wrapping`).

Each sealed value is bound, as associated data, to the column and the row it was sealed for: copied to another column,
row or tenant it does not open. Three layouts, told by the first byte, all still open:
- 0: two bytes of generation of the tenant's own key follow (decision 0033); what is sealed today.
- 0x81 to 0xFF: generation of the master key from which the tenant's key is derived (HKDF); bound to column and row.
- 1 to 0x7F: the same, bound to the row alone.
A tenant of before has no key of its own until `manage.py keys rotate`; until then the second layout is written.
What belongs to no tenant, and the indexes that sealed texts are found by, have keys derived from the master key.
"""

import base64
import hmac
import os
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from apps.tenancy.master_keys import HIGHEST_GENERATION, NONCE_BYTES, derived, ring_of
from apps.tenancy.tenant_keys import keys_of
from apps.tenancy.wrapping import CannotUnwrap

#: Set in the first byte of a value under a derived key that is bound to its column too.
BOUND_TO_COLUMN = 0x80
#: The first byte of a value under the tenant's own key; the generation follows, most significant byte first.
OWN_KEY, OWN_HEAD_BYTES = 0, 3


class CannotUnseal(Exception):
    """The value was altered, moved to another row, or sealed under a key that is gone."""


@lru_cache(maxsize=4096)
def _cipher(ring: str, generation: int, purpose: str) -> AESGCM:
    return AESGCM(derived(ring, generation, purpose))


def seal(plain: bytes, *, organization_id: UUID, row_id: UUID, column: str = "") -> bytes:
    """Encrypt for one column (`table.column`) of one row; raises CannotUnseal once the tenant's keys are destroyed.

    Only migrations of before may leave the column out: that is the first layout.
    """
    head = newest_head(organization_id) if column else b""
    if head[:1] != bytes([OWN_KEY]):
        return seal_by_master(plain, organization_id=organization_id, row_id=row_id, column=column)
    nonce = os.urandom(NONCE_BYTES)
    cipher = _own_cipher(organization_id, _generation_in(head))
    return head + nonce + cipher.encrypt(nonce, plain, head + _place(row_id, column))


def seal_by_master(plain: bytes, *, organization_id: UUID, row_id: UUID, column: str = "") -> bytes:
    """Encrypt under the key derived from the master: in migrations, which may run before there are tenants' keys."""
    return _seal(plain, f"tenant/{organization_id}", _place(row_id, column), BOUND_TO_COLUMN if column else 0)


def unseal(sealed: bytes, *, organization_id: UUID, row_id: UUID, column: str) -> bytes:
    """Decrypt; raise CannotUnseal when the value does not belong to this column and row."""
    sealed = bytes(sealed)
    if sealed[:1] == bytes([OWN_KEY]):
        return _unseal_own(sealed, organization_id, _place(row_id, column))
    bound_to = _place(row_id, column if sealed[:1] >= bytes([BOUND_TO_COLUMN]) else "")
    return _unseal(sealed, f"tenant/{organization_id}", bound_to)


def newest_head(organization_id: UUID) -> bytes:
    """Return the first bytes of what is sealed today for a tenant's column."""
    held = keys_of(organization_id)
    if not held:
        return bytes([BOUND_TO_COLUMN | max(ring_of(settings.LEADCRM_MASTER_KEY))])
    return bytes([OWN_KEY]) + held[0].generation.to_bytes(2)


def _generation_in(head: bytes) -> int:
    return int.from_bytes(head[1:OWN_HEAD_BYTES])


def _own_cipher(organization_id: UUID, generation: int) -> AESGCM:
    key = next((each for each in keys_of(organization_id) if each.generation == generation), None)
    if key is None or not key.wrapped:
        raise CannotUnseal(f"key {generation} of the tenant {'was destroyed' if key else 'is not there'}")
    try:
        return key.cipher()
    except CannotUnwrap as error:
        raise CannotUnseal(str(error)) from error


def _unseal_own(sealed: bytes, organization_id: UUID, place: bytes) -> bytes:
    if len(sealed) <= OWN_HEAD_BYTES + NONCE_BYTES:
        raise CannotUnseal("the value is cut off")
    head, rest = sealed[:OWN_HEAD_BYTES], sealed[OWN_HEAD_BYTES:]
    cipher = _own_cipher(organization_id, _generation_in(head))
    try:
        return cipher.decrypt(rest[:NONCE_BYTES], rest[NONCE_BYTES:], head + place)
    except InvalidTag as error:
        raise CannotUnseal("the value was altered or belongs to another column, row or tenant") from error


def _place(row_id: UUID, column: str) -> bytes:
    return row_id.bytes + column.encode()


def seal_platform_text(text: str) -> str:
    """Encrypt a value that belongs to no tenant, such as a second-factor secret."""
    return base64.b64encode(_seal(text.encode(), "platform", b"", 0)).decode()


def unseal_platform_text(text: str) -> str:
    """Decrypt what `seal_platform_text` made."""
    return _unseal(base64.b64decode(text), "platform", b"").decode()


def blind_indexes(text: str, *, organization_id: UUID, purpose: str) -> tuple[str, ...]:
    """Return what a sealed text is found by: its HMAC-SHA-256 under each master key, the newest first.

    Write the first; look for all of them, so that what was written before a rotation is found after it. Equal texts
    are equal within one tenant and purpose only, and without the key nobody can try out texts.
    """
    ring, name = settings.LEADCRM_MASTER_KEY, f"blind-index/{organization_id}/{purpose}"
    keys = (derived(ring, generation, name) for generation in sorted(ring_of(ring), reverse=True))
    return tuple(hmac.digest(key, text.encode(), "sha256").hex() for key in keys)


def _seal(plain: bytes, purpose: str, bound_to: bytes, layout: int) -> bytes:
    ring_text = settings.LEADCRM_MASTER_KEY
    generation = max(ring_of(ring_text))
    nonce = os.urandom(NONCE_BYTES)
    body = _cipher(ring_text, generation, purpose).encrypt(nonce, plain, bound_to)
    return bytes([layout | generation]) + nonce + body


def _unseal(sealed: bytes, purpose: str, bound_to: bytes) -> bytes:
    ring_text = settings.LEADCRM_MASTER_KEY
    if len(sealed) <= NONCE_BYTES:
        raise CannotUnseal("the value is cut off")
    generation, nonce, body = sealed[0] & HIGHEST_GENERATION, sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    if generation not in ring_of(ring_text):
        raise CannotUnseal(f"master key {generation} is not in the ring")
    try:
        return _cipher(ring_text, generation, purpose).decrypt(nonce, body, bound_to)
    except InvalidTag as error:
        raise CannotUnseal("the value was altered or belongs to another column, row or tenant") from error
