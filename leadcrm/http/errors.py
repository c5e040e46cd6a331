"""From errors to answers, once for every door: a problem document or a page.

Programs read RFC 9457 `application/problem+json`; people get a page with the same sentence. What
is not known here is a fault of ours: it is logged by class and place, and answered without detail.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

import structlog
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelValidationError
from django.core.signals import got_request_exception
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from pydantic import ValidationError as ShapeError
from rest_framework import exceptions as drf
from rest_framework.response import Response

from apps.tenancy.errors import Clash, Conflict, Invalid, LeadcrmError, Problem, Refused
from leadcrm.http.error_page import error_page
from leadcrm.http.scoping import is_api

MEDIA_TYPE = "application/problem+json"
TRIGGER_PREFIX = "leadcrm: "
NOT_FOUND = "Not found."
log = structlog.get_logger("http")


class BadCredential(LeadcrmError):
    """A key that is unknown, expired, revoked or of another shape: the four look alike."""

    code, status = "bad_credential", 401

    def __init__(self) -> None:
        super().__init__("The API key is missing, unknown, expired or revoked.")


class NoSeat(LeadcrmError):
    """A signed-in person without an active membership anywhere."""

    code, status = "no_seat", 403

    def __init__(self) -> None:
        super().__init__("Your account has no active place in an organization. Ask your administrator.")


class TooManyRequests(LeadcrmError):
    """A key is over its allowance of the running minute."""

    code, status = "rate_limited", 429

    def __init__(self, wait_seconds: int) -> None:
        super().__init__(f"The key's allowance is used up. Try again in {wait_seconds} s.")
        self.wait_seconds = wait_seconds


@dataclass(frozen=True, slots=True)
class Shown:
    """What an error looks like from outside."""

    status: int
    code: str
    detail: str = ""
    problems: tuple[Problem, ...] = ()
    headers: dict[str, str] = field(default_factory=dict)
    clashes: tuple[Clash, ...] = ()


FAULT = Shown(500, "fault", "Something went wrong on our side. Nothing was changed.")


def shown(error: BaseException) -> Shown | None:
    """Return how an expected error is shown, or None for a fault of ours."""
    if isinstance(error, LeadcrmError):
        return _own(error)
    if isinstance(error, Http404):
        return Shown(404, "not_found", NOT_FOUND)
    if isinstance(error, PermissionDenied):
        return Shown(403, "no_permission", "You may not do this.")
    if isinstance(error, ShapeError):
        return Shown(422, "invalid", "The input does not fit.", tuple(_shape_problems(error)))
    if isinstance(error, ModelValidationError):
        return Shown(422, "invalid", "The input does not fit.", tuple(_model_problems(error)))
    if isinstance(error, drf.APIException):
        return _framework(error)
    if isinstance(error, RequestDataTooBig):
        return Shown(413, "body_too_large", "The body is too long.")
    if isinstance(error, SuspiciousOperation):
        return Shown(400, "bad_request", "The request cannot be read.")
    if isinstance(error, DatabaseError | InterfaceError):
        return _database(error)
    return None


def as_refusal(error: BaseException) -> Refused | None:
    """Return the refusal behind an error: its own, or the one a database trigger raised."""
    if isinstance(error, Refused):
        return error
    cause = error.__cause__
    if not isinstance(error, DatabaseError) or getattr(cause, "sqlstate", "") != "42501":
        return None
    message = str(getattr(getattr(cause, "diag", None), "message_primary", None) or cause)
    if not message.startswith(TRIGGER_PREFIX):
        return None
    sentence = message.removeprefix(TRIGGER_PREFIX).splitlines()[0]
    return Refused(f"{sentence[0].upper()}{sentence[1:]}.", code="locked", action="locked_columns")


def document(request: HttpRequest, what: Shown) -> dict[str, Any]:
    """Return the problem document. A 404 is the same for every absent and foreign id: no request id."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(what.status).phrase,
        "status": what.status,
        "code": what.code,
        "detail": what.detail,
    }
    if what.problems:
        body["errors"] = [{"pointer": p.pointer, "code": p.code, "detail": p.detail} for p in what.problems]
    if what.clashes:
        body["conflicts"] = [_clash(each) for each in what.clashes]
    if what.status != 404:
        body["request_id"] = getattr(request, "request_id", "")
    return body


def answer(request: HttpRequest, what: Shown) -> HttpResponse:
    """Return the problem document or the page, by who asks."""
    if is_api(request):
        response: HttpResponse = JsonResponse(
            document(request, what),
            status=what.status,
            content_type=MEDIA_TYPE,
            json_dumps_params={"separators": (",", ":"), "ensure_ascii": False},
        )
    else:
        response = error_page(request, what.status, what.code, what.detail)
    for name, value in what.headers.items():
        response[name] = value
    return response


