"""Criteria of qualification: what counts for a lead, and how the lead stands to each, with what it was read from.

Pure. A criterion is a plain sentence with a test in the language of conditions (row QL-01). Its test is met, not met,
or says nothing because a fact is missing: then the criterion is unclear and somebody has to ask.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from apps.policies.decisions.conditions import CompiledTest, compile_node, is_known
from apps.policies.decisions.documents import Document, as_document, as_items, as_text, as_texts
from apps.policies.decisions.reading import read_condition, tests_of
from apps.policies.decisions.words import words_of
from apps.qualification.terms import Standing

#: What a set may be about; the set that names most of it is the lead's.
SCOPE = ("pipeline", "campaign", "service")
#: Facts that are computed, and what they are computed from, the surest first.
SOURCES: Mapping[str, tuple[str, ...]] = {
    "miles_to_open_clinic": ("postal_code", "city"),
    "can_schedule": ("service", "location", "patient_type"),
    "reachable": ("phone_validity", "email_validity"),
    "eligibility": ("service", "age"),
}
VALID = "valid"
#: Words by which people name what the gates ask for.
_CALLED: Mapping[str, tuple[str, ...]] = {
    "service": ("service", "treatment", "procedure"),
    "location": ("location", "office", "clinic", "area"),
    "patient_type": ("patient type", "new patient", "known patient", "established patient"),
    "consent_any": ("consent", "permission", "agrees", "agreed"),
    "timeframe": ("timeframe", "timeline", "timing", "later", "weeks", "months", "date", "summer", "spring"),
    "payer": ("insurance", "payer", "plan", "cover"),
    "miles_to_open_clinic": ("lives", "miles", "area"),
    "age": ("age", "years"),
}
_SMALL = 4


@dataclass(frozen=True, slots=True)
class Criterion:
    """One thing that a verdict rests on: its sentence, the words that name it, and its test.

    `required` ones have to be met before a lead is qualified; those of `marketing` make the target that marketing
    qualifies for (row QL-03). `ask` is the question where it is unclear. `reads` are the facts its test looks at.
    """

    id: str
    sentence: str
    words: tuple[str, ...] = ()
    kind: str = ""
    required: bool = True
    marketing: bool = False
    ask: str = ""
    reads: tuple[str, ...] = ()
    test: CompiledTest | None = None


@dataclass(frozen=True, slots=True)
class CriteriaSet:
    """The criteria that count for a lead; `who_may` names the functions of teams that may decide, none for all."""

    id: str
    criteria: tuple[Criterion, ...]
    who_may: frozenset[str] = frozenset()
    name: str = ""


@dataclass(frozen=True, slots=True)
class ScopedSet:
    """A set of a document with what it is about."""

    scope: Mapping[str, str]
    criteria: CriteriaSet


@dataclass(frozen=True, slots=True)
class Finding:
    """How a lead stands to one criterion; `evidence` are the facts that were read, each with its value."""

    criterion: Criterion
    standing: Standing
    evidence: tuple[tuple[str, object], ...] = ()

    def as_json(self) -> dict[str, object]:
        """Return the finding as it is kept."""
        return {
            "id": self.criterion.id,
            "kind": self.criterion.kind,
            "standing": str(self.standing),
            "required": self.criterion.required,
            "marketing": self.criterion.marketing,
            "evidence": dict(self.evidence),
        }


@dataclass(frozen=True, slots=True)
class Evaluation:
    """How a lead stands to a set; `reachable` says that a valid phone or address is known."""

    set: CriteriaSet
    findings: tuple[Finding, ...]
    reachable: bool

    @property
    def unmet(self) -> tuple[Finding, ...]:
        """What has to be met before a lead is qualified, and is not."""
        return tuple(each for each in self.findings if each.criterion.required and each.standing is not Standing.PASSES)

    @property
    def has_target(self) -> bool:
        """Whether the set says whom marketing looks for."""
        return any(each.criterion.marketing for each in self.findings)

    @property
    def is_marketing_qualified(self) -> bool:
        """Whether the target is met and the contact details are valid (row QL-03)."""
        target = [each for each in self.findings if each.criterion.marketing]
        return bool(target) and self.reachable and all(each.standing is Standing.PASSES for each in target)

    def as_json(self) -> dict[str, object]:
        """Return the evaluation as plain JSON, equal to what a database gives back."""
        return {
            "set": self.set.id,
            "findings": [each.as_json() for each in self.findings],
            "reachable": self.reachable,
            "marketing_qualified": self.is_marketing_qualified,
        }


def evaluate(facts: Mapping[str, object], criteria: CriteriaSet) -> Evaluation:
    """Say how a lead stands to each criterion, and whether it can be reached. Never raises."""
    reachable = VALID in (facts.get("phone_validity"), facts.get("email_validity"))
    return Evaluation(criteria, tuple(_find(each, facts) for each in criteria.criteria), reachable)


def facts_read(facts: Mapping[str, object], criteria: CriteriaSet) -> dict[str, object]:
    """Return the facts that an evaluation looks at: what is kept with it, and no more."""
    names = {"phone_validity", "email_validity"}
    for each in criteria.criteria:
        names |= {*each.reads, *(source for name in each.reads for source in SOURCES.get(name, ()))}
    return {name: facts.get(name) for name in sorted(names)}


def compile_criteria(document: Mapping[str, object]) -> tuple[ScopedSet, ...]:
    """Compile a criteria document; sets and criteria that are off are left out. Never raises."""
    return tuple(
        _scoped(row)
        for row in map(as_document, as_items(document.get("sets")))
        if row.get("is_active") is not False and as_text(row.get("id"))
    )


def fitting_set(sets: Sequence[ScopedSet], scope: Mapping[str, str]) -> CriteriaSet | None:
    """Return the set that fits a lead best: of those that fit, the one that names most of what it is about."""
    fitting = [each for each in sets if all(scope.get(name) == value for name, value in each.scope.items())]
    return max(fitting, key=lambda each: len(each.scope)).criteria if fitting else None


def set_by_id(sets: Sequence[ScopedSet], key: str) -> CriteriaSet | None:
    """Return a set by its id."""
    return next((each.criteria for each in sets if each.criteria.id == key), None)


def set_of_gate(names: Sequence[str], labels: Mapping[str, str], called: Mapping[str, Sequence[str]]) -> CriteriaSet:
    """Return the criteria of a tenant that wrote none: what the gate of “Qualified” asks for, and the timing.

    `called` are the lead's own words of a field: the name of its service, of its office.
    """
    found = []
    for name in dict.fromkeys([*names, "timeframe"]):
        row = {
            "id": name,
            "sentence": labels.get(name) or name.replace("_", " ").capitalize(),
            "required": name in names,
            "when": {"field": name, "op": "is_known"},
        }
        if name.startswith("consent"):
            row["when"] = {"field": name, "op": "is", "value": True}
        found.append(_criterion(row))
    return with_words(CriteriaSet("", tuple(found)), called)


def with_words(criteria: CriteriaSet, called: Mapping[str, Sequence[str]]) -> CriteriaSet:
    """Return a set whose criteria are also named by the lead's own words of the fields they read."""
    found = []
    for each in criteria.criteria:
        own = (word for name in each.reads for word in called.get(name, ()))
        found.append(replace(each, words=(*each.words, *own)))
    return replace(criteria, criteria=tuple(found))


