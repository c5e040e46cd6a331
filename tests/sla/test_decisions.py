"""Picking a service level, its deadlines and escalations, the light, pausing, and refusing vague rules."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.catalog.business_hours import Hours, OpeningSpan, open_seconds_between
from apps.policies.terms import FieldKind, FieldSpec, Known
from apps.sla.decisions import (
    check_document,
    deadlines,
    light,
    meets,
    pick_policy,
    read_policy,
    resume,
    starter_document,
)
from apps.sla.terms import Deadline

OFFICE = Hours("America/Chicago", tuple(OpeningSpan(day, time(8), time(17)) for day in range(5)))
FRIDAY_1658 = datetime(2026, 11, 20, 22, 58, tzinfo=UTC)
MONDAY_0800 = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
FIELDS = {name: FieldSpec(name, name, FieldKind.TEXT) for name in ("channel", "service", "priority")}
CALL = {"kind": "first_contact", "limit_seconds": 300, "clock": "business", "starts": "owned"}
SECOND = timedelta(seconds=1)


def wants(field: str, value: str) -> dict[str, object]:
    return {"field": field, "op": "is", "value": value}


def policy(key: str, when: object, /, **change: object) -> dict[str, object]:
    return {"id": key, "name": key, "meaning": "m", "when": when, "clocks": [CALL]} | change


def due(change: dict[str, object], hours: Hours = OFFICE, at: datetime = FRIDAY_1658) -> Deadline:
    row = policy("S-1", {"always": True}, **change)
    return deadlines(read_policy(row), hours, captured_at=at, owned_at=at)[0]


def picked(facts: dict[str, object], *rows: object) -> str:
    found = pick_policy(facts, {"policies": list(rows)})
    assert found.reason
    return found.policy.id if found.policy else ""


def test_the_most_specific_policy_wins_then_the_first() -> None:
    always = policy("S-0", {"always": True})
    phone = policy("S-1", wants("channel", "call"))
    heart = policy("S-2", {"all": [wants("channel", "call"), wants("service", "cardiology")]})
    facts: dict[str, object] = {"channel": "call", "service": "cardiology"}
    assert picked(facts, always, phone, heart) == "S-2"
    assert picked(facts | {"service": "imaging"}, always, phone, heart) == "S-1"
    assert picked({}, always, phone, heart) == "S-0"
    assert picked({}, policy("A", {"always": True}), policy("B", {"always": True})) == "A"
    assert picked(facts, phone, heart | {"is_active": False}) == "S-1"


def test_the_policy_of_the_channel_stands_for_the_one_for_everybody() -> None:
    always, phone = policy("S-0", {"always": True}), policy("S-1", wants("channel", "call"))
    quick = policy("S-3", wants("channel", "fax"))
    document = {"policies": [always, phone, quick]}
    for facts, usual, wanted in (({}, "S-3", "S-3"), ({"channel": "call"}, "S-3", "S-1"), ({}, "gone", "S-0")):
        found = pick_policy(facts, document, usual=usual).policy
        assert found is not None and found.id == wanted
    assert picked({}, phone, policy("S-9", {"sometimes": 1}), policy("S-8", {"always": True}, clocks=[])) == "usual"
    assert picked({}, phone, policy("S-8", {"always": True}, clocks=[])) == ""


def test_five_minutes_on_friday_1658_are_due_on_monday_0803() -> None:
    made = due({})
    assert made.started_at == FRIDAY_1658
    assert made.due_at == MONDAY_0800 + 180 * SECOND
    assert made.at_risk_at == MONDAY_0800 + 120 * SECOND
    assert due({"clocks": [CALL | {"clock": "always"}]}).due_at == FRIDAY_1658 + 300 * SECOND


def test_a_holiday_stands_still_and_a_lead_after_closing_starts_at_the_next_opening() -> None:
    closed = replace(OFFICE, holidays=frozenset({date(2026, 11, 23)}))
    assert due({}, closed).due_at == MONDAY_0800 + timedelta(days=1, seconds=180)
    evening = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
    assert due({}, at=evening).due_at == MONDAY_0800 + 300 * SECOND


def test_same_business_day_is_due_at_closing() -> None:
    clock = {"kind": "first_contact", "limit_open_days": 0, "clock": "business", "starts": "owned"}
    made = due({"clocks": [clock]})
    assert (made.due_at, made.limit_seconds) == (FRIDAY_1658 + 120 * SECOND, 120)
    next_day = due({"clocks": [clock | {"limit_open_days": 1}]})
    assert next_day.due_at == MONDAY_0800 + timedelta(hours=9)


def test_hours_that_never_open_still_give_a_date() -> None:
    never = Hours("America/Chicago")
    made = due({}, never)
    assert (made.due_at, made.clock) == (FRIDAY_1658 + 300 * SECOND, "always")
    paused_at = FRIDAY_1658 + 100 * SECOND
    assert resume(made, paused_at, MONDAY_0800, never).due_at == MONDAY_0800 + 200 * SECOND


def starter(facts: dict[str, object], owned_at: datetime | None = MONDAY_0800) -> tuple[Deadline, ...]:
    found = pick_policy(facts, starter_document()).policy
    assert found is not None
    return deadlines(found, OFFICE, captured_at=MONDAY_0800, owned_at=owned_at)


def test_the_starter_policy_times_acknowledgement_and_contact_apart() -> None:
    acknowledged, contacted = starter({"priority": "P1"})
    assert acknowledged.due_at == MONDAY_0800 + 60 * SECOND
    assert contacted.due_at == MONDAY_0800 + 300 * SECOND
    assert contacted.at_risk_at == MONDAY_0800 + 240 * SECOND
    assert starter({})[1].due_at == MONDAY_0800 + 1800 * SECOND
    assert [each.kind for each in starter({}, owned_at=None)] == ["acknowledgement"]


def test_the_ladder_counts_from_the_deadline_and_the_outer_limits_from_the_start() -> None:
    acknowledged, contacted = starter({"priority": "P1"})
    steps = [((step.at - MONDAY_0800) // SECOND, step.do, step.who, step.number) for step in contacted.ladder]
    assert steps[:4] == [
        (300, "alert", "owner", 1),
        (600, "alert", "team_lead", 2),
        (900, "reassign", "available_member", 3),
        (14_400, "alert", "team_lead", 4),
    ]
    assert contacted.ladder[4].at == MONDAY_0800 + timedelta(days=2, hours=6)
    assert [step.do for step in acknowledged.ladder] == ["alert", "alert"]


@pytest.mark.parametrize(
    ("kind", "event", "stops"),
    [
        ("acknowledgement", "automatic_message_sent", True),
        ("acknowledgement", "call_connected", True),
        ("first_contact", "automatic_message_sent", False),
        ("first_contact", "attempt_logged", False),
        ("first_contact", "call_connected", True),
        ("first_contact", "personal_message_sent", True),
        ("follow_up", "attempt_logged", True),
        ("routing", "routing_decided", True),
        ("nonsense", "call_connected", False),
    ],
)
def test_an_auto_reply_never_stops_a_human_clock(kind: str, event: str, stops: bool) -> None:
    assert meets(kind, event) is stops


@pytest.mark.parametrize(
    ("now", "met", "paused", "shown"),
    [
        (0, None, None, "on_track"),
        (239, None, None, "on_track"),
        (240, None, None, "at_risk"),
        (299, None, None, "at_risk"),
        (300, None, None, "breached"),
        (900, 300, None, "met"),
        (900, 301, None, "met_late"),
        (900, None, 299, "paused"),
        (900, None, 300, "breached"),
        (900, 200, 100, "met"),
    ],
)
def test_the_light(now: int, met: int | None, paused: int | None, shown: str) -> None:
    def at(seconds: int) -> datetime:
        return MONDAY_0800 + seconds * SECOND

    found = light(
        started_at=at(0),
        at_risk_at=at(240),
        due_at=at(300),
        met_at=None if met is None else at(met),
        paused_at=None if paused is None else at(paused),
        now=at(now),
    )
    assert found == shown


def test_a_pause_leaves_what_was_left() -> None:
    made = starter({"priority": "P1"})[1]
    back = resume(made, MONDAY_0800 + 250 * SECOND, MONDAY_0800 + timedelta(hours=8, minutes=59, seconds=30), OFFICE)
    assert back.at_risk_at == made.at_risk_at
    assert back.due_at == MONDAY_0800 + timedelta(days=1, seconds=20)
    assert [step.number for step in back.ladder] == [1, 2, 3, 4, 5]
    assert back.ladder[0].at == back.due_at


@given(
    start=st.integers(0, 400 * 86_400),
    limit=st.integers(1, 200_000),
    wait=st.integers(0, 300_000),
    pause=st.integers(0, 300_000),
    mode=st.sampled_from(["business", "always"]),
)
def test_pausing_never_shortens_the_time_left(start: int, limit: int, wait: int, pause: int, mode: str) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC) + start * SECOND
    made = due({"clocks": [CALL | {"limit_seconds": limit, "clock": mode}], "outer_seconds": [60]}, at=begin)
    paused_at = begin + wait * SECOND
    now = paused_at + pause * SECOND
    back = resume(made, paused_at, now, OFFICE)
    run = OFFICE if mode == "business" else Hours("UTC", always_open=True)
    assert made.started_at <= made.at_risk_at <= made.due_at
    assert back.due_at >= made.due_at
    if made.due_at > paused_at:
        left = open_seconds_between(run, paused_at, made.due_at)
        assert open_seconds_between(run, now, back.due_at) == left
    assert resume(made, paused_at, paused_at, OFFICE) == made


KNOWN = Known(teams=frozenset({"oak"}), people=frozenset({"ewa@example.com"}))
PROMISED = ("attempts", "pauses", "tracked_by")
PAUSE = {"reason": "asked_for_day", "name": "They asked for a day", "longest_seconds": 86_400}


def test_the_starter_document_has_no_problems() -> None:
    assert check_document(starter_document(), FIELDS, KNOWN) == []


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({"clocks": []}, ["clock_missing"]),
        ({"clocks": ["fast"]}, ["vague_kind", "vague_clock", "vague_starts", "vague_limit"]),
        ({"clocks": [CALL | {"limit_seconds": "fast"}]}, ["vague_limit"]),
        ({"clocks": [CALL | {"limit_seconds": 0}]}, ["vague_limit"]),
        ({"clocks": [CALL | {"limit_open_days": 0}]}, ["vague_limit"]),
        ({"clocks": [{key: CALL[key] for key in CALL if key != "starts"}]}, ["vague_starts"]),
        ({"clocks": [CALL | {"kind": "be_nice"}]}, ["vague_kind"]),
        ({"meaning": ""}, ["meaning_missing"]),
        ({"at_risk_percent": 100}, ["bad_value"]),
        ({"outer_seconds": ["late"]}, ["bad_value"]),
        ({"ladder": [{"after_seconds": 0, "do": "shout", "who": "owner"}]}, ["bad_rung"]),
        ({"ladder": [{"after_seconds": 0, "do": "alert", "who": "elm"}]}, ["unknown_team"]),
        ({"ladder": [{"after_seconds": 0, "do": "reassign", "who": "oak"}]}, []),
        ({"speed": "fast"}, ["unknown_key"]),
        ({"when": wants("channel", "call")}, ["no_policy_for_all"]),
        ({"attempts": {"times": "often"}}, ["vague_attempts"]),
        ({"attempts": {"times": 3, "days": 5, "clock": "business"}}, []),
        ({"pauses": [{"reason": "Lunch!", "name": "", "longest_seconds": 0}]}, ["vague_reason"] * 2 + ["vague_limit"]),
        ({"pauses": [PAUSE, PAUSE]}, ["duplicate_reason"]),
        ({"pauses": [PAUSE]}, []),
        ({"tracked_by": {"who": "nobody@example.com", "at": "early"}}, ["unknown_tracker", "vague_time"]),
        ({"tracked_by": {"who": "Ewa@example.com", "at": "08:00"}}, []),
        ({"tracked_by": {"who": "oak", "at": "08:00"}}, []),
    ],
)
def test_vague_rules_are_refused(change: dict[str, object], codes: list[str]) -> None:
    document = {"policies": [policy("S-1", {"always": True}, **change)]}
    assert [problem.code for problem in check_document(document, FIELDS, KNOWN)] == codes


def test_first_call_same_business_day_is_concrete() -> None:
    clock = {"kind": "first_contact", "limit_open_days": 0, "clock": "business", "starts": "captured"}
    assert check_document({"policies": [policy("S-1", {"always": True}, clocks=[clock])]}, FIELDS, KNOWN) == []


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.just("always"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["policies", "when", *policy("x", 1), *CALL, "ladder", "attempts", "pauses", "tracked_by"]),
            inner,
        )
    ),
    max_leaves=14,
)


@given(json)
def test_any_document_is_answered(document: object) -> None:
    assert pick_policy({}, document).reason
    check_document(document, FIELDS, KNOWN)
