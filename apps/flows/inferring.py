"""The marks of inferred values on a lead: set where rules read a field out of words, ended when anybody states it.

An inferred value fills a gap and no more. A stated one, by the sender, by a colleague or by a transfer, takes its
place and ends the mark (row CP-11).
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from apps.capture.inference import FIELDS
from apps.catalog.queries import locations_by_key, services_by_key
from apps.flows.arrival import Case, facts_of_service
from apps.leads.actions import tell
from apps.leads.models import InferredValue, Lead
from apps.tenancy.actor import system_actor
from apps.tenancy.scope import current_organization_id
from apps.tenancy.writing import insert


def mark(case: Case, lead: Lead, fields: Iterable[str]) -> None:
    """Mark those of the fields that the case inferred, with rule and version, and say so in the lead's story."""
    version, taken = case.versions.get("inference"), set(fields)
    for each in case.draft.inferred:
        if each.field not in taken or version is None:
            continue
        insert(
            InferredValue(
                lead=lead,
                field=each.field,
                value=each.value,
                rule_id=each.rule_id,
                version=version.number,
                at=case.now,
            )
        )
        tell(
            lead,
            kind="inferred",
            sentence=f"{_words(each.field, each.value)}: inferred by {each.rule_id} (version {version.number}).",
            actor=system_actor(current_organization_id(), "inference"),
            now=case.now,
        )


def marked_fields(lead: Lead) -> frozenset[str]:
    """Return the lead's fields whose value is inferred and nobody has stated."""
    rows = InferredValue.rows().filter(lead=lead, ended_at__isnull=True)
    return frozenset(rows.values_list("field", flat=True))


def unmark(lead: Lead, fields: Iterable[str], *, by: str, now: datetime) -> None:
    """End the marks of fields that somebody has stated; fields without a mark are passed over."""
    wanted = [name for name in fields if name in FIELDS]
    if wanted:
        rows = InferredValue.rows().filter(lead=lead, field__in=wanted, ended_at__isnull=True)
        rows.update(ended_at=now, ended_by=by[:200])


def stated_in(case: Case) -> dict[str, str]:
    """Return what the inquiry itself says of the fields that can be inferred."""
    inferred = {each.field for each in case.draft.inferred}
    said = {name: str(getattr(case.draft, column)) for name, column in FIELDS.items() if name not in inferred}
    return {name: value for name, value in said.items() if value}


def yielding(case: Case, known: Mapping[str, Any], earlier: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts with what the lead knows in place of what was only inferred now."""
    names = {each.field for each in case.draft.inferred}
    names |= {"requested_location"} if "location" in names else set()
    kept = {name: earlier[name] for name in names if earlier.get(name)}
    found = dict(known) | kept
    if "service" in kept:
        found |= facts_of_service(str(kept["service"]), known.get("age"), case.draft.patient_type)
    return found


def _words(field: str, value: str) -> str:
    row: Any = {"service": services_by_key().get(value), "location": locations_by_key().get(value)}.get(field)
    label = row.name if row is not None else value.replace("_", " ")
    return f"{field.replace('_', ' ').capitalize()} {label}"
