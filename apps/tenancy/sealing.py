"""Encryption at rest: AES-256-GCM, one key per purpose and tenant, all under the master key.

Keys are derived from the master key (HKDF-SHA-256), so no key lies in the database. Each sealed
value is bound to its row as associated data: copied to another row it does not open. The first
byte names the master key's generation; `LEADCRM_MASTER_KEY` may list several, newest first
("2:base64,1:base64"), and old values stay readable after a rotation.
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
        ring[int(generation or 1)] = key
    return ring


@lru_cache(maxsize=4096)
def _cipher(ring_text: str, generation: int, purpose: str) -> AESGCM:
    return AESGCM(_derived(ring_text, generation, purpose))


def _derived(ring_text: str, generation: int, purpose: str) -> bytes:
    master = _ring(ring_text)[generation]
    return HKDF(SHA256(), 32, salt=None, info=f"leadcrm/{purpose}".encode()).derive(master)


def seal(plain: bytes, *, organization_id: UUID, row_id: UUID) -> bytes:
    """Encrypt for one row of one tenant."""
    return _seal(plain, f"tenant/{organization_id}", row_id.bytes)


def unseal(sealed: bytes, *, organization_id: UUID, row_id: UUID) -> bytes:
    """Decrypt; raise CannotUnseal when the value does not belong to this row."""
    return _unseal(bytes(sealed), f"tenant/{organization_id}", row_id.bytes)


def seal_platform_text(text: str) -> str:
    """Encrypt a value that belongs to no tenant, such as a second-factor secret."""
    return base64.b64encode(_seal(text.encode(), "platform", b"")).decode()


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


def _seal(plain: bytes, purpose: str, bound_to: bytes) -> bytes:
    ring_text = settings.LEADCRM_MASTER_KEY
    generation = max(_ring(ring_text))
    nonce = os.urandom(NONCE_BYTES)
    body = _cipher(ring_text, generation, purpose).encrypt(nonce, plain, bound_to)
    return bytes([generation]) + nonce + body


def _unseal(sealed: bytes, purpose: str, bound_to: bytes) -> bytes:
    ring_text = settings.LEADCRM_MASTER_KEY
    generation, nonce, body = sealed[0], sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
    if generation not in _ring(ring_text):
        raise CannotUnseal(f"master key {generation} is not in the ring")
    try:
        return _cipher(ring_text, generation, purpose).decrypt(nonce, body, bound_to)
    except InvalidTag as error:
        raise CannotUnseal("the value was altered or belongs to another row") from error
