"""The results as a page: floors and targets first, then the figures they come from."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.capture import CaptureFigure
from bench.pages import PageFigure
from bench.pipeline import PipelineFigures
from bench.visible import PER_SECOND, SECONDS, Delay

CAPTURE_RATIO, PIPELINE_RATIO = 0.5, 0.25
VISIBLE_P95_MS, PAGE_P95_MS, PAGE_STATEMENTS = 1000, 150, 12


@dataclass(frozen=True, slots=True)
class Results:
    """All figures of one run."""

    capture: list[CaptureFigure]
    pipeline: PipelineFigures
    delay: Delay
    leads: int
    populate_seconds: float
    pages: list[PageFigure]


def page_of(results: Results) -> str:
    """Return the whole page."""
    parts = [
        "# Measurements",
        "Written by `make bench`; figures of one run on one machine, clients included. "
        "`SIZE=100000 make bench` measures the pages with more leads.",
        f"Machine: {machine()}. The database runs with the settings of the test stack (no fsync), for the product "
        "and for the floors alike: waiting for a disk would only draw the two together.",
        "## Targets",
        _targets(results),
        "## Capture",
        "Posts through two web processes of four threads. The floor: the same server with the same processes, whose "
        "view stores the same bytes by one INSERT and does nothing else. The clients are threads of one process "
        "on the same cores. No worker runs.",
        _capture(results.capture),
        "## Pipeline",
        "One process runs what is due. The floor inserts as many rows as a lead's INSERT and UPDATE statements touch, "
        "one by one, by bare psycopg, behind row-level security, in one transaction per lead.",
        _pipeline(results.pipeline),
        "## From the post to an owner",
        f"{PER_SECOND} posts per second for {SECONDS} seconds, sent on time whatever the answers take; web, worker "
        "(two processes) and beat run. Until the lead's owner can be read from the database by another connection; "
        "a post without an owner at the end counts with its age so far.",
        _table(
            ("posts", "p50 ms", "p95 ms", "longest ms", "without owner at the end"),
            [
                (
                    str(results.delay.posts),
                    *map(_whole, (results.delay.p50_ms, results.delay.p95_ms, results.delay.longest_ms)),
                    str(results.delay.without_owner),
                )
            ],
        ),
        f"## Pages with {results.leads:,} open leads",
        f"One tenant, every lead open: the hardest case for the queue. Made in {results.populate_seconds:.0f} s. "
        "One reader at a time, through the web server; statements are counted in one request.",
        _table(
            ("page", "p50 ms", "p95 ms", "statements"),
            [(each.name, _whole(each.p50_ms), _whole(each.p95_ms), str(each.statements)) for each in results.pages],
        ),
        "## Where the intake's time goes",
        "Statements that one intake repeats most:",
        _table(
            ("per lead", "statement"),
            [(f"{count:.1f}", f"`{_cut(text)}`") for count, text in results.pipeline.repeated],
        ),
        "Under the profiler (it slows Python, not the database), by time with and without what is called:",
        f"```\n{results.pipeline.profile}\n```",
    ]
    return "\n\n".join(parts) + "\n"


def machine() -> str:
    """Return the machine's size in words, without its name."""
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    memory = round(pages * size / 2**30)
    return f"{os.cpu_count()} cores, {memory} GiB of memory, Python {platform.python_version()}"


def write(results: Results, path: Path) -> None:
    """Write the page."""
    path.write_text(page_of(results), encoding="utf-8")


def _targets(results: Results) -> str:
    capture = min(each.ratio for each in results.capture)
    intake, whole = results.pipeline.ways
    slowest = max(each.p95_ms for each in results.pages)
    most = max(each.statements for each in results.pages)
    return _table(
        ("what", "target", "measured", "met"),
        [
            _row("capture: posts per second to the floor's, worst of all client numbers", CAPTURE_RATIO, capture),
            _row("pipeline, intake only: leads per second to as many bare rows", PIPELINE_RATIO, intake.ratio),
            _row("pipeline with acknowledgement: the same", PIPELINE_RATIO, whole.ratio),
            _limit("post to owner, p95, ms", VISIBLE_P95_MS, results.delay.p95_ms),
            _limit("slowest page, p95, ms", PAGE_P95_MS, slowest),
            _limit("statements of the page that asks most", PAGE_STATEMENTS, most),
        ],
    )


def _row(name: str, least: float, measured: float) -> tuple[str, ...]:
    return name, f">= {least}", f"{measured:.2f}", "yes" if measured >= least else "**no**"


def _limit(name: str, most: float, measured: float) -> tuple[str, ...]:
    return name, f"<= {most}", _whole(measured), "yes" if measured <= most else "**no**"


def _capture(figures: list[CaptureFigure]) -> str:
    heads = ("clients", "posts/s", "p50 ms", "p95 ms", "floor posts/s", "floor p50 ms", "floor p95 ms", "ratio")
    rows = [
        (
            str(each.clients),
            *(
                text
                for load in (each.product, each.floor)
                for text in (_whole(load.per_second), f"{load.p50_ms:.1f}", f"{load.p95_ms:.1f}")
            ),
            f"{each.ratio:.2f}",
        )
        for each in figures
    ]
    return _table(heads, rows)


def _pipeline(figures: PipelineFigures) -> str:
    heads = ("way", "leads/s", "bare leads/s", "ratio", "statements", "rows written", "by verb")
    rows = [
        (
            way.name,
            f"{way.per_second:.1f}",
            f"{way.bare_per_second:.1f}",
            f"{way.ratio:.2f}",
            f"{way.statements:.1f}",
            f"{way.rows:.1f}",
            ", ".join(f"{verb} {count:.1f}" for verb, count in way.by_verb.items()),
        )
        for way in figures.ways
    ]
    return _table(heads, rows)


def _cut(text: str) -> str:
    plain = " ".join(text.split()).replace("|", "\\|").replace('"', "")
    return plain if len(plain) <= 110 else f"{plain[:60]} ... {plain[-45:]}"


def _whole(value: float) -> str:
    return f"{value:,.0f}"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
