"""Notes and small corrections: added to the story, never written over."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.audit import ledger
from apps.catalog.combinations import why_not_together
from apps.catalog.queries import locations_by_key, services_by_key, why_not_used
from apps.flows.clashes import lock_unchanged, value_of
from apps.flows.consistency import look_again
from apps.flows.eligibility import look_at_eligibility
from apps.flows.inferring import unmark
from apps.flows.release import reconsider
from apps.flows.waking import wake
from apps.leads.actions import lock_lead, save_lead, tell
from apps.leads.models import Lead, TimelineEntry
from apps.leads.queries import gates_in_force
from apps.leads.terms import APPOINTMENT_TYPE as VISIT
from apps.leads.terms import COLLECTABLE
from apps.ownership.queries import lead_for, lead_to_change, require_change
from apps.privacy import details
from apps.privacy.phi import look_at_phi
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, Problem

#: What an editor may correct on a lead; owner, stage, status, outcome and closure have verbs of their own.
EDITABLE = {
    "patient_type": ("", "new", "established"),
    "timeframe": None,
    "preferred_channel": ("", "call", "text", "email"),
    "appointment_type": None,
    "part_of_day": ("", "morning", "afternoon"),
    "best_time": None,
    "payer": None,
}
#: What stands on a lead by the key of the catalog; where the lead waits in which queue stays as it is.
PICKED: Mapping[str, Callable[[], Mapping[str, Any]]] = {"service": services_by_key, "location": locations_by_key}
LONGEST = 100
#: What is kept sealed beside the lead, one line for each time that it is told; read with the other health details.
SEALED = ("insurance_member",)


def add_note(*, actor: Actor, lead_id: UUID, text: str, now: datetime) -> TimelineEntry:
    """Add a note. Notes are append-only; a correction is another note (row TA-07).

    Refuses people who do not see the lead, and roles that may not edit any.
    """
    lead = lead_for(actor, lead_id)
    if not text.strip():
        raise Invalid("Write something.", (Problem("/text", "missing", "Write something."),))
    require_change(actor, lead, ("notes",), now=now, action="lead.note")
    entry = tell(lead, kind="note", sentence="Note", actor=actor, now=now, note=text.strip())
    ledger.record(actor=actor, action="lead.note", object_type="lead", object_id=lead.id, fields=["notes"])
    return entry


def edit_lead(
    *,
    actor: Actor,
    lead_id: UUID,
    changes: Mapping[str, str],
    now: datetime,
    version: int | None = None,
    source: str = "",
) -> Lead:
    """Change fields of a lead. A locked field is refused with its owner's sentence; nothing is changed.

    Service and location are named by their keys; correcting them moves the lead nowhere, which is a transfer's part.
    A service and an office that do not go together are refused, whoever named the other one.
    Whoever states a field ends its mark of an inferred value, also by the same value (row CP-11). `source` is a
    sentence that the story adds: where the values are from. What the stage does not collect yet is refused (row PH-10).
    """
    lead_to_change(actor, lead_id)
    sealed = {name: changes[name] for name in SEALED if name in changes}
    lead = lock_unchanged(
        lead_id, version=version, mine={name: changes[name] for name in changes if name not in sealed}
    )
    require_change(actor, lead, tuple(changes), now=now, action="lead.edit")
    open_fields = {name: value for name, value in changes.items() if name not in sealed}
    fresh = {name: value for name, value in open_fields.items() if name not in PICKED or value_of(lead, name) != value}
    problems = _not_collected(lead, fresh | sealed, now)
    problems += [problem for name, value in (fresh | sealed).items() if (problem := check_value(name, value))]
    if not problems and (problem := _why_not_offered(lead, fresh)) is not None:
        problems = [problem]
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))
    changed = [name for name, value in fresh.items() if value_of(lead, name) != value]
    newly_told = [name for name in changed if not value_of(lead, name)]
    for name in changed:
        setattr(lead, name, PICKED[name]().get(changes[name]) if name in PICKED else changes[name])
    _seal(lead, sealed, actor=actor, now=now)
    unmark(lead, open_fields, by=actor.label, now=now)
    if changed:
        save_lead(lead, changed)
        words = ", ".join(name.replace("_", " ") for name in changed)
        tell(lead, kind="edit", sentence=f"Changed: {words}. {source}".strip(), actor=actor, now=now)
        ledger.record(actor=actor, action="lead.edit", object_type="lead", object_id=lead.id, fields=changed)
        look_again(lead, now=now)
        if wake(lead, newly_told, by=actor, now=now) or reconsider(lead.id, now=now):
            return lock_lead(lead.id)
        look_at_eligibility(lead, now)
    return lead


def not_collected(lead: Lead, now: datetime) -> frozenset[str]:
    """Return the fields that nobody is asked for at the lead's stage; forms leave them out."""
    gates = gates_in_force(now)
    return frozenset(name for name in COLLECTABLE if not gates.collects(lead.stage.key, name))


