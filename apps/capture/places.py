"""Reading where somebody is: postal code first, then a city among the tenant's towns and those of the USA.

A doubtful place is named as such: a person is rather asked than sent to the wrong office (row DD-06).
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from math import cos, hypot, radians
from statistics import fmean
from typing import Any

import zipcodes
from rapidfuzz import fuzz

from apps.capture.terms import PlaceProblem, PlaceReading, Town
from apps.capture.text import fold, one_line

_rows_of_zip: Callable[[str], list[dict[str, Any]]] = lru_cache(maxsize=4096)(zipcodes.matching)
_rows_of_city: Callable[[str], list[dict[str, Any]]] = zipcodes.filter_by_city

_ZIP = re.compile(r"^(\d{5})(?:[-\s]?\d{4})?$")
_TAIL = re.compile(r"^(?P<city>.+?)(?P<comma>,?)\s*\b(?P<state>[A-Za-z]{2})\.?(?:\s+(?P<code>\d{5})(?:-\d{4})?)?$")
_SURE, _BY_SYNONYM, _BY_NATION, _WITHOUT_REGION, _CONTRADICTED = 100, 95, 90, 80, 75
_LIKE_ENOUGH = 85
_MARGIN = 5
#: How far a city's nearest ZIP code may be from the ZIP that was written with it.
_NEAR_KM = 8.0
_KM_A_DEGREE = 111.2
# A name found in so many states (Springfield, Franklin) says nothing without the state.
_COMMON_IN_STATES = 20
_LONG = {"st": "saint", "ste": "sainte", "mt": "mount", "ft": "fort", "n": "north", "s": "south"}
_STATE_NAMES = """
    AL=alabama AK=alaska AZ=arizona AR=arkansas CA=california CO=colorado CT=connecticut DE=delaware
    DC=district_of_columbia FL=florida GA=georgia HI=hawaii ID=idaho IL=illinois IN=indiana IA=iowa
    KS=kansas KY=kentucky LA=louisiana ME=maine MD=maryland MA=massachusetts MI=michigan MN=minnesota
    MS=mississippi MO=missouri MT=montana NE=nebraska NV=nevada NH=new_hampshire NJ=new_jersey
    NM=new_mexico NY=new_york NC=north_carolina ND=north_dakota OH=ohio OK=oklahoma OR=oregon
    PA=pennsylvania PR=puerto_rico RI=rhode_island SC=south_carolina SD=south_dakota TN=tennessee
    TX=texas UT=utah VT=vermont VA=virginia WA=washington WV=west_virginia WI=wisconsin WY=wyoming
"""
_STATES = {name: code for code, name in (pair.split("=") for pair in _STATE_NAMES.split())}
_CODES = frozenset(_STATES.values())


def read_place(city: str, region: str, postal_code: str, towns: Sequence[Town]) -> PlaceReading:
    """Say where somebody is, from what was typed. A known ZIP wins over everything else.

    A city that is known and lies elsewhere is named as a conflict: the ZIP's place is then a guess.

    A city is looked for among the tenant's towns by name, then in the country's table, then among the towns
    by likeness ("Oak Prk"). One without a state is taken only when the towns, or the country, have one such
    place, and its name is not one that many states share.
    """
    city, region, tail_code = _split(one_line(city, 100), _state(region))
    postal_code = one_line(postal_code, 12).upper() or tail_code
    by_code = _by_postal_code(postal_code, city, towns)
    if by_code is not None:
        return by_code
    typed = PlaceReading(city, region, postal_code)
    if not city:
        return replace(typed, problem=PlaceProblem.UNKNOWN_CITY) if postal_code else typed
    exact = [town for town in towns if _is_called(town, city) and region in ("", town.region)]
    if exact:
        sure = _SURE if any(fold_city(town.city) == fold_city(city) for town in exact) else _BY_SYNONYM
        return _of_towns(exact, typed, sure)
    nation = _nation(city)
    if nation:
        return _of_nation(nation, typed)
    return _by_likeness(typed, [town for town in towns if region in ("", town.region)])


def fold_city(name: str) -> str:
    """Return a city's name as compared: folded, usual short forms written out ("St. Paul", "Mt Prospect")."""
    return " ".join(_LONG.get(word, word) for word in fold(name).split())


def _split(city: str, region: str) -> tuple[str, str, str]:
    """Take state and ZIP off the end of a city: "Oak Park, IL 60302". Without a comma only capitals count."""
    head, comma, tail = city.rpartition(",")
    if comma and not region and fold(tail).replace(" ", "_") in _STATES:
        return head.strip(), _state(tail), ""
    found = _TAIL.match(city)
    if not found or found["state"].upper() not in _CODES:
        return city, region, ""
    if not (found["comma"] or found["code"] or found["state"].isupper()):
        return city, region, ""
    return found["city"].strip(), region or found["state"].upper(), found["code"] or ""


def _state(region: str) -> str:
    """Return a state's two letters; a region that is no state stays as typed."""
    text = one_line(region, 40)
    code = _STATES.get(fold(text).replace(" ", "_"), "")
    return code or (text.upper() if len(text) == 2 else text)


