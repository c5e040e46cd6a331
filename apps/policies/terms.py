"""Words of the rule sets: fields and operators, problems in a rule, version states, stored decisions."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class FieldKind(StrEnum):
    """What a field of the data dictionary holds; decides which operators make sense."""

    CHOICE = "choice"
    NUMBER = "number"
    TEXT = "text"
    FLAG = "flag"
    POSTAL = "postal"


class Operator(StrEnum):
    """The tests that a rule may make on one field."""

    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    NOT_IN = "not_in"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BETWEEN = "between"
    CONTAINS_WORD = "contains_word"
    STARTS_WITH = "starts_with"
    IS_KNOWN = "is_known"
    IS_UNKNOWN = "is_unknown"


_ALWAYS_FIT = frozenset({Operator.IS_KNOWN, Operator.IS_UNKNOWN})
_EQUALITY = frozenset({Operator.IS, Operator.IS_NOT, Operator.IN, Operator.NOT_IN}) | _ALWAYS_FIT

OPERATORS_BY_KIND: Mapping[FieldKind, frozenset[Operator]] = {
    FieldKind.CHOICE: _EQUALITY,
    FieldKind.NUMBER: _EQUALITY | {Operator.AT_LEAST, Operator.AT_MOST, Operator.BETWEEN},
    FieldKind.TEXT: _EQUALITY | {Operator.CONTAINS_WORD, Operator.STARTS_WITH},
    FieldKind.FLAG: frozenset({Operator.IS, Operator.IS_NOT}) | _ALWAYS_FIT,
    FieldKind.POSTAL: _EQUALITY | {Operator.STARTS_WITH},
}


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of the data dictionary as a rule may use it. `choices` holds picklist keys, not labels."""

    key: str
    label: str
    kind: FieldKind
    choices: tuple[str, ...] = ()


class Severity(StrEnum):
    """An error keeps a draft from being saved; what blocks, from being approved; a warning can be accepted."""

    ERROR = "error"
    BLOCKS = "blocks"
    WARNING = "warning"

    @property
    def word(self) -> str:
        """The severity as pages say it."""
        return {"error": "Error", "blocks": "Blocks approval", "warning": "Warning"}[self.value]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a rule document, at a JSON pointer, in words for the person who edits it."""

    path: str
    code: str
    sentence: str
    severity: Severity = Severity.ERROR


@dataclass(frozen=True, slots=True)
class Known:
    """Keys of the catalog that a rule may name. `tags` None: the tags of queues are not checked; so with `skills`,
    with `expertise`, the skills of providers, and with `templates`, each as "key:channel".

    What is closed exists and is switched off, itself or its team; an idle queue has nobody in its team, and of a
    stranded one the after-hours queue is closed. A queueless team works and has no queue that a lead could wait in.
    `own_choices` holds the values of the tenant's own choice fields, each as "field:value". `systems` are outside
    systems; who may report to us, `reporters`, are these and the partners. `offers` says which office
    offers which service, each as "office:service"; None: not checked. `people` are colleagues' e-mail addresses.
    """

    queues: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    locations: frozenset[str] = frozenset()
    sources: frozenset[str] = frozenset()
    stages: frozenset[str] = frozenset()
    pipelines: frozenset[str] = frozenset()
    tags: frozenset[str] | None = None
    closed_queues: frozenset[str] = frozenset()
    idle_queues: frozenset[str] = frozenset()
    stranded_queues: frozenset[str] = frozenset()
    queueless_teams: frozenset[str] = frozenset()
    closed_services: frozenset[str] = frozenset()
    closed_locations: frozenset[str] = frozenset()
    custom_fields: frozenset[str] = frozenset()
    own_choices: frozenset[str] = frozenset()
    people: frozenset[str] | None = None
    systems: frozenset[str] = frozenset()
    reporters: frozenset[str] = frozenset()
    skills: frozenset[str] | None = None
    offers: frozenset[str] | None = None
    expertise: frozenset[str] | None = None
    templates: frozenset[str] | None = None

    @property
    def own_picklists(self) -> tuple[str, ...]:
        """The keys of the tenant's own choice fields."""
        return tuple(sorted({each.partition(":")[0] for each in self.own_choices}))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of testing a version: a sentence for people, and figures and lines as plain JSON."""

    passed: bool
    sentence: str
    summary: Mapping[str, object]


class VersionState(StrEnum):
    """Where one version of a rule set stands."""

    DRAFT = "draft"
    TESTED = "tested"
    APPROVED = "approved"
    SUPERSEDED = "superseded"
    ROLLED_BACK = "rolled_back"
    SUSPENDED = "suspended"


class VersionEvent(StrEnum):
    """What can happen to a version."""

    EDIT = "edit"
    TEST_PASSED = "test_passed"
    TEST_FAILED = "test_failed"
    APPROVE = "approve"
    SUPERSEDE = "supersede"
    ROLL_BACK = "roll_back"
    SUSPEND = "suspend"


class LifeCycleCode(StrEnum):
    """Why a step in a version's life was taken or refused."""

    MOVED = "moved"
    WRONG_STATE = "wrong_state"
    NOT_TESTED = "not_tested"
    AUTHOR_CANNOT_APPROVE = "author_cannot_approve"
    PERSON_UNKNOWN = "person_unknown"
    FROZEN = "frozen"
    TOO_EARLY = "too_early"


@dataclass(frozen=True, slots=True)
class LifeCycleVerdict:
    """The state after an event, or why the event was refused (then `state` is unchanged).

    `effective_from` is set by an approval only.
    """

    allowed: bool
    state: VersionState
    code: LifeCycleCode
    sentence: str
    effective_from: datetime | None = None


@dataclass(frozen=True, slots=True)
class VersionFact:
    """What must be known of a version to tell whether it was in force at an instant."""

    number: int
    state: VersionState
    effective_from: datetime | None = None
    effective_until: datetime | None = None


class Effect(StrEnum):
    """What becomes of an approved version when another one is let to rule."""

    KEEPS = "keeps"
    ENDS = "ends"
    REPLACED = "replaced"
    SUSPENDED = "suspended"


@dataclass(frozen=True, slots=True)
class DecisionRecord:
    """A decision as stored: the rule set's version, the facts it saw and its verdict, as plain JSON."""

    kind: str
    rule_set_id: str
    version_number: int
    facts: Mapping[str, object]
    verdict: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Difference:
    """One key whose stored and replayed values differ; None stands for "not there"."""

    key: str
    stored: object
    replayed: object


@dataclass(frozen=True, slots=True)
class ReplayVerdict:
    """Whether the stored facts under the stored version still give the stored verdict."""

    same: bool
    differences: tuple[Difference, ...] = ()
    failure: str = ""


Labels = Mapping[str, Mapping[str, str]]
"""Words for values, by field key and then by value: `{"service": {"imaging": "Imaging"}}`."""

NO_LABELS: Labels = {}


class ConditionBroken(ValueError):
    """A condition cannot be compiled; the message says which part."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that keep a rule readable and its compilation cheap."""

    depth: int = 6
    tests: int = 200
    values: int = 500
    text: int = 200


LIMITS = Limits()
