"""What API views read of a request: actor, instant, body, and the headers with a meaning."""

import hashlib
import re
from datetime import datetime
from typing import TypeVar, cast

from pydantic import BaseModel
from rest_framework.request import Request

from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, Problem

LONGEST_KEY = 255
LONGEST_STORED_KEY = 200
LONGEST_WAIT_SECONDS = 10
_PRINTABLE = re.compile(r"[\x21-\x7e]+")
_WAIT = re.compile(r"wait\s*=\s*\"?\s*(\d{1,6})\s*\"?", re.IGNORECASE | re.ASCII)
_VERSION = re.compile(r"(?:W/)?\"?(\d{1,9})\"?", re.ASCII)

Body = TypeVar("Body", bound=BaseModel)


def actor_of(request: Request) -> Actor:
    """Return who asks; `HasActor` has made sure that there is somebody."""
    return cast(Actor, request.auth)


def now_of(request: Request) -> datetime:
    """Return the instant of the request by the database's clock."""
    now: datetime = request._request.now  # type: ignore[attr-defined]
    return now


def instant_of(request: Request, name: str) -> datetime | None:
    """Return an instant that the address names, such as `?at=`; None without it. Refuses what is none or ahead."""
    text = str(request.query_params.get(name, "")).strip()
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None or found > now_of(request):
        sentence = "Give an instant with its zone that is not ahead, such as 2027-05-03T14:00:00Z."
        raise Invalid(sentence, (Problem(f"/{name}", "bad_instant", sentence),))
    return found


def body_of(request: Request, shape: type[Body]) -> Body:
    """Return the body in its shape; pydantic's error becomes 422 with a pointer to each place."""
    return shape.model_validate(request.data)


def object_of(request: Request) -> dict[str, object]:
    """Return a body that must be a JSON object."""
    data: object = request.data
    if not isinstance(data, dict):
        raise Invalid("Send a JSON object.", (Problem("", "not_an_object", "Send a JSON object."),))
    return data


def idempotency_key_of(request: Request) -> str:
    """Return the Idempotency-Key, or "". A long one is stored by its digest."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        return ""
    if len(key) > LONGEST_KEY or not _PRINTABLE.fullmatch(key):
        detail = f"Idempotency-Key is 1 to {LONGEST_KEY} printable ASCII characters without blanks."
        raise Invalid(detail, (Problem("", "bad_idempotency_key", detail),), code="bad_idempotency_key")
    return stored_key(key)


def stored_key(key: str, limit: int = LONGEST_STORED_KEY) -> str:
    """Return a key as it fits its column."""
    return key if len(key) <= limit else "sha256." + hashlib.sha256(key.encode()).hexdigest()


def wait_of(request: Request) -> int:
    """Return the seconds of `Prefer: wait=N` (RFC 7240), at most 10; 0 without one that can be read."""
    for part in request.headers.get("Prefer", "").split(","):
        found = _WAIT.fullmatch(part.partition(";")[0].strip())
        if found:
            return min(int(found[1]), LONGEST_WAIT_SECONDS)
    return 0


def version_of(request: Request, in_body: int | None = None) -> int | None:
    """Return the lead's version that the caller read: from the body's `version`, else from If-Match."""
    if in_body is not None:
        return in_body
    text = request.headers.get("If-Match", "").strip()
    if text in ("", "*"):
        return None
    found = _VERSION.fullmatch(text)
    if found is None:
        raise Invalid("If-Match holds the lead's version.", (Problem("/version", "bad_version", "A number."),))
    return int(found[1])
