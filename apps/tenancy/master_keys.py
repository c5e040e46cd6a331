"""The ring of master keys, and the keys that are derived from one of them."""

import base64
from functools import lru_cache

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

NONCE_BYTES = 12
HIGHEST_GENERATION = 0x7F


@lru_cache(maxsize=1)
def ring_of(text: str) -> dict[int, bytes]:
    """Read `LEADCRM_MASTER_KEY`: 32 bytes in base64, or several as "2:base64,1:base64"; raises ImproperlyConfigured."""
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


def generations() -> tuple[int, ...]:
    """Return the generations of the master key that the ring holds, the newest first."""
    return tuple(sorted(ring_of(settings.LEADCRM_MASTER_KEY), reverse=True))


def derived(ring: str, generation: int, purpose: str) -> bytes:
    """Return the key of one purpose under a generation (HKDF-SHA-256)."""
    return HKDF(SHA256(), 32, salt=None, info=f"leadcrm/{purpose}".encode()).derive(ring_of(ring)[generation])
