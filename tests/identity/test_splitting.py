"""What goes back with an arrival that is split off, and what two people who are kept apart mean for the next one."""

from uuid import UUID

import pytest

from apps.identity.decisions.people import match_person
from apps.identity.decisions.splitting import values_back
from apps.identity.terms import CandidatePerson, DraftIdentity, PersonMatch

MOTHER, DAUGHTER = UUID(int=1), UUID(int=2)
PHONE = "+13125550142"
TWO = [
    CandidatePerson(MOTHER, "Maria", "Lopez", phones=frozenset({PHONE}), emails=frozenset({"m@example.com"})),
    CandidatePerson(DAUGHTER, "Maria", "Lopez", phones=frozenset({PHONE}), emails=frozenset({"d@example.com"})),
]
APART = frozenset({frozenset({MOTHER, DAUGHTER})})


@pytest.mark.row("DU-11")
def test_an_arrival_that_fits_two_who_are_kept_apart_joins_neither_unless_it_says_more():
    same = DraftIdentity("Maria", "Lopez", phones=(PHONE,))
    before = match_person(same, TWO)
    assert (before.person_id, before.rivals) == (MOTHER, (DAUGHTER,))
    doubt = match_person(same, TWO, apart=APART)
    assert (doubt.match, doubt.person_id) == (PersonMatch.NEW, None)
    assert {each.person_id for each in doubt.near} == {MOTHER, DAUGHTER}
    hers = DraftIdentity("Maria", "Lopez", phones=(PHONE,), emails=("d@example.com",))
    assert match_person(hers, TWO, apart=APART).person_id == DAUGHTER


@pytest.mark.parametrize(
    ("known", "others", "taken", "laid_aside", "back"),
    [
        ("Evanston", [], {"city"}, {"city": "Chicago"}, {"city": "Chicago"}),
        ("Evanston", ["Oak Park", "Chicago"], {"city"}, {}, {"city": "Oak Park"}),
        ("Evanston", [], {"city"}, {}, {"city": ""}),
        ("Evanston", ["Evanston"], {"city"}, {"city": "Chicago"}, {}),
        ("Evanston", [], set(), {"city": "Chicago"}, {}),
        ("Berwyn", [], {"city"}, {"city": "Chicago"}, {}),
    ],
)
def test_only_what_the_arrival_alone_told_goes_back(known, others, taken, laid_aside, back):
    said = [{"city": each} for each in others]
    assert values_back({"city": known}, {"city": "Evanston"}, said, taken=taken, laid_aside=laid_aside) == back
