"""Handoff types as rules: what is wrong with them, and what an offer under one still lacks."""

import pytest

from apps.handoffs.decisions import check_document, compile_handoffs, judge_offer, passes, types_from
from apps.handoffs.terms import Note, Ticks
from apps.policies.terms import Known

KNOWN = Known(teams=frozenset({"elm", "desk", "nurses"}))
TYPE = {
    "id": "H-1",
    "name": "To the desk",
    "meaning": "Ready for a date.",
    "from_team": "elm",
    "to_team": "desk",
    "must_pass": ["service", "eligibility_note"],
    "withheld": ["ad_cost"],
    "checklist": [{"id": "who", "label": "Name asked"}, {"id": "tongue", "label": "Language", "mandatory": False}],
    "excuses": ["in a hurry"],
    "accept_seconds": 900,
    "outreach_seconds": 1800,
}


def problems(**changes):
    row = {key: value for key, value in (TYPE | changes).items() if value is not None}
    return {(each.path, each.code) for each in check_document({"types": [row]}, {}, KNOWN)}


@pytest.mark.row("HO-01")
@pytest.mark.row("HO-02")
def test_a_type_says_who_gives_what_to_whom_and_by_when():
    assert problems() == set()
    assert problems(from_team=None, from_function="sdr_call") == set()
    for changes, path, code in (
        ({"from_team": None}, "/types/0/from_team", "missing"),
        ({"to_function": "scheduling"}, "/types/0/to_function", "both"),
        ({"to_team": "gone"}, "/types/0/to_team", "unknown_team"),
        ({"from_team": None, "from_function": "cooks"}, "/types/0/from_function", "unknown_function"),
        ({"must_pass": ["shoe_size"]}, "/types/0/must_pass/0", "unknown_field"),
        ({"withheld": ["service"]}, "/types/0/withheld/0", "both_ways"),
        ({"checklist": [{"id": "a", "label": ""}]}, "/types/0/checklist/0/label", "missing"),
        ({"accept_seconds": 0}, "/types/0/accept_seconds", "bad_limit"),
        ({"outreach_seconds": None}, "/types/0/outreach_seconds", "bad_limit"),
        ({"then": "H-7"}, "/types/0/then", "unknown_type"),
        ({"then": "H-1"}, "/types/0/then", "circle"),
        ({"keeps_view": "yes"}, "/types/0/keeps_view", "bad_value"),
        ({"note": "x"}, "/types/0/note", "unknown_key"),
    ):
        assert problems(**changes) == {(path, code)}, changes
    twice = check_document({"types": [TYPE, TYPE], "stuck_after_seconds": -1}, {}, KNOWN)
    assert {each.code for each in twice} == {"duplicate_id", "bad_limit"}


@pytest.mark.row("HO-03")
@pytest.mark.row("HO-10")
def test_an_offer_names_all_that_it_lacks():
    kind = compile_handoffs({"types": [TYPE]}).types["H-1"]
    full = Note("imaging", ("phone",), "Book it", "Has a referral")
    held = {"service", "phone", "ad_cost", "location"}
    assert judge_offer(kind, held, Ticks(frozenset({"who"})), full).allowed
    assert judge_offer(kind, held, Ticks(excused={"who": "in a hurry"}), full).allowed
    lacking = judge_offer(kind, {"email"}, Ticks(frozenset({"hat"}), {"who": "lazy"}), Note(text="Call her."))
    assert [(each.path, each.code) for each in lacking.problems] == [
        ("/fields/service", "missing"),
        ("/fields/eligibility_note", "missing"),
        ("/checklist/who", "unknown_excuse"),
        ("/checklist/hat", "unknown_item"),
        ("/note/service", "service_missing"),
        ("/note/confirmed", "contact_unconfirmed"),
        ("/note/next_step", "next_step_missing"),
    ]
    assert judge_offer(kind, held, Ticks(), full).open_items == ("who", "tongue")
    assert not judge_offer(kind, held, Ticks(frozenset({"who"})), Note("imaging", ("email",), "x", "y")).allowed
    assert passes(kind.withheld, held) == ("phone", "service", "location")


@pytest.mark.row("HO-04")
def test_what_follows_in_a_chain_comes_first():
    first = TYPE | {"then": "H-3"}
    second = TYPE | {"id": "H-2", "from_team": "desk", "to_team": "elm"}
    third = TYPE | {"id": "H-3", "from_team": "desk", "to_team": "nurses"}
    rules = compile_handoffs({"types": [first, second, third, {"id": "H-4"}, TYPE | {"id": "H-5", "is_active": False}]})
    assert [each.id for each in types_from(rules, "desk", "scheduling", after="H-1")] == ["H-3", "H-2"]
    assert [each.id for each in types_from(rules, "desk", "scheduling")] == ["H-2", "H-3"]
    assert (list(rules.types), rules.stuck_seconds) == (["H-1", "H-2", "H-3"], 7200)