def answer_for(request: HttpRequest, error: BaseException) -> HttpResponse:
    """Return the answer to any error; an unknown one is a fault without detail."""
    return answer(request, shown(error) or FAULT)


def page_for(request: HttpRequest, error: BaseException) -> HttpResponse | None:
    """Return the answer to an expected error, or None: then Django logs it and shows a 500."""
    what = shown(error)
    return answer(request, what) if what else None


def exception_handler(error: Exception, context: dict[str, Any]) -> Response:
    """Answer errors of API views; the refusal is left on the request for the scope to audit."""
    request: HttpRequest = context["request"]._request
    refusal = as_refusal(error)
    if refusal is not None:
        request.refusal = refusal  # type: ignore[attr-defined]
    what = shown(refusal or error)
    if what is None:
        log.error("unhandled", exc_info=error)
        got_request_exception.send(sender=None, request=request)
        what = FAULT
    headers = dict(what.headers)
    if what.status == 401:
        headers.setdefault("WWW-Authenticate", "Bearer")
    return Response(document(request, what), status=what.status, headers=headers, content_type=MEDIA_TYPE)


def pointer_to(*steps: object) -> str:
    """Return the JSON pointer of a path (RFC 6901: ~ and / are escaped)."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in steps)


def _own(error: LeadcrmError) -> Shown:
    problems = error.problems if isinstance(error, Invalid) else ()
    headers: dict[str, str] = {}
    if isinstance(error, BadCredential):
        headers["WWW-Authenticate"] = "Bearer"
    retry_after = getattr(error, "wait_seconds", None)
    if retry_after is not None:
        headers["Retry-After"] = str(retry_after)
    clashes = error.clashes if isinstance(error, Conflict) else ()
    return Shown(error.status, error.code, error.detail, tuple(problems), headers, clashes)


def _clash(clash: Clash) -> dict[str, Any]:
    return {
        "field": clash.field,
        "mine": clash.mine,
        "theirs": clash.theirs,
        "by": clash.by,
        "at": clash.at.isoformat() if clash.at else None,
    }


def _framework(error: drf.APIException) -> Shown:
    if isinstance(error, drf.ValidationError):
        return Shown(422, "invalid", "The input does not fit.", tuple(_field_problems(error.detail)))
    if isinstance(error, drf.NotFound):
        return Shown(404, "not_found", NOT_FOUND)
    problems: tuple[Problem, ...] = getattr(error, "problems", ())
    wait = getattr(error, "wait", None)
    headers = {"Retry-After": str(int(wait))} if wait else {}
    detail = error.detail
    code = detail.code if isinstance(detail, drf.ErrorDetail) else error.default_code
    return Shown(error.status_code, str(code), str(detail), problems, headers)


def _field_problems(detail: Any, *path: object) -> Iterator[Problem]:
    if isinstance(detail, dict):
        for key, value in detail.items():
            yield from _field_problems(value, *(path if key == "non_field_errors" else (*path, key)))
    elif isinstance(detail, list | tuple):
        for index, value in enumerate(detail):
            nested = isinstance(value, dict | list)
            yield from _field_problems(value, *((*path, index) if nested else path))
    else:
        yield Problem(pointer_to(*path), str(getattr(detail, "code", "invalid")), str(detail))


def _shape_problems(error: ShapeError) -> Iterator[Problem]:
    """Pydantic's own sentences name the expected shape, never the value that was sent."""
    for each in error.errors(include_url=False, include_context=False, include_input=False):
        detail = each["msg"].removeprefix("Value error, ")
        yield Problem(pointer_to(*each["loc"]), each["type"], detail)


def _model_problems(error: ModelValidationError) -> Iterator[Problem]:
    by_field = error.error_dict if hasattr(error, "error_dict") else {"__all__": error.error_list}
    for name, errors in by_field.items():
        pointer = "" if name == "__all__" else pointer_to(name)
        for each in errors:
            yield from (Problem(pointer, each.code or "invalid", str(text)) for text in each.messages)


def _database(error: DatabaseError | InterfaceError) -> Shown | None:
    refusal = as_refusal(error)
    if refusal is not None:
        return _own(refusal)
    if isinstance(error, OperationalError | InterfaceError):
        log.error("database_unavailable", exc_info=error)
        sentence = "The database did not answer in time. Nothing was changed; try again."
        return Shown(503, "unavailable", sentence, headers={"Retry-After": "5"})
    return None
