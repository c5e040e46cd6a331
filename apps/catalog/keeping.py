"""Who maintains a field and how long it is kept, as the tenant says it; the data dictionary shows it (row DD-01)."""

from collections.abc import Mapping
from typing import Any

from apps.accounts.saving import Saved, require_settings, save_row
from apps.catalog.field_keeping import LONGEST_KEPT
from apps.catalog.field_names import STANDARD_FIELDS
from apps.catalog.models import CustomField, FieldKeeping
from apps.catalog.terms import FieldUse
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, Problem
from apps.tenancy.stamps import settings_read


@settings_read
def keepings() -> dict[str, FieldKeeping]:
    """Return what was said of fields, by field, with the team."""
    return {row.field: row for row in FieldKeeping.rows().filter(is_active=True).select_related("team")}


def save_keeping(*, actor: Actor, field: str, values: Mapping[str, Any]) -> Saved[FieldKeeping]:
    """Say who maintains a field, how long it is kept, and what it is used for.

    Refuses a field that the dictionary does not have, a team that is no more, months beyond a hundred years, and
    purposes that nobody knows.
    """
    require_settings(actor, "fieldkeeping")
    problems, team, months = [], values.get("team"), values.get("kept_months")
    if field not in STANDARD_FIELDS and not CustomField.rows().filter(key=field).exists():
        problems.append(Problem("/field", "unknown_field", f"“{field}” is no field of the data dictionary."))
    if team is not None and not team.is_active:
        problems.append(Problem("/team", "inactive", f"{team.name} is switched off."))
    if months is not None and not 1 <= months <= LONGEST_KEPT:
        problems.append(Problem("/kept_months", "out_of_range", f"From 1 to {LONGEST_KEPT} months."))
    unknown = sorted(set(values.get("purposes") or ()) - set(FieldUse))
    if unknown:
        sentence = f"“{unknown[0]}” is no purpose; there are {', '.join(FieldUse)}."
        problems.append(Problem("/purposes", "unknown_purpose", sentence))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))
    return save_row(FieldKeeping, actor=actor, find={"field": field}, values={"is_active": True, **values})
