"""Twilio texts: what people text to us, and what became of what was texted to them.

Sources: "Twilio's request to your incoming message webhook URL", "Advanced Opt-Out". A text that is nothing but an
opt-out word withdraws the permission to text and opens no inquiry; so do the words to come back and to ask for help
open none. Where `OptOutType` is present Twilio has answered already, and we say nothing. Of any other text the
worker finds out whether it answers a text of ours or is an inquiry.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.connectors.decisions.bodies import gathered
from apps.connectors.decisions.calls import CALL_MAPPING, QUESTIONS, caller_of, implied_consent, is_short_code
from apps.connectors.decisions.twilio import (
    FORM_TYPE,
    Fields,
    account_problems,
    element,
    fields_of,
    first,
    own_id,
    prove,
    twiml,
)
from apps.connectors.terms import Event, Group, HookRequest, Notice, NoticeKind, Provider, Reply, Taken
from apps.consent.opt_out_words import is_opt_out
from apps.consent.terms import OptOutKind
from apps.outreach.decisions import TEXT_ERRORS
from apps.outreach.terms import DeliveryResult

HELP_TEXT, LONGEST_HELP = "help_text", 480
_BACK, _HELP = frozenset({"start", "unstop"}), frozenset({"help", "info"})
_TAKEN = frozenset({"From", "To"})
MAPPING = {
    **CALL_MAPPING,
    "Body": "request.message",
    "utm_campaign": "attribution.utm_campaign",
    **dict.fromkeys(
        (
            *("MessageSid", "SmsSid", "SmsMessageSid", "AccountSid", "MessagingServiceSid", "ApiVersion"),
            *("SmsStatus", "MessageStatus", "NumSegments", "NumMedia", "OptOutType"),
            *("FromCity", "FromState", "FromZip", "FromCountry", "ToCity", "ToState", "ToZip", "ToCountry"),
        ),
        "-",
    ),
}


def _read(request: HookRequest) -> Sequence[Event]:
    fields = fields_of(request)
    sid, status = own_id(fields, "MessageSid", "SmsSid"), _status(fields)
    return [_text(fields, sid) if status == "received" else _progress(fields, sid, status)]


def _status(fields: Fields) -> str:
    """Return what the message is at; an incoming one may come without."""
    named = first(fields, "MessageStatus") or first(fields, "SmsStatus")
    return (named or "received").lower()


def _text(fields: Fields, sid: str) -> Event:
    sender, body = first(fields, "From"), first(fields, "Body")
    values = gathered((name, text) for name, texts in fields.items() if name not in _TAKEN for text in texts)
    ignored = "A short code is no person." if is_short_code(sender) else ""
    kind, line = _notice_kind(fields, body), first(fields, "To")
    if kind is NoticeKind.TEXT and _asks_for_help(fields, body):
        ignored = ignored or "They asked for help; the number's own help text answers."
    person = {"caller": [sender]} if caller_of(sender) else {"caller_number": [sender or "withheld"]}
    return Event(
        key=f"text:{sid}",
        object_id=f"text:{sid}",
        kind=str(kind),
        values=values | person | {"number_dialled": [line]},
        questions=QUESTIONS,
        consent=implied_consent("text", sender, None, f"Twilio {sid}"),
        ignored=ignored,
        capture_method="chat",
        notice=Notice(kind, "text", sender, body[:200], line=line, is_answered=bool(first(fields, "OptOutType"))),
    )


def _notice_kind(fields: Fields, body: str) -> NoticeKind:
    """Say whether the whole text is a word that ends or renews the permission to text, or says something else."""
    found, handled = is_opt_out(body), first(fields, "OptOutType").upper()
    if handled == "STOP" or (found is not None and found.kind is OptOutKind.KEYWORD):
        return NoticeKind.OPT_OUT
    return NoticeKind.OPT_IN if handled == "START" or _word(body) in _BACK else NoticeKind.TEXT


def _asks_for_help(fields: Fields, body: str) -> bool:
    return first(fields, "OptOutType").upper() == "HELP" or _word(body) in _HELP


def _word(body: str) -> str:
    return body.strip(" \t\r\n.!\"'").lower()


def _progress(fields: Fields, sid: str, status: str) -> Event:
    """Return what became of a text of ours; only a final status tells something."""
    code = first(fields, "ErrorCode")
    result = DeliveryResult.DELIVERED if status == "delivered" else ""
    if status in ("undelivered", "failed"):
        result = TEXT_ERRORS.get(code, DeliveryResult.FAILED)
    notice = Notice(
        NoticeKind.DELIVERY,
        "text",
        first(fields, "To"),
        words=f"error {code}" if code else "",
        result=str(result),
        references=(sid,),
    )
    return Event(
        f"status:{sid}:{status}",
        f"status:{sid}",
        f"status {status}"[:40],
        notice=notice if result else None,
        ignored="" if result else "The text is on its way; how it ends is told later.",
    )


def _answer(request: HookRequest, taken: Sequence[Taken]) -> Reply:
    """Answer with help where it was asked for and Twilio has not answered; else with nothing."""
    fields = fields_of(request)
    text = str(request.settings.get(HELP_TEXT, "")).strip()
    is_asked = (
        _status(fields) == "received" and not first(fields, "OptOutType") and _word(first(fields, "Body")) in _HELP
    )
    return twiml(element("Message", text)) if is_asked and text else twiml()


def _problems(settings: Mapping[str, Any]) -> Sequence[str]:
    text = settings.get(HELP_TEXT, "")
    is_good = isinstance(text, str) and len(text) <= LONGEST_HELP
    problem = [] if is_good else [f"“{HELP_TEXT}” is a text of at most {LONGEST_HELP} characters."]
    return [*account_problems(settings), *problem]


PROVIDER = Provider(
    key="twilio-sms",
    name="Twilio texts",
    group=Group.CALLS,
    capture_method="chat",
    proof_hint="The account's auth token. Set this address as the number's messaging webhook and as the status"
    ' callback of what you send; settings: {"help_text": "…", "account_sid": "AC…"}.',
    prove=prove,
    read=_read,
    mapping=MAPPING,
    answer=_answer,
    refused_status=403,
    body_type=FORM_TYPE,
    sample="text",
    setting_problems=_problems,
)
