"""What the page says of the rules: the cost of deciding, how fairly leads are given out, the speed of a replay."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.deciding import DecidingFigures
from bench.fairness import FairFigure
from bench.replaying import ASKED, MOST_SECONDS, ReplayFigure
from bench.tables import met, table, whole

HEADING = "Deciding, giving out, replaying"
#: CPU of routing, scoring and gates per lead with 500 rules in force; below 1 the cost grows slower than the rules.
DECIDING_MS, DECIDING_EXPONENT = 2.0, 1.0


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """All figures about rules of one run."""

    deciding: DecidingFigures
    fairness: Sequence[FairFigure]
    replays: Sequence[ReplayFigure]


def targets(figures: RuleFigures) -> list[tuple[str, ...]]:
    """Return the targets of deciding, of fair distribution and of the replay."""
    middle = next(each for each in figures.deciding.sizes if each.rules == 500)
    cost, exponent = middle.lead_ms, figures.deciding.exponent
    rows = [
        ("deciding with 500 rules, CPU ms per lead", f"<= {DECIDING_MS}", f"{cost:.2f}", met(cost <= DECIDING_MS)),
        ("growth from 50 to 5,000 rules, exponent", "< 1", f"{exponent:.2f}", met(exponent < DECIDING_EXPONENT)),
    ]
    for each in figures.fairness:
        shares = " / ".join(map(str, each.shares))
        is_fair = len(each.shares) == 3 and each.spread <= min(1, each.leads % 3) and each.not_once == 0
        rows.append((f"{each.leads:,} parallel leads to three people", "equal, none twice", shares, met(is_fair)))
    for replay in figures.replays:
        rows.append(
            (
                f"replay of {ASKED[replay.asked]}, CPU s",
                f"<= {MOST_SECONDS}",
                f"{replay.cpu_asked:.1f} (measured with {replay.leads:,})",
                met(replay.cpu_asked <= MOST_SECONDS),
            )
        )
    return rows


def section(figures: RuleFigures) -> str:
    """Return the tables behind the targets."""
    return "\n\n".join(
        [
            f"Measured on {datetime.now(UTC):%Y-%m-%d}; {os.cpu_count()} cores, load average "
            f"{os.getloadavg()[1]:.0f} over the five minutes before the end.",
            "CPU per lead of routing, scoring and gates, facts at hand, nothing read or written. The floor is one rule "
            "of the same kind in the same run; rules are compiled once per version in a process.",
            _deciding(figures.deciding),
            "Leads taken in by six workers at once, for a team of three whose caps are not reached. The last column "
            "counts those that nobody has or that several people had so far.",
            _fairness(figures.fairness),
            "Past leads judged again under the live routing and a draft, part by part as the worker does it, counting "
            "and the opening of what people wrote included. Nearly every lead saw a network of its own. CPU is that of "
            "the worker and of its database connection; these take turns, so that their sum is what a machine takes "
            "that does nothing else, and the wall counts what others do, too. The longest part is to stay below the "
            "25 s for which a wake-up is leased.",
            _replays(figures.replays),
        ]
    )


def _deciding(figures: DecidingFigures) -> str:
    heads = ("rules", "ms per lead", "of which routing", "to the floor", "ms to compile, once")
    rows = [
        (
            f"{each.rules:,}",
            f"{each.lead_ms:.3f}",
            f"{each.routing_ms:.3f}",
            f"{each.lead_ms / figures.floor_ms:.1f}",
            whole(each.compile_ms),
        )
        for each in figures.sizes
    ]
    return table(heads, rows)


def _fairness(figures: Sequence[FairFigure]) -> str:
    rows = [(whole(each.leads), " / ".join(map(str, each.shares)), str(each.not_once)) for each in figures]
    return table(("leads at once", "each person's", "not exactly once"), rows)


def _replays(figures: Sequence[ReplayFigure]) -> str:
    heads = ("leads", "of a tenant of", "changed", "wall s", "CPU s", "of which database", "CPU ms per lead")
    rows = [
        (
            whole(each.leads),
            whole(each.of),
            whole(each.changed),
            f"{each.seconds:.1f}",
            f"{each.cpu_seconds:.1f}",
            f"{each.database_seconds:.1f}",
            f"{1000 * each.cpu_seconds / each.leads:.2f}",
            str(each.parts),
            f"{each.longest_part:.1f}",
        )
        for each in figures
    ]
    return table((*heads, "parts", "longest part, s"), rows)
