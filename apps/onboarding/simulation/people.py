"""Invented people: names, addresses, fictional phone numbers. None of them exists.

Phone numbers are 555-0100 to 555-0199, which are kept free for fiction (ATIS-0300115).
"""

from dataclasses import dataclass, replace
from random import Random

_FIRST = {
    "en": (
        "James",
        "Mary",
        "Robert",
        "Linda",
        "William",
        "Susan",
        "David",
        "Karen",
        "Joseph",
        "Nancy",
        "Thomas",
        "Lisa",
        "Daniel",
        "Betty",
        "Mark",
        "Sandra",
        "Paul",
        "Ashley",
        "Kevin",
        "Emily",
        "Brian",
        "Donna",
        "George",
        "Michelle",
        "Jason",
        "Amanda",
        "Ryan",
        "Melissa",
        "Grace",
        "Noah",
        "Aisha",
        "Wei",
        "Priya",
    ),
    "es": (
        "María",
        "José",
        "Carmen",
        "Luis",
        "Ana",
        "Carlos",
        "Lucía",
        "Jorge",
        "Elena",
        "Miguel",
        "Rosa",
        "Andrés",
        "Pilar",
        "Diego",
        "Isabel",
        "Raúl",
        "Sofía",
        "Javier",
        "Teresa",
        "Óscar",
    ),
}
_LAST = {
    "en": (
        "Smith",
        "Johnson",
        "Brown",
        "Jones",
        "Miller",
        "Davis",
        "Wilson",
        "Anderson",
        "Taylor",
        "Moore",
        "Jackson",
        "Martin",
        "Lee",
        "Thompson",
        "White",
        "Harris",
        "Clark",
        "Lewis",
        "Walker",
        "Hall",
        "Young",
        "King",
        "Wright",
        "Hill",
        "Green",
        "Baker",
        "Nelson",
        "Campbell",
        "O'Brien",
        "Kowalski",
        "Patel",
        "Chen",
    ),
    "es": (
        "García",
        "Rodríguez",
        "Martínez",
        "Hernández",
        "López",
        "González",
        "Pérez",
        "Sánchez",
        "Ramírez",
        "Torres",
        "Flores",
        "Rivera",
        "Gómez",
        "Díaz",
        "Reyes",
        "Morales",
        "Ortiz",
        "Núñez",
        "de la Cruz",
    ),
}
#: City and ZIP of the region around the demo clinics; the last ones are mistyped or far away.
_PLACES = (
    ("Chicago", "60614"),
    ("Chicago", "60657"),
    ("Chicago", "60618"),
    ("Oak Park", "60302"),
    ("Oak Park", "60304"),
    ("Evanston", "60201"),
    ("Evanston", "60202"),
    ("Skokie", "60076"),
    ("Wilmette", "60091"),
    ("Berwyn", "60402"),
    ("Cicero", "60804"),
    ("Evnston", ""),
    ("Oak Prk", ""),
    ("Springfield", ""),
    ("Milwaukee", "53202"),
)
_AREAS = ("312", "773", "708", "847")
_SHAPES = ("({0}) 555-{1}", "{0}-555-{1}", "{0}.555.{1}", "+1 {0} 555 {1}", "{0}555{1}", "1-{0}-555-{1}")


@dataclass(frozen=True, slots=True)
class Invented:
    """Somebody who does not exist."""

    first_name: str
    last_name: str
    language: str
    phone: str
    email: str
    city: str
    postal_code: str


def invent_person(dice: Random) -> Invented:
    """Return somebody new."""
    language = "es" if dice.random() < 0.25 else "en"
    first, last = dice.choice(_FIRST[language]), dice.choice(_LAST[language])
    area, line = dice.choice(_AREAS), f"01{dice.randrange(100):02d}"
    city, postal_code = dice.choice(_PLACES)
    handle = f"{_plain(first)}.{_plain(last)}{dice.randrange(1000)}"
    return Invented(
        first_name=first,
        last_name=last,
        language=language,
        phone=dice.choice(_SHAPES).format(area, line),
        email=f"{handle}@example.{dice.choice(('com', 'org', 'net'))}",
        city=city,
        postal_code=postal_code,
    )


def vary(person: Invented, dice: Random) -> Invented:
    """Return the same person as they would type themselves another time."""
    kind = dice.randrange(4)
    if kind == 0:
        return replace(person, first_name=person.first_name.upper(), last_name=person.last_name.lower())
    if kind == 1:
        return replace(person, email="")
    if kind == 2:
        return replace(person, first_name=person.first_name[:1])
    return person


def _plain(name: str) -> str:
    table = str.maketrans("áéíóúñüÁÉÍÓÚÑ", "aeiounuAEIOUN", "' ")
    return name.translate(table).lower()
