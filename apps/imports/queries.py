"""Reads of imports: the runs, how many rows are good for what, and the first of each kind."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from apps.accounts.assets import require_asset_view, visible_assets
from apps.accounts.models import Team
from apps.accounts.terms import FieldGroup
from apps.flows.team_ties import Tie
from apps.imports.actions import body_of_row, check_in_of, plan_of, require, sheet_of
from apps.imports.decisions.check_ins import CheckIn
from apps.imports.models import ImportRow, ImportRun
from apps.imports.terms import ImportKind, RowState, RunState
from apps.tenancy.actor import Actor
from apps.tenancy.errors import NotFound

#: Parts of an inquiry by the group that a role profile names.
_GROUPS: Mapping[str, FieldGroup] = {
    "person": FieldGroup.CONTACT,
    "on_behalf_of": FieldGroup.CONTACT,
    "insurance": FieldGroup.INSURANCE,
    "attribution": FieldGroup.MARKETING,
    "referral": FieldGroup.HEALTH,
    "request.message": FieldGroup.HEALTH,
}
SHOWN_ROWS, SHOWN_RUNS, PREVIEWED = 200, 50, 5


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run stands: rows by state, why rows were refused, and the first refused ones."""

    counts: dict[str, int]
    reasons: list[tuple[str, int]]
    refused: list[ImportRow]
    verdicts: dict[str, int]
    are_inquiries: bool = True

    @property
    def worked(self) -> int:
        """Return how many inquiries of the file the intake has worked on."""
        return sum(self.verdicts.values())

    @property
    def waiting(self) -> int:
        """Return how many wait for the intake."""
        return self.counts[RowState.TAKEN] - self.worked if self.are_inquiries else 0


@dataclass(frozen=True, slots=True)
class PreviewedRow:
    """A row as it is understood: field in words and text; `check_in` where a column says when the person came."""

    number: int
    fields: dict[str, str]
    check_in: CheckIn | None = None


def runs(actor: Actor) -> list[ImportRun]:
    """Return the last runs without their files, those of other teams left out. Refuses who may not import."""
    require(actor)
    rows = ImportRun.rows().filter(visible_assets(actor)).defer("file").select_related("source")
    return list(rows[:SHOWN_RUNS])


def run_for(actor: Actor, run_id: UUID) -> ImportRun:
    """Return a run. Refuses who may not import, and lists that are kept from the actor; raises NotFound."""
    require(actor)
    run: ImportRun | None = ImportRun.rows().select_related("source").filter(id=run_id).first()
    if run is None:
        raise NotFound
    require_asset_view(actor, run)
    return run


def seen_submissions(actor: Actor) -> Q:
    """Return the condition for submissions that came by no list which is kept from the actor."""
    seen = ImportRun.rows().filter(visible_assets(actor))
    return Q(~Exists(ImportRow.rows().filter(submission=OuterRef("pk")).exclude(run__in=seen)))


def list_behind(submission_id: UUID) -> ImportRun | None:
    """Return the list that a submission came by."""
    row = ImportRow.rows().filter(submission_id=submission_id).select_related("run").first()
    return row.run if row else None


def lists_of(team: Team, now: datetime) -> Iterator[Tie]:
    """Yield how many lists a team owns: they hang on it."""
    count = ImportRun.rows().filter(owning_team=team).count()
    if count:
        yield Tie("lists", f"{count} calling list" if count == 1 else f"{count} calling lists")


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
        run.kind != ImportKind.OPT_OUTS,
    )


def preview(actor: Actor, run: ImportRun, now: datetime) -> tuple[tuple[str, ...], list[PreviewedRow]]:
    """Return the header, and the first rows as they are understood, without what the actor's role does not see."""
    if run.state not in (RunState.OPEN, RunState.CHECKING, RunState.CHECKED):
        return (), []
    sheet, plan = sheet_of(run), plan_of(run)
    found = []
    for place in range(min(PREVIEWED, len(sheet))):
        came = check_in_of(sheet, place, plan, now)
        parts = body_of_row(run, sheet, place, plan, came).items()
        fields = {
            f"{part}: {name}".replace("_", " "): text
            for part, inner in parts
            if isinstance(inner, dict)
            for name, text in inner.items()
            if _GROUPS.get(f"{part}.{name}", _GROUPS.get(part)) not in actor.hidden_fields
        }
        found.append(PreviewedRow(place + 1, fields, came))
    return sheet.header, found
