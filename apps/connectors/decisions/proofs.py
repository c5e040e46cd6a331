"""Is this the sender? Keyed digests over the raw bytes, compared in constant time, with every active secret."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

from apps.connectors.terms import HookRequest, Proof

#: Headers that a tenant may have a sender put the shared secret in.
SECRET_HEADERS = ("x-hook-secret", "x-webhook-secret", "x-api-key")
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


def shared_secret(request: HookRequest, secrets: Sequence[str], now: datetime) -> Proof:
    """Judge a secret sent as it is, in a header of `SECRET_HEADERS` or as a bearer token."""
    bearer = request.headers.get("authorization", "")
    given = bearer[7:].strip() if bearer[:7].lower() == "bearer " else ""
    for name in SECRET_HEADERS:
        given = given or request.headers.get(name, "").strip()
    return is_among(given, secrets)


def secret_or_password(request: HookRequest, secrets: Sequence[str], now: datetime) -> Proof:
    """Judge a secret sent as it is in a header, or as the password of basic authentication."""
    given = request.headers.get("authorization", "")
    if given[:6].lower() != "basic ":
        return shared_secret(request, secrets, now)
    try:
        password = base64.b64decode(given[6:].strip(), validate=True).decode().partition(":")[2]
    except (binascii.Error, ValueError):
        return Proof.WRONG
    return is_among(password, secrets)


def secret_if_set(request: HookRequest, secrets: Sequence[str], now: datetime) -> Proof:
    """Judge senders without signatures: the address is the proof, unless the tenant set a secret as well."""
    return shared_secret(request, secrets, now) if secrets else Proof.GOOD


def fresh_and_signed(
    given: str, stamp: str, secrets: Sequence[str], sign: Callable[[str], str], now: datetime, *, per_second: int = 1
) -> Proof:
    """Judge a signature that covers the time `stamp`; a true one that is old is stale, so a replay tells nothing."""
    proof = is_among(given, (sign(each) for each in secrets)) if stamp else Proof.MISSING
    return Proof.STALE if proof is Proof.GOOD and not is_fresh(stamp, now, per_second=per_second) else proof
