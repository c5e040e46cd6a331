"""The page of an error: a sentence, what it is called, and the request's id to quote."""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from leadcrm.http.scoping import is_fragment

#: Pages that exist; any other status is shown with the page of its family.
TEMPLATES = {403: "403", 404: "404", 409: "409", 429: "429"}


def error_page(request: HttpRequest, status: int, code: str, detail: str, *, template: str = "") -> HttpResponse:
    """Return the page of an error. A part of an open page gets the sentence alone.

    Faults are rendered without the shell: it asks the database, which may be what is broken.
    """
    if is_fragment(request):
        return HttpResponse(detail, status=status, content_type="text/plain; charset=utf-8")
    name = template or TEMPLATES.get(status) or ("500" if status >= 500 else "400")
    request_id = "" if status == 404 else getattr(request, "request_id", "")
    context = {"detail": detail, "code": code, "request_id": request_id, "status": status}
    html = render_to_string(f"errors/{name}.html", context, request if status < 500 else None)
    return HttpResponse(html, status=status)
