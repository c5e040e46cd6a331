"""Quality by goal as a page and a file show it: for each goal its bars and its table, with the measures' meanings."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.reporting.decisions import percent
from apps.reporting.goals import MEASURE_MEANINGS, MEASURE_WORDS, Maturity, Measure, QualityRow, QualityTable
from apps.reporting.pictures import Bar
from apps.reporting.web.grids import Grid, Pen, grid

MEANINGS = {
    Maturity.EARLY: "Early quality: who the leads are as they arrive. What came of them is told under “Late”.",
    Maturity.LATE: "Late quality: what came of the leads. Those of the last days may not have come so far yet.",
}
COUNTED = "Leads captured in the period, test leads excluded, goal by goal."


def quality_panel(tables: Sequence[QualityTable], label: Any, maturity: Maturity, pen: Pen) -> dict[str, Any]:
    """Return all that the panel shows; a segment is drawn where it has enough leads."""
    return {
        "n": pen.count(sum(row.leads for table in tables for row in table.rows)),
        "is_empty": not tables,
        "meaning": f"{_(MEANINGS[maturity])} {_(COUNTED)}",
        "goals": [_goal(table, label, pen) for table in tables],
    }


def quality_grid(tables: Sequence[QualityTable], label: Any, pen: Pen) -> Grid:
    """Return the tables as one: a row for each goal and segment; a measure that is not the goal's stays empty."""
    asked = list(dict.fromkeys(each for table in tables for each in table.measures))
    head = (label, _("Goal"), _("Leads"), *(_(MEASURE_WORDS[each]) for each in asked))
    rows = [
        [
            *(row.segment, table.name, pen.count(row.leads)),
            *(_figure(row, each, pen) if each in table.measures else "" for each in asked),
        ]
        for table in tables
        for row in table.rows
    ]
    return grid(_("Quality by goal"), head, rows)


def _goal(table: QualityTable, label: Any, pen: Pen) -> dict[str, Any]:
    drawn = [row for row in table.rows if row.is_enough(table.measures[0])]
    head = (label, _("Leads"), *(_(MEASURE_WORDS[each]) for each in table.measures))
    rows = [
        [row.segment, pen.count(row.leads), *(_figure(row, each, pen) for each in table.measures)] for row in table.rows
    ]
    return {
        "name": table.name,
        "bars_name": f"{table.name}: {_(MEASURE_WORDS[table.measures[0]])}",
        "bars": [_bar(row, table.measures[0], pen) for row in drawn],
        "grid": grid(table.name, head, rows),
        "meanings": [_(MEASURE_MEANINGS[each]) for each in table.measures],
    }


def _figure(row: QualityRow, measure: Measure, pen: Pen) -> str:
    """Return "12 (31 %)", the count alone of too few, or that it is withheld."""
    count, base = row.counts[measure], row.base(measure)
    share = pen.share(percent(count, base), count, base) if row.is_enough(measure) else ""
    return f"{pen.count(count)} ({share})" if share else pen.count(count)


def _bar(row: QualityRow, measure: Measure, pen: Pen) -> Bar:
    count = row.counts[measure]
    share = 0 if pen.hides(count) else percent(count, row.base(measure)) or 0
    return Bar(row.segment, f"{_figure(row, measure, pen)} · n = {pen.count(row.leads)}", share)
