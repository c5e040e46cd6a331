"""Parts of routing: the nearest office, turns in a queue, checks of a document."""

from collections import Counter
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.policies.decisions.fields import FIELDS
from apps.policies.terms import Known, Severity
from apps.routing.decisions.capacity import to_lock, with_room
from apps.routing.decisions.checks import check_document
from apps.routing.decisions.offices import choose_office, distance_km
from apps.routing.decisions.turns import next_in_turn
from apps.routing.terms import Member, Network, Place
from tests.routing.network import ALWAYS, ELM, EVANSTON, OAK, ZIP_60302, document, is_, network, queue, rule


@pytest.mark.parametrize(
    ("mode", "service", "requested", "place", "office", "reason"),
    [
        ("nearest", "derm", "", ZIP_60302, "oak-park", "nearest, 1.2 km"),
        ("nearest", "imaging", "", ZIP_60302, "elmwood", "nearest, 3.3 km"),
        ("nearest", "", "", ZIP_60302, "oak-park", "nearest, 1.2 km"),
        ("nearest", "cosmetic", "oak-park", ZIP_60302, "evanston", "nearest, 18.7 km"),
        ("nearest", "ortho", "elmwood", ZIP_60302, "oak-park", "nearest, 1.2 km"),
        ("requested_or_nearest", "ortho", "elmwood", ZIP_60302, "elmwood", "the office asked for"),
        ("requested_or_nearest", "derm", "elmwood", ZIP_60302, "oak-park", "nearest, 1.2 km"),
        ("requested_or_nearest", "derm", "elmwood", None, "oak-park", "nearest, 4.5 km"),
        ("requested_or_nearest", "derm", "", None, None, "no place and no office asked for"),
        ("nearest", "dental", "", ZIP_60302, None, "no available office offers the service"),
        ("evanston", "cosmetic", "", None, "evanston", "named by the rule"),
        ("evanston", "derm", "", None, None, "Evanston does not offer the service"),
        ("mars", "derm", "", None, None, "there is no office “mars”"),
    ],
)
def test_choose_office(
    mode: str, service: str, requested: str, place: Place | None, office: str | None, reason: str
) -> None:
    choice = choose_office(mode, service, requested, network(place))
    assert (choice.office.key if choice.office else None, choice.reason) == (office, reason)


def test_an_unavailable_office_is_passed_over_and_named() -> None:
    offices = (replace(OAK, is_available=False), ELM, EVANSTON)
    choice = choose_office("nearest", "ortho", "", Network(offices, (), ZIP_60302))
    assert choice.office == ELM
    assert {(a.key, a.why_not) for a in choice.others} == {
        ("oak-park", "is not available"),
        ("evanston", "does not offer the service"),
    }


def test_of_two_equally_near_offices_the_first_key_wins() -> None:
    twins = (replace(OAK, key="b", name="B"), replace(OAK, key="a", name="A"))
    choice = choose_office("nearest", "derm", "", Network(twins, (), ZIP_60302))
    assert choice.office is not None and choice.office.key == "a"
    assert choice.others[0].why_not == "1.2 km away, A 1.2 km"


def test_distance_chicago_to_new_york() -> None:
    assert distance_km(Place(41.8781, -87.6298), Place(40.7128, -74.0060)) == pytest.approx(1144, abs=2)


_PLACES = st.builds(Place, st.floats(-90, 90), st.floats(-180, 180))


@given(_PLACES, _PLACES)
def test_distance_is_symmetric_and_at_most_half_the_globe(a: Place, b: Place) -> None:
    assert distance_km(a, a) == 0
    assert 0 <= distance_km(a, b) <= 20_016
    assert distance_km(a, b) == pytest.approx(distance_km(b, a))


def member(
    number: int,
    last_turn: int = 0,
    *,
    here: bool = True,
    load: int = 0,
    limit: int | None = None,
    knows: str = "",
    shift: bool = True,
) -> Member:
    return Member(UUID(int=number), here, last_turn, load, limit, frozenset(filter(None, [knows])), shift)


@pytest.mark.parametrize(
    ("members", "winner", "reason", "skipped"),
    [
        ([], None, "The queue has no members", []),
        ([member(1, here=False)], None, "Everyone is absent or full", ["absent"]),
        ([member(2), member(1)], 1, "No turn yet", []),
        ([member(1, 9), member(2, 4)], 2, "Longest since the last turn", []),
        ([member(1, 9), member(2, 4, here=False)], 1, "Longest since the last turn", ["absent"]),
        (
            [member(1, 9), member(2, load=5, limit=5)],
            1,
            "Longest since the last turn",
            ["full: 5 open leads of 5"],
        ),
        ([member(1, load=99)], 1, "No turn yet", []),
    ],
)
def test_next_in_turn(members: list[Member], winner: int | None, reason: str, skipped: list[str]) -> None:
    turn = next_in_turn(members)
    assert turn.membership_id == (UUID(int=winner) if winner else None)
    assert (turn.reason, [why for _, why in turn.skipped]) == (reason, skipped)


