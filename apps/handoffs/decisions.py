"""Which handoffs a tenant knows, and whether a lead may be offered under one of them.

A field that must pass and is unknown blocks, and so does a mandatory item that nobody ticked, unless an excuse of the
type's list is given for it. A note is its parts: service, confirmed contact details and next step (row HO-10).
"""

from collections.abc import Collection, Mapping, Sequence

from apps.accounts.terms import FieldGroup, TeamFunction
from apps.handoffs.terms import (
    AD_COST,
    CONFIRMABLE,
    LONGEST_TEXT,
    PASSABLE,
    USUAL_ACCEPT_SECONDS,
    USUAL_MANUAL_MINUTES,
    USUAL_OUTREACH_SECONDS,
    USUAL_PROPOSE_AFTER,
    USUAL_STUCK_SECONDS,
    Handoffs,
    HandoffType,
    Item,
    Note,
    OfferVerdict,
    Ticks,
)
from apps.policies.decisions.documents import (
    Document,
    as_document,
    as_items,
    as_text,
    as_texts,
    as_whole,
    duplicate_ids,
    unknown_keys,
)
from apps.policies.terms import FieldSpec, Known, Problem, Severity

LONGEST_SECONDS = 30 * 86_400
_PARTS = frozenset({"types", "stuck_after_seconds", "manual_minutes", "propose_after"})
_TYPE_PARTS = frozenset(
    {
        *("id", "name", "meaning", "from_team", "from_function", "to_team", "to_function", "must_pass", "withheld"),
        *("checklist", "excuses", "accept_seconds", "outreach_seconds", "then", "keeps_view", "is_active"),
    }
)
_ITEM_PARTS = frozenset({"id", "label", "mandatory"})
_FUNCTIONS = frozenset(map(str, TeamFunction))


def compile_handoffs(document: Mapping[str, object]) -> Handoffs:
    """Read a document. Never raises: a type without id or receiver is none, a limit that cannot be read the usual."""
    types: dict[str, HandoffType] = {}
    for row in map(as_document, as_items(document.get("types"))):
        found = read_type(row)
        if row.get("is_active") is not False and found.id and (found.to_team or found.to_function):
            types.setdefault(found.id, found)
    return Handoffs(
        types,
        _limit(document.get("stuck_after_seconds"), USUAL_STUCK_SECONDS),
        _limit(document.get("manual_minutes"), USUAL_MANUAL_MINUTES),
        _limit(document.get("propose_after"), USUAL_PROPOSE_AFTER),
    )


def read_type(row: Document) -> HandoffType:
    """Read one type as it stands."""
    items = [as_document(each) for each in as_items(row.get("checklist"))]
    return HandoffType(
        id=as_text(row.get("id")),
        name=as_text(row.get("name")),
        meaning=as_text(row.get("meaning")),
        from_team=as_text(row.get("from_team")),
        from_function=as_text(row.get("from_function")),
        to_team=as_text(row.get("to_team")),
        to_function=as_text(row.get("to_function")),
        must_pass=as_texts(row.get("must_pass")),
        withheld=as_texts(row.get("withheld")),
        items=tuple(
            Item(as_text(each.get("id")), as_text(each.get("label")), each.get("mandatory") is not False)
            for each in items
            if as_text(each.get("id"))
        ),
        excuses=as_texts(row.get("excuses")),
        accept_seconds=_limit(row.get("accept_seconds"), USUAL_ACCEPT_SECONDS),
        outreach_seconds=_limit(row.get("outreach_seconds"), USUAL_OUTREACH_SECONDS),
        then=as_text(row.get("then")),
        keeps_view=row.get("keeps_view") is True,
    )


def types_from(handoffs: Handoffs, team_key: str, function: str, *, after: str = "") -> tuple[HandoffType, ...]:
    """Return the types that a team may hand on by; what follows the last type of the chain comes first (row HO-04)."""
    found = [each for each in handoffs.types.values() if starts_at(each, team_key, function)]
    following = handoffs.types[after].then if after in handoffs.types else ""
    return tuple(sorted(found, key=lambda each: each.id != following))


def starts_at(kind: HandoffType, team_key: str, function: str) -> bool:
    """Whether a team may hand on by a type."""
    return bool(team_key) and (kind.from_team == team_key or (not kind.from_team and kind.from_function == function))


