"""The results as a page: floors and targets first, then the figures they come from."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path

from bench import rules_report
from bench.capture import CaptureFigure
from bench.pages import HOT
from bench.pipeline import PipelineFigures
from bench.rules_report import RuleFigures
from bench.sizes import AtSize
from bench.tables import limit, table, whole, with_part
from bench.visible import PER_SECOND, SECONDS, Delay

CAPTURE_RATIO, PIPELINE_RATIO = 0.5, 0.25
VISIBLE_P95_MS = 1000
#: The size that the limits of the pages hold for, and how much slower the largest may be than the smallest.
LIMITS_AT, MOST_SLOWER = 100_000, 1.3
#: Kilobytes of a page of class A, as it is before the server packs it.
HOT_KILOBYTES = 150
#: By class of page: its name, the most milliseconds at p95, and the most statements.
PAGES = {"A": ("hot page", 150, 12), "B": ("board or frame", 300, 16), "C": ("panel of a report", 1500, 16)}


@dataclass(frozen=True, slots=True)
class Results:
    """All figures of one run."""

    capture: list[CaptureFigure]
    pipeline: PipelineFigures
    delay: Delay
    sizes: list[AtSize]
    rules: RuleFigures


def page_of(results: Results) -> str:
    """Return the whole page."""
    parts = [
        "# Measurements",
        "Written by `make bench`; figures of one run on one machine, clients included. "
        "`SIZE=1000000 make bench` lets the tenant grow further.",
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
        f"## {rules_report.HEADING}",
        rules_report.section(results.rules),
        "## From the post to an owner",
        f"{PER_SECOND} posts per second for {SECONDS} seconds, sent on time whatever the answers take; web, worker "
        "(two processes) and beat run. Until the lead's owner can be read from the database by another connection; "
        "a post without an owner at the end counts with its age so far.",
        table(
            ("posts", "p50 ms", "p95 ms", "longest ms", "without owner at the end"),
            [
                (
                    str(results.delay.posts),
                    *map(whole, (results.delay.p50_ms, results.delay.p95_ms, results.delay.longest_ms)),
                    str(results.delay.without_owner),
                )
            ],
        ),
        "## One tenant as it grows",
        "Pages are asked one at a time, through the web server; statements and kilobytes are those of one page, not "
        "packed. Three of a hundred leads are open, in twelve queues and more; fifty colleagues and more. The last "
        "column holds the largest size against the smallest: times as a ratio, rates as what is left of them.",
        _sizes(results.sizes),
        "## Where the intake's time goes",
        "Statements that one intake repeats most:",
        table(
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


def write_rules(rules: RuleFigures, path: Path) -> None:
    """Put what was measured of the rules into the page; everything else there stays from the run that measured it."""
    section, targets = rules_report.section(rules), rules_report.targets(rules)
    page = with_part(path.read_text(encoding="utf-8"), rules_report.HEADING, section, targets)
    path.write_text(page, encoding="utf-8")


def _targets(results: Results) -> str:
    capture = min(each.ratio for each in results.capture)
    intake, whole = results.pipeline.ways
    judged = next((each for each in results.sizes if each.leads >= LIMITS_AT * 0.9), results.sizes[-1])
    pages = []
    for budget, (name, longest, most) in PAGES.items():
        own = [each for each in judged.pages if each.budget == budget]
        pages += [
            limit(f"slowest {name}, p95, ms", longest, max(each.p95_ms for each in own)),
            limit(f"statements of the {name} that asks most", most, max(each.statements for each in own)),
        ]
    return table(
        ("what", "target", "measured", "met"),
        [
            _row("capture: posts per second to the floor's, worst of all client numbers", CAPTURE_RATIO, capture),
            _row("pipeline, intake only: leads per second to as many bare rows", PIPELINE_RATIO, intake.ratio),
            _row("pipeline with acknowledgement: the same", PIPELINE_RATIO, whole.ratio),
            limit("post to owner, p95, ms", VISIBLE_P95_MS, results.delay.p95_ms),
            *rules_report.targets(results.rules),
            *pages,
            limit("kilobytes of the largest hot page", HOT_KILOBYTES, max(_hot(judged, "kilobytes"))),
            _growth(results.sizes),
        ],
    )


def _hot(size: AtSize, name: str) -> list[float]:
    return [getattr(each, name) for each in size.pages if each.budget == HOT]


def _growth(sizes: list[AtSize]) -> tuple[str, ...]:
    pairs = zip(_hot(sizes[0], "p95_ms"), _hot(sizes[-1], "p95_ms"), strict=True)
    worst = max(last / first for first, last in pairs)
    name = f"hot pages: p95 with {sizes[-1].leads:,} leads to that with {sizes[0].leads:,}, worst"
    return name, f"<= {MOST_SLOWER}", f"{worst:.2f}", "yes" if worst <= MOST_SLOWER else "**no**"


def _sizes(sizes: list[AtSize]) -> str:
    rows = [
        _row_of("", "posts per second, 4 clients", [each.posts_per_second for each in sizes]),
        _row_of("", "leads per second, intake", [each.leads_per_second for each in sizes]),
    ]
    for place, page in enumerate(sizes[0].pages):
        rows.append(_row_of(page.budget, f"{page.name}, p95 ms", [each.pages[place].p95_ms for each in sizes]))
    for place, page in enumerate(sizes[0].pages):
        asked = [f"{each.pages[place].statements} / {each.pages[place].kilobytes}" for each in sizes]
        rows.append((page.budget, f"{page.name}, statements / kB", *asked, ""))
    rows.append(_row_of("", "seconds to grow to this size", [each.grown_in_seconds for each in sizes]))
    return table(("class", "what", *(f"{each.leads:,}" for each in sizes), "ratio"), rows)


def _row_of(budget: str, name: str, values: list[float]) -> tuple[str, ...]:
    return budget, name, *map(whole, values), f"{values[-1] / values[0]:.2f}"


def _row(name: str, least: float, measured: float) -> tuple[str, ...]:
    return name, f">= {least}", f"{measured:.2f}", "yes" if measured >= least else "**no**"


def _capture(figures: list[CaptureFigure]) -> str:
    heads = ("clients", "posts/s", "p50 ms", "p95 ms", "floor posts/s", "floor p50 ms", "floor p95 ms", "ratio")
    rows = [
        (
            str(each.clients),
            *(
                text
                for load in (each.product, each.floor)
                for text in (whole(load.per_second), f"{load.p50_ms:.1f}", f"{load.p95_ms:.1f}")
            ),
            f"{each.ratio:.2f}",
        )
        for each in figures
    ]
    return table(heads, rows)


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
    return table(heads, rows)


def _cut(text: str) -> str:
    plain = " ".join(text.split()).replace("|", "\\|").replace('"', "")
    return plain if len(plain) <= 110 else f"{plain[:60]} ... {plain[-45:]}"
