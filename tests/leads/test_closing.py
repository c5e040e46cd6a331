"""How a lead may end: reasons, outcomes and their proofs, decided without a database (ST-11 to ST-14, QL-17)."""

from datetime import date, timedelta

import pytest

from apps.leads.closing import Attempt, OnRecord, Proof, Said, check_endings, endings_of, may_close
from apps.leads.terms import Disqualification

MONDAY = date(2026, 11, 30)
REASONS = [
    {"key": "unable_to_reach", "label": "Unable to reach", "needs": "attempts", "attempts": 5, "days": 5},
    {"key": "completed", "label": "First visit completed", "won": True, "needs": "visit_completed"},
    {"key": "too_far", "label": "Too far away", "disqualification": "out_of_area"},
    {"key": "duplicate", "label": "Duplicate", "disqualification": "duplicate"},
]
ENDINGS = endings_of(REASONS, [], [])
NOTHING = OnRecord()
TWO = endings_of([{**REASONS[0], "channels": 2}], [], [])


def tries(count: int, *channels: str, permitted: tuple[str, ...] = ("call", "email")) -> OnRecord:
    names = channels or ("call",)
    made = (Attempt(MONDAY + timedelta(days=n), names[n % len(names)]) for n in range(count))
    return OnRecord(tuple(made), frozenset(permitted))


def codes(said: Said, record: OnRecord = NOTHING, endings: object = ENDINGS) -> list[str]:
    verdict = may_close(said, endings, record)
    assert verdict.allowed is not bool(verdict.problems)
    return [each.code for each in verdict.problems]


def test_every_missing_entry_is_named() -> None:
    assert codes(Said(" ", "\n")) == ["reason_missing", "note_missing", "outcome_missing"]
    assert codes(Said("bored", "So.", "no_response"), tries(1)) == ["unknown_reason"]
    assert codes(Said("too_far", "Lives in Ohio.", "not_qualified")) == []
    assert codes(Said("duplicate", "One after all.", "not_qualified")) == ["survivor_missing"]
    assert codes(Said("too_far", "So.", "not_qualified", names_survivor=True)) == ["not_a_duplicate"]


def test_unable_to_reach_is_counted_by_attempts_and_days() -> None:
    said = Said("unable_to_reach", "Never picks up.", "no_response")
    verdict = may_close(said, ENDINGS, tries(4))
    assert [each.sentence for each in verdict.problems] == [
        "“Unable to reach” needs more on record: 4 of 5 attempts, 4 of 5 days."
    ]
    enough = may_close(said, ENDINGS, tries(5))
    assert (enough.allowed, enough.proof) == (True, "5 of 5 attempts, 5 of 5 days")
    same_day = OnRecord(tuple(Attempt(MONDAY, "call") for _ in range(5)), frozenset({"call"}))
    assert "5 of 5 attempts, 1 of 5 days" in may_close(said, ENDINGS, same_day).problems[0].sentence
    weekend = OnRecord(tuple(Attempt(MONDAY, "call", is_business_day=False) for _ in range(5)), frozenset({"call"}))
    assert "5 of 5 attempts, 0 of 5 days" in may_close(said, ENDINGS, weekend).problems[0].sentence


def test_only_permitted_channels_count_and_of_them_as_many_as_there_are() -> None:
    said = Said("unable_to_reach", "Never picks up.", "no_response")
    assert "1 of 2 channels" in may_close(said, TWO, tries(5)).problems[0].sentence
    assert codes(said, tries(5, "call", "email"), TWO) == []
    assert codes(said, tries(5, permitted=("call",)), TWO) == []
    assert codes(said, tries(5, permitted=("email",)), TWO) == ["attempts_missing"]
    assert codes(said, tries(5, permitted=()), TWO) == ["attempts_missing"]


@pytest.mark.parametrize(
    ("outcome", "proof"),
    [
        ("contacted", Proof.CONVERSATION),
        ("booked", Proof.BOOKING),
        ("completed", Proof.VISIT_COMPLETED),
        ("not_interested", Proof.CONVERSATION),
    ],
)
def test_an_outcome_is_one_of_the_pipeline_and_on_record(outcome: str, proof: Proof) -> None:
    said = Said("too_far", "Said so.", outcome)
    assert codes(said) == ["outcome_unproven"]
    assert codes(said, OnRecord(proven=frozenset({proof}))) == []
    assert codes(Said("too_far", "Said so.", "lost")) == ["unknown_outcome"]


def test_a_reason_may_need_its_own_proof() -> None:
    said = Said("completed", "Came on Monday.", "completed")
    assert codes(said) == ["proof_missing", "outcome_unproven"]
    done = may_close(said, ENDINGS, OnRecord(proven=frozenset({Proof.VISIT_COMPLETED})))
    assert (done.allowed, done.proof, done.reason.is_won) == (True, "a completed visit", True)


def test_without_an_outcome_a_documented_reason_says_why() -> None:
    assert codes(Said("too_far", "Waits.", missing_data="ehr_not_received")) == []
    assert codes(Said("too_far", "Waits.", missing_data="forgot")) == ["unknown_missing_data"]
    both = Said("too_far", "Waits.", "not_qualified", missing_data="ehr_not_received")
    assert codes(both) == ["outcome_known"]


def test_keys_of_before_stand_for_the_fixed_list() -> None:
    old = endings_of(["no_response", "wrong_contact", "not_eligible", "out_of_area", "spam", "completed"], [], [])
    found = [each.disqualification for each in old.reasons]
    assert found == ["no_response", "no_valid_contact", "eligibility_not_met", "out_of_area", "spam", ""]
    assert old.reason_for(Disqualification.SPAM).key == "spam"


@pytest.mark.parametrize(
    ("reasons", "outcomes", "code"),
    [
        ([{"key": "a b", "label": "A"}], [], "bad_key"),
        ([{"key": "a", "label": ""}], [], "label_missing"),
        ([{"key": "a", "label": "A"}, {"key": "a", "label": "B"}], [], "key_twice"),
        ([{"key": "a", "label": "A", "needs": "luck"}], [], "unknown_proof"),
        ([{"key": "a", "label": "A", "attempts": 0}], [], "bad_number"),
        ([{"key": "a", "label": "A", "disqualification": "ugly"}], [], "unknown_disqualification"),
        ([{"key": "a", "label": "A", "won": True, "disqualification": "spam"}], [], "won_and_disqualified"),
        ([{"key": "a", "label": "A", "colour": "red"}], [], "unknown_key"),
        ([], [{"key": "x", "label": "X", "needs": "luck"}], "unknown_proof"),
    ],
)
def test_faults_of_the_lists_are_named(reasons: list[object], outcomes: list[object], code: str) -> None:
    assert [each.code for each in check_endings(reasons, outcomes, [])] == [code]


def test_the_lists_of_the_demo_have_no_faults() -> None:
    assert check_endings(REASONS, [], []) == []
