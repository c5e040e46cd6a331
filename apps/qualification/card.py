"""The quality card of a lead: seven questions about it, each passed, failed or unclear, with what speaks for it.

Pure (row SC-11). Where something is unclear the card says what to ask; it never decides by itself.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from apps.qualification.criteria import VALID
from apps.qualification.eligibility import Judged
from apps.qualification.terms import Eligibility, Standing

SOON = ("asap", "within_24h", "within_week", "within_month")
LATER = "later"
GRANTED, REFUSED = "granted", ("denied", "withdrawn")
Facts = Mapping[str, object]


class Aspect(StrEnum):
    """What the card looks at."""

    SERVICE_FIT = "service_fit"
    INTENT = "intent"
    ELIGIBILITY = "eligibility"
    REACHABILITY = "reachability"
    CONSISTENCY = "consistency"
    DECISION_MAKER = "decision_maker"
    UNIQUENESS = "uniqueness"


@dataclass(frozen=True, slots=True)
class Mark:
    """One line of the card; `ask` is the question that would clear what is unclear."""

    aspect: Aspect
    standing: Standing
    evidence: str
    ask: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the card looks at: the facts of the criteria, what disagrees, and whether somebody may be on file twice.

    `names` are words for the values of facts, as pages show them.
    """

    facts: Facts
    flags: Sequence[str] = ()
    may_be_double: bool = False
    is_duplicate: bool = False
    names: Mapping[str, Mapping[str, str]] | None = None
    eligibility: Judged = Judged(Eligibility.NEEDS_INFO)

    def word(self, name: str) -> str:
        """Return the value of a fact as people read it."""
        value = str(self.facts.get(name) or "")
        return (self.names or {}).get(name, {}).get(value, value.replace("_", " "))


def card_of(seen: Seen) -> tuple[Mark, ...]:
    """Return the card, one mark for each aspect, in their order."""
    return tuple(_LOOKS[each](seen) for each in Aspect)


def _service_fit(seen: Seen) -> Mark:
    service, place = seen.word("service"), seen.word("location")
    if not service:
        ask = "What would you like to be seen for?"
        return Mark(Aspect.SERVICE_FIT, Standing.UNCLEAR, "No service is named.", ask)
    at = f" at {place}" if place else ""
    if seen.facts.get("can_schedule") is False:
        return Mark(Aspect.SERVICE_FIT, Standing.FAILS, f"{service} is not given to such patients{at} at present.")
    return Mark(Aspect.SERVICE_FIT, Standing.PASSES, f"{service}{at}, fit {seen.facts.get('fit', 0)}.")


def _intent(seen: Seen) -> Mark:
    timeframe, points = seen.facts.get("timeframe"), f"intent {seen.facts.get('intent', 0)}"
    if timeframe in SOON:
        return Mark(Aspect.INTENT, Standing.PASSES, f"Wants to come {seen.word('timeframe')}, {points}.")
    if timeframe == LATER:
        return Mark(Aspect.INTENT, Standing.FAILS, f"Wants to come later, {points}.")
    ask = "When would you like to come?"
    return Mark(Aspect.INTENT, Standing.UNCLEAR, f"Nobody said by when, {points}.", ask)


def _eligibility(seen: Seen) -> Mark:
    """Whoever is not eligible, or refused every contact, fails; a permission that nobody asked for is a question."""
    facts, states = seen.facts, [seen.facts.get(f"consent_{each}") for each in ("call", "text", "email")]
    judged, said = seen.eligibility, facts.get("verified_eligibility")
    if judged.result is Eligibility.INELIGIBLE:
        return Mark(Aspect.ELIGIBILITY, Standing.FAILS, f"{judged.sentence}.")
    if GRANTED not in states:
        if any(each in REFUSED for each in states):
            return Mark(Aspect.ELIGIBILITY, Standing.FAILS, "Said no to being contacted.")
        ask = "May we call or write to you about this?"
        return Mark(Aspect.ELIGIBILITY, Standing.UNCLEAR, "No permission to contact is on record.", ask)
    if said == "met" or judged.result is Eligibility.ELIGIBLE:
        return Mark(Aspect.ELIGIBILITY, Standing.PASSES, "Eligible, and a permission is on record.")
    ask = "What is the date of birth, and have you been here before?"
    return Mark(Aspect.ELIGIBILITY, Standing.UNCLEAR, f"Needs info: {judged.sentence or 'no service is named'}.", ask)


def _reachability(seen: Seen) -> Mark:
    found = {kind: seen.facts.get(f"{kind}_validity") for kind in ("phone", "email")}
    valid = [kind for kind, validity in found.items() if validity == VALID]
    if valid:
        return Mark(Aspect.REACHABILITY, Standing.PASSES, f"Valid: {' and '.join(valid)}.")
    if all(validity in (None, "invalid") for validity in found.values()):
        return Mark(Aspect.REACHABILITY, Standing.FAILS, "No valid phone or e-mail.")
    ask = "Which number or address reaches you best?"
    return Mark(Aspect.REACHABILITY, Standing.UNCLEAR, "What was given is not checked yet.", ask)


def _consistency(seen: Seen) -> Mark:
    if seen.flags:
        return Mark(Aspect.CONSISTENCY, Standing.FAILS, " ".join(seen.flags))
    return Mark(Aspect.CONSISTENCY, Standing.PASSES, "What we know agrees.")


def _decision_maker(seen: Seen) -> Mark:
    if seen.facts.get("has_decision_maker") is True:
        return Mark(Aspect.DECISION_MAKER, Standing.PASSES, "Named.")
    ask = "Who decides about the visit, and may we speak with them?"
    return Mark(Aspect.DECISION_MAKER, Standing.UNCLEAR, "Nobody said who decides.", ask)


def _uniqueness(seen: Seen) -> Mark:
    if seen.is_duplicate:
        return Mark(Aspect.UNIQUENESS, Standing.FAILS, "A duplicate of another lead.")
    if seen.may_be_double:
        ask = "Have you asked us before, under another name or number?"
        return Mark(Aspect.UNIQUENESS, Standing.UNCLEAR, "May be somebody who is on file already.", ask)
    return Mark(Aspect.UNIQUENESS, Standing.PASSES, "Nobody else on file looks the same.")


_LOOKS: Mapping[Aspect, Callable[[Seen], Mark]] = {
    Aspect.SERVICE_FIT: _service_fit,
    Aspect.INTENT: _intent,
    Aspect.ELIGIBILITY: _eligibility,
    Aspect.REACHABILITY: _reachability,
    Aspect.CONSISTENCY: _consistency,
    Aspect.DECISION_MAKER: _decision_maker,
    Aspect.UNIQUENESS: _uniqueness,
}
