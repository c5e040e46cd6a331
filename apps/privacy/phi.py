"""Since when a lead is protected health information, and by which rule. The first moment stays."""

from collections.abc import Collection, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from uuid import UUID

from apps.privacy.decisions import crosses
from apps.privacy.models import PhiState


def look_at_phi(
    subject_id: UUID,
    told: Mapping[str, str],
    *,
    now: datetime,
    triggers: AbstractSet[str] = frozenset(),
) -> None:
    """Note that a lead became PHI, where what is told now makes it that and it was not; `told` is text by field.

    One statement, which changes nothing where the lead is PHI already: two at once cannot make two moments. What was
    said is not kept here, only the rule and the name of the field.
    """
    found = crosses(told, triggers)
    if found is not None:
        row = PhiState(subject_id=subject_id, since=now, rule=found.rule, field=found.field)
        PhiState.objects.bulk_create([row], ignore_conflicts=True)


def state_of(subject_id: UUID) -> PhiState | None:
    """Return since when a lead is PHI; None where it is contact data alone."""
    return PhiState.rows().filter(subject_id=subject_id).first()


def phi_among(subject_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return which of these leads are PHI, in one query."""
    found = PhiState.rows().filter(subject_id__in=list(subject_ids)).values_list("subject_id", flat=True)
    return frozenset(found) if subject_ids else frozenset()
