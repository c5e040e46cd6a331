"""Scheduled versions: what becomes of them when another version is let to rule, or when they are changed."""

from datetime import datetime

from apps.policies.terms import Effect, VersionFact, VersionState


def effect_on(other: VersionFact, *, starts_at: datetime, now: datetime) -> Effect:
    """Say what becomes of an approved version when another one of its rule set rules from `starts_at`.

    One that rules until then ends then. One that would begin later was written without the newcomer's
    changes and would silently undo them: its schedule is suspended until somebody approves it again.
    """
    if other.effective_from is None or (other.effective_until is not None and other.effective_until <= starts_at):
        return Effect.KEEPS
    if other.effective_from < starts_at:
        return Effect.ENDS
    return Effect.SUSPENDED if other.effective_from > now else Effect.REPLACED


def has_ruled(version: VersionFact, now: datetime) -> bool:
    """Say whether a version was in force at some instant up to now; only such a one can rule again by a rollback."""
    begins, ends = version.effective_from, version.effective_until
    if version.state is VersionState.SUSPENDED or begins is None or begins > now:
        return False
    return ends is None or ends > begins


def overtaken_sentence(newer: int, starts: str) -> str:
    """Return why the schedule of a version is suspended: a newer approval rules before its start."""
    return (
        f"Version {newer} was approved after this one and rules from {starts}. This version does not know those "
        "changes and would undo them, so its start does not take place. Compare the two; then have this one "
        "approved again, or start a new draft."
    )


def edited_sentence(draft: int) -> str:
    """Return why the schedule of a version is suspended: somebody changed it after its approval."""
    return (
        f"It was changed after its approval: draft {draft} was made from it. The approval no longer counts and "
        f"its start does not take place. Approve draft {draft}, or approve this version again as it is."
    )