def leads_to(kind: HandoffType, team_key: str, function: str) -> bool:
    """Whether a team may receive by a type."""
    return bool(team_key) and (kind.to_team == team_key or (not kind.to_team and kind.to_function == function))


def judge_offer(kind: HandoffType, known: Collection[str], ticks: Ticks, note: Note) -> OfferVerdict:
    """Say whether a lead may be offered, and name everything that it lacks at once.

    `known` are the fields of the lead that have a value; what the note says is added to them.
    """
    said = {"eligibility_note": note.eligibility, "next_step": note.next_step}
    held = set(known) | {key for key, text in said.items() if text}
    missing = tuple(each for each in kind.must_pass if each not in held)
    problems = [
        Problem(f"/fields/{each}", "missing", f"{label_of(each)} must pass and is missing.") for each in missing
    ]
    excused = ticks.excused or {}
    open_items = []
    for each in kind.items:
        if each.id in ticks.done:
            continue
        if each.id in excused:
            if excused[each.id] not in kind.excuses:
                sentence = f"“{excused[each.id]}” is no reason that this handoff allows."
                problems.append(Problem(f"/checklist/{each.id}", "unknown_excuse", sentence))
            continue
        open_items.append(each.id)
        if each.is_mandatory:
            problems.append(Problem(f"/checklist/{each.id}", "item_open", f"“{each.label}” is not ticked."))
    known_items = {each.id for each in kind.items}
    for key in sorted({*ticks.done, *excused} - known_items):
        problems.append(Problem(f"/checklist/{key}", "unknown_item", f"The checklist has no item “{key}”."))
    problems += _check_note(note, known)
    return OfferVerdict(not problems, tuple(problems), missing, tuple(open_items))


def came_at(teams: Sequence[str]) -> int:
    """Return the place of the spell by which the last team came to own; `teams` by spell, first to last.

    Colleagues of one team who follow each other are one stay: a claim or a reassignment brings nobody new.
    """
    place = len(teams) - 1
    while place > 0 and teams[place - 1] == teams[-1]:
        place -= 1
    return place


def passes(kind_withheld: Collection[str], held: Collection[str]) -> tuple[str, ...]:
    """Return the fields that travel: all that is known and not withheld, in the order of the dictionary."""
    return tuple(each for each in PASSABLE if each in held and each not in kind_withheld)


def hidden_groups(withheld: Collection[str]) -> frozenset[FieldGroup]:
    """Return the groups of fields that stay hidden from who got a lead without them, as long as it is theirs.

    A group is hidden whole as soon as one shown field of it is withheld: too little shows rather than too much. Health
    details are no group here: what must pass may be one of them, so each kind is left out by itself.
    """
    shown = (each for each in withheld if each in PASSABLE and each != AD_COST)
    groups = {PASSABLE[each].group for each in shown}
    return frozenset(each for each in groups if each is not None and each is not FieldGroup.HEALTH)


def label_of(key: str) -> str:
    """Return what people call a field."""
    return PASSABLE[key].label if key in PASSABLE else key.replace("_", " ").capitalize()