FULL = member(1, load=25, limit=25, knows="mri")
NEARLY_FULL = member(2, 3, load=24, limit=25, knows="mri")
LATER_WITH_IT = "Longest since the last turn of those with mri"


@pytest.mark.parametrize(
    ("members", "winner", "reason", "skipped"),
    [
        ([member(1), member(2, 9, knows=" MRI")], 2, LATER_WITH_IT, ["lacks"]),
        (
            [member(1), member(2, here=False, knows="mri")],
            None,
            "Everyone with mri is absent or full",
            ["lacks", "absent"],
        ),
        ([member(1), member(2)], 1, "No turn yet; nobody here has the skill mri", []),
        ([member(1, knows="mri", shift=False), member(2, 5, knows="mri")], 2, LATER_WITH_IT, ["off shift"]),
        ([FULL, NEARLY_FULL], 2, LATER_WITH_IT, ["full: 25 open leads of 25"]),
    ],
)
def test_skills_come_first(members: list[Member], winner: int | None, reason: str, skipped: list[str]) -> None:
    turn = next_in_turn(members, ["mri"])
    assert turn.membership_id == (UUID(int=winner) if winner else None)
    assert turn.reason == reason
    assert [why[: len(start)] for (_, why), start in zip(turn.skipped, skipped, strict=True)] == skipped


def test_a_full_queue_hands_on_until_one_has_room_and_never_in_a_circle() -> None:
    def queues(*loads: int) -> Network:
        keys = "abc"
        return Network(
            (),
            tuple(
                replace(queue(key, key.upper()), capacity=2, open_leads=load, overflow_key=keys[(place + 1) % 3])
                for place, (key, load) in enumerate(zip(keys, loads, strict=True))
            ),
        )

    for loads, found, full in [
        ((1, 0, 0), "a", ""),
        ((2, 1, 0), "b", "a"),
        ((2, 2, 0), "c", "ab"),
        ((2, 2, 2), "a", ""),
    ]:
        world = queues(*loads)
        got, passed = with_room(world.queues[0], world)
        assert (got.key, "".join(each.key for each in passed)) == (found, full)
        assert to_lock(["a"], world) == ("a", "b", "c")


@given(st.integers(1, 6), st.integers(0, 40), st.randoms())
def test_turns_are_shared_evenly(people: int, leads: int, chance: object) -> None:
    members = {UUID(int=n): member(n) for n in range(1, people + 1)}
    counts: Counter[UUID] = Counter(dict.fromkeys(members, 0))
    for number in range(1, leads + 1):
        pool = list(members.values())
        chance.shuffle(pool)  # type: ignore[attr-defined]
        chosen = next_in_turn(pool).membership_id
        assert chosen is not None
        members[chosen] = replace(members[chosen], last_turn=number)
        counts[chosen] += 1
    assert max(counts.values()) - min(counts.values()) <= 1


KNOWN = Known(
    queues=frozenset({"general-intake", "elm-calls"}),
    locations=frozenset({"elmwood"}),
    tags=frozenset({"calls"}),
)


def codes(rules: dict[str, object]) -> list[tuple[str, str]]:
    return [(problem.path, problem.code) for problem in check_document(rules, FIELDS, KNOWN)]


def test_a_sound_document_has_no_problems() -> None:
    effects = {
        "priority": "P1",
        "office": "elmwood",
        "queue": "elm-calls",
        "queue_tag": "calls",
        "method": "shared",
    }
    assert codes(document(urgency=[rule("R-1", ALWAYS, effects)])) == []


@pytest.mark.parametrize(
    ("changes", "path", "code"),
    [
        ({"meaning": " "}, "meaning", "meaning_missing"),
        ({"when": is_("servise", "x")}, "when/field", "unknown_field"),
        ({"then": {}}, "then", "effect_missing"),
        ({"then": {"service": "derm"}}, "then/service", "unknown_key"),
        ({"then": {"priority": "P9"}}, "then/priority", "bad_value"),
        ({"then": {"method": "lottery"}}, "then/method", "bad_value"),
        ({"then": {"queue": ""}}, "then/queue", "bad_value"),
        ({"stop": "yes"}, "stop", "bad_value"),
        ({"id": ""}, "id", "id_missing"),
    ],
)
def test_errors_of_a_rule(changes: dict[str, object], path: str, code: str) -> None:
    broken = rule("R-1", ALWAYS, {"queue": "elm-calls"}) | changes
    assert codes(document(service=[broken])) == [(f"/layers/0/rules/0/{path}", code)]


@pytest.mark.parametrize(
    ("then", "code"),
    [
        ({"queue": "x"}, "unknown_queue"),
        ({"office": "x"}, "unknown_office"),
        ({"queue_tag": "x"}, "unknown_tag"),
    ],
)
def test_names_that_the_catalog_lacks_block_an_approval(then: dict[str, object], code: str) -> None:
    problems = check_document(document(service=[rule("R-1", ALWAYS, then)]), FIELDS, KNOWN)
    assert [(p.code, p.severity) for p in problems] == [(code, Severity.BLOCKS)]


