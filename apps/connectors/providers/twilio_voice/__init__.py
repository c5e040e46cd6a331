"""Twilio calls: the request that asks what to do with a call, and the status callbacks that tell how it went.

Sources: TwiML Voice "Twilio's request", the call status callback. The first request opens the inquiry and is
answered with TwiML: forwarding to the number in the connection's settings, else an empty response, which ends the
call. Callbacks come in any order: only a final status tells something, and nothing told before it goes back on it.
The final one tells its own time, the end, and the seconds since the call was answered. While we forward, the caller
hears it ring until our telephone is picked up (`answerOnBridge`), so that this is when somebody answered.

With `dials` in its settings the connection places calls too (`connectors.dialling`): its account rings the telephone of
whoever calls, found in `agents` by the address that they sign in with, from the number `line`; then it connects the
person. What is told of such a call comes to the address with the attempt's id behind it, and is no inquiry.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from apps.connectors.decisions.bodies import gathered
from apps.connectors.decisions.calls import (
    CALL_MAPPING,
    QUESTIONS,
    Call,
    CallOutcome,
    call_values,
    caller_of,
    implied_consent,
    is_short_code,
    whole_seconds,
)
from apps.connectors.decisions.twilio import (
    ACCOUNT,
    FORM_TYPE,
    Fields,
    account_problems,
    element,
    fields_of,
    first,
    is_number,
    own_id,
    prove,
    twiml,
)
from apps.connectors.terms import Event, Group, HookRequest, Notice, NoticeKind, Provider, Reply, Taken

FORWARD = "forward_to"
#: Settings of a connection that places calls, and the legs that such a call has.
DIALS, AGENTS, LINE = "dials", "agents", "line"
PERSON_LEG, AGENT_LEG = "person", "agent"
FINAL = {
    "completed": CallOutcome.ANSWERED,
    "busy": CallOutcome.MISSED,
    "failed": CallOutcome.MISSED,
    "no-answer": CallOutcome.MISSED,
    "canceled": CallOutcome.MISSED,
}
_TAKEN = frozenset({"From", "To", "CallerName", "CallDuration", "RecordingUrl", "Timestamp"})
MAPPING = {
    **CALL_MAPPING,
    "ForwardedFrom": "answer",
    **dict.fromkeys(
        (
            *("CallSid", "AccountSid", "ApiVersion", "Direction", "CallStatus", "Called", "Caller", "Duration"),
            *("ParentCallSid", "SequenceNumber", "CallbackSource", "RecordingSid", "RecordingDuration", "StirVerstat"),
            *("FromCity", "FromState", "FromZip", "FromCountry", "ToCity", "ToState", "ToZip", "ToCountry"),
            *("CallerCity", "CallerState", "CallerZip", "CallerCountry", "CallToken", "StirPassportToken"),
            *("CalledCity", "CalledState", "CalledZip", "CalledCountry"),
        ),
        "-",
    ),
}


def _read(request: HookRequest) -> Sequence[Event]:
    fields = fields_of(request)
    if request.part:
        return [_own_call(request.part, fields)]
    sid, status = own_id(fields, "CallSid"), first(fields, "CallStatus")
    caller, outcome = first(fields, "From"), FINAL.get(status)
    told_at, seconds = _moment(first(fields, "Timestamp")), whole_seconds(first(fields, "CallDuration"))
    started = None if outcome else told_at
    call = Call(
        caller=caller,
        dialled=first(fields, "To"),
        outcome=outcome or CallOutcome.RINGING,
        started_at=started,
        duration_seconds=seconds if outcome else None,
        talk_seconds=seconds if outcome else None,
        ended_at=told_at if outcome else None,
        recording=first(fields, "RecordingUrl"),
        caller_name=first(fields, "CallerName"),
    )
    rest = {name: values for name, values in fields.items() if name not in _TAKEN}
    known = gathered((name, text) for name, values in rest.items() for text in values)
    return [
        Event(
            key=f"call:{sid}:{status or 'asked'}{_callback(fields)}",
            object_id=f"call:{sid}",
            kind=status[:40] or "call",
            values=known | call_values(call),
            questions=QUESTIONS,
            consent=implied_consent("call", caller, started, f"Twilio {sid}"),
            submitted_at=started,
            ignored=_no_inquiry(fields, caller, status),
            opens_only=outcome is None,
        )
    ]


def _own_call(attempt: str, fields: Fields) -> Event:
    """Return what is told of a call that we asked for: of the person's leg, or of our colleague's."""
    sid, status = own_id(fields, "CallSid"), first(fields, "CallStatus")
    leg = PERSON_LEG if first(fields, "ParentCallSid") else AGENT_LEG
    seconds = str(whole_seconds(first(fields, "CallDuration")) or 0)
    notice = Notice(NoticeKind.CALL, "call", "", words=seconds, result=status, references=(attempt, leg))
    return Event(key=f"dialled:{attempt}:{sid}:{status}", object_id="", kind=status[:40] or "call", notice=notice)


def _no_inquiry(fields: Fields, caller: str, status: str) -> str:
    direction = first(fields, "Direction")
    if direction.startswith("outbound") or first(fields, "ParentCallSid"):
        return "We placed this call, or it is the way on to our own telephone: that is no inquiry."
    if is_short_code(caller) and not caller_of(caller):
        return "A short code is no person."
    if status not in FINAL and _callback(fields):
        return "The call goes on; how it ends is told later."
    return ""


def _callback(fields: Fields) -> str:
    """Return what tells a callback from the request that asks what to do with the call."""
    is_callback = any(first(fields, name) for name in ("CallbackSource", "SequenceNumber"))
    return ":callback" if is_callback else ""


def _moment(text: str) -> datetime | None:
    """Read the RFC 2822 time of a callback."""
    try:
        found = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return found if found.tzinfo else None


def _answer(request: HookRequest, taken: Sequence[Taken]) -> Reply:
    """Forward a call that asks what to do; everything else is only taken note of."""
    fields = fields_of(request)
    number = str(request.settings.get(FORWARD, ""))
    is_asked = not _callback(fields) and first(fields, "CallStatus") not in FINAL
    return twiml(element("Dial", number, answerOnBridge="true")) if is_asked and is_number(number) else twiml()


def _problems(settings: Mapping[str, Any]) -> Sequence[str]:
    number = settings.get(FORWARD, "")
    is_good = isinstance(number, str) and (not number or is_number(number))
    found = [*account_problems(settings), *([] if is_good else [f"“{FORWARD}” is a number such as +13125550100."])]
    if settings.get(DIALS):
        agents = settings.get(AGENTS)
        if not (
            isinstance(agents, Mapping) and all(isinstance(each, str) and is_number(each) for each in agents.values())
        ):
            found.append(f"“{AGENTS}” names who calls: an address of a sign-in, and a number such as +13125550100.")
        if not is_number(str(settings.get(LINE, ""))):
            found.append(f"“{LINE}” is the number that people see, such as +13125550100.")
        if not settings.get(ACCOUNT):
            found.append(f"To dial, the settings name the account (“{ACCOUNT}”).")
    return found


PROVIDER = Provider(
    key="twilio-voice",
    name="Twilio calls",
    group=Group.CALLS,
    capture_method="call",
    proof_hint="The account's auth token. Set this address as the number's voice webhook and its status callback;"
    ' the settings name who answers: {"forward_to": "+13125550100", "account_sid": "AC…"}.',
    prove=prove,
    read=_read,
    mapping=MAPPING,
    answer=_answer,
    refused_status=403,
    body_type=FORM_TYPE,
    sample="call",
    setting_problems=_problems,
)
