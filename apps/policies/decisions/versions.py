"""Which version of a rule set was in force at an instant."""

from collections.abc import Sequence
from datetime import datetime

from apps.policies.terms import VersionFact, VersionState

_ONCE_APPROVED = frozenset({VersionState.APPROVED, VersionState.SUPERSEDED, VersionState.ROLLED_BACK})


def version_in_force(versions: Sequence[VersionFact], at: datetime) -> VersionFact | None:
    """Return the version in force at an instant, or None.

    Of the versions once approved that had started and not ended, the one that started last; of two that
    started together the higher number. A superseded version gives way by a later start alone, so that it
    comes back into force when its successor is rolled back. A roll-back ends a version at `effective_until`;
    before that instant it was in force and its decisions still replay.
    """
    started = [(fact.effective_from, fact.number, fact) for fact in versions if _counts(fact, at)]
    ranked = [entry for entry in started if entry[0] is not None]
    return max(ranked, key=lambda entry: entry[:2])[2] if ranked else None


def _counts(fact: VersionFact, at: datetime) -> bool:
    if fact.state not in _ONCE_APPROVED or fact.effective_from is None or fact.effective_from > at:
        return False
    if fact.state is VersionState.SUPERSEDED:
        return True
    if fact.effective_until is None:
        return fact.state is VersionState.APPROVED
    return at < fact.effective_until