@pytest.mark.parametrize(("first", "code"), [(ALWAYS, "unreachable"), (is_("service", "derm"), "contradictory")])
def test_a_rule_that_is_never_reached_is_named(first: dict[str, object], code: str) -> None:
    rules = [rule("R-3", first, {"priority": "P1"}), rule("R-7", is_("service", "derm"), {"priority": "P2"})]
    (problem,) = check_document(document(service=rules), FIELDS, KNOWN)
    assert problem.code == code
    assert "R-7" in problem.sentence and "R-3" in problem.sentence
    rules[0]["is_active"] = False
    assert codes(document(service=rules)) == []


@pytest.mark.parametrize(
    ("then", "known", "code", "severity"),
    [
        ({"queue": "elm-calls"}, {"closed_queues": {"elm-calls"}}, "inactive_target", Severity.BLOCKS),
        ({"office": "elmwood"}, {"closed_locations": {"elmwood"}}, "inactive_target", Severity.BLOCKS),
        ({"queue": "elm-calls"}, {"idle_queues": {"elm-calls"}}, "idle_target", Severity.WARNING),
        ({"queue": "elm-calls"}, {"stranded_queues": {"elm-calls"}}, "inactive_target", Severity.WARNING),
        ({"queue": "elm-calls"}, {"closed_services": {"derm"}}, "inactive_value", Severity.WARNING),
    ],
)
def test_what_is_closed_or_works_nowhere_is_named(
    then: dict[str, object], known: dict[str, set[str]], code: str, severity: Severity
) -> None:
    words = replace(KNOWN, **{name: frozenset(keys) for name, keys in known.items()})  # type: ignore[arg-type]
    (problem,) = check_document(document(service=[rule("R-1", is_("service", "derm"), then)]), FIELDS, words)
    assert (problem.code, problem.severity) == (code, severity)


DERM = is_("service", "derm")
BOTH = {"field": "service", "op": "in", "value": ["derm", "imaging"]}


@pytest.mark.parametrize(
    ("when", "office", "found"),
    [
        (DERM, "elmwood", Severity.BLOCKS),
        ({"all": [DERM, is_("channel", "call")]}, "elmwood", Severity.BLOCKS),
        (BOTH, "elmwood", Severity.WARNING),
        ({"any": [DERM, is_("channel", "call")]}, "elmwood", Severity.WARNING),
        ({"not": DERM}, "elmwood", None),
        (is_("service", "imaging"), "elmwood", None),
        (BOTH, "oak-park", None),
        (DERM, "nearest", None),
        (ALWAYS, "elmwood", None),
    ],
)
def test_an_office_that_does_not_offer_the_service_is_named(
    when: dict[str, object], office: str, found: Severity | None
) -> None:
    offers = frozenset({"elmwood:imaging", "oak-park:imaging", "oak-park:derm"})
    offices, services = frozenset({"elmwood", "oak-park"}), frozenset({"derm", "imaging"})
    known = replace(KNOWN, offers=offers, locations=offices, services=services)
    rules = document(location=[rule("R-1", when, {"office": office, "queue": "elm-calls"})])
    problems = check_document(rules, FIELDS, known)
    assert [(each.code, each.severity) for each in problems] == ([("not_offered", found)] if found else [])
    for each in problems:
        assert each.path == "/layers/0/rules/0/then/office"
        assert each.sentence == (
            "R-1 names the office “elmwood”, which does not offer derm: no office would be chosen."
            " It is offered at: oak-park."
        )


def test_too_many_priorities_are_counted() -> None:
    rules = [rule(f"R-{n}", is_("campaign", f"c{n}"), {"priority": "P1"}) for n in range(8)]
    assert codes(document(urgency=rules[:7])) == []
    (problem,) = check_document(document(urgency=rules), FIELDS, KNOWN)
    assert problem.code == "too_many_priorities" and problem.sentence.startswith("8 rules set a priority (R-0, R-1")


def test_layers_and_fallback_are_checked() -> None:
    assert codes(document(location=[], urgency=[], nowhere=[])) == [
        ("/layers/1/key", "layer_order"),
        ("/layers/2/key", "unknown_layer"),
    ]
    assert codes({"layers": []}) == [("/fallback", "no_fallback")]
    assert codes({"layers": [], "fallback": {"queue": "x", "max_wait_seconds": 0}}) == [
        ("/fallback/queue", "unknown_queue"),
        ("/fallback/max_wait_seconds", "bad_value"),
    ]
    twice = [rule("R-1", ALWAYS, {"priority": "P1"})]
    assert codes(document(urgency=twice, service=twice)) == [("/layers/1/rules/0/id", "duplicate_id")]
