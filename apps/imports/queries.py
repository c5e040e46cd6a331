"""Reads of imports: the runs, how many rows are good for what, and the first of each kind."""

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count

from apps.imports.actions import plan_of, require, sheet_of
from apps.imports.decisions.rows import body
from apps.imports.models import ImportRow, ImportRun
from apps.imports.terms import ImportKind, RowState, RunState
from apps.tenancy.actor import Actor
from apps.tenancy.errors import NotFound

SHOWN_ROWS, SHOWN_RUNS, PREVIEWED = 200, 50, 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run stands: rows by state, why rows were refused, and the first refused ones."""

    counts: dict[str, int]
    reasons: list[tuple[str, int]]
    refused: list[ImportRow]
    verdicts: dict[str, int]

    @property
    def worked(self) -> int:
        """Return how many inquiries of the file the intake has worked on."""
        return sum(self.verdicts.values())

    @property
    def waiting(self) -> int:
        """Return how many wait for the intake."""
        return self.counts[RowState.TAKEN] - self.worked


def runs(actor: Actor) -> list[ImportRun]:
    """Return the last runs without their files. Refuses who may not import."""
    require(actor)
    return list(ImportRun.rows().defer("file").select_related("source")[:SHOWN_RUNS])


def run_for(actor: Actor, run_id: UUID) -> ImportRun:
    """Return a run. Refuses who may not import; raises NotFound."""
    require(actor)
    run: ImportRun | None = ImportRun.rows().select_related("source").filter(id=run_id).first()
    if run is None:
        raise NotFound
    return run


def outcome(run: ImportRun) -> Outcome:
    """Return how the rows stand."""
    rows = ImportRow.rows().filter(run=run)
    counts = dict(rows.order_by().values_list("state").annotate(n=Count("id")))
    why: Counter[str] = Counter()
    for problems in rows.filter(state=RowState.REFUSED).values_list("problems", flat=True):
        why[problems[0]["detail"] if problems else ""] += 1
    taken = rows.filter(submission__state="processed").order_by()
    verdicts = dict(taken.values_list("submission__verdict").annotate(n=Count("id")))
    return Outcome(
        {state.value: counts.get(state.value, 0) for state in RowState},
        why.most_common(10),
        list(rows.filter(state__in=[RowState.REFUSED, RowState.DUPLICATE, RowState.KEPT])[:SHOWN_ROWS]),
        verdicts,
    )


def preview(run: ImportRun) -> tuple[tuple[str, ...], list[tuple[int, dict[str, str]]]]:
    """Return the header, and the first rows as they are understood: field and text."""
    if run.state not in (RunState.OPEN, RunState.CHECKING, RunState.CHECKED):
        return (), []
    sheet, plan = sheet_of(run), plan_of(run)
    found = []
    for place in range(min(PREVIEWED, len(sheet))):
        inquiry = body(sheet, place, plan, kind=ImportKind(run.kind), source=run.source.key, own_id="preview")
        parts = ((part, value) for part, value in inquiry.items() if isinstance(value, dict))
        found.append((place + 1, {f"{part}.{name}": text for part, inner in parts for name, text in inner.items()}))
    return sheet.header, found
