"""Inbound e-mail: what people write to us, parsed by django-anymail from Postmark's, Mailgun's or plain MIME form.

Of the text the person's own words are read; of a mail that is HTML alone, its words. What is attached goes along as
it came and is judged by the rules of documents; pictures that the HTML shows, such as a signature's logo, are part of
the text. Robots (RFC 3834), bounces and lists are kept and open
nothing. Whose campaign it answers is told by the ids it refers to or by the word behind the plus sign of the address
it went to: `intake+spring-outreach@example.com`.
"""

import json
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from anymail.exceptions import AnymailError
from anymail.inbound import AnymailInboundMessage
from anymail.webhooks.postmark import PostmarkInboundWebhookView

from apps.capture.document_rules import Attached
from apps.connectors.decisions.bodies import json_object, plain_text
from apps.connectors.decisions.mail_proofs import prove_mail, signed_once
from apps.connectors.decisions.payloads import Fields, first_text, multipart_files, posted_fields
from apps.connectors.decisions.transcripts import plain_of_html
from apps.connectors.terms import Event, Group, HookRequest, Notice, NoticeKind, Provider, Unmappable, Unreadable
from apps.consent.opt_out_words import is_opt_out
from apps.consent.terms import IMPLIED_BY_CONTACT, OptOutKind

LONGEST_TEXT = 5_000
MOST_ATTACHED = 50
_RAW_TYPE = "message/rfc822"
_ROBOT_HEADERS = ("x-autoreply", "x-autorespond", "x-auto-response-suppress", "x-failed-recipients")
_PRECEDENCE = frozenset({"bulk", "list", "junk", "auto_reply"})
_ROBOT_SENDERS = re.compile(r"^(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)(\+[^@]*)?@", re.I)
_SHOWN = re.compile(r"cid:([^\"'\s<>)]{1,250})", re.I)
_ID = re.compile(r"<([^<>\s]{1,250})>")
_QUOTE = re.compile(r"^(>|On .{1,200} wrote:|-{2,} ?Original Message|From: |El .{1,200} escribió:|_{10,})", re.I)
MAPPING = {
    "from_name": "person.full_name",
    "from_email": "person.email",
    "text": "request.message",
    "utm_campaign": "attribution.utm_campaign",
    "message_id": "-",
}


class _Postmark(PostmarkInboundWebhookView):  # type: ignore[misc]
    """Postmark's inbound form; who sent it was proven before."""

    warn_if_no_basic_auth = False


def _read(request: HookRequest) -> Sequence[Event]:
    try:
        message = _parsed(request)
        return [replace(_event(message), files=(*_attached(message), *_posted_files(request)))]
    except (AnymailError, KeyError, TypeError, ValueError, AttributeError, IndexError, LookupError) as error:
        if isinstance(error, Unreadable | Unmappable):
            raise
        raise Unmappable(f"The mail cannot be read: {type(error).__name__}.") from error


def _parsed(request: HookRequest) -> AnymailInboundMessage:
    kind = request.headers.get("content-type", "").lower()
    if kind.startswith(_RAW_TYPE):
        return AnymailInboundMessage.parse_raw_mime_bytes(request.raw)
    if "json" in kind:
        return _Postmark().esp_to_anymail_event(json_object(request)).message
    fields = posted_fields(request)
    if fields.get("body-mime"):
        message = AnymailInboundMessage.parse_raw_mime(fields["body-mime"][0])
    else:
        message = _from_fields(fields)
    message.envelope_sender = first_text(fields, "sender") or None
    message.envelope_recipient = first_text(fields, "recipient") or None
    message.stripped_text = first_text(fields, "stripped-text") or None
    return message


def _from_fields(fields: Fields) -> AnymailInboundMessage:
    """Build the mail from Mailgun's fully parsed fields."""
    headers = json.loads(first_text(fields, "message-headers") or "[]")
    if not isinstance(headers, list) or not headers:
        raise Unmappable("The mail has no headers.")
    named = [(str(name), plain_text(str(value))) for name, value in headers]
    return AnymailInboundMessage.construct(
        headers=named, text=first_text(fields, "body-plain"), html=first_text(fields, "body-html") or None
    )


def _event(message: AnymailInboundMessage) -> Event:
    sender = _sender(message)
    own_id = next(iter(_ids(message["Message-ID"])), "")
    text = _own_words(message)
    subject = plain_text(str(message["Subject"] or ""))[:300]
    at = _moment(message)
    values = {
        "from_email": [sender[1]],
        "from_name": [plain_text(sender[0])[:150]],
        "subject": [subject],
        "text": [text],
        "message_id": [own_id],
    }
    return Event(
        key=f"mail:{own_id}" if own_id else "",
        object_id=f"mail:{own_id}" if own_id else "",
        kind="mail",
        values={name: texts for name, texts in values.items() if texts[0].strip()},
        questions={"subject": "Subject"},
        consent=[_implied(sender[1], own_id, at)],
        submitted_at=at,
        ignored=_robot(message, sender[1]),
        notice=_notice(message, sender[1], subject, text),
    )


