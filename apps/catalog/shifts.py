"""Who works when: a person's shift is a calendar, and nobody is given leads outside it (row HC-07)."""

from apps.accounts.models import Membership
from apps.accounts.saving import require_settings
from apps.audit import ledger
from apps.catalog.models import Calendar, WorkShift
from apps.tenancy.actor import Actor


def save_shift(*, actor: Actor, member: Membership, calendar: Calendar | None) -> bool:
    """Let a person work by a calendar's hours, or by their switch alone; say whether that is new.

    Refuses actors without `settings:write`.
    """
    require_settings(actor, "membership")
    row = WorkShift.rows().select_for_update().filter(membership=member).first()
    if (row.calendar_id if row else None) == (calendar.id if calendar else None):
        return False
    if row is not None:
        row.delete()
    if calendar is not None:
        WorkShift(membership=member, calendar=calendar).save(force_insert=True)
    ledger.record(
        actor=actor, action="membership.update", object_type="membership", object_id=member.id, fields=["shift"]
    )
    return True
