"""What every answer carries: the request's id and the headers that keep browsers careful."""

import re
import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from structlog.contextvars import bind_contextvars, clear_contextvars

from apps.tenancy.ids import new_id
from leadcrm.http.metrics import observe

Next = Callable[[HttpRequest], HttpResponse]

_SANE_ID = re.compile(r"[A-Za-z0-9-]{8,64}")
PERMISSIONS_POLICY = (
    "accelerometer=(), browsing-topics=(), camera=(), display-capture=(), geolocation=(), gyroscope=(),"
    " magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
)
log = structlog.get_logger("http")


class RequestIdMiddleware:
    """Name the request once; logs, audit entries and the answer carry the name.

    A caller's own id is taken when it is a plain word, so that a delivery can be followed through
    both systems; anything else could forge log lines and is replaced.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, note the request in log and metrics."""
        offered = request.headers.get("X-Request-Id", "")
        request_id = offered if _SANE_ID.fullmatch(offered) else str(new_id())
        request.request_id = request_id  # type: ignore[attr-defined]
        clear_contextvars()
        bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - started
        response["X-Request-Id"] = request_id
        match = request.resolver_match
        route = (match.view_name or match.route) if match else "unmatched"
        observe(method=request.method or "", route=route, status=response.status_code, seconds=seconds)
        log.info("request", method=request.method, route=route, status=response.status_code, seconds=round(seconds, 4))
        return response


class SecurityHeadersMiddleware:
    """Add what Django's own middleware leaves out, to every answer, errors included.

    Nothing but static files and the public form may be stored by a browser or a proxy. Signing
    out also asks the browser to forget what it kept.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer with the headers."""
        response = self.get_response(request)
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        response["Cross-Origin-Resource-Policy"] = "same-origin"
        # The older header cannot name sites; where the policy of a page names some, it alone speaks.
        if not getattr(response, "is_framed_by_policy", False):
            response["X-Frame-Options"] = settings.X_FRAME_OPTIONS
        if not request.path_info.startswith((settings.STATIC_URL, "/f/")):
            response["Cache-Control"] = "no-store"
        match = request.resolver_match
        if match and match.url_name == "account_logout" and request.method == "POST":
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response
