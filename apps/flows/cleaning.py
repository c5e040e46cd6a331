"""Change one field's value on a lead as part of a clean-up, and put it back (row VQ-14).

Judged by the rule that every change of a lead is judged by. The clean-up of many is `flows.bulk`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.audit import ledger
from apps.catalog.combinations import require_together
from apps.catalog.models import Campaign, Location, Service
from apps.catalog.queries import campaigns_by_key, locations_by_key, services_by_key, why_not_used
from apps.flows.consistency import look_again
from apps.flows.notes import EDITABLE, check_value
from apps.flows.release import reconsider
from apps.leads.actions import save_lead, tell
from apps.leads.models import Lead
from apps.ownership.queries import require_change
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.ids import new_id

#: Fields whose values are rows of the catalog, named by key.
KEYED: dict[str, type[Any]] = {"location": Location, "service": Service, "campaign": Campaign}
CLEANABLE = (*KEYED, *EDITABLE)


@dataclass(frozen=True, slots=True)
class ChangeValue:
    """Set a field of leads to a value (a key where the catalog names them), because of a reason.

    `was` is the value that is replaced: leads that hold another one by now are left as they are. None replaces any.
    """

    field: str
    value: str
    reason: str
    was: str | None = None


def require_cleaning(act: ChangeValue) -> None:
    """Raise Invalid for a field that is not cleaned up this way, a value that does not exist, or a missing reason."""
    problems = []
    if act.field not in CLEANABLE:
        problems.append(Problem("/field", "not_editable", f"One of: {', '.join(CLEANABLE)}."))
    elif act.field in KEYED:
        if act.field == "service" and act.value and (unused := why_not_used(act.value)) is not None:
            problems.append(Problem("/value", unused.code, unused.detail))
        elif _row_of(act.field, act.value) is None:
            problems.append(Problem("/value", "unknown_value", f"There is no {act.field} “{act.value}”."))
    elif (problem := check_value(act.field, act.value)) is not None:
        problems.append(Problem("/value", problem.code, problem.detail))
    if not act.reason.strip():
        problems.append(Problem("/reason", "reason_missing", "Say why, in a few words."))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))


def value_of(lead: Lead, field: str) -> str:
    """Return what a lead holds in a field, as clean-ups name it."""
    found = getattr(lead, field)
    return (found.key if found is not None else "") if field in KEYED else str(found)


def judge_value(actor: Actor, lead: Lead, act: ChangeValue, now: datetime) -> None:
    """Raise what keeps this lead from being changed."""
    require_change(actor, lead, (act.field,), now=now, action="lead.clean")
    held = value_of(lead, act.field)
    if held == act.value:
        raise Conflict("It has this value already.", code="same_value")
    if act.was is not None and held != act.was:
        raise Conflict("It holds another value by now.", code="other_value")
    if act.field in ("service", "location"):
        both = {name: value_of(lead, name) for name in ("service", "location")} | {act.field: act.value}
        require_together(both["service"], both["location"], "/value")


def change_value(lead: Lead, act: ChangeValue, *, actor: Actor, now: datetime) -> None:
    """Set the value on a locked lead, with its line in the story and in the ledger; the rules look at it again."""
    judge_value(actor, lead, act, now)
    _write(lead, act.field, act.value, actor=actor, now=now, why=act.reason.strip(), action="lead.clean")
    reconsider(lead.id, now=now)


def restore_value(lead: Lead, field: str, before: str, after: str, *, actor: Actor, now: datetime) -> bool:
    """Put a locked lead's former value back; False, and nothing changed, where somebody changed it since."""
    if value_of(lead, field) != after:
        return False
    _write(lead, field, before, actor=actor, now=now, why="Taken back.", action="lead.clean_undo")
    return True


def _write(lead: Lead, field: str, value: str, *, actor: Actor, now: datetime, why: str, action: str) -> None:
    event_id = new_id()
    setattr(lead, field, _row_of(field, value) if field in KEYED else value)
    save_lead(lead, [field])
    sentence = f"Changed in a clean-up: {field.replace('_', ' ')}. {why}"
    tell(lead, kind="edit", sentence=sentence, actor=actor, now=now, event_id=event_id)
    ledger.record(actor=actor, action=action, object_type="lead", object_id=lead.id, event_id=event_id, fields=[field])
    look_again(lead, now=now)


def _row_of(field: str, key: str) -> Any:
    readers: dict[str, Callable[[], Mapping[str, Any]]] = {
        "location": locations_by_key,
        "service": services_by_key,
        "campaign": campaigns_by_key,
    }
    return readers[field]().get(key)