def _by_postal_code(postal_code: str, city: str, towns: Sequence[Town]) -> PlaceReading | None:
    found = _ZIP.match(postal_code)
    rows = _rows_of_zip(found[1]) if found and found[1].isascii() else []
    if not rows:
        return None
    row = rows[0]
    names = [row["city"], *row["acceptable_cities"], *row["unacceptable_cities"]]
    agrees = not city or max(fuzz.ratio(fold_city(city), fold_city(name)) for name in names) >= _LIKE_ENOUGH
    latitude, longitude = float(row["lat"]), float(row["long"])
    conflicts = not agrees and _is_elsewhere(city, latitude, longitude, towns)
    return PlaceReading(
        row["city"],
        row["state"],
        row["zip_code"],
        latitude,
        longitude,
        _SURE if agrees else _CONTRADICTED,
        PlaceProblem.CONFLICTING if conflicts else PlaceProblem.NONE,
        row["timezone"] or "",
    )


def _is_elsewhere(city: str, latitude: float, longitude: float, towns: Sequence[Town]) -> bool:
    """Whether a city is a known one and no part of any city of that name is near this point.

    Who writes the big city and the ZIP of a suburb beside it means one place; who names a town farther away means
    two, and is asked (row EX-01).
    """
    written = " ".join(word.capitalize() for word in fold_city(city).split())
    named = [(float(row["lat"]), float(row["long"])) for name in {city, written} for row in _rows_of_city(name)]
    named += [(town.latitude, town.longitude) for town in towns if _is_called(town, city)]
    return bool(named) and all(_apart_km(latitude, longitude, *each) > _NEAR_KM for each in named)


def _apart_km(latitude: float, longitude: float, other: float, beside: float) -> float:
    """Return the distance of two near points, the earth taken as flat between them."""
    return hypot(latitude - other, (longitude - beside) * cos(radians(latitude))) * _KM_A_DEGREE


def _is_called(town: Town, city: str) -> bool:
    return fold_city(city) in {fold_city(name) for name in (town.city, *town.synonyms)} - {""}


def _nation(city: str) -> list[PlaceReading]:
    """Return the country's places of that name, one for each state, at the middle of their ZIP codes."""
    written = " ".join(word.capitalize() for word in fold_city(city).split())
    rows = [row for name in {city, written, city.title()} for row in _rows_of_city(name)]
    places = []
    for state in sorted({row["state"] for row in rows}):
        here = [row for row in rows if row["state"] == state]
        latitude = round(fmean(float(row["lat"]) for row in here), 4)
        longitude = round(fmean(float(row["long"]) for row in here), 4)
        places.append(PlaceReading(here[0]["city"], state, "", latitude, longitude, _BY_NATION))
    return places


def _of_towns(towns: Sequence[Town], typed: PlaceReading, confidence: int) -> PlaceReading:
    """Take the town, unless the state is open: towns of several states, or a name that many states share."""
    if not typed.region:
        common = len(_nation(towns[0].city)) >= _COMMON_IN_STATES
        if common or len({town.region for town in towns}) > 1:
            return replace(typed, problem=PlaceProblem.AMBIGUOUS_CITY)
        confidence = min(confidence, _WITHOUT_REGION)
    town = min(towns, key=lambda one: (one.city, one.postal_code))
    code = typed.postal_code or (town.postal_code if len(towns) == 1 else "")
    return PlaceReading(town.city, town.region, code, town.latitude, town.longitude, confidence)


def _of_nation(places: Sequence[PlaceReading], typed: PlaceReading) -> PlaceReading:
    here = [place for place in places if typed.region in ("", place.region)]
    if not here:
        return replace(typed, problem=PlaceProblem.UNKNOWN_CITY)
    if len(here) > 1:
        return replace(typed, problem=PlaceProblem.AMBIGUOUS_CITY)
    confidence = here[0].confidence if typed.region else _WITHOUT_REGION
    return replace(here[0], postal_code=typed.postal_code, confidence=confidence)


def _by_likeness(typed: PlaceReading, towns: Sequence[Town]) -> PlaceReading:
    """Take the town that is plainly the likest; two that are about as like leave it open."""
    scores: dict[tuple[str, str], float] = {}
    for town in towns:
        names = (town.city, *town.synonyms)
        scores[(town.city, town.region)] = max(fuzz.ratio(fold_city(typed.city), fold_city(n)) for n in names)
    best = max(scores.values(), default=0)
    if best < _LIKE_ENOUGH:
        return replace(typed, problem=PlaceProblem.UNKNOWN_CITY)
    alike = [key for key, score in scores.items() if score > best - _MARGIN]
    if len(alike) > 1:
        return replace(typed, problem=PlaceProblem.AMBIGUOUS_CITY)
    chosen = [town for town in towns if (town.city, town.region) == alike[0]]
    return _of_towns(chosen, typed, round(best) if best < _SURE else _BY_SYNONYM)
