"""How much of what the next stage asks for is known (row VQ-11). Pure: facts and the gates in force go in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.leads.decisions import missing_fields
from apps.leads.terms import FIELD_WORDS
from apps.policies.decisions.documents import as_document, as_texts


@dataclass(frozen=True, slots=True)
class Completeness:
    """The stage that asks next, how many of its fields are known, and which are not (keys and words)."""

    stage: str
    known: int
    wanted: int
    missing: tuple[str, ...] = ()

    @property
    def percent(self) -> int:
        """The share that is known, in whole percent; never 100 while something is missing."""
        return 100 * self.known // self.wanted if self.wanted else 100

    @property
    def words(self) -> tuple[str, ...]:
        """What is missing, as people say it: "consent missing"."""
        return tuple(f"{FIELD_WORDS.get(each, each.replace('_', ' '))} missing" for each in self.missing)


def completeness(
    stage: str, order: Sequence[str], facts: Mapping[str, object], document: object
) -> Completeness | None:
    """Return how complete a lead is for the next stage of its pipeline that asks for anything.

    `order` names the pipeline's open stages, first to last. None where no later stage asks for a field.
    """
    gates = as_document(as_document(document).get("gates"))
    later = order[order.index(stage) + 1 :] if stage in order else ()
    for key in later:
        wanted = as_texts(gates.get(key))
        if wanted:
            missing = missing_fields(key, facts, document)
            return Completeness(key, len(wanted) - len(missing), len(wanted), missing)
    return None
