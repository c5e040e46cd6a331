"""The suite as a document: its test leads read, checked and told; what was expected against what came. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.policies.decisions.documents import (
    Document,
    as_document,
    as_items,
    as_text,
    as_texts,
    duplicate_ids,
    unknown_keys,
)
from apps.policies.terms import FieldSpec, Known, Labels, Problem, Severity

#: The doors that a test lead comes in by, and how its inquiry was captured there.
DOORS: Mapping[str, str] = {"web": "web_form", "call": "call"}
#: When it comes: ten o'clock of the next working day, or three o'clock of the next Sunday.
TIMES = ("day", "night")
#: What is looked at, and how pages call it.
CHECKS: Mapping[str, str] = {"owner": "Owner", "task": "Task", "queue": "Call queue", "channel": "Message channel"}
NO_CHANNEL = "none"
_CHANNELS = ("email", "text", NO_CHANNEL)
_CONSENTS = ("call", "text", "email")
_SAID = (
    *("source", "service", "location", "patient_type", "timeframe", "preferred_channel", "message", "payer"),
    *("postal_code", "city", "region", "lead_class", "landing_page"),
)
_PARTS = frozenset({"id", "name", "door", "at", "says", "consents", "expects"})
MOST_LEADS = 60


@dataclass(frozen=True, slots=True)
class TestLead:
    """One lead of the suite: what it says, and what has to become of it."""

    id: str
    name: str
    door: str
    at: str
    says: Mapping[str, str]
    consents: tuple[str, ...]
    expects: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Played:
    """What became of a test lead. `fault` stands where it did not arrive at all."""

    lead: TestLead
    found: Mapping[str, str]
    fault: str = ""

    @property
    def differences(self) -> tuple[str, ...]:
        """Say of each check that fails what was expected and what came."""
        if self.fault:
            return (self.fault,)
        return tuple(
            f"{CHECKS[key]}: expected {wanted}, got {self.found.get(key) or 'nothing'}"
            for key, wanted in self.lead.expects.items()
            if self.found.get(key, "") != wanted
        )

    @property
    def passed(self) -> bool:
        """Whether everything is as expected."""
        return not self.differences


def read_suite(document: object) -> tuple[TestLead, ...]:
    """Return the test leads of a document; what cannot be read is empty."""
    return tuple(_read(as_document(each)) for each in as_items(as_document(document).get("leads")))


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with a suite: unknown words, and a lead that expects nothing."""
    suite = as_document(document)
    problems = unknown_keys(suite, frozenset({"leads"}), "")
    rows = [as_document(each) for each in as_items(suite.get("leads"))]
    if len(rows) > MOST_LEADS:
        problems.append(
            Problem("/leads", "too_many", f"At most {MOST_LEADS} test leads: they are played at each test.")
        )
    for place, row in enumerate(rows):
        problems += _check(row, f"/leads/{place}", fields, known)
    return problems + duplicate_ids([(f"/leads/{n}/id", as_text(row.get("id"))) for n, row in enumerate(rows)])


def sentences(document: object, fields: Mapping[str, FieldSpec], labels: Labels) -> list[str]:
    """Read a suite aloud, a sentence for each lead."""
    told = []
    for each in read_suite(document):
        said = ", ".join(labels.get(key, {}).get(value, value) for key, value in each.says.items())
        wanted = ", ".join(f"{CHECKS[key].lower()} {value}" for key, value in each.expects.items())
        by = f"by {each.door}, {each.at}" if said else f"by {each.door}, {each.at}, says nothing"
        told.append(f"{each.id} {each.name}: {by}{': ' if said else ''}{said} → {wanted}.")
    return told


def outcome_sentence(played: Sequence[Played]) -> str:
    """Return how the suite went: “Suite 11/12: …” with the first lead that fails."""
    good = sum(each.passed for each in played)
    head = f"Suite {good}/{len(played)}"
    failed = next((each for each in played if not each.passed), None)
    if failed is None:
        return f"{head}." if played else "The suite has no test leads yet: nothing was played."
    return f"{head}: {failed.lead.name}: {failed.differences[0]}."


def _read(row: Document) -> TestLead:
    says, expects = as_document(row.get("says")), as_document(row.get("expects"))
    return TestLead(
        as_text(row.get("id")),
        as_text(row.get("name")),
        as_text(row.get("door"), "web"),
        as_text(row.get("at"), "day"),
        {key: as_text(says.get(key)) for key in _SAID if as_text(says.get(key))},
        as_texts(row.get("consents")),
        {key: as_text(expects.get(key)) for key in CHECKS if as_text(expects.get(key))},
    )


def _check(row: Document, path: str, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    says, expects = as_document(row.get("says")), as_document(row.get("expects"))
    problems = unknown_keys(row, _PARTS, path) + unknown_keys(says, frozenset(_SAID), f"{path}/says")
    problems += unknown_keys(expects, frozenset(CHECKS), f"{path}/expects")
    for name in ("id", "name"):
        if not as_text(row.get(name)):
            problems.append(Problem(f"{path}/{name}", "missing", "Give each test lead an id and a name."))
    problems += _not_among(row.get("door", "web"), tuple(DOORS), f"{path}/door")
    problems += _not_among(row.get("at", "day"), TIMES, f"{path}/at")
    for place, each in enumerate(as_texts(row.get("consents"))):
        problems += _not_among(each, _CONSENTS, f"{path}/consents/{place}")
    if not as_text(says.get("source")):
        problems.append(Problem(f"{path}/says/source", "missing", "Say which source it comes from."))
    for name, value in says.items():
        choices = fields["requested_location" if name == "location" else name].choices if name in fields else ()
        if choices and value:
            problems += _not_among(value, choices, f"{path}/says/{name}")
    return problems + _check_expected(expects, f"{path}/expects", known)


def _check_expected(expects: Document, path: str, known: Known) -> list[Problem]:
    if not any(as_text(expects.get(key)) for key in CHECKS):
        return [Problem(path, "expects_nothing", "Say what is expected: owner, task, queue or channel.")]
    problems = []
    among = {"owner": known.teams, "queue": known.queues, "channel": frozenset(_CHANNELS)}
    for key, choices in among.items():
        wanted = as_text(expects.get(key))
        if wanted and wanted not in choices:
            what = f"“{wanted}” is not among them: {', '.join(sorted(choices)[:20])}."
            severity = Severity.ERROR if key == "channel" else Severity.BLOCKS
            problems.append(Problem(f"{path}/{key}", f"unknown_{key}", what, severity))
    return problems


def _not_among(value: object, choices: Sequence[str], path: str) -> list[Problem]:
    if as_text(value) in choices:
        return []
    return [Problem(path, "bad_value", f"Say one of: {', '.join(choices[:20])}.")]
