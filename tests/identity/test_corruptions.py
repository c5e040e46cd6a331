"""Corrupted copies come to somebody's eyes, different people are never joined, and every bit is a line in words."""

import random
from dataclasses import replace
from datetime import date
from uuid import UUID

import pytest

from apps.identity.decisions.blocking import blocking_keys
from apps.identity.decisions.likelihood import (
    CERTAIN_BITS,
    FITTED,
    REVIEW_BITS,
    is_worth_a_look,
    likelihood,
    portrait_of,
)
from apps.identity.decisions.people import match_person
from apps.identity.terms import Band, DraftIdentity, Level, Part, PersonMatch, Portrait
from tests.identity.corruptions import CORRUPTIONS, anybody, household, new_number, on_file

ID = UUID(int=1)
COPIES = 300
#: Of copies with one corruption and no common number so many in a hundred are reached and offered for review.
LEAST_PERCENT = 95


def is_reached(one: DraftIdentity, other: DraftIdentity) -> bool:
    return bool(blocking_keys(portrait_of(one)) & blocking_keys(portrait_of(other)))


@pytest.mark.parametrize("corrupt", CORRUPTIONS, ids=lambda each: each.__name__)
def test_a_corrupted_copy_without_a_common_number_is_reached_and_offered(corrupt):
    chance, offered = random.Random(corrupt.__name__), 0
    for _ in range(COPIES):
        known = anybody(chance)
        copy = new_number(corrupt(known, chance), chance)
        verdict = match_person(copy, [on_file(known, ID)])
        assert verdict.match is PersonMatch.NEW
        offered += is_reached(known, copy) and any(each.likeness.band is not Band.NONE for each in verdict.near)
    assert 100 * offered >= LEAST_PERCENT * COPIES


def test_two_people_of_one_house_are_never_joined_nor_strong():
    chance = random.Random(5)
    for _ in range(COPIES):
        pair = household(chance)
        for is_shared in (False, True):
            verdict = match_person(pair.other, [on_file(pair.one, ID, is_shared=is_shared)])
            assert verdict.match is PersonMatch.NEW
            assert all(each.likeness.band is not Band.STRONG for each in verdict.near)
        assert not is_worth_a_look(likelihood(portrait_of(pair.one), portrait_of(pair.other)))


def test_strangers_are_hardly_ever_offered_and_never_joined():
    chance, offered = random.Random(6), 0
    for _ in range(10 * COPIES):
        one, other = anybody(chance), anybody(chance)
        offered += is_worth_a_look(likelihood(portrait_of(one), portrait_of(other)))
        assert match_person(other, [on_file(one, ID)]).match is PersonMatch.NEW
    assert offered <= 2


def test_namesakes_of_one_town_are_not_offered_without_birthday():
    maria = DraftIdentity("Maria", "Lopez", postal_code="60614", city="Chicago", region="IL")
    other = replace(maria, postal_code="60647")
    found = likelihood(portrait_of(maria), portrait_of(other))
    assert found.bits > REVIEW_BITS and not is_worth_a_look(found)


def test_every_bit_of_the_sum_is_a_line_in_words():
    one = Portrait("maria", "lopez", "19800304", "60614", "chicago", "il", "elm street", "12")
    other = replace(one, last_name="lopes", postal_code="60641", street="", region="wi")
    found = likelihood(one, other)
    assert found.bits == pytest.approx(sum(line.bits for line in found.lines))
    said = {line.part: (line.level, line.sentence) for line in found.lines}
    assert said[Part.LAST_NAME] == (Level.CLOSE, "A slip apart: last name.")
    assert said[Part.POSTAL_CODE] == (Level.CLOSE, "A slip apart: postal code.")
    assert said[Part.BORN] == (Level.SAME, "Same date of birth.")
    assert said[Part.REGION] == (Level.DIFFERENT, "Different state.")
    assert Part.STREET not in said and Part.SECOND_LINE not in said
    assert likelihood(other, one).bits == pytest.approx(found.bits)


def test_names_in_each_others_box_are_read_the_other_way_round():
    one = Portrait("maria", "lopez", "19800304")
    turned = likelihood(one, Portrait("lopez", "maria", "19800304"))
    assert turned.is_turned and turned.bits == pytest.approx(likelihood(one, one).bits - 2)


def test_the_frozen_weights_are_whole_and_in_order():
    assert set(FITTED) == set(Part)
    for levels in FITTED.values():
        assert set(levels) == set(Level) - {Level.MISSING}
        assert levels[Level.SAME] > 0 > levels[Level.DIFFERENT]
    assert 0 < REVIEW_BITS < CERTAIN_BITS


def test_keys_need_two_parts_that_agree():
    born = date(1980, 3, 4)
    maria = DraftIdentity("Maria", "Lopez", born, postal_code="60614", city="Chicago")
    assert not is_reached(maria, DraftIdentity("Ann", "Lopez", date(1990, 5, 6), postal_code="99999", city="Cicero"))
    assert is_reached(maria, DraftIdentity("Ann", "Smith", born, postal_code="99999"))
    assert is_reached(maria, DraftIdentity("Lopez", "Maria"))
    assert blocking_keys(Portrait()) == frozenset()
