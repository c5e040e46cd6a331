"""Is this the sender? Keyed digests over the raw bytes, compared in constant time, with every active secret."""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta

from apps.connectors.terms import Proof

#: How far a sender's clock may be from ours where the sender signs the time.
TOLERANCE = timedelta(minutes=5)


def hex_digest(secret: str, signed: bytes, algorithm: str = "sha256") -> str:
    """Return the HMAC as lower-case hexadecimal digits."""
    return hmac.new(secret.encode(), signed, getattr(hashlib, algorithm)).hexdigest()


def base64_digest(secret: str, signed: bytes, algorithm: str = "sha256") -> str:
    """Return the HMAC in standard Base64."""
    return base64.b64encode(hmac.new(secret.encode(), signed, getattr(hashlib, algorithm)).digest()).decode()


def is_among(given: str, expected: Iterable[str]) -> Proof:
    """Compare what was given with each value that would do; all are compared, so that time tells nothing."""
    if not given:
        return Proof.MISSING
    found = [hmac.compare_digest(given.encode(), each.encode()) for each in expected]
    return Proof.GOOD if any(found) else Proof.WRONG


def signed_body(given: str, secrets: Sequence[str], raw: bytes, *, algorithm: str, prefix: str = "") -> Proof:
    """Judge a hexadecimal signature over the raw body, `prefix` included ("sha256=")."""
    return is_among(given, (prefix + hex_digest(each, raw, algorithm) for each in secrets))


def is_fresh(seconds: str, now: datetime, *, per_second: int = 1) -> bool:
    """Say whether a signed Unix time (in `per_second` parts of a second) is within the tolerance of now."""
    if not seconds.isascii() or not seconds.isdigit() or len(seconds) > 16:
        return False
    try:
        at = datetime.fromtimestamp(int(seconds) / per_second, UTC)
    except (OverflowError, ValueError, OSError):
        return False
    return abs(now - at) <= TOLERANCE
