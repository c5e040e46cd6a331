"""Scoring a lead by a scorecard: fit and intent apart, each with the lines that sum to it; and its checks."""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.policies.decisions.compiled import CompiledRules, compile_rules
from apps.policies.decisions.conditions import fields_used
from apps.policies.decisions.documents import (
    Document,
    as_document,
    as_items,
    as_text,
    as_whole,
    duplicate_ids,
    unknown_keys,
)
from apps.policies.decisions.lint import Wins, lint, read_rules
from apps.policies.decisions.rules import check_rule
from apps.policies.terms import FieldSpec, Known, Problem, Severity
from apps.qualification.terms import (
    BASE_LINE,
    BOUNDS_LINE,
    HIGHEST_BOUND,
    LEAST,
    MOST,
    PAGE_OF_RULES,
    Eligibility,
    Part,
    PartScore,
    ScoreLine,
    ScoreVerdict,
)

_PARTS = frozenset(part.value for part in Part)
_PART = frozenset({"base", "min", "max", "rules", "bands"})
_RULE = frozenset({"id", "name", "meaning", "when", "points", "is_active"})
_BAND = frozenset({"at_least", "key", "name"})
#: The class of leads that only took a file.
DOWNLOAD = "download"
_OUTCOMES = frozenset({"fit", "intent", "fit_band", "intent_band"})


@dataclass(frozen=True, slots=True)
class CompiledPart:
    """One part of a scorecard: the rules that give points, compiled, and the card they stand on."""

    rules: CompiledRules
    card: Document


@dataclass(frozen=True, slots=True)
class Scorecard:
    """A scorecard compiled once."""

    fit: CompiledPart
    intent: CompiledPart


def compile_scorecard(document: Mapping[str, object]) -> Scorecard:
    """Compile a scorecard. Never raises: what cannot be read gives no points."""
    return Scorecard(_compile_part(document.get(Part.FIT)), _compile_part(document.get(Part.INTENT)))


def score(facts: Mapping[str, object], card: Scorecard | Mapping[str, object]) -> ScoreVerdict:
    """Score a lead for fit and for intent, by a compiled scorecard or by a document compiled here.

    Every rule that holds adds its points, which may be negative; the sum is kept within the part's bounds,
    and the cut is a line of its own, so that the lines always sum to the total. Never raises: a rule that
    cannot be read gives no points. Who only took a file shows no wish for a visit yet, whatever else they
    ticked: their intent is the lowest there is (row CP-18).
    """
    if not isinstance(card, Scorecard):
        card = compile_scorecard(card)
    fit, intent = _score_part(facts, card.fit), _score_part(facts, card.intent)
    if facts.get("lead_class") == DOWNLOAD:
        intent = _without_intent(intent, card.intent.card)
    return ScoreVerdict(fit, intent)


def eligibility_by_age(age: int | None, min_age: int | None, max_age: int | None) -> Eligibility:
    """Judge a person by a service's age limits; both limits are still inside (row QL-12)."""
    if min_age is None and max_age is None:
        return Eligibility.ELIGIBLE
    if age is None:
        return Eligibility.NEEDS_INFO
    inside = (min_age is None or age >= min_age) and (max_age is None or age <= max_age)
    return Eligibility.ELIGIBLE if inside else Eligibility.INELIGIBLE


def eligibility_by_opening(by_age: Eligibility, patient_type: str, *, is_open: bool) -> Eligibility:
    """Judge a person by whether the service takes new patients; nobody knows of some whether they are (row DD-14)."""
    if is_open or by_age is Eligibility.INELIGIBLE or patient_type == "established":
        return by_age
    return Eligibility.INELIGIBLE if patient_type == "new" else Eligibility.NEEDS_INFO