def _attached(message: AnymailInboundMessage) -> Iterator[Attached]:
    """Yield what is attached to a mail, as far as its own HTML does not show it in the text."""
    shown = set(_SHOWN.findall(str(message.html or "")))
    files = [part for part in message.walk() if part is not message and _is_file(part, shown)]
    for part in files[:MOST_ATTACHED]:
        content = part.get_content_bytes()
        if content is not None:
            yield Attached(plain_text(str(part.get_filename() or "")), content)


def _is_file(part: AnymailInboundMessage, shown: Collection[str]) -> bool:
    if part.get_content_maintype() == "multipart" or _bare(part["Content-ID"]) in shown:
        return False
    return bool(part.is_attachment() or part.get_filename())


def _posted_files(request: HookRequest) -> Iterator[Attached]:
    """Yield the files of Mailgun's fully parsed form, without those that the mail's HTML shows in the text."""
    files = multipart_files(request)
    if not files:
        return
    fields = posted_fields(request)
    shown = set(_SHOWN.findall(first_text(fields, "body-html")))
    named = json.loads(first_text(fields, "content-id-map") or "{}")
    pairs = named.items() if isinstance(named, dict) else ()
    inline = {field for content_id, field in pairs if _bare(content_id) in shown}
    for name, file in list(files.items())[:MOST_ATTACHED]:
        if name not in inline:
            yield Attached(plain_text(file.name), file.content)


def _bare(content_id: object) -> str:
    return str(content_id or "").strip().strip("<>")


def _notice(message: AnymailInboundMessage, sender: str, subject: str, text: str) -> Notice:
    found = is_opt_out(text or subject)
    if found is not None and found.kind is OptOutKind.KEYWORD:
        return Notice(NoticeKind.OPT_OUT, "email", sender, words=(text or subject)[:200])
    references = tuple(_ids(message["In-Reply-To"], message["References"]))
    return Notice(NoticeKind.MAIL, "email", sender, references=references, plus_words=tuple(_plus_words(message)))


def _sender(message: AnymailInboundMessage) -> tuple[str, str]:
    """Return name and address of who wrote. Raises Unmappable for a mail from nobody."""
    found = message.from_email
    if found is None or not found.addr_spec or "@" not in found.addr_spec:
        raise Unmappable("The mail names no sender.")
    return str(found.display_name or ""), plain_text(str(found.addr_spec)).strip().lower()


def _own_words(message: AnymailInboundMessage) -> str:
    """Return what the person wrote now: the text without what it quotes, or the words of the HTML."""
    text = message.stripped_text or message.text or plain_of_html(message.html or "")
    lines: list[str] = []
    for line in plain_text(str(text)).replace("\r\n", "\n").split("\n"):
        if _QUOTE.match(line.strip()):
            break
        lines.append(line)
    return "\n".join(lines).strip()[:LONGEST_TEXT]


def _robot(message: AnymailInboundMessage, sender: str) -> str:
    """Say why a mail is no person's, by its headers; empty for a person's."""
    submitted = str(message["Auto-Submitted"] or "no").strip().lower()
    if not submitted.startswith("no"):
        return "An automatic answer: nobody wrote it."
    if message.get_content_type() == "multipart/report" or message.envelope_sender == "":
        return "A report on a delivery: nobody wrote it."
    if str(message["Precedence"] or "").strip().lower() in _PRECEDENCE or message["List-Id"]:
        return "Sent to a list or in bulk: nobody wrote it to us."
    if any(message[name] for name in _ROBOT_HEADERS) or str(message["Return-Path"] or "").strip() == "<>":
        return "An automatic answer: nobody wrote it."
    return "Sent by a machine's address." if _ROBOT_SENDERS.match(sender) else ""


def _plus_words(message: AnymailInboundMessage) -> Iterable[str]:
    """Yield the words behind the plus sign of each address that the mail went to."""
    addresses = [str(message.envelope_recipient or ""), *(str(each.addr_spec) for each in (*message.to, *message.cc))]
    for address in addresses[:50]:
        word = address.partition("@")[0].partition("+")[2].strip().lower()
        if word:
            yield word


def _ids(*headers: object) -> list[str]:
    """Return the message ids in headers, in order, each once."""
    return list(dict.fromkeys(found for each in headers for found in _ID.findall(str(each or ""))))[:50]


def _moment(message: AnymailInboundMessage) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(message["Date"] or ""))
        return found.astimezone(UTC) if found.tzinfo else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _implied(sender: str, own_id: str, at: datetime | None) -> dict[str, str]:
    """Return that who wrote may be answered by mail; it opens no other channel."""
    claim = {"channel": "email", "state": "granted", "evidence_kind": IMPLIED_BY_CONTACT}
    return claim | {"evidence_ref": f"mail {own_id}"[:500]} | ({"captured_at": at.isoformat()} if at else {})


PROVIDER = Provider(
    key="inbound-email",
    name="Inbound e-mail (Postmark, Mailgun, MIME)",
    group=Group.MAIL,
    capture_method="email",
    proof_hint="Mailgun: the webhook signing key. Postmark and others: a password in the address's user and"
    " password, or a header X-Hook-Secret. Answers to a campaign go to your address with its key:"
    " intake+spring-outreach@…",
    prove=prove_mail,
    single_use=signed_once,
    read=_read,
    mapping=MAPPING,
    sample="mail",
)
