"""Who only asks for information, and who is called all the same (row SC-09)."""

import pytest

from apps.qualification.information import check_information, is_information_only

ASKS = {"channel": "web_form", "lead_class": "patient", "priority": "P3"}


@pytest.mark.parametrize(
    ("message", "changes", "names_service", "expected"),
    [
        ("What are your prices?", {}, False, True),
        ("How much is it? Tell me more", {}, False, True),
        ("¿Cuánto cuesta?", {}, False, True),
        ("What are your prices?", {"service": "imaging"}, False, False),
        ("What are your prices?", {"location": "elm-st"}, False, False),
        ("What are your prices?", {"timeframe": "later"}, False, False),
        ("What does an MRI cost?", {}, True, False),
        ("What are your prices? It is urgent", {}, False, False),
        ("Need a doctor", {}, False, False),
        ("", {}, False, False),
        ("What are your prices?", {"channel": "call"}, False, False),
        ("What are your prices?", {"lead_class": "referral"}, False, False),
        ("What are your prices?", {"priority": "P1"}, False, False),
    ],
)
def test_only_who_names_no_need_place_or_time_and_asks_about_prices_waits(message, changes, names_service, expected):
    found = is_information_only(ASKS | changes, message, names_service=names_service, document={})
    assert found is expected


def test_a_tenant_says_by_which_words_people_ask():
    document = {"information": {"words": ["parking"]}}
    assert is_information_only(ASKS, "Is there parking?", names_service=False, document=document)
    assert not is_information_only(ASKS, "What are your prices?", names_service=False, document=document)
    assert check_information(document["information"]) == check_information(None) == []
    assert [each.code for each in check_information({"words": []})] == ["bad_words"]