def _scoped(row: Document) -> ScopedSet:
    scope = {name: as_text(row.get(name)) for name in SCOPE if as_text(row.get(name))}
    rows = (as_document(each) for each in as_items(row.get("criteria")))
    found = tuple(_criterion(each) for each in rows if as_text(each.get("id")) and each.get("is_active") is not False)
    who = frozenset(as_texts(row.get("who_may_qualify")))
    return ScopedSet(scope, CriteriaSet(as_text(row.get("id")), found, who, as_text(row.get("name"))))


def _criterion(row: Document) -> Criterion:
    sentence, node = as_text(row.get("sentence")), read_condition(row.get("when")).node
    reads = tuple(dict.fromkeys(test.field for test in tests_of(node))) if node is not None else ()
    called = [word for name in reads for word in _CALLED.get(name, (name.replace("_", " "),))]
    return Criterion(
        as_text(row.get("id")),
        sentence,
        tuple(dict.fromkeys([*called, *(each for each in words_of(sentence) if len(each) > _SMALL)])),
        as_text(row.get("kind")),
        row.get("required") is not False,
        row.get("marketing") is True,
        as_text(row.get("ask")),
        reads,
        compile_node(node) if node is not None else None,
    )


def _find(criterion: Criterion, facts: Mapping[str, object]) -> Finding:
    """A test that is not met while nothing of what it reads is known says only that somebody has to ask."""
    truth = criterion.test(facts) if criterion.test is not None else None
    standing = Standing.UNCLEAR
    if truth is True:
        standing = Standing.PASSES
    elif truth is False and any(is_known(facts.get(name)) for name in criterion.reads):
        standing = Standing.FAILS
    return Finding(criterion, standing, _evidence(criterion, facts))


def _evidence(criterion: Criterion, facts: Mapping[str, object]) -> tuple[tuple[str, object], ...]:
    """Return what was read, what a computed fact was computed from first; of two sources of a place one is enough."""
    found: dict[str, object] = {}
    for name in criterion.reads:
        sources = SOURCES.get(name, ())
        if name == "miles_to_open_clinic":
            sources = tuple(each for each in sources if is_known(facts.get(each)))[:1] or sources[:1]
        found |= {each: facts.get(each) for each in (*sources, name)}
    return tuple(found.items())
