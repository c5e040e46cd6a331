"""Hours of states and doubtful places (goal R9), held against an oracle that knows the table and none of our code."""

from datetime import UTC, datetime, timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest

from apps.consent.decisions import attempts_per_day, check_document, default_contact_rules, may_contact
from apps.consent.quiet_hours import is_quiet, next_allowed, next_change
from apps.consent.state_hours import USUAL
from apps.consent.terms import ConsentState, ConsentValue, Whereabouts, ZoneBy
from apps.consent.whereabouts import TABLE, whereabouts
from tests.consent.area_codes import made
from tests.consent.hours_oracle import may_call

RULES = default_contact_rules()
GRANTED = ConsentState(ConsentValue.GRANTED, datetime(2026, 1, 1, tzinfo=UTC))
CHICAGO = ZoneInfo("America/Chicago")
#: The days on which the clock turns.
TURNS = [
    datetime(*day, tzinfo=UTC) for day in ((2026, 3, 8), (2026, 11, 1), (2027, 3, 14), (2027, 11, 7), (2028, 3, 12))
]
PLACES = [
    Whereabouts(("America/Chicago",), ("TX",)),
    Whereabouts(("America/Chicago", "America/New_York"), ("FL",)),
    Whereabouts(("America/Chicago",), ("AL", "IL")),
    Whereabouts(("America/New_York",), ("PA", "RI")),
    Whereabouts(("America/Phoenix", "America/Denver"), ("AZ",)),
    Whereabouts(("Pacific/Honolulu",), ()),
    whereabouts(zone="", region="", number="+18005550142"),
    Whereabouts(("America/Chicago",), ("LA", "MS")),
]


def instants(count: int, seed: int) -> list[datetime]:
    """Return instants of three years, a third of them around the turns of the clock."""
    chance, first = Random(seed), datetime(2026, 1, 1, tzinfo=UTC)  # noqa: S311 - moments, no secret
    found = []
    for n in range(count):
        start, days = (chance.choice(TURNS) - timedelta(days=1), 3) if n % 3 == 0 else (first, 1096)
        found.append(start + timedelta(seconds=chance.randrange(days * 86_400)))
    return found


def test_no_instant_is_called_open_that_the_table_closes() -> None:
    for n, at in enumerate(instants(4_000, seed=11)):
        place = PLACES[n % len(PLACES)]
        assert is_quiet(at, RULES, place) is not may_call(at, place.zones, place.states), (at, place)


def test_the_next_opening_is_open_and_nothing_before_it_was() -> None:
    for n, at in enumerate(instants(120, seed=12)):
        place = PLACES[n % len(PLACES)]
        opens = next_allowed(at, RULES, place=place)
        assert opens is not None and at <= opens <= at + timedelta(days=4)
        assert may_call(opens, place.zones, place.states)
        step, before = timedelta(minutes=15), opens - timedelta(seconds=1)
        while before >= at:
            assert not may_call(before, place.zones, place.states), (at, before, place)
            before -= step
        turn = next_change(at, RULES, place)
        assert turn is not None and is_quiet(turn, RULES, place) is not is_quiet(at, RULES, place)


def test_what_is_said_names_the_state_or_the_doubt() -> None:
    def ask(local: datetime, place: Whereabouts) -> tuple[str, str]:
        asked = {"state": GRANTED, "channel": "call", "is_listed_dnc": False, "point_validity": "valid"}
        verdict = may_contact(local=local, document=RULES, place=place, **asked)
        return verdict.code, verdict.sentence

    sunday = datetime(2026, 11, 22, 13, 0, tzinfo=CHICAGO)
    assert ask(sunday, PLACES[2]) == (
        "quiet_hours",
        "It is Sun 13:00 where they are, outside the hours of AL; opens 23 Nov, 08:00.",
    )
    texas = sunday.replace(hour=11, minute=30)
    assert ask(texas, PLACES[0])[1].endswith("outside the hours of TX; opens 12:00.")
    doubtful = datetime(2026, 11, 20, 7, 30, tzinfo=CHICAGO)
    two = Whereabouts(("America/Chicago", "America/New_York"), ("KY",), ZoneBy.NUMBER)
    assert ask(doubtful, two)[1] == "It may be 07:30 or 08:30 where they are; opens 10:00."
    short = RULES | {"quiet_hours": {"from": "11:00", "until": "09:00"}}
    nowhere = may_contact(
        state=GRANTED,
        channel="call",
        is_listed_dnc=False,
        point_validity="valid",
        local=doubtful,
        document=short,
        place=PLACES[6],
    )
    assert (nowhere.code, nowhere.opens_at) == ("zone_unknown", None)


