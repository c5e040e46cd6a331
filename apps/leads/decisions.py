"""When a lead may move to a stage, and when a task is complete; when it may end is `closing`.

A move needs three things: the pair of stages is on the list, the event behind it is on record, and the fields
that the target stage asks for are known. Completing names every entry that is missing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from apps.leads.gates import CLOSED_STAGES, Gates, compile_gates
from apps.leads.terms import (
    ANY_OPEN_STAGE,
    COLLECTABLE,
    FIELD_WORDS,
    KNOWABLE,
    REACHABLE_POINT,
    STAGE_LABELS,
    CompletionVerdict,
    LeadEvent,
    Move,
    MoveCode,
    MoveVerdict,
    NextAction,
    NextStep,
    StageKey,
    StageSpec,
)
from apps.policies.decisions.conditions import is_known
from apps.policies.decisions.documents import (
    Document,
    as_document,
    as_items,
    as_text,
    as_texts,
    as_whole,
    unknown_keys,
)
from apps.policies.terms import FieldSpec, Known, Problem

LONGEST_WAIT_SECONDS = 366 * 86_400

#: What a task of a kind must state before it is done (row TK-04).
TASK_ENTRIES: Mapping[str, tuple[str, ...]] = {
    "call": ("outcome",),
    "email": ("delivery_status",),
    "text": ("delivery_status",),
    "meeting": ("outcome", "notes"),
    "visit": ("outcome", "notes"),
    "chat": ("outcome",),
}


def may_move(
    *,
    from_stage: str,
    to_stage: str,
    events: Collection[str],
    facts: Mapping[str, object],
    document: object,
    labels: Mapping[str, str] = STAGE_LABELS,
) -> MoveVerdict:
    """Say whether a lead may move to a stage: known move, then event, then the gate's fields.

    `document` is a gates document, or one compiled before (`gates.compile_gates`).
    `labels` are what the lead's pipeline calls its stages.
    """
    moves = [move for move in possible_moves(from_stage, document) if move.to_stage == to_stage]
    target = labels.get(to_stage) or stage_label(to_stage)
    way = f"{labels.get(from_stage) or stage_label(from_stage)} → {target}"
    if not moves and from_stage in _gates(document).closed_stages:
        return MoveVerdict(False, MoveCode.CLOSED, "The lead is closed. Reopen it before you change its stage.")
    if not moves:
        return MoveVerdict(False, MoveCode.UNKNOWN_MOVE, f"{way} is not a step of this pipeline.")
    proven = next((move for move in moves if move.event in events), None)
    if proven is None:
        needed = " or ".join(dict.fromkeys(_words(move.event) for move in moves))
        sentence = f"{way} needs this on record first: {needed}. {moves[0].meaning}".strip()
        return MoveVerdict(False, MoveCode.EVENT_MISSING, sentence)
    gate = gate_verdict(to_stage, facts, document, labels)
    if not gate.allowed:
        return replace(gate, event=proven.event)
    return MoveVerdict(True, MoveCode.OK, f"{way}: {_words(proven.event)}.", (), proven.event)


def gate_verdict(
    to_stage: str, facts: Mapping[str, object], document: object, labels: Mapping[str, str] = STAGE_LABELS
) -> MoveVerdict:
    """Say whether everything is known that a stage asks for, whatever brings a lead there (row ST-04)."""
    missing = missing_fields(to_stage, facts, document)
    if not missing:
        return MoveVerdict(True, MoveCode.OK, "")
    named = ", ".join(FIELD_WORDS.get(name, _words(name)) for name in missing)
    sentence = f"{labels.get(to_stage) or stage_label(to_stage)} needs: {named}."
    return MoveVerdict(False, MoveCode.FIELDS_MISSING, sentence, missing)


def possible_moves(from_stage: str, document: object) -> tuple[Move, ...]:
    """Return the moves that lead out of a stage, in the order of the document."""
    return _gates(document).moves_from(from_stage)


def missing_fields(to_stage: str, facts: Mapping[str, object], document: object) -> tuple[str, ...]:
    """Return the keys a gate asks for that the facts do not hold; False and "unknown" do not count."""
    return tuple(name for name in _gates(document).asked.get(to_stage, ()) if not _is_met(name, facts))


def may_complete(*, kind: str, entries: Mapping[str, object], lead_stays_open: bool) -> CompletionVerdict:
    """Say whether a task is complete. While the lead stays open it needs the next follow-up date."""
    wanted = TASK_ENTRIES.get(kind, ()) + (("next_action_at",) if lead_stays_open else ())
    words = {"next_action_at": "next follow-up date"}
    problems = tuple(
        Problem(f"/{name}", f"{name}_missing", f"A {kind} needs its {words.get(name, _words(name))}.")
        for name in wanted
        if not is_known(entries.get(name))
    )
    return CompletionVerdict(not problems, problems)


def next_actions(configured: object) -> tuple[NextAction, ...]:
    """Return the steps that entering a stage starts; what cannot be read is left out, never a failure."""
    rows = enumerate(as_items(configured))
    return tuple(_next_action(as_document(row)) for place, row in rows if not _next_action_fault(row))


def check_next_actions(configured: object, path: str) -> list[Problem]:
    """Name every configured step that could not be carried out."""
    if not isinstance(configured, list | tuple):
        return [Problem(path, "not_a_list", "Next actions are a list.")]
    faults = [(place, _next_action_fault(row)) for place, row in enumerate(configured)]
    return [Problem(f"{path}/{place}", "bad_next_action", fault) for place, fault in faults if fault]


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with a gates document: unknown stages, events, fields; moves without meaning."""
    rules = as_document(document)
    problems = unknown_keys(rules, frozenset({"moves", "gates", "closed_stages", "collect"}), "")
    for place, item in enumerate(as_items(rules.get("moves"))):
        problems += _check_move(as_document(item), f"/moves/{place}", known)
    for stage, names in as_document(rules.get("gates")).items():
        problems += _check_stages((stage,), f"/gates/{stage}", known)
        problems += [
            Problem(f"/gates/{stage}/{place}", "unknown_field", f"There is no field “{name}”.")
            for place, name in enumerate(as_texts(names))
            if name not in fields and name != REACHABLE_POINT
        ]
    for stage, names in as_document(rules.get("collect")).items():
        problems += _check_stages((stage,), f"/collect/{stage}", known)
        problems += [
            Problem(f"/collect/{stage}/{place}", "unknown_field", f"Nobody is asked for a field “{name}”.")
            for place, name in enumerate(as_texts(names))
            if name not in COLLECTABLE
        ]
    return problems + _check_stages(as_texts(rules.get("closed_stages")), "/closed_stages", known)


