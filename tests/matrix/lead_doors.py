"""Every path that writes something of a lead, with a body that its owner gets through with.

The paths come from the list of addresses; what is not of a lead is named with the reason. A new one that is
neither fails tests/matrix/test_field_lock.py.
"""

from dataclasses import dataclass
from typing import Any

from tests.architecture.test_urls import API, OF_STAFF, PAGE

NEXT = "2026-12-02T10:00"
#: What a page's form needs; the API's bodies stand in the list of addresses.
FORMS: dict[str, dict[str, Any]] = {
    "log-call": {"kind": "call", "outcome": "voicemail", "next_at": NEXT, "next_channel": "call"},
    "skip": {"reason": "language"},
    "transfer": {"team": "oak-calls", "reason": "It is nearer"},
    "book": {"starts_at": "2026-12-03T11:00", "minutes": "30", "location": "elm-st", "confirmed_by": "patient"},
    "move": {"stage": "nurture", "reason": "The service is wanted later"},
    "note": {"text": "Prefers Tuesdays"},
    "party": {"party": "acme", "part": "payer"},
    "close": {"reason": "not_interested", "note": "Said so", "outcome": "not_qualified"},
    "contact-point": {"works": "no", "reason": "Rings out"},
    "qualify": {
        "verdict": "nurture",
        "reason": "The service is wanted later",
        "next_step": "Ask again",
        "next_step_at": NEXT,
    },
    "decider": {"controls": ["referral"]},
    "priority": {"priority": "P1", "reason": "In pain"},
    "coverage": {"answer": "verified"},
    "pause-automation": {"reason": "They asked for it"},
    "resume-automation": {"reason": "They are well"},
    "review": {"status": "intake:complete"},
    "clearance": {"step": "pre_authorisation", "status": "done", "since": "2026-12-01"},
    "park": {"wanted": "Podiatry", "reason": "Nobody offers it yet"},
    "edit": {"payer": "Blue", "service": "imaging", "location": "elm-st"},
    "allow": {"channel": "text", "evidence_kind": "recording", "evidence_ref": "rec-1"},
    "opt-out": {"channels": ["call"], "source": "spoken"},
    "pause": {"reason": "asked_for_day", "until": NEXT},
    "share": {"team": "scheduling", "ends_at": NEXT, "reason": "They find a date"},
    "cadence": {"cadence": "gone-quiet"},
    "ask": {"field": "stage", "proposed": "nurture", "reason": "They asked me"},
}
#: Doors that the owner too finds shut on an open, untouched lead; for others they must stay shut all the same.
SHUT_FOR_OWNER = {
    ("POST", f"{PAGE}ask/"): "one does not ask oneself",
    ("POST", f"{PAGE}ask-person/"): "nothing is missing",
    ("POST", f"{PAGE}scheduling-link/"): "no slot of what it asks for is free",
    ("POST", f"{API}/scheduling-links"): "no slot of what it asks for is free",
    ("POST", f"{PAGE}allow/"): "consent is widened by central intake",
    ("POST", f"{PAGE}phi/"): "to classify is a right of its own",
    ("POST", f"{API}/phi"): "to classify is a right of its own",
    ("POST", f"{PAGE}recordings/<canonical_uuid:recording_id>/open/"): "to open is a right of its own",
    ("POST", f"{API}/recordings/<uuid:recording_id>/open"): "to open is a right of its own",
    ("POST", f"{API}/recordings"): "there is no such contact",
    ("POST", f"{PAGE}insurance-number/"): "no number is on record",
    ("POST", f"{API}/reveal"): "no number is on record",
    ("POST", f"{PAGE}verify/"): "its script is not finished",
    ("POST", f"{PAGE}reopen/"): "the lead is open",
    ("POST", f"{PAGE}lease/"): "the lease is taken at the start of a call",
    ("POST", f"{PAGE}requests/<canonical_uuid:task_id>/"): "nobody asked",
    ("POST", f"{PAGE}touches/<canonical_uuid:touch_id>/split/"): "nothing was joined",
    ("POST", f"{PAGE}handoff/"): "its checklist is not answered",
    ("POST", f"{PAGE}handoffs/<canonical_uuid:handoff_id>/"): "nothing is offered",
    ("POST", f"{PAGE}resume/"): "its clocks do not rest",
    ("DELETE", f"{API}/pause"): "its clocks do not rest",
    ("POST", f"{PAGE}resume-automation/"): "nothing is paused",
    ("POST", f"{PAGE}record-event/"): "the policy acts on no event",
    ("POST", f"{API}/owner-events"): "the policy acts on no event",
    ("POST", f"{PAGE}return/"): "it came by no transfer",
    ("POST", f"{PAGE}mismatch/"): "it is in the right category",
    ("POST", f"{API}/transfers/return"): "it came by no transfer",
    ("POST", f"{API}/mismatches"): "it is in the right category",
    ("POST", f"{API}/handoffs"): "its checklist is not answered",
    ("POST", f"{API}/handoffs/<uuid:handoff_id>/accept"): "nothing is offered",
    ("POST", f"{API}/handoffs/<uuid:handoff_id>/return"): "nothing is offered",
    ("POST", f"{API}/handoffs/<uuid:handoff_id>/withdraw"): "nothing is offered",
    ("PATCH", f"{API}/tasks/<uuid:task_id>"): "a call is ended by logging it",
    ("POST", f"{API}/verification"): "its script is not finished",
    ("POST", f"{API}/reopen"): "the lead is open",
    ("POST", f"{API}/data-requests"): "nothing is missing",
    ("POST", f"{PAGE}break-glass/"): "it is not restricted",
    ("POST", f"{API}/business-mails"): "it is no business",
    ("POST", f"{PAGE}business-mail/"): "it is no business",
    ("POST", f"{PAGE}message/"): "its words are named by their id",
    ("POST", f"{API}/cadences/stop"): "it is in no cadence",
    ("POST", f"{PAGE}cadence-stop/"): "it is in no cadence",
    ("POST", f"{API}/appointments"): "a visit needs a contact before",
    ("POST", f"{PAGE}book/"): "a visit needs a contact before",
    ("POST", f"{PAGE}visit/"): "no visit is booked",
    ("POST", f"{API}/reports"): "only an outside system reports",
    ("DELETE", f"{API}/parking"): "the lead is not parked",
    ("DELETE", f"{API}/shares/<uuid:share_id>"): "it is shared with nobody",
    ("POST", f"{API}/change-requests"): "one does not ask oneself",
    ("POST", f"{API}/change-requests/<uuid:task_id>/answer"): "nobody asked",
}
#: Writing addresses that are not of one lead, and what keeps them from changing one.
ELSEWHERE = {
    "keys/": "the person's own setting",
    "keys/own/": "the person's own setting",
    "availability/": "the person's own switch",
    "notices/": "the person's own notices",
    "start/": "leases a lead that the person owns",
    "queue/views/": "the person's own view",
    "queue/bulk/": "BULK below",
    "chats/": "a visitor's chat; what it leaves goes through the intake",
    "board/reassign/": "the board's own act, judged lead by lead by flows.bulk",
    "imports/": "through the intake",
    "segments/": "cadences of groups, by who keeps the rules; their messages meet the gate",
    "compliance/": "records of the compliance officer; a lead is read",
    "quality/": "FIELDS below",
    "search/": "reads",
    "relationships/": "records of groups; a lead follows its own policy",
    "api/v1/relationships": "records of groups; a lead follows its own policy",
    "forms/": "who has access to a form or a calling list",
    "api/v1/capture-assets": "who has access to a form or a calling list",
    "leads/new/": "a lead of one's own",
    "people/": "merging, by who may",
    "duplicates/": "merging, by who may",
    "exceptions/": "decides held submissions, by who may",
    "quarantine/": "submissions that are no lead",
    "partner/": "deliveries, through the intake",
    "api/v1/me/": "the person's own switch",
    "api/v1/leads": "BULK below, and deliveries through the intake",
    "api/v1/open-slots": "slots of providers",
    "api/v1/opt-outs": "numbers and addresses, whoever has them; it only narrows",
    "api/v1/do-not-contact": "numbers, addresses and people, by who may change settings",
    "api/v1/exceptions": "decides held submissions, by who may",
    "api/v1/submissions": "papers of a delivery",
}


@dataclass(frozen=True)
class Path:
    """One way to write something of a lead. `opens` says that the owner gets through with this body."""

    method: str
    route: str
    body: Any
    opens: bool


def lead_paths() -> list[Path]:
    """Return every writing path with a lead in its address."""
    return [
        Path(method, route, _body(route, body), (method, route) not in SHUT_FOR_OWNER)
        for method, route, body, _ in OF_STAFF
        if method != "GET" and ":lead_id>" in route
    ]


def other_paths() -> list[tuple[str, str]]:
    """Return every other writing path."""
    return [(method, route) for method, route, _, _ in OF_STAFF if method != "GET" and ":lead_id>" not in route]


def _body(route: str, body: Any) -> Any:
    name = route.removeprefix(PAGE).strip("/")
    return FORMS.get(name, body) if route.startswith(PAGE) else body
