"""Conditions read aloud."""

import pytest

from apps.policies.decisions.fields import FIELDS
from apps.policies.decisions.sentences import listed, read_aloud

LABELS = {"service": {"imaging": "Imaging", "derm": "Dermatology"}}
IMAGING = {"field": "service", "op": "is", "value": "imaging"}
ZIP = {"field": "postal_code", "op": "starts_with", "value": "606"}
FIT = {"field": "fit", "op": "at_least", "value": 70}


@pytest.mark.parametrize(
    ("condition", "sentence"),
    [
        ({"all": [IMAGING, ZIP]}, "Service is Imaging and ZIP starts with 606"),
        (
            {"all": [FIT, {"any": [IMAGING, ZIP]}]},
            "Fit score is at least 70 and (Service is Imaging or ZIP starts with 606)",
        ),
        ({"all": [FIT, {"all": [IMAGING]}]}, "Fit score is at least 70 and Service is Imaging"),
        ({"not": IMAGING}, "not (Service is Imaging)"),
        ({"always": True}, "Always"),
        (
            {"field": "service", "op": "in", "value": ["imaging", "derm", "x_ray"]},
            "Service is Imaging, Dermatology or x ray",
        ),
        ({"field": "age", "op": "between", "value": [18, 64]}, "Age is between 18 and 64"),
        (
            {"field": "message_words", "op": "contains_word", "value": ["today", "now"]},
            "Message contains “today” or “now”",
        ),
        ({"field": "is_open", "op": "is", "value": False}, "Office open now is no"),
        ({"field": "payer", "op": "is_unknown"}, "Payer is not known"),
        ({"field": "shoe_size", "op": "is", "value": 9}, "shoe size is 9"),
        ({"field": "service"}, "This condition cannot be read"),
    ],
)
def test_read_aloud(condition: object, sentence: str) -> None:
    assert read_aloud(condition, FIELDS, LABELS) == sentence


def test_listed() -> None:
    assert [listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])] == [
        "",
        "a",
        "a or b",
        "a, b or c",
    ]