def default_pipeline() -> tuple[StageSpec, ...]:
    """Return the stages of the patient pipeline that a new tenant gets (row ST-01)."""
    return tuple(
        StageSpec(key, STAGE_LABELS[key], place, key not in CLOSED_STAGES) for place, key in enumerate(StageKey, 1)
    )


def default_gates() -> dict[str, object]:
    """Return the gates document that a new tenant gets: moves with their events, and the fields of ST-05."""
    before_visit = ["attempting", "contacted", "qualified"]
    # A lead in exception is contacted before it is routed (row EX-07).
    talked = ["new", "mql", "routed", "attempting", "nurture"]
    meaning = "A conversation took place."
    rows: Sequence[tuple[list[str], str, LeadEvent, str]] = [
        (["new"], "mql", LeadEvent.SCORE_REACHED, "Marketing's criteria are met."),
        (["new", "mql", "nurture"], "routed", LeadEvent.ROUTING_DECIDED, "A queue and an owner were chosen."),
        (["new", "mql", "routed", "nurture"], "attempting", LeadEvent.ATTEMPT_LOGGED, "A first attempt is on record."),
        (talked, "contacted", LeadEvent.CALL_CONNECTED, meaning),
        (talked, "contacted", LeadEvent.CHAT_ACCEPTED, meaning),
        (talked, "contacted", LeadEvent.REPLY_RECEIVED, meaning),
        (talked, "contacted", LeadEvent.MEETING_HELD, meaning),
        (["contacted"], "qualified", LeadEvent.QUALIFICATION_CONFIRMED, "Verification was completed."),
        (before_visit, "scheduled", LeadEvent.APPOINTMENT_BOOKED, "A visit has a date."),
        (talked, "scheduled", LeadEvent.BOOKED_BY_PERSON, "The person booked a visit themselves."),
        (["scheduled"], "in_treatment", LeadEvent.CARE_STARTED, "The first visit took place."),
        (["*"], "not_qualified", LeadEvent.DISQUALIFIED, "A criterion is not met, and which is recorded."),
        (["*"], "nurture", LeadEvent.NURTURE_STARTED, "Not now, but may be asked again."),
        (["*"], "closed", LeadEvent.CLOSURE_RECORDED, "Reason, note and outcome are recorded."),
        (["closed", "not_qualified"], "routed", LeadEvent.REOPENED, "A rule or a person reopened the lead."),
    ]
    return {
        "moves": [
            {"from": list(start), "to": to, "event": str(event), "meaning": why} for start, to, event, why in rows
        ],
        "gates": {
            "routed": ["preferred_channel", REACHABLE_POINT],
            "qualified": ["service", "patient_type", "location", "consent_any"],
        },
        # Before there was a conversation nobody needs a member number.
        "collect": {
            stage: [each for each in COLLECTABLE if each != "insurance_member"]
            for stage in ("new", "mql", "routed", "attempting")
        },
    }


