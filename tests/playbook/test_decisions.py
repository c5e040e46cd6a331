"""What follows for each stage from moves and clocks, lengths in words, and where the picture puts the boxes."""

import pytest

from apps.playbook.decisions import clocks_in, meanings_of, moves_among, next_keys, spoken_seconds
from apps.playbook.pictures import picture_of
from apps.playbook.terms import StageEntry, Way
from apps.sla.terms import ClockKind

ORDER = ["new", "routed", "attempting", "contacted", "closed", "nurture"]
DOCUMENT = {
    "moves": [
        {"from": ["new"], "to": "routed", "event": "routing_decided", "meaning": "An owner was chosen."},
        {"from": ["routed", "nurture"], "to": "attempting", "event": "attempt_logged", "meaning": "We tried."},
        {"from": ["routed", "attempting"], "to": "contacted", "event": "call_connected", "meaning": "We talked."},
        {"from": ["attempting"], "to": "contacted", "event": "chat_accepted", "meaning": "We talked."},
        {"from": ["*"], "to": "nurture", "event": "nurture_started", "meaning": "Not now."},
        {"from": ["*"], "to": "closed", "event": "closure_recorded", "meaning": "Over."},
        {"from": ["contacted"], "to": "scheduled", "event": "appointment_booked", "meaning": "Booked."},
    ]
}
MOVES = moves_among(DOCUMENT, ORDER)


def test_moves_to_stages_of_another_pipeline_are_none_of_this_one() -> None:
    assert "scheduled" not in {each.to for each in MOVES} and len(MOVES) == 6
    assert meanings_of("contacted", MOVES) == ("We talked.",)
    assert next_keys("routed", MOVES, ORDER) == ("attempting", "contacted")


@pytest.mark.parametrize(
    ("stage", "clocks"),
    [
        ("new", (ClockKind.ACKNOWLEDGEMENT, ClockKind.ROUTING)),
        ("routed", (ClockKind.FIRST_CONTACT, ClockKind.FOLLOW_UP, ClockKind.ATTEMPT)),
        ("attempting", (ClockKind.FIRST_CONTACT, ClockKind.FOLLOW_UP, ClockKind.ATTEMPT)),
        ("contacted", ()),
        ("nurture", ()),
    ],
)
def test_a_clock_runs_where_what_meets_it_moves_the_lead_on(stage: str, clocks: tuple[ClockKind, ...]) -> None:
    assert clocks_in(stage, MOVES, ORDER) == clocks


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "at once"), (1, "1 second"), (90, "90 seconds"), (300, "5 minutes"), (3600, "1 hour"), (172_800, "2 days")],
)
def test_lengths_are_said_in_the_unit_that_fits(seconds: int, words: str) -> None:
    assert spoken_seconds(seconds) == words


def test_the_picture_has_the_main_way_above_and_the_ways_out_below() -> None:
    stages = tuple(StageEntry(key, key.capitalize(), key != "closed") for key in ORDER)
    found = picture_of(Way("patient", "Patient", "Patient", stages, MOVES, ()))
    rows = [box.y for box in found.boxes]
    assert len(set(rows[:4])) == 1 and len(set(rows[4:])) == 1 and rows[4] > rows[0]
    assert len(found.arrows) == 4  # new, routed twice, attempting
    assert all(box.x >= 0 and box.x + 112 <= found.width and box.y + 52 <= found.height for box in found.boxes)
    long = StageEntry("x", "Waiting for the answer of the insurance company", True)
    assert [text for text, _y in picture_of(Way("x", "X", "X", (long,), (), ())).boxes[0].lines][-1].endswith("…")
