"""How much a request may carry, decided before anything reads it."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.http import HttpRequest, HttpResponse

from apps.tenancy.errors import LeadcrmError
from leadcrm.http.errors import answer_for

BODY_BYTES = 256 * 1024
BATCH_BODY_BYTES = 8 * 1024 * 1024
BATCH_PATH = "/api/v1/leads/batch"
#: One document in base64 by the API: 5 MB become seven.
DELIVERED, DOCUMENTS, ONE_DOCUMENT_BYTES = "/api/v1/submissions/", "/documents", 8 * 1024 * 1024
FILE_BODY_BYTES = 11 * 1024 * 1024
FILE_PATHS = frozenset(("/imports",))
ASSET_PATH = "/admin/capture/asset/"
#: Documents of a referral, which may be 10 MB together: with what is a little too much the form says so by itself.
#: In a mail they are written in base64, a third longer.
DOCUMENT_BODY_BYTES = 16 * 1024 * 1024
DOCUMENT_PATHS, FORM_PATH, IN_PARTS = frozenset(("/partner/submit", "/leads/new")), "/f/", "multipart/form-data"
#: Senders' bodies; a mail brings its attachments along, and a refusal here would lose the mail.
HOOK_PATH, HOOK_BODY_BYTES, MAIL_PATH = "/hooks/", 1024 * 1024, "/hooks/inbound-email/"


class BodyRefused(LeadcrmError):
    """Why a body is not read."""

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(detail, code=code)
        self.status = status


def limit_for(path: str, content_type: str = "") -> int:
    """Return the most bytes a body may have at this address; where documents are taken, one in parts may have more."""
    may_hold_files = content_type.strip().lower().startswith(IN_PARTS)
    if path.startswith(MAIL_PATH) or (may_hold_files and _takes_documents(path)):
        return DOCUMENT_BODY_BYTES
    if path.startswith(DELIVERED) and path.endswith(DOCUMENTS):
        return ONE_DOCUMENT_BYTES
    if path.rstrip("/") in FILE_PATHS or path.startswith(ASSET_PATH):
        return FILE_BODY_BYTES
    if path.startswith(HOOK_PATH):
        return HOOK_BODY_BYTES
    return BATCH_BODY_BYTES if path.rstrip("/") == BATCH_PATH else BODY_BYTES


class BodyLimitMiddleware:
    """Read the body once, up to its limit, whole or not at all.

    Refused: too long (413), compressed (415: inflating would defeat the limit), a length that is
    no number or does not match what came (400). Django itself takes a body without a length for
    an empty one and would lose a chunked delivery silently; here it is read like any other.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, or refuse the body."""
        try:
            body = read_body(request.META, limit_for(request.path_info, request.META.get("CONTENT_TYPE", "")))
        except BodyRefused as refused:
            return answer_for(request, refused)
        holder: Any = request
        holder._body, holder._stream = body, BytesIO(body)
        request.META["CONTENT_LENGTH"] = str(len(body)) if body else ""
        return self.get_response(request)


def _takes_documents(path: str) -> bool:
    return path.startswith(FORM_PATH) or path.rstrip("/") in DOCUMENT_PATHS


def read_body(environ: dict[str, Any], limit: int) -> bytes:
    """Return the whole body; raise BodyRefused when it breaks a rule."""
    encoding = environ.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding not in ("", "identity"):
        raise BodyRefused(415, "content_encoding", "Send the body without Content-Encoding.")
    length = _declared_length(environ)
    if length is None:
        return _read_undeclared(environ, limit)
    if length > limit:
        raise _too_long(limit)
    body = _read(environ, length)
    if len(body) != length:
        raise BodyRefused(400, "body_incomplete", "The body is shorter than its Content-Length.")
    return body


def _declared_length(environ: dict[str, Any]) -> int | None:
    text = str(environ.get("CONTENT_LENGTH") or "")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise BodyRefused(400, "content_length", "Content-Length is not a number.")
    return int(text)


def _read_undeclared(environ: dict[str, Any], limit: int) -> bytes:
    """Read a body without a length; only where the server ends the stream, else it would wait."""
    if not environ.get("wsgi.input_terminated"):
        if "HTTP_TRANSFER_ENCODING" in environ:
            raise BodyRefused(411, "length_required", "Send the body with a Content-Length.")
        return b""
    body = _read(environ, limit + 1)
    if len(body) > limit:
        raise _too_long(limit)
    return body


def _read(environ: dict[str, Any], size: int) -> bytes:
    """Read `size` bytes, or what there is; one read may return less than asked."""
    parts: list[bytes] = []
    while size > 0:
        try:
            part: bytes = environ["wsgi.input"].read(size)
        except OSError as error:
            raise BodyRefused(400, "body_incomplete", "The connection broke within the body.") from error
        if not part:
            break
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _too_long(limit: int) -> BodyRefused:
    if limit == DOCUMENT_BODY_BYTES:
        detail = "Documents may have 5 MB each and 10 MB together. Go back: your text is kept, choose smaller ones."
        return BodyRefused(413, "body_too_large", detail)
    return BodyRefused(413, "body_too_large", f"The body is longer than {limit // 1024} kB.")