def _check_note(note: Note, known: Collection[str]) -> list[Problem]:
    problems = []
    if not note.service:
        problems.append(Problem("/note/service", "service_missing", "Name the service that they want."))
    if not note.confirmed:
        sentence = "Say which contact details you confirmed: phone, e-mail or both."
        problems.append(Problem("/note/confirmed", "contact_unconfirmed", sentence))
    for each in note.confirmed:
        if each not in CONFIRMABLE or each not in known:
            sentence = f"There is no {label_of(each).lower()} that could be confirmed."
            problems.append(Problem("/note/confirmed", "unknown_contact", sentence))
    if not note.next_step:
        problems.append(Problem("/note/next_step", "next_step_missing", "Say what the next step is."))
    for name in ("next_step", "eligibility", "text"):
        if len(getattr(note, name)) > LONGEST_TEXT:
            problems.append(Problem(f"/note/{name}", "too_long", f"At most {LONGEST_TEXT} characters."))
    return problems


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with a document of handoffs."""
    rules = as_document(document)
    problems = unknown_keys(rules, _PARTS, "")
    for part, most in (("stuck_after_seconds", LONGEST_SECONDS), ("manual_minutes", 480), ("propose_after", 1000)):
        problems += _check_limit(rules, part, "", most)
    rows = [as_document(each) for each in as_items(rules.get("types"))]
    ids = [(f"/types/{place}/id", as_text(row.get("id"))) for place, row in enumerate(rows)]
    problems += duplicate_ids(ids)
    chain = {as_text(row.get("id")): as_text(row.get("then")) for row in rows}
    for place, row in enumerate(rows):
        problems += _check_type(row, f"/types/{place}", known, chain)
    return problems


def _check_type(row: Document, path: str, known: Known, chain: Mapping[str, str]) -> list[Problem]:
    problems = unknown_keys(row, _TYPE_PARTS, path)
    for part, word in (("id", "an id"), ("name", "a name"), ("meaning", "what it means for the business")):
        if not as_text(row.get(part)):
            problems.append(Problem(f"{path}/{part}", "missing", f"A handoff needs {word}."))
    for side, word in (("from", "hands on"), ("to", "receives")):
        problems += _check_side(row, path, side, word, known)
    must, stays = as_texts(row.get("must_pass")), as_texts(row.get("withheld"))
    for part, names in (("must_pass", must), ("withheld", stays)):
        for place, name in enumerate(names):
            if name not in PASSABLE:
                sentence = f"“{name}” is no field that a handoff knows."
                problems.append(Problem(f"{path}/{part}/{place}", "unknown_field", sentence))
            elif part == "withheld" and name in must:
                sentence = f"{label_of(name)} cannot be what must pass and what must not."
                problems.append(Problem(f"{path}/{part}/{place}", "both_ways", sentence))
    problems += _check_items(row, path)
    for part in ("accept_seconds", "outreach_seconds"):
        problems += _check_limit(row, part, path, LONGEST_SECONDS, is_needed=True)
    for part in ("keeps_view", "is_active"):
        if not isinstance(row.get(part, False), bool):
            problems.append(Problem(f"{path}/{part}", "bad_value", f"“{part}” is true or false."))
    return problems + _check_chain(row, path, chain)


def _check_side(row: Document, path: str, side: str, word: str, known: Known) -> list[Problem]:
    team, function = as_text(row.get(f"{side}_team")), as_text(row.get(f"{side}_function"))
    if not team and not function:
        return [Problem(f"{path}/{side}_team", "missing", f"Name the team, or the function of the teams, that {word}.")]
    if team and function:
        return [Problem(f"{path}/{side}_function", "both", "Name a team or a function, not both.")]
    if team and team not in known.teams:
        sentence = f"There is no team “{team}”, or it is closed."
        return [Problem(f"{path}/{side}_team", "unknown_team", sentence, Severity.BLOCKS)]
    if function and function not in _FUNCTIONS:
        return [Problem(f"{path}/{side}_function", "unknown_function", f"There is no function “{function}”.")]
    return []


def _check_items(row: Document, path: str) -> list[Problem]:
    items = [as_document(each) for each in as_items(row.get("checklist"))]
    problems = duplicate_ids([(f"{path}/checklist/{n}/id", as_text(each.get("id"))) for n, each in enumerate(items)])
    for place, each in enumerate(items):
        where = f"{path}/checklist/{place}"
        problems += unknown_keys(each, _ITEM_PARTS, where)
        for part in ("id", "label"):
            if not as_text(each.get(part)):
                problems.append(Problem(f"{where}/{part}", "missing", f"An item needs its {part}."))
        if not isinstance(each.get("mandatory", True), bool):
            problems.append(Problem(f"{where}/mandatory", "bad_value", "“mandatory” is true or false."))
    return problems


def _check_chain(row: Document, path: str, chain: Mapping[str, str]) -> list[Problem]:
    then, seen = as_text(row.get("then")), [as_text(row.get("id"))]
    if then and then not in chain:
        return [Problem(f"{path}/then", "unknown_type", f"There is no handoff “{then}” to follow.")]
    while then:
        if then in seen:
            return [Problem(f"{path}/then", "circle", f"The chain goes round: {' → '.join([*seen, then])}.")]
        seen.append(then)
        then = chain.get(then, "")
    return []


def _check_limit(row: Document, part: str, path: str, most: int, *, is_needed: bool = False) -> list[Problem]:
    if part not in row and not is_needed:
        return []
    limit = as_whole(row.get(part))
    if limit is None or not 1 <= limit <= most:
        return [Problem(f"{path}/{part}", "bad_limit", f"Give a whole number from 1 to {most}.")]
    return []


def _limit(value: object, usual: int) -> int:
    limit = as_whole(value)
    return limit if limit is not None and limit > 0 else usual
