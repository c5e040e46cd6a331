"""How a package leaves by the browser."""

from django.http import HttpResponse


def as_zip(content: bytes, name: str) -> HttpResponse:
    """Return a package as a download."""
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