def check_document(document: Mapping[str, object], fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with a scorecard. A rule without meaning is refused.

    A rule must not look at a score or band: the same facts would then score differently the second time.
    A part with more rules than fit on a readable page gets a warning.
    """
    problems = unknown_keys(document, _PARTS, "")
    ids: list[tuple[str, str]] = []
    for part in Part:
        if not as_document(document.get(part)):
            problems.append(Problem(f"/{part}", "part_missing", f"The scorecard needs a part “{part}”."))
            continue
        card, path = as_document(document[part]), f"/{part}"
        problems += unknown_keys(card, _PART, path) + _check_bounds(card, path) + _check_bands(card, path)
        rules = [as_document(item) for item in as_items(card.get("rules"))]
        for place, rule in enumerate(rules):
            ids.append((f"{path}/rules/{place}/id", as_text(rule.get("id"))))
            problems += _check_rule(rule, fields, f"{path}/rules/{place}")
        problems += lint(read_rules(rules, f"{path}/rules", fields, does="points"), fields, Wins.ALL, f"{path}/rules")
        if len(rules) > PAGE_OF_RULES:
            sentence = f"{len(rules)} rules are more than one readable page; aim for {PAGE_OF_RULES}."
            problems.append(Problem(f"{path}/rules", "too_long", sentence, Severity.WARNING))
    return problems + duplicate_ids(ids)


def _compile_part(value: object) -> CompiledPart:
    card = as_document(value)
    rules = []
    for place, rule in enumerate(map(as_document, as_items(card.get("rules"))), start=1):
        if as_whole(rule.get("points")) and rule.get("is_active") is not False:
            rules.append({**rule, "id": as_text(rule.get("id"), f"rule {place}")})
    return CompiledPart(compile_rules(rules), card)


def _score_part(facts: Mapping[str, object], part: CompiledPart) -> PartScore:
    card = part.card
    base = as_whole(card.get("base")) or 0
    lines = [ScoreLine(BASE_LINE, "Starting points", base)] if base else []
    for rule in (each.rule for each in part.rules.holding(facts)):
        lines.append(ScoreLine(as_text(rule["id"]), as_text(rule.get("meaning")), as_whole(rule["points"]) or 0))
    low, high = _bounds(card)
    raw = sum(line.points for line in lines)
    total = max(low, min(high, raw))
    if total != raw:
        lines.append(ScoreLine(BOUNDS_LINE, f"Kept between {low} and {high}", total - raw))
    return PartScore(total, _band(total, card), tuple(lines))


def _without_intent(part: PartScore, card: Document) -> PartScore:
    low, _ = _bounds(card)
    if part.total == low:
        return part
    line = ScoreLine(DOWNLOAD, "Only took a download so far", low - part.total)
    return PartScore(low, _band(low, card), (*part.lines, line))


def _bounds(card: Document) -> tuple[int, int]:
    low, high = as_whole(card.get("min")), as_whole(card.get("max"))
    low, high = LEAST if low is None else low, MOST if high is None else high
    return (low, high) if LEAST <= low <= high <= HIGHEST_BOUND else (LEAST, MOST)


def _band(total: int, card: Document) -> str:
    """Return the key of the highest band that the total reaches."""
    reached = [
        (at_least, as_text(band.get("key")))
        for band in map(as_document, as_items(card.get("bands")))
        if (at_least := as_whole(band.get("at_least"))) is not None and at_least <= total
    ]
    return max(reached)[1] if reached else ""


def _check_rule(rule: Document, fields: Mapping[str, FieldSpec], path: str) -> list[Problem]:
    problems = unknown_keys(rule, _RULE, path) + check_rule(rule, fields, path)
    if not as_whole(rule.get("points")):
        problems.append(Problem(f"{path}/points", "bad_value", "Points are a whole number other than 0."))
    circular = sorted(fields_used(rule.get("when")) & _OUTCOMES)
    if circular:
        sentence = f"A score cannot depend on a score: {', '.join(circular)}."
        problems.append(Problem(f"{path}/when", "circular", sentence))
    return problems


def _check_bounds(card: Document, path: str) -> list[Problem]:
    problems = [
        Problem(f"{path}/{key}", "bad_value", f"“{key}” is a whole number.")
        for key in ("base", "min", "max")
        if key in card and as_whole(card[key]) is None
    ]
    low, high = as_whole(card.get("min", LEAST)), as_whole(card.get("max", MOST))
    if low is not None and high is not None and not LEAST <= low < high <= HIGHEST_BOUND:
        sentence = f"The bounds lie between {LEAST} and {HIGHEST_BOUND}, the lower one first."
        problems.append(Problem(f"{path}/max", "bad_bounds", sentence))
    return problems


def _check_bands(card: Document, path: str) -> list[Problem]:
    problems: list[Problem] = []
    starts: list[int] = []
    keys: list[tuple[str, str]] = []
    for place, item in enumerate(as_items(card.get("bands"))):
        band, where = as_document(item), f"{path}/bands/{place}"
        at_least = as_whole(band.get("at_least"))
        problems += unknown_keys(band, _BAND, where)
        keys.append((f"{where}/key", as_text(band.get("key"))))
        if at_least is None or not as_text(band.get("key")):
            problems.append(Problem(where, "bad_band", "A band needs a key and its lowest score."))
        elif at_least in starts:
            problems.append(Problem(f"{where}/at_least", "bad_band", f"Two bands start at {at_least}."))
        else:
            starts.append(at_least)
    if not starts or min(starts) > _bounds(card)[0]:
        problems.append(Problem(f"{path}/bands", "bands_missing", "Some scores lie in no band."))
    return problems + duplicate_ids(keys)