def _not_collected(lead: Lead, fresh: Mapping[str, str], now: datetime) -> list[Problem]:
    """Refuse what is new and not collected at the lead's stage; what is on record already may come again."""
    apart = not_collected(lead, now)
    return [
        Problem(f"/{name}", "not_collected_yet", "Not collected at this step.")
        for name, value in fresh.items()
        if name in apart and value and (name in SEALED or value_of(lead, name) != value)
    ]


def _seal(lead: Lead, sealed: Mapping[str, str], *, actor: Actor, now: datetime) -> None:
    """Keep what is sealed beside the lead; the story and the ledger name the field, never the value."""
    told = {name: value.strip() for name, value in sealed.items() if value.strip()}
    for name, value in told.items():
        details.keep(subject_id=lead.id, kind=name, text=value, now=now)
    if told:
        look_at_phi(lead.id, told, now=now)
        words = ", ".join(name.replace("_", " ") for name in told)
        tell(lead, kind="edit", sentence=f"Added: {words}.", actor=actor, now=now)
        ledger.record(actor=actor, action="lead.edit", object_type="lead", object_id=lead.id, fields=sorted(told))


def _why_not_offered(lead: Lead, fresh: Mapping[str, str]) -> Problem | None:
    """Return what is wrong with service and office together, where one of them is being changed (row RT-19)."""
    if (problem := why_no_such_visit(lead, fresh)) is not None or not fresh.keys() & PICKED.keys():
        return problem
    service, location = (fresh.get(name, value_of(lead, name)) for name in PICKED)
    return why_not_together(service, location, "/location" if "location" in fresh else "/service")


def why_no_such_visit(lead: Lead, fresh: Mapping[str, str]) -> Problem | None:
    """Return what is wrong with a type of visit that the lead's service does not have (row AP-12)."""
    wanted = fresh.get(VISIT, "")
    row = services_by_key().get(fresh.get("service", value_of(lead, "service")))
    if not wanted or row is None or not row.appointment_types or wanted in row.appointment_types:
        return None
    sentence = f"{row.name} has no visit “{wanted}”. It has: {', '.join(row.appointment_types)}."
    return Problem(f"/{VISIT}", "not_in_picklist", sentence)


def check_value(name: str, value: str) -> Problem | None:
    """Return what is wrong with a value of an editable field; None where it may be kept."""
    if name == "service" and isinstance(value, str) and value:
        return why_not_used(value)
    if name in PICKED:
        known = isinstance(value, str) and (not value or value in PICKED[name]())
        return None if known else Problem(f"/{name}", "not_in_picklist", f"There is no such {name}.")
    if name in SEALED:
        is_text = isinstance(value, str) and len(value) <= LONGEST
        return None if is_text else Problem(f"/{name}", "too_long", f"At most {LONGEST} characters of text.")
    if name not in EDITABLE:
        return Problem(f"/{name}", "not_editable", f"{name.replace('_', ' ')} is not changed here.")
    allowed = EDITABLE[name]
    longest = getattr(Lead._meta.get_field(name), "max_length", None) or LONGEST
    if not isinstance(value, str) or len(value) > longest:
        return Problem(f"/{name}", "too_long", f"At most {longest} characters of text.")
    if allowed is not None and value not in allowed:
        return Problem(f"/{name}", "not_in_picklist", f"One of: {', '.join(each for each in allowed if each)}.")
    return None
