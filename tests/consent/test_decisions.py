"""What holds for a channel, whether it may be used now, and when it opens."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.consent.decisions import (
    check_document,
    current_state,
    default_contact_rules,
    first_channel,
    may_contact,
    may_record,
    tile,
)
from apps.consent.quiet_hours import is_quiet, next_allowed, next_change, read_best_time
from apps.consent.terms import ConsentState, ConsentValue, ContactVerdict, EventFact
from apps.policies.terms import Known

RULES = default_contact_rules()
CHICAGO = ZoneInfo("America/Chicago")
NINE = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
NINE_THERE = NINE.astimezone(CHICAGO)
PHONE, OTHER = "+13125550142", "+13125550143"
GRANTED = ConsentState(ConsentValue.GRANTED, NINE, "web_form", "", "v4")
HOUR = timedelta(hours=1)


def line(value: str, hours: float, **change: object) -> EventFact:
    """A line captured so many hours after nine, recorded at once, for calls to everything."""
    at = NINE + hours * HOUR
    made = EventFact("call", "care_inquiry", value, "", at, at, "web_form", "", "v4")
    return replace(made, **change)  # type: ignore[arg-type]


def state(*events: EventFact, contact: str = "", at: datetime | None = None) -> str:
    return current_state(events, "call", "care_inquiry", contact, at=at).value


def test_the_last_line_holds_with_its_wording() -> None:
    assert current_state([line("granted", 0)], "call") == ConsentState(ConsentValue.GRANTED, NINE, "web_form", "", "v4")
    assert state() == "unknown"
    assert state(line("granted", 0), line("denied", 1)) == "denied"
    assert state(line("granted", 0, channel="text")) == "unknown"


def test_a_withdrawal_beats_grants_captured_before_it_even_when_they_arrive_later() -> None:
    stop = line("withdrawn", 2)
    late = line("granted", 1, recorded_at=NINE + 9 * HOUR)
    assert state(stop, late) == "withdrawn"
    assert state(stop, line("granted", 2)) == "withdrawn"
    assert state(stop, line("granted", 3)) == "granted"


@pytest.mark.parametrize("source", ["merge", "transfer", "import", "redelivery"])
def test_a_copied_grant_never_reopens(source: str) -> None:
    assert state(line("withdrawn", 2), line("granted", 3, source=source)) == "withdrawn"
    assert state(line("granted", 3, source=source)) == "granted"


def test_unknown_says_nothing_and_nonsense_is_left_aside() -> None:
    assert state(line("granted", 0), line("unknown", 1), line("maybe", 2)) == "granted"
    assert state(line("withdrawn", 0), line("unknown", 1)) == "withdrawn"


def test_purposes_are_apart_but_an_opt_out_of_all_counts() -> None:
    assert state(line("granted", 0, purpose="marketing")) == "unknown"
    assert state(line("granted", 0), line("withdrawn", 1, purpose="marketing")) == "granted"
    assert state(line("granted", 0), line("withdrawn", 1, purpose="all")) == "withdrawn"
    assert state(line("granted", 0, purpose="all")) == "unknown"


def test_grants_are_for_one_contact_point_and_refusals_for_all_but_what_one_said_by_itself() -> None:
    events = [line("granted", 0, contact_value=PHONE), line("withdrawn", 1, contact_value=OTHER)]
    assert state(*events, contact=PHONE) == "withdrawn"
    assert state(*events, line("granted", 2, contact_value=PHONE), contact=PHONE) == "granted"
    assert state(*events, line("granted", 2, contact_value=PHONE), contact=OTHER) == "withdrawn"
    stop = line("withdrawn", 1, contact_value=OTHER, source="message")
    assert state(events[0], stop, contact=PHONE) == "granted"
    assert state(*events, contact=OTHER) == "withdrawn"
    assert state(*events) == "withdrawn"
    assert state(*events, line("withdrawn", 2), contact=PHONE) == "withdrawn"


def test_a_permission_ends_at_its_expiry() -> None:
    limited = line("granted", 0, expires_at=NINE + 24 * HOUR)
    assert state(limited, at=NINE + 23 * HOUR) == "granted"
    assert state(limited, at=NINE + 24 * HOUR) == "unknown"
    kept = current_state([limited], "call")
    local = (NINE + 25 * HOUR).astimezone(CHICAGO)
    verdict = ask(given_state=kept, local=local)
    assert (verdict.code, verdict.sentence[:25]) == ("consent_unknown", "Consent ended on 21 Nov 2")


@given(
    st.lists(
        st.tuples(st.sampled_from(["granted", "denied", "unknown"]), st.integers(-50, 0), st.integers(0, 90)),
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_nothing_captured_before_a_withdrawal_reopens(rows: list[tuple[str, int, int]], random: object) -> None:
    events = [line(value, hours, recorded_at=NINE + late * HOUR) for value, hours, late in rows]
    events.append(line("withdrawn", 0.5))
    random.shuffle(events)  # type: ignore[attr-defined]
    assert state(*events) == "withdrawn"


def ask(
    channel: str = "call",
    *,
    given_state: ConsentState = GRANTED,
    listed: bool = False,
    point: str = "valid",
    local: datetime | None = NINE_THERE,
    rules: object = RULES,
    attempts: int = 0,
) -> ContactVerdict:
    return may_contact(
        state=given_state,
        channel=channel,
        is_listed_dnc=listed,
        point_validity=point,
        local=local,
        document=rules,
        attempts_today=attempts,
    )


def test_refusals_come_in_order() -> None:
    night = NINE.astimezone(CHICAGO).replace(hour=6)
    stopped = replace(GRANTED, value=ConsentValue.WITHDRAWN, reason="reply STOP")
    unknown = ConsentState(ConsentValue.UNKNOWN)
    late = {"local": night, "attempts": 9}
    assert ask(given_state=stopped, listed=True, point="", **late).code == "do_not_contact"  # type: ignore[arg-type]
    refused = ask(given_state=stopped, point="", **late)  # type: ignore[arg-type]
    assert (refused.code, refused.sentence) == ("withdrawn", "Opted out on 20 Nov 2026 (reply STOP).")
    assert ask(given_state=replace(GRANTED, value=ConsentValue.DENIED)).code == "denied"
    assert ask(given_state=unknown, point="", **late).code == "consent_unknown"  # type: ignore[arg-type]
    assert ask(point="invalid", **late).code == "no_valid_point"  # type: ignore[arg-type]
    assert ask(**late).code == "quiet_hours"  # type: ignore[arg-type]
    assert ask(attempts=6).code == "too_many_attempts"
    assert ask(attempts=5).allowed
    assert ask(point="unverified").sentence == "Agreed on 20 Nov 2026 (web_form), wording v4."


def test_unknown_passes_only_where_no_consent_is_needed() -> None:
    unknown = ConsentState(ConsentValue.UNKNOWN)
    free = RULES | {"needs_consent": {"email": False}}
    assert ask("email", given_state=unknown, rules=free).allowed
    assert not ask("call", given_state=unknown, rules=free).allowed
    assert not ask("email", given_state=unknown, rules=None).allowed


def test_quiet_hours_hold_calls_and_texts_and_say_when_they_end() -> None:
    early = datetime(2026, 11, 20, 7, 41, tzinfo=ZoneInfo("America/Phoenix"))
    verdict = ask(local=early)
    assert verdict.sentence == "It is 07:41 where they are; opens 08:00."
    assert verdict.opens_at == datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    assert ask("email", local=early).allowed
    assert ask("text", local=early.replace(hour=21, minute=0)).sentence.endswith("opens 21 Nov, 08:00.")
    assert ask("text", local=early.replace(hour=20, minute=59)).allowed
    assert ask("call", local=None).code == "zone_unknown"
    assert ask("email", local=None).allowed


def test_too_many_attempts_wait_for_the_next_day() -> None:
    assert ask(attempts=6).opens_at == datetime(2026, 11, 21, 14, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        ("12-14", (12, 14)),
        ("12:00 - 14:00", (12, 14)),
        ("9am to 11am", (9, 11)),
        ("2-4pm", (14, 16)),
        ("11-2pm", (11, 14)),
        ("12pm-2pm", (12, 14)),
        ("Mornings", (8, 12)),
        ("afternoon", (12, 17)),
        ("evenings please", (17, 21)),
        ("noon", (12, 14)),
        ("", None),
        ("any", None),
        ("25-26", None),
        ("14-12", None),
    ],
)
def test_best_times_are_read(typed: str, hours: tuple[int, int] | None) -> None:
    window = read_best_time(typed)
    assert (window and (window.start.hour, window.end.hour)) == hours


def test_a_call_due_at_nine_waits_for_the_best_time() -> None:
    local = NINE.astimezone(CHICAGO)
    noon = NINE + 3 * HOUR
    assert next_allowed(local, RULES, "12-14") == noon
    assert next_allowed(local, RULES) == NINE
    assert next_allowed(noon.astimezone(CHICAGO), RULES, "12-14") == noon
    assert next_allowed((noon + 2 * HOUR).astimezone(CHICAGO), RULES, "12-14") == noon + 24 * HOUR
    assert next_allowed(local, RULES, "5-7") == NINE


@pytest.mark.parametrize("zone", ["America/Chicago", "America/Phoenix", "America/Los_Angeles"])
@pytest.mark.parametrize("day", [datetime(2026, 10, 31), datetime(2026, 11, 20), datetime(2027, 3, 13)])
def test_quiet_hours_turn_twice_a_day_on_the_persons_own_clock(zone: str, day: datetime) -> None:
    noon = day.replace(hour=12, tzinfo=ZoneInfo(zone))
    evening = next_change(noon, RULES)
    assert evening.astimezone(noon.tzinfo) == noon.replace(hour=21)
    morning = next_change(evening.astimezone(noon.tzinfo), RULES)
    assert morning.astimezone(noon.tzinfo) == noon.replace(hour=8) + timedelta(days=1)
    assert next_change(morning.astimezone(noon.tzinfo) - timedelta(seconds=1), RULES) == morning


@given(
    at=st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)).map(lambda made: made.replace(tzinfo=UTC)),
    zone=st.sampled_from(["America/Chicago", "America/Phoenix", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"]),
    start=st.times(),
    end=st.times(),
    best=st.sampled_from(["", "12-14", "mornings", "evenings", "1-3"]),
)
def test_the_next_instant_is_never_quiet_nor_past(
    at: datetime, zone: str, start: object, end: object, best: str
) -> None:
    rules = {"quiet_hours": {"from": f"{start:%H:%M}", "until": f"{end:%H:%M}"}}
    opens = next_allowed(at.astimezone(ZoneInfo(zone)), rules, best)
    assert at <= opens < at + timedelta(days=4)
    assert not is_quiet(opens.astimezone(ZoneInfo(zone)), rules)


def test_tiles_show_yes_later_and_no() -> None:
    late = ask(local=NINE.astimezone(CHICAGO).replace(hour=22))
    shown = [tile(GRANTED, verdict) for verdict in (ask(), late, ask("text", listed=True))]
    assert [(each.channel, each.word, each.shape) for each in shown] == [
        ("call", "Yes", "tick"),
        ("call", "Later", "clock"),
        ("text", "No", "barred_circle"),
    ]
    assert all(each.sentence for each in shown)


def test_the_preferred_channel_goes_first_if_permitted() -> None:
    late = ask("text", local=NINE_THERE.replace(hour=22))
    verdicts = {"call": ask(listed=True), "text": late, "email": ask("email")}
    assert first_channel("email", verdicts) == "email"
    assert first_channel("text", verdicts) == "text"
    assert first_channel("call", verdicts) == "email"
    assert first_channel("", {"call": ask(listed=True)}) == ""


@pytest.mark.parametrize(
    ("value", "maintainer", "capture", "evidence", "code"),
    [
        ("withdrawn", False, False, False, "ok"),
        ("denied", False, False, False, "ok"),
        ("granted", False, False, True, "not_maintainer"),
        ("granted", True, False, False, "evidence_missing"),
        ("granted", True, False, True, "ok"),
        ("granted", False, True, True, "ok"),
    ],
)
def test_anyone_narrows_and_only_maintainers_widen(
    value: str, maintainer: bool, capture: bool, evidence: bool, code: str
) -> None:
    verdict = may_record(value=value, is_maintainer=maintainer, is_capture=capture, has_evidence=evidence)
    assert (verdict.code, verdict.allowed) == (code, code == "ok")


@pytest.mark.parametrize(
    ("change", "codes"),
    [
        ({}, []),
        ({"quiet_hours": {"from": "9 pm", "until": "08:00"}}, ["bad_time"]),
        ({"quiet_hours": {"from": "20:00", "until": "09:00"}}, []),
        ({"quiet_hours": {"from": "22:00", "until": "08:00"}}, ["shorter_than_law"]),
        ({"quiet_hours": {"from": "21:00", "until": "07:00"}}, ["shorter_than_law"]),
        ({"quiet_hours": {"from": "00:00", "until": "08:00"}}, ["shorter_than_law"]),
        ({"quiet_hours": {"from": "08:00", "until": "08:00"}}, ["empty_window"]),
        ({"quiet_hours": {"from": "21:00", "until": "08:00", "channels": ["fax"]}}, ["unknown_channel"]),
        ({"needs_consent": {"call": "yes"}}, ["bad_value"]),
        ({"max_attempts_per_day": 0}, ["bad_value"]),
        ({"night": {}}, ["unknown_key"]),
    ],
)
def test_faults_are_named(change: dict[str, object], codes: list[str]) -> None:
    assert [problem.code for problem in check_document(RULES | change, {}, Known())] == codes
