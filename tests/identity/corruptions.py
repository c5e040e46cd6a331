"""Realistic corruptions: one person written down again as people, forms and colleagues get it wrong."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from uuid import UUID

from apps.identity.terms import CandidatePerson, DraftIdentity

FIRST = (
    "Maria",
    "Juana",
    "Robert",
    "William",
    "Catherine",
    "Luis",
    "Priya",
    "Hassan",
    "Olga",
    "Daniel",
    "Grace",
    "Wei",
)
LAST = ("Lopez", "Garcia", "Schmidt", "Nguyen", "Okafor", "Kowalski", "Patel", "Johnson", "Ramirez", "Haddad", "Novak")
SHORT = {"Robert": "Bob", "William": "Bill", "Catherine": "Kate", "Daniel": "Dan"}
TOWNS = (("Chicago", "60614"), ("Evanston", "60201"), ("Oak Park", "60302"), ("Cicero", "60804"), ("Aurora", "60505"))
LETTERS = "abcdefghijklmnopqrstuvwxyz"
Corruption = Callable[[DraftIdentity, random.Random], DraftIdentity]


def anybody(chance: random.Random) -> DraftIdentity:
    """Return a made-up person with everything that a form asks for."""
    city, postal_code = chance.choice(TOWNS)
    number = chance.randrange(10**7)
    return DraftIdentity(
        first_name=chance.choice(FIRST),
        last_name=chance.choice(LAST),
        date_of_birth=date(1930, 1, 1) + timedelta(days=chance.randrange(30_000)),
        phones=(f"+1312{number:07}",),
        emails=(f"p{number}@example.com",),
        postal_code=postal_code,
        city=city,
        region="IL",
    )


def typo(who: DraftIdentity, chance: random.Random) -> DraftIdentity:
    """One slip inside the last name: a letter wrong, missing, doubled, or two turned."""
    name, at = who.last_name, chance.randrange(1, len(who.last_name) - 1)
    slips = (
        name[:at] + chance.choice(LETTERS) + name[at + 1 :],
        name[:at] + name[at + 1 :],
        name[:at] + name[at] + name[at:],
        name[:at] + name[at + 1] + name[at] + name[at + 2 :],
    )
    return replace(who, last_name=chance.choice(slips))


def swapped_names(who: DraftIdentity, chance: random.Random) -> DraftIdentity:
    """First and last name in each other's box."""
    return replace(who, first_name=who.last_name, last_name=who.first_name)


def nickname(who: DraftIdentity, chance: random.Random) -> DraftIdentity:
    """The short form, or the initial of who has none."""
    return replace(who, first_name=SHORT.get(who.first_name, f"{who.first_name[0]}."))


def double_name(who: DraftIdentity, chance: random.Random) -> DraftIdentity:
    """Both Spanish last names where one was given, with or without a hyphen."""
    return replace(who, last_name=f"{who.last_name}{chance.choice(' -')}{chance.choice(LAST)}")


def moved(who: DraftIdentity, chance: random.Random) -> DraftIdentity:
    """Another town and postal code."""
    city, postal_code = chance.choice([each for each in TOWNS if each[0] != who.city])
    return replace(who, city=city, postal_code=postal_code)


def day_for_month(who: DraftIdentity, chance: random.Random) -> DraftIdentity:
    """Day and month of the birthday turned, where that is a date; else one digit of the day wrong."""
    born = who.date_of_birth
    assert born is not None
    if born.day <= 12:
        return replace(who, date_of_birth=born.replace(month=born.day, day=born.month))
    return replace(who, date_of_birth=born.replace(day=born.day - 10))


def new_number(who: DraftIdentity, chance: random.Random) -> DraftIdentity:
    """Another phone and address than on file: nothing exact is left."""
    number = chance.randrange(10**7)
    return replace(who, phones=(f"+1773{number:07}",), emails=(f"n{number}@example.com",))


CORRUPTIONS: tuple[Corruption, ...] = (typo, swapped_names, nickname, double_name, moved, day_for_month)


@dataclass(frozen=True)
class Household:
    """Two people of one house: one phone, one place, one last name, other first names and birthdays."""

    one: DraftIdentity
    other: DraftIdentity


def household(chance: random.Random) -> Household:
    """Return two people who share a phone and are never one."""
    one = anybody(chance)
    born = one.date_of_birth
    assert born is not None
    first = chance.choice([each for each in FIRST if each[0] != one.first_name[0]])
    other = replace(
        one, first_name=first, date_of_birth=born + timedelta(days=chance.randrange(400, 15_000)), emails=()
    )
    return Household(one, other)


def on_file(who: DraftIdentity, person_id: UUID, *, is_shared: bool = False) -> CandidatePerson:
    """Return a person as they stand on file."""
    return CandidatePerson(
        person_id=person_id,
        first_name=who.first_name,
        last_name=who.last_name,
        date_of_birth=who.date_of_birth,
        phones=frozenset(who.phones),
        emails=frozenset(who.emails),
        postal_code=who.postal_code,
        shared_values=frozenset(who.phones) if is_shared else frozenset(),
        city=who.city,
        region=who.region,
    )