def test_where_no_state_has_a_list_of_holidays_the_countrys_count() -> None:
    row = {"state": "MH", "mon_fri": "08:00-20:00", "sat": "none", "sun": "none", "holidays": "none"}
    place, christmas = (
        Whereabouts(("Pacific/Majuro",), ("MH",)),
        datetime(2026, 12, 25, tzinfo=ZoneInfo("Pacific/Majuro")),
    )
    own = RULES | {"states": [row]}
    assert is_quiet(christmas.replace(hour=12), own, place)
    assert not is_quiet(christmas.replace(day=24, hour=12), own, place)


def test_a_states_limit_of_attempts_beats_a_larger_one_of_the_tenant() -> None:
    noon = datetime(2026, 11, 20, 12, 0, tzinfo=CHICAGO)
    assert attempts_per_day(RULES, PLACES[1], noon) == 3
    assert attempts_per_day(RULES | {"max_attempts_per_day": 2}, PLACES[1], noon) == 2
    assert attempts_per_day(RULES, PLACES[0], noon) == 6


def test_a_tenants_table_stands_in_for_the_usual_one_from_its_day_on() -> None:
    row = {"state": "TX", "mon_fri": "10:00-12:00", "sat": "none", "sun": "none", "since": "2026-12-01"}
    own = RULES | {"states": [row]}
    assert check_document(own, {}, None) == []  # type: ignore[arg-type]
    eleven = datetime(2026, 12, 2, 11, 0, tzinfo=CHICAGO)
    assert not is_quiet(eleven, own, PLACES[0]) and is_quiet(eleven.replace(hour=13), own, PLACES[0])
    assert not is_quiet(eleven.replace(month=11, hour=13), own, PLACES[0])
    assert not is_quiet(datetime(2026, 12, 6, 13, 0, tzinfo=CHICAGO), RULES | {"states": []}, PLACES[2])


@pytest.mark.parametrize(
    ("change", "path", "code"),
    [
        ({"mon_fri": "8 to 20"}, "/states/0/mon_fri", "bad_time"),
        ({"sun": "20:00-08:00"}, "/states/0/sun", "bad_time"),
        ({"holidays": "closed"}, "/states/0/holidays", "bad_time"),
        ({"state": "Alabama"}, "/states/0/state", "bad_value"),
        ({"since": "1 May"}, "/states/0/since", "bad_value"),
        ({"per_day": 0}, "/states/0/per_day", "bad_value"),
        ({"sundays": "none"}, "/states/0/sundays", "unknown_key"),
    ],
)
def test_a_table_that_cannot_be_read_is_named_and_closes(change: dict[str, object], path: str, code: str) -> None:
    row = dict(USUAL[0]) | change
    assert [(each.path, each.code) for each in check_document(RULES | {"states": [row]}, {}, None)] == [(path, code)]  # type: ignore[arg-type]
    if code == "bad_time" and "mon_fri" in change:
        noon = datetime(2026, 11, 20, 12, 0, tzinfo=ZoneInfo("America/New_York"))
        assert is_quiet(noon, RULES | {"states": [row]}, Whereabouts(("America/New_York",), ("FL",)))


@pytest.mark.parametrize(
    ("zone", "region", "number", "found"),
    [
        ("America/Chicago", "IL", "+12125550142", Whereabouts(("America/Chicago",), ("IL", "NY"), ZoneBy.ZIP)),
        ("", "AZ", "", Whereabouts(("America/Phoenix", "America/Denver"), ("AZ",), ZoneBy.STATE)),
        ("", "", "+12705550142", Whereabouts(("America/Chicago", "America/New_York"), ("KY",), ZoneBy.NUMBER)),
        ("", "", "+442071838750", Whereabouts(("Europe/London",), (), ZoneBy.NUMBER)),
        ("Nowhere/Nothing", "Bavaria", "12", PLACES[6]),
    ],
)
def test_where_somebody_may_be(zone: str, region: str, number: str, found: Whereabouts) -> None:
    assert whereabouts(zone=zone, region=region, number=number) == found


def test_the_table_of_area_codes_is_the_librarys() -> None:
    assert TABLE.read_text(encoding="utf-8") == made()


def test_the_oracle_closes_a_sunday_in_alabama() -> None:
    assert not may_call(datetime(2026, 11, 22, 19, 0, tzinfo=UTC), ("America/Chicago",), ("AL",))
    assert may_call(datetime(2026, 11, 23, 19, 0, tzinfo=UTC), ("America/Chicago",), ("AL",))
    assert not may_call(datetime(2026, 12, 25, 19, 0, tzinfo=UTC), ("America/Chicago",), ("AL",))
