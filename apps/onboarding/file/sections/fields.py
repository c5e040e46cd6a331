"""The section about the keeping of fields: who maintains each, and how long it is kept."""

from collections.abc import Iterable

from apps.accounts.models import Team
from apps.accounts.saving import switch_off
from apps.catalog.keeping import keepings, save_keeping
from apps.catalog.models import FieldKeeping
from apps.catalog.terms import FieldUse
from apps.onboarding.file.run import Run, at
from apps.onboarding.file.schema_catalog import FieldKeepingPart
from apps.onboarding.terms import Effect


def apply_keeping(run: Run, parts: Iterable[FieldKeepingPart]) -> None:
    """Save what is said of fields; of those not named nothing is said any more."""
    parts = list(parts)
    teams = {row.key: row for row in Team.rows()}
    for place, part in enumerate(parts):
        values = {
            "team": teams[part.team] if part.team else None,
            "kept_months": part.kept_months,
            "purposes": list(part.purposes),
            "note": part.note,
        }
        with at("field_keeping", place):
            saved = save_keeping(actor=run.actor, field=part.field, values=values)
        run.note("field_keeping", "field keeping", part.field, saved.row.id, saved.change)
    for row in switch_off(FieldKeeping, actor=run.actor, keep={part.field for part in parts}, key="field"):
        run.changes.note(Effect.DEACTIVATED, "field keeping", row.field)


def export_keeping() -> list[FieldKeepingPart]:
    """Return what is said of fields."""
    return [
        FieldKeepingPart(
            field=row.field,
            team=row.team.key if row.team else None,
            kept_months=row.kept_months,
            purposes=tuple(FieldUse(each) for each in row.purposes),
            note=row.note,
        )
        for _, row in sorted(keepings().items())
    ]
