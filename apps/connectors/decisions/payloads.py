"""Fields of senders that let the tenant choose how they post: JSON, a form, or a form in parts."""

from collections.abc import Iterator, Mapping
from email import message_from_bytes
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Any

from apps.capture.document_rules import Attached
from apps.connectors.decisions.bodies import MOST_FIELDS, flat, form_fields, gathered, json_value, plain_text, text_of
from apps.connectors.terms import HookRequest, Unreadable

Fields = dict[str, list[str]]


def posted(request: HookRequest) -> Any:
    """Return the body: any JSON value, or the fields of a form. Raises Unreadable for neither, or nothing at all."""
    kind = request.headers.get("content-type", "").lower()
    if not request.raw.strip():
        raise Unreadable("The body is empty.")
    if kind.startswith("multipart/form-data"):
        return multipart_fields(request)
    if "json" in kind or request.raw.lstrip()[:1] in (b"{", b"["):
        return json_value(request)
    return form_fields(request)


def posted_object(request: HookRequest) -> dict[str, Any]:
    """Return the body as one object; raises Unreadable for lists and scalars."""
    found = posted(request)
    if not isinstance(found, dict):
        raise Unreadable("The body is neither a form nor a JSON object.")
    return found


def posted_fields(request: HookRequest) -> Fields:
    """Return the body's fields with all their values, nested ones under dotted names."""
    return gathered(flat(posted_object(request)))


def multipart_fields(request: HookRequest) -> Fields:
    """Return the text parts of a multipart body; files are not among a lead's values and stay in the raw copy."""
    fields: Fields = {}
    for name, file_name, content in _parts(request):
        if name and not file_name:
            fields.setdefault(name, []).append(text_of(content))
    return fields


def multipart_files(request: HookRequest) -> dict[str, Attached]:
    """Return the files of a multipart body by their fields' names; none of a body of another kind."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        return {}
    return {name: Attached(file_name, content) for name, file_name, content in _parts(request) if name and file_name}


def _parts(request: HookRequest) -> Iterator[tuple[str, str, bytes]]:
    """Yield the parts of a multipart body: field, file name ("" for a text) and content."""
    kind = request.headers.get("content-type", "").encode("latin-1", "replace")
    message = message_from_bytes(b"Content-Type: " + kind + b"\r\n\r\n" + request.raw)
    parts = message.get_payload() if message.is_multipart() else []
    if not isinstance(parts, list) or not parts:
        raise Unreadable("The form's parts cannot be told apart.")
    if len(parts) > MOST_FIELDS:
        raise Unreadable("The form has too many fields.")
    for part in parts:
        content = part.get_payload(decode=True) if isinstance(part, Message) else None
        if isinstance(content, bytes):
            yield _parameter(part, "name"), _parameter(part, "filename"), content


def first_text(values: Mapping[str, list[str]], *names: str) -> str:
    """Return the first value of the first of these names that has one."""
    return next((values[name][0].strip() for name in names if values.get(name) and values[name][0].strip()), "")


def _parameter(part: Any, name: str) -> str:
    found = part.get_param(name, header="content-disposition") if isinstance(part, Message) else None
    text = collapse_rfc2231_value(found) if found else ""
    return plain_text(text.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
