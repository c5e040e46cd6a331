"""Encryption at rest: AES-256-GCM, one key per purpose and tenant, all under the master key.

Keys are derived from the master key (HKDF-SHA-256), so no key lies in the database. Each sealed value is bound, as
associated data, to the column and the row it was sealed for: copied to another column, row or tenant it does not open.
The first byte names the layout (its high bit) and the master key's generation, 1 to 127; `LEADCRM_MASTER_KEY` may list
several, newest first ("2:base64,1:base64"), and old values stay readable after a rotation. Values of the first layout
were bound to their row alone; they still open, and `manage.py keys rewrap` seals them anew.
"""

import base64
import hmac
import os
from functools import lru_cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

NONCE_BYTES = 12
#: Set in the first byte of a value that is bound to its column too.
BOUND_TO_COLUMN = 0x80
HIGHEST_GENERATION = 0x7F


class CannotUnseal(Exception):
    """The value was altered, moved to another row, or sealed under a key that is gone."""


@lru_cache(maxsize=1)
def _ring(text: str) -> dict[int, bytes]:
    ring: dict[int, bytes] = {}
    for item in text.split(","):
        generation, _, encoded = item.strip().rpartition(":")
        key = base64.b64decode(encoded)
        if len(key) != 32:
            raise ImproperlyConfigured("LEADCRM_MASTER_KEY must be 32 bytes in base64.")
        number = int(generation or 1)
        if not 1 <= number <= HIGHEST_GENERATION:
            raise ImproperlyConfigured(f"The generations of LEADCRM_MASTER_KEY go from 1 to {HIGHEST_GENERATION}.")
        ring[number] = key
    return ring


@lru_cache(maxsize=4096)
def _cipher(ring_text: str, generation: int, purpose: str) -> AESGCM:
    return AESGCM(_derived(ring_text, generation, purpose))


def _derived(ring_text: str, generation: int, purpose: str) -> bytes:
    master = _ring(ring_text)[generation]
    return HKDF(SHA256(), 32, salt=None, info=f"leadcrm/{purpose}".encode()).derive(master)


def seal(plain: bytes, *, organization_id: UUID, row_id: UUID, column: str = "") -> bytes:
    """Encrypt for one column (`table.column`) of one row of one tenant.

    Only migrations of before may leave the column out: that is the first layout.
    """
    return _seal(plain, f"tenant/{organization_id}", _place(row_id, column), BOUND_TO_COLUMN if column else 0)


def unseal(sealed: bytes, *, organization_id: UUID, row_id: UUID, column: str) -> bytes:
    """Decrypt; raise CannotUnseal when the value does not belong to this column and row."""
    sealed = bytes(sealed)
    bound_to = _place(row_id, column if sealed[:1] >= bytes([BOUND_TO_COLUMN]) else "")
    return _unseal(sealed, f"tenant/{organization_id}", bound_to)


def newest_header() -> int:
    """Return the first byte of what is sealed today for a tenant's column."""
    return BOUND_TO_COLUMN | max(_ring(settings.LEADCRM_MASTER_KEY))


def generations() -> tuple[int, ...]:
    """Return the generations of the master key that the ring holds, the newest first."""
    return tuple(sorted(_ring(settings.LEADCRM_MASTER_KEY), reverse=True))


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
    keys = (_derived(ring, generation, name) for generation in sorted(_ring(ring), reverse=True))
    return tuple(hmac.digest(key, text.encode(), "sha256").hex() for key in keys)


def _seal(plain: bytes, purpose: str, bound_to: bytes, layout: int) -> bytes:
    ring_text = settings.LEADCRM_MASTER_KEY
    generation = max(_ring(ring_text))
    nonce = os.urandom(NONCE_BYTES)
    body = _cipher(ring_text, generation, purpose).encrypt(nonce, plain, bound_to)
    return bytes([layout | generation]) + nonce + body


def _unseal(sealed: bytes, purpose: str, bound_to: bytes) -> bytes:
    ring_text = settings.LEADCRM_MASTER_KEY
    if len(sealed) <= NONCE_BYTES:
        raise CannotUnseal("the value is cut off")
    generation, nonce, body = sealed[0] & HIGHEST_GENERATION, sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    if generation not in _ring(ring_text):
        raise CannotUnseal(f"master key {generation} is not in the ring")
    try:
        return _cipher(ring_text, generation, purpose).decrypt(nonce, body, bound_to)
    except InvalidTag as error:
        raise CannotUnseal("the value was altered or belongs to another column, row or tenant") from error
