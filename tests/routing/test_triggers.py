"""Which triggers fire between two states of a lead."""

import pytest

from apps.routing.decisions.triggers import fired

WATCHED = frozenset({"payer", "service", "stage"})
BEFORE = {"fit": 69, "intent": 40, "fit_band": "medium", "service": "imaging", "stage": "routed", "payer": None}


@pytest.mark.parametrize(
    ("trigger", "changes", "fires"),
    [
        ({"on": "score_crossed", "score": "fit", "at": 70}, {"fit": 71}, "Fit 69 → 71 crossed 70"),
        ({"on": "score_crossed", "score": "fit", "at": 70}, {"fit": 69}, ""),
        ({"on": "score_crossed", "score": "fit", "at": 72}, {"fit": 71}, ""),
        ({"on": "score_crossed", "score": "fit", "at": 69}, {"fit": 60}, "Fit 69 → 60 crossed 69"),
        ({"on": "score_crossed", "score": "fit"}, {"fit": 75, "fit_band": "high"}, "Fit 69 → 75: another band"),
        ({"on": "score_crossed", "score": "fit"}, {"fit": 75}, ""),
        ({"on": "service_selected"}, {"service": "cardiology"}, "Another service was chosen"),
        ({"on": "location_changed"}, {"requested_location": "elm-st"}, "Another location was chosen"),
        ({"on": "stage_changed", "stages": ["contacted"]}, {"stage": "contacted"}, "The stage changed"),
        ({"on": "stage_changed", "stages": ["contacted"]}, {"stage": "nurture"}, ""),
        ({"on": "data_supplied"}, {"payer": "Acme"}, "Supplied since: payer"),
        ({"on": "data_supplied"}, {"city": "Chicago"}, ""),
        ({"on": "data_supplied", "is_active": False}, {"payer": "Acme"}, ""),
        ({"on": "full_moon"}, {"payer": "Acme"}, ""),
    ],
)
def test_what_fires(trigger: dict, changes: dict, fires: str) -> None:
    found = fired({"triggers": [{"id": "T", **trigger}]}, BEFORE, BEFORE | changes, WATCHED)
    assert [each.sentence for each in found] == ([fires] if fires else [])
