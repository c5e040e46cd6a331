"""Finding one person's records: precision, recall and F1 of the product's look-up and weighing, beside splink.

Runs in the environment of `requirements-bench.lock` (`.venv-bench`), since splink brings packages that the product
does not have, and writes its figures as JSON. Sets 1, 3 and 4 are scored; the product's weights and thresholds come
from set 2. Splink is trained on each set that it scores, without labels, as its guide says, and gets the threshold
that is best for it on set 2.
"""

import json
import logging
import sys
import time
import warnings
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from apps.identity.decisions.likelihood import CERTAIN_BITS, REVIEW_BITS, likelihood
from bench.febrl import FIELDS, Labelled, Pair, labelled, ordered

FITTED, SCORED = 2, (1, 3, 4)
MOST_U_PAIRS = 2e6
Scored = list[tuple[float, Pair]]


@dataclass(frozen=True, slots=True)
class Figure:
    """One tool on one set at one frozen threshold."""

    name: str
    tool: str
    threshold: float
    pairs: int
    reachable: float
    precision: float
    recall: float
    f1: float
    wrong: int
    seconds: float


def main(target: str) -> int:
    """Measure both tools on the same records in one run."""
    figures = []
    threshold = _best_threshold(_splink(labelled(FITTED)), labelled(FITTED))
    for number in SCORED:
        data = labelled(number)
        began = time.perf_counter()
        mine = [(likelihood(data.portraits[a], data.portraits[b]).bits, (a, b)) for a, b in data.candidates()]
        seconds = time.perf_counter() - began
        for name, limit in (("leadcrm, to review", REVIEW_BITS), ("leadcrm, certain", CERTAIN_BITS)):
            figures.append(_figure(name, data, mine, limit, seconds))
        began = time.perf_counter()
        theirs = _splink(data)
        figures.append(_figure("splink", data, theirs, threshold, time.perf_counter() - began))
    with open(target, "w", encoding="utf-8") as file:  # noqa: PTH123 - a pipe of the caller is a path too
        json.dump([asdict(each) for each in figures], file)
    return 0


def _figure(tool: str, data: Labelled, scored: Scored, threshold: float, seconds: float) -> Figure:
    taken = {pair for score, pair in scored if score >= threshold}
    right = len(taken & data.links)
    precision, recall = right / max(len(taken), 1), right / len(data.links)
    reachable = len({pair for _, pair in scored} & data.links) / len(data.links)
    f1 = 2 * precision * recall / (precision + recall) if right else 0.0
    wrong = len(taken) - right
    return Figure(data.name, tool, threshold, len(scored), reachable, precision, recall, f1, wrong, seconds)


def _best_threshold(scored: Scored, data: Labelled) -> float:
    """Return the threshold with the best F1, halfway to the next pair below."""
    best, right, ranked = (0.0, 0.0), 0, sorted(scored, reverse=True)
    for place, (score, pair) in enumerate(ranked, 1):
        right += pair in data.links
        f1 = 2 * right / (place + len(data.links))
        below = ranked[place][0] if place < len(ranked) else score - 1
        best = max(best, (f1, (score + below) / 2))
    return best[1]


def _splink(data: Labelled) -> Scored:
    """Return splink's match weight of every pair that its blocking rules bring together."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    import splink
    import splink.comparison_library as cl

    database = splink.DuckDBAPI()
    tables = []
    for place, table in enumerate(data.tables):
        frame = table[list(FIELDS)].rename(columns=dict(FIELDS)).map(_told)
        frame.insert(0, "unique_id", list(table.index))
        tables.append(database.register(frame, dataset_display_name=f"side_{place}"))
    settings = splink.SettingsCreator(
        link_type="dedupe_only" if len(tables) == 1 else "link_only",
        comparisons=_comparisons(cl),
        blocking_rules_to_generate_predictions=[splink.block_on(*rule) for rule in _RULES],
        retain_intermediate_calculation_columns=False,
    )
    linker = splink.Linker(tables if len(tables) > 1 else tables[0], settings, log_level=None)
    sure = [
        splink.block_on("first_name", "last_name", "born"),
        splink.block_on("street", "street_number", "postal_code"),
    ]
    linker.training.estimate_probability_two_random_records_match(sure, recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=MOST_U_PAIRS, seed=1)
    for rule in (("born",), ("postal_code", "street_number"), ("first_name", "last_name")):
        linker.training.estimate_parameters_using_expectation_maximisation(
            splink.block_on(*rule), record_sample_proportion=1.0
        )
    found = linker.inference.predict(threshold_match_weight=-20).as_pandas_dataframe()
    rows: Iterable[tuple[Any, ...]] = found[["match_weight", "unique_id_l", "unique_id_r"]].itertuples(
        index=False, name=None
    )
    return [(weight, ordered(one, other)) for weight, one, other in rows]


#: Fourteen ways for two records to meet; the usual advice is three to five.
_RULES = (
    *(("first_name", "last_name"), ("born",), ("postal_code", "last_name"), ("postal_code", "first_name")),
    *(("street",), ("second_line",), ("city", "last_name"), ("city", "first_name"), ("postal_code", "street_number")),
    *(("city", "street_number"), ("last_name", "street_number"), ("first_name", "street_number")),
    *(("first_name", "region", "city"), ("last_name", "region", "city")),
)


def _comparisons(cl: Any) -> list[Any]:
    """Names with term frequencies and swaps, dates and codes by slips of the hand, address lines by likeness."""
    return [
        cl.ForenameSurnameComparison("first_name", "last_name"),
        cl.DamerauLevenshteinAtThresholds("born", [1, 2]),
        cl.DamerauLevenshteinAtThresholds("postal_code", [1, 2]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("street", [0.92, 0.8]).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("second_line", [0.92, 0.8]),
        cl.JaroWinklerAtThresholds("city", [0.92, 0.8]).configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("street_number", [1]),
        cl.ExactMatch("region"),
    ]


def _told(value: Any) -> str | None:
    """Return a value as the product's portraits have it; what is not there is no value."""
    text = "" if value != value else str(value).strip().lower()
    return text or None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
