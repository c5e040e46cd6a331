"""The life of one version: draft, tested, approved by another person; superseded, rolled back or suspended."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from apps.policies.terms import LifeCycleCode, LifeCycleVerdict, VersionEvent, VersionState

_MOVES: Mapping[tuple[VersionState, VersionEvent], VersionState] = {
    (VersionState.DRAFT, VersionEvent.EDIT): VersionState.DRAFT,
    (VersionState.DRAFT, VersionEvent.TEST_PASSED): VersionState.TESTED,
    (VersionState.DRAFT, VersionEvent.TEST_FAILED): VersionState.DRAFT,
    (VersionState.TESTED, VersionEvent.EDIT): VersionState.DRAFT,
    (VersionState.TESTED, VersionEvent.TEST_PASSED): VersionState.TESTED,
    (VersionState.TESTED, VersionEvent.TEST_FAILED): VersionState.DRAFT,
    (VersionState.TESTED, VersionEvent.APPROVE): VersionState.APPROVED,
    (VersionState.APPROVED, VersionEvent.SUPERSEDE): VersionState.SUPERSEDED,
    (VersionState.APPROVED, VersionEvent.ROLL_BACK): VersionState.ROLLED_BACK,
    (VersionState.APPROVED, VersionEvent.SUSPEND): VersionState.SUSPENDED,
    (VersionState.SUSPENDED, VersionEvent.APPROVE): VersionState.APPROVED,
}
_CHANGES = frozenset({VersionEvent.EDIT, VersionEvent.TEST_PASSED, VersionEvent.TEST_FAILED})
_OPEN = frozenset({VersionState.DRAFT, VersionState.TESTED})


def next_state(
    version: VersionState,
    event: VersionEvent,
    *,
    author: UUID | None,
    person: UUID | None,
    now: datetime,
    effective_from: datetime | None = None,
) -> LifeCycleVerdict:
    """Say where an event takes a version.

    Editing a tested version makes it a draft again: what was tested is no longer what would be approved.
    Only another person than the author approves, and never with effect in the past, because decisions
    already made would then name the wrong version. An approved version is frozen; it can only be superseded,
    rolled back, or suspended before its start, after which it takes a new approval. A version without author was
    installed by the system and any known person may approve it.
    """
    code = _refusal(version, event, author, person, now, effective_from)
    if code is not None:
        return LifeCycleVerdict(False, version, code, _SENTENCES[code])
    state = _MOVES[version, event]
    starts_at = (effective_from or now) if event is VersionEvent.APPROVE else None
    sentence = f"The version is now {state.replace('_', ' ')}."
    return LifeCycleVerdict(True, state, LifeCycleCode.MOVED, sentence, starts_at)


def _refusal(
    version: VersionState,
    event: VersionEvent,
    author: UUID | None,
    person: UUID | None,
    now: datetime,
    effective_from: datetime | None,
) -> LifeCycleCode | None:
    if version not in _OPEN and event in _CHANGES:
        return LifeCycleCode.FROZEN
    if version is VersionState.DRAFT and event is VersionEvent.APPROVE:
        return LifeCycleCode.NOT_TESTED
    if (version, event) not in _MOVES:
        return LifeCycleCode.WRONG_STATE
    if event is not VersionEvent.APPROVE:
        return None
    if person is None:
        return LifeCycleCode.PERSON_UNKNOWN
    if person == author:
        return LifeCycleCode.AUTHOR_CANNOT_APPROVE
    if effective_from is not None and effective_from < now:
        return LifeCycleCode.TOO_EARLY
    return None


_SENTENCES: Mapping[LifeCycleCode, str] = {
    LifeCycleCode.FROZEN: "This version was approved and cannot change any more. Make a new draft from it.",
    LifeCycleCode.NOT_TESTED: "This draft has not passed its test yet. Test it before it is approved.",
    LifeCycleCode.WRONG_STATE: "This step does not fit the state of the version.",
    LifeCycleCode.PERSON_UNKNOWN: "An approval needs a person who gives it.",
    LifeCycleCode.AUTHOR_CANNOT_APPROVE: "The author cannot approve their own version. Ask a colleague.",
    LifeCycleCode.TOO_EARLY: "A version cannot take effect in the past.",
}
