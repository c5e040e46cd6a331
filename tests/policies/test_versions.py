"""The life of a version, its calendar, and replays compared."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.policies.decisions.differences import differences
from apps.policies.decisions.documents import as_document, as_number, as_texts, duplicate_ids, unknown_keys
from apps.policies.decisions.fields import FIELDS
from apps.policies.decisions.life_cycle import next_state
from apps.policies.decisions.rules import check_rule
from apps.policies.decisions.schedule import effect_on, has_ruled
from apps.policies.terms import Effect, LifeCycleCode, VersionEvent, VersionFact, VersionState

NOW = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
CLEO, BEN = UUID(int=1), UUID(int=2)
State, Event = VersionState, VersionEvent


@pytest.mark.parametrize(
    ("state", "event", "after"),
    [
        (State.DRAFT, Event.EDIT, State.DRAFT),
        (State.DRAFT, Event.TEST_PASSED, State.TESTED),
        (State.DRAFT, Event.TEST_FAILED, State.DRAFT),
        (State.TESTED, Event.EDIT, State.DRAFT),
        (State.TESTED, Event.APPROVE, State.APPROVED),
        (State.APPROVED, Event.SUPERSEDE, State.SUPERSEDED),
        (State.APPROVED, Event.ROLL_BACK, State.ROLLED_BACK),
        (State.APPROVED, Event.SUSPEND, State.SUSPENDED),
        (State.SUSPENDED, Event.APPROVE, State.APPROVED),
    ],
)
def test_steps_that_are_taken(state: State, event: Event, after: State) -> None:
    verdict = next_state(state, event, author=CLEO, person=BEN, now=NOW)
    assert (verdict.allowed, verdict.state, verdict.code) == (True, after, LifeCycleCode.MOVED)
    assert verdict.effective_from == (NOW if event is Event.APPROVE else None)


@pytest.mark.parametrize(
    ("state", "event", "person", "starts_at", "code"),
    [
        (State.TESTED, Event.APPROVE, CLEO, None, LifeCycleCode.AUTHOR_CANNOT_APPROVE),
        (State.TESTED, Event.APPROVE, None, None, LifeCycleCode.PERSON_UNKNOWN),
        (State.TESTED, Event.APPROVE, BEN, NOW - timedelta(seconds=1), LifeCycleCode.TOO_EARLY),
        (State.DRAFT, Event.APPROVE, BEN, None, LifeCycleCode.NOT_TESTED),
        (State.APPROVED, Event.EDIT, CLEO, None, LifeCycleCode.FROZEN),
        (State.SUPERSEDED, Event.TEST_PASSED, BEN, None, LifeCycleCode.FROZEN),
        (State.SUSPENDED, Event.EDIT, CLEO, None, LifeCycleCode.FROZEN),
        (State.SUSPENDED, Event.APPROVE, CLEO, None, LifeCycleCode.AUTHOR_CANNOT_APPROVE),
        (State.DRAFT, Event.ROLL_BACK, BEN, None, LifeCycleCode.WRONG_STATE),
        (State.APPROVED, Event.APPROVE, BEN, None, LifeCycleCode.WRONG_STATE),
    ],
)
def test_steps_that_are_refused(
    state: State, event: Event, person: UUID | None, starts_at: datetime | None, code: LifeCycleCode
) -> None:
    verdict = next_state(state, event, author=CLEO, person=person, now=NOW, effective_from=starts_at)
    assert (verdict.allowed, verdict.state, verdict.code) == (False, state, code)
    assert verdict.sentence


@given(st.sampled_from(State), st.sampled_from(Event))
@pytest.mark.ux(13)
def test_nobody_approves_their_own_version(state: State, event: Event) -> None:
    verdict = next_state(state, event, author=CLEO, person=CLEO, now=NOW)
    assert verdict.state is not State.APPROVED or state is State.APPROVED


def at(days: int) -> datetime:
    return NOW + timedelta(days=days)


@pytest.mark.parametrize(
    ("begins", "ends", "effect"),
    [
        (-5, None, Effect.ENDS),
        (-5, 3, Effect.KEEPS),
        (-5, 9, Effect.ENDS),
        (1, None, Effect.ENDS),
        (3, None, Effect.SUSPENDED),
        (9, 20, Effect.SUSPENDED),
        (None, None, Effect.KEEPS),
    ],
)
def test_what_becomes_of_a_version_when_another_rules_in_three_days(
    begins: int | None, ends: int | None, effect: Effect
) -> None:
    other = VersionFact(1, State.APPROVED, *(None if each is None else at(each) for each in (begins, ends)))
    assert effect_on(other, starts_at=at(3), now=NOW) is effect


def test_of_two_approved_in_one_instant_the_later_replaces_the_earlier() -> None:
    assert effect_on(VersionFact(1, State.APPROVED, NOW), starts_at=NOW, now=NOW) is Effect.REPLACED


@pytest.mark.parametrize(
    ("state", "begins", "ends", "has"),
    [
        (State.APPROVED, -1, None, True),
        (State.APPROVED, 0, None, True),
        (State.APPROVED, 1, None, False),
        (State.SUPERSEDED, -2, -3, False),
        (State.SUSPENDED, -1, None, False),
        (State.DRAFT, None, None, False),
    ],
)
def test_what_has_ruled(state: State, begins: int | None, ends: int | None, has: bool) -> None:
    fact = VersionFact(1, state, *(None if each is None else at(each) for each in (begins, ends)))
    assert has_ruled(fact, NOW) is has


def test_differences_are_named_by_key() -> None:
    stored = {"queue": "elm", "path": ["a"], "fit": {"total": 70, "band": "high"}, "gone": 1}
    replayed = {"queue": "elm", "path": ("a",), "fit": {"total": 69, "band": "high"}, "new": True}
    verdict = differences(stored, replayed)
    assert not verdict.same
    assert [(d.key, d.stored, d.replayed) for d in verdict.differences] == [
        ("fit.total", 70, 69),
        ("gone", 1, None),
        ("new", None, True),
    ]
    assert differences(stored, stored).same
    assert not differences({"flag": True}, {"flag": 1}).same


def test_a_rule_needs_id_meaning_and_condition() -> None:
    assert [p.code for p in check_rule({}, FIELDS, "/rules/0")] == [
        "id_missing",
        "meaning_missing",
        "condition_missing",
    ]
    assert check_rule({"id": "R-1", "meaning": "All", "when": {"always": True}}, FIELDS, "") == []


def test_readers_of_documents_are_total() -> None:
    assert as_document({"a": 1, 2: 3}) == {"a": 1}
    assert (as_document([1]), as_number(True), as_number(float("inf"))) == ({}, None, None)
    assert (as_texts(" a "), as_texts([" a ", 3, ""]), as_texts(None)) == (("a",), ("a",), ())
    assert [p.path for p in unknown_keys({"a": 1, "b": 2}, frozenset({"a"}), "/x")] == ["/x/b"]
    assert [p.path for p in duplicate_ids([("/0", "R-1"), ("/1", "R-1"), ("/2", "")])] == ["/1"]
