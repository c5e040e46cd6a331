"""A cadences document: cadences with their steps, and groups of leads; read, checked and said in sentences. Pure."""

from collections.abc import Iterator, Mapping
from datetime import timedelta

from apps.consent.terms import CHANNEL_WORDS, Channel, Purpose
from apps.outreach.cadence_terms import YIELDS_HOURS, Cadence, Choosing, Goal, Plans, Segment, Step
from apps.policies.decisions.conditions import CompiledTest, check_condition, compile_node, fields_used
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
from apps.policies.decisions.reading import read_condition
from apps.policies.decisions.sentences import read_aloud
from apps.policies.terms import FieldSpec, Known, Labels, Problem, Severity

LONGEST_SECONDS = 366 * 86_400
_PARTS = frozenset({"cadences", "segments"})
_CADENCE = frozenset(
    {"id", "name", "goal", "starts", "stays_in", "when", "choosing", "yields_hours", "ends_with_owner", "steps"}
    | {"is_active"}
)
_STEP = frozenset({"id", "channels", "after_seconds", "templates", "title"})
_SEGMENT = frozenset({"id", "name", "purpose", "when", "is_active"})
_CHANNELS = frozenset(map(str, Channel))


def compile_plans(document: Mapping[str, object]) -> Plans:
    """Compile a cadences document, those left out that are off. Never raises: what cannot be read is left out."""
    cadences = [_cadence(as_document(row)) for row in as_items(document.get("cadences")) if _is_on(row)]
    segments = [_segment(as_document(row)) for row in as_items(document.get("segments")) if _is_on(row)]
    return Plans(tuple(cadences), tuple(each for each in segments if each is not None))


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with cadences: unknown stages, channels, templates, fields; steps without words."""
    rules = as_document(document)
    problems, ids = unknown_keys(rules, _PARTS, ""), list[tuple[str, str]]()
    for place, row in enumerate(map(as_document, as_items(rules.get("cadences")))):
        here = f"/cadences/{place}"
        ids.append((f"{here}/id", as_text(row.get("id"))))
        problems += unknown_keys(row, _CADENCE, here) + list(_cadence_faults(row, here, fields, known))
    problems += duplicate_ids(ids)
    ids = []
    for place, row in enumerate(map(as_document, as_items(rules.get("segments")))):
        here = f"/segments/{place}"
        ids.append((f"{here}/id", as_text(row.get("id"))))
        problems += unknown_keys(row, _SEGMENT, here) + list(_segment_faults(row, here, fields))
    return problems + duplicate_ids(ids)


def sentences(document: object, fields: Mapping[str, FieldSpec], labels: Labels) -> list[str]:
    """Return what a cadences document says, a sentence for each cadence and group."""
    rules = as_document(document)
    said = [cadence_aloud(as_document(row), fields, labels) for row in as_items(rules.get("cadences"))]
    return said + [segment_aloud(as_document(row), fields, labels) for row in as_items(rules.get("segments"))]


def cadence_aloud(row: Document, fields: Mapping[str, FieldSpec], labels: Labels) -> str:
    """Say one cadence in a breath."""
    cadence, off = _cadence(row), "" if _is_on(row) else " (switched off)"
    stages = labels.get("stage", {})
    if cadence.stage:
        begins = f"when a lead enters {stages.get(cadence.stage, cadence.stage)}"
    elif cadence.status:
        begins = f"when a lead is {cadence.status}"
    else:
        begins = "by hand or from a group"
    only = f", where {read_aloud(row['when'], fields, labels)}" if "when" in row else ""
    steps = "; ".join(f"{step_words(each)} {span(each.after)}" for each in cadence.steps)
    return f"{cadence.name}{off} starts {begins}{only}: {steps}."


def segment_aloud(row: Document, fields: Mapping[str, FieldSpec], labels: Labels) -> str:
    """Say one group in a breath."""
    off = "" if _is_on(row) else " (switched off)"
    name = as_text(row.get("name")) or as_text(row.get("id"))
    purpose = as_text(row.get("purpose"), Purpose.MARKETING).replace("_", " ")
    return f"{name}{off}: leads where {read_aloud(row.get('when'), fields, labels)}, for {purpose}."


def step_words(step: Step) -> str:
    """Say by which channels a step goes: "call", "text or e-mail"."""
    words = {str(Channel.CALL): "call", str(Channel.TEXT): "text", str(Channel.EMAIL): "e-mail"}
    return " or ".join(words.get(each, each) for each in step.channels)


def span(after: timedelta) -> str:
    """Say how long a step comes after the one before."""
    seconds = int(after.total_seconds())
    if seconds == 0:
        return "at once"
    for size, word in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds % size == 0:
            count = seconds // size
            return f"{count} {word} later" if count == 1 else f"{count} {word}s later"
    return f"{seconds} seconds later"


def _is_on(row: object) -> bool:
    return as_document(row).get("is_active") is not False


def _when(row: Document) -> CompiledTest | None:
    node = read_condition(row.get("when")).node if "when" in row else None
    return compile_node(node) if node is not None else None


def _cadence(row: Document) -> Cadence:
    starts, hours = as_document(row.get("starts")), as_whole(row.get("yields_hours"))
    goal, choosing = as_text(row.get("goal")), as_text(row.get("choosing"))
    return Cadence(
        id=as_text(row.get("id")),
        name=as_text(row.get("name")) or as_text(row.get("id")),
        goal=Goal(goal) if goal in set(Goal) else Goal.SCHEDULING,
        steps=tuple(_step(as_document(each)) for each in as_items(row.get("steps"))),
        stage=as_text(starts.get("stage")),
        status=as_text(starts.get("status")),
        stays_in=as_texts(row.get("stays_in")),
        when=_when(row),
        choosing=Choosing(choosing) if choosing in set(Choosing) else Choosing.ADAPT,
        yields_for=timedelta(hours=YIELDS_HOURS if hours is None else hours),
        ends_with_owner=row.get("ends_with_owner") is True,
        fields=fields_used(row["when"]) if "when" in row else frozenset(),
    )


def _step(row: Document) -> Step:
    return Step(
        id=as_text(row.get("id")),
        channels=tuple(each for each in as_texts(row.get("channels")) if each in _CHANNELS),
        after=timedelta(seconds=as_whole(row.get("after_seconds")) or 0),
        templates=as_texts(row.get("templates")),
        title=as_text(row.get("title")),
    )


def _segment(row: Document) -> Segment | None:
    when, purpose = _when(row), as_text(row.get("purpose"), Purpose.MARKETING)
    if when is None or not as_text(row.get("id")) or purpose not in set(Purpose):
        return None
    name = as_text(row.get("name")) or as_text(row.get("id"))
    return Segment(as_text(row.get("id")), name, Purpose(purpose), when, fields_used(row.get("when")))


def _cadence_faults(row: Document, here: str, fields: Mapping[str, FieldSpec], known: Known) -> Iterator[Problem]:
    if not as_text(row.get("id")):
        yield Problem(f"{here}/id", "id_missing", "A cadence needs an id, such as qualified-plan.")
    for name, words in (("goal", Goal), ("choosing", Choosing)):
        if name in row and as_text(row.get(name)) not in set(words):
            yield Problem(f"{here}/{name}", "unknown_word", f"“{name}” is one of: {', '.join(words)}.")
    starts = as_document(row.get("starts"))
    yield from unknown_keys(starts, frozenset({"stage", "status"}), f"{here}/starts")
    if "stage" in starts and "status" in starts:
        yield Problem(f"{here}/starts", "two_starts", "Name a stage or a status by the clock, not both.")
    for stage in (*([as_text(starts["stage"])] if "stage" in starts else []), *as_texts(row.get("stays_in"))):
        if stage not in known.stages:
            yield Problem(f"{here}/starts", "unknown_stage", f"There is no stage “{stage}”.")
    hours = as_whole(row.get("yields_hours"))
    if "yields_hours" in row and (hours is None or not 0 <= hours <= 336):
        yield Problem(f"{here}/yields_hours", "bad_value", "Give whole hours from 0 to 336.")
    if "when" in row:
        yield from check_condition(row["when"], fields, f"{here}/when")
    steps = as_items(row.get("steps"))
    if not steps:
        yield Problem(f"{here}/steps", "steps_missing", "A cadence needs at least one step.")
    yield from duplicate_ids([(f"{here}/steps/{n}/id", as_text(as_document(s).get("id"))) for n, s in enumerate(steps)])
    for number, step in enumerate(map(as_document, steps)):
        yield from unknown_keys(step, _STEP, f"{here}/steps/{number}")
        yield from _step_faults(step, f"{here}/steps/{number}", known)


def _step_faults(row: Document, here: str, known: Known) -> Iterator[Problem]:
    if not as_text(row.get("id")):
        yield Problem(f"{here}/id", "id_missing", "A step needs an id, such as first-mail.")
    channels, templates = as_texts(row.get("channels")), as_texts(row.get("templates"))
    if not channels:
        yield Problem(f"{here}/channels", "channel_missing", "Name at least one channel.")
    for each in channels:
        if each not in _CHANNELS:
            yield Problem(f"{here}/channels", "unknown_channel", f"There is no channel “{each}”.")
    seconds = as_whole(row.get("after_seconds", 0))
    if seconds is None or not 0 <= seconds <= LONGEST_SECONDS:
        yield Problem(f"{here}/after_seconds", "bad_limit", "A wait is at most a year.")
    written = [each for each in channels if each in _CHANNELS and each != Channel.CALL]
    if written and not templates:
        yield Problem(f"{here}/templates", "template_missing", "Name the template of the message.")
    if known.templates is None:
        return
    known_here = [key for key in templates if any(f"{key}:{each}" in known.templates for each in _CHANNELS)]
    for each in written:
        if known_here and not any(f"{key}:{each}" in known.templates for key in templates):
            words = CHANNEL_WORDS[Channel(each)]
            yield Problem(f"{here}/templates", "unknown_template", f"None of these templates is for {words}.")
    for key in templates:
        if key not in known_here:
            sentence = f"There is no template “{key}” yet."
            yield Problem(f"{here}/templates", "unknown_template", sentence, Severity.WARNING)


def _segment_faults(row: Document, here: str, fields: Mapping[str, FieldSpec]) -> Iterator[Problem]:
    if not as_text(row.get("id")):
        yield Problem(f"{here}/id", "id_missing", "A group needs an id, such as knee-inquiries.")
    if as_text(row.get("purpose"), Purpose.MARKETING) not in set(Purpose):
        yield Problem(f"{here}/purpose", "unknown_word", f"“purpose” is one of: {', '.join(Purpose)}.")
    if "when" not in row or not fields_used(row["when"]):
        yield Problem(f"{here}/when", "test_missing", "Say who belongs to the group.")
    else:
        yield from check_condition(row["when"], fields, f"{here}/when")