def stage_label(key: str) -> str:
    """Return the default label of a stage, or its key in words."""
    return STAGE_LABELS.get(key) or _words(key).capitalize()


def _gates(document: object) -> Gates:
    return document if isinstance(document, Gates) else compile_gates(as_document(document))


def _is_met(name: str, facts: Mapping[str, object]) -> bool:
    if name == REACHABLE_POINT:
        by_email = facts.get("preferred_channel") == "email" and facts.get("email_validity") == "valid"
        return by_email or facts.get("phone_validity") == "valid"
    fact = facts.get(name)
    return is_known(fact) and fact is not False and fact != "unknown"


def _check_move(row: Document, path: str, known: Known) -> list[Problem]:
    problems = unknown_keys(row, frozenset({"from", "to", "event", "meaning", "updates"}), path)
    starts = as_texts(row.get("from"))
    if not starts:
        problems.append(Problem(f"{path}/from", "from_missing", "Name the stages that this move starts from."))
    problems += _check_stages([key for key in starts if key != ANY_OPEN_STAGE], f"{path}/from", known)
    problems += _check_stages((as_text(row.get("to")),), f"{path}/to", known)
    if as_text(row.get("event")) not in frozenset(map(str, LeadEvent)):
        sentence = "Name the observable event behind this move: " + ", ".join(LeadEvent) + "."
        problems.append(Problem(f"{path}/event", "unknown_event", sentence))
    if as_text(row.get("event")) == LeadEvent.SCORE_REACHED and as_text(row.get("to")) in CLOSED_STAGES:
        sentence = "A score assists and never ends a lead: a person closes it, with a reason."
        problems.append(Problem(f"{path}/event", "closes_on_score", sentence))
    for place, key in enumerate(as_texts(row.get("updates"))):
        if key not in known.systems:
            problems.append(Problem(f"{path}/updates/{place}", "unknown_system", f"There is no system “{key}”."))
    if not as_text(row.get("meaning")):
        problems.append(Problem(f"{path}/meaning", "meaning_missing", "Say in plain words what this move means."))
    return problems


def _check_stages(keys: Collection[str], path: str, known: Known) -> list[Problem]:
    return [Problem(path, "unknown_stage", f"There is no stage “{key}”.") for key in keys if key not in known.stages]


def _next_action(row: Document) -> NextAction:
    seconds = as_whole(row.get("after_seconds"))
    return NextAction(
        do=NextStep(as_text(row.get("do"), "task")),
        title=as_text(row.get("title"), "Next step")[:200],
        kind=as_text(row.get("kind"), "review")[:30],
        channel=as_text(row.get("channel"))[:10],
        after_seconds=86_400 if seconds is None else seconds,
        template=as_text(row.get("template")),
        knows=as_texts(row.get("knows")),
        lacks=as_texts(row.get("lacks")),
    )


def _next_action_fault(item: object) -> str:
    row = as_document(item)
    do, seconds = as_text(row.get("do"), "task"), row.get("after_seconds", 0)
    if not row or do not in frozenset(map(str, NextStep)):
        return "A next action is an object whose “do” is task, message or alert."
    if as_whole(seconds) is None or not 0 <= (as_whole(seconds) or 0) <= LONGEST_WAIT_SECONDS:
        return "“after_seconds” is a whole number of seconds, at most a year."
    if do == NextStep.MESSAGE and not as_text(row.get("template")):
        return "A message needs the key of its template."
    if {*as_texts(row.get("knows")), *as_texts(row.get("lacks"))} - set(KNOWABLE):
        return f"“knows” and “lacks” name what is known of the lead: {', '.join(KNOWABLE)}."
    return ""


def _words(key: str) -> str:
    return key.replace("_", " ")
