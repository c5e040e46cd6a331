"""Django's error hooks: what happens where no view answered."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from leadcrm.http.error_page import error_page
from leadcrm.http.errors import FAULT, Shown, answer, shown


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose token is missing or old. Django's reason is for developers, not shown."""
    detail = "This form was open too long or came from another page. Go back, reload and send it again."
    return error_page(request, 403, "csrf", detail, template="csrf")


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer a request that Django could not read."""
    what = shown(exception) if isinstance(exception, BaseException) else None
    return answer(request, what or Shown(400, "bad_request", "The request cannot be read."))


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer a bare PermissionDenied."""
    return answer(request, Shown(403, "no_permission", "You may not do this."))


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer an address that leads nowhere: the same page for absent and foreign."""
    return answer(request, Shown(404, "not_found", "Not found."))


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a fault of ours; Django has logged it."""
    return answer(request, FAULT)
