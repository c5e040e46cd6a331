"""Legal holds: nothing of a person, a lead or a class of data is erased while it is held (row AU-06)."""

from datetime import datetime
from uuid import UUID

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.compliance.retention_models import LegalHold
from apps.compliance.retention_terms import HoldScope
from apps.leads.models import Lead
from apps.privacy.retention import DataClass
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused


def hold(*, actor: Actor, scope: HoldScope, subject: str, reason: str, now: datetime) -> LegalHold:
    """Hold something: a lead by its number, the person of a lead by its number, or a class of data by its name."""
    require_holder(actor)
    if not reason.strip():
        raise Invalid("Say why.", (Problem("/reason", "missing", "Say why it is held."),))
    row = LegalHold(scope=scope, reason=reason.strip()[:300], set_by=actor.label, set_at=now)
    if scope is HoldScope.CLASS:
        if subject not in list(DataClass):
            wrong = "One of: " + ", ".join(DataClass) + "."
            raise Invalid(wrong, (Problem("/subject", "bad_value", wrong),))
        row.data_class = subject
    else:
        lead = _lead(subject)
        row.person_id = (lead.person.merged_into_id or lead.person_id) if scope is HoldScope.PERSON else None
        row.lead = lead if scope is HoldScope.LEAD else None
    row.save(force_insert=True)
    detail = {"scope": scope.value, "class": row.data_class, "person": str(row.person_id or "")}
    subject_id = row.lead_id or row.id
    ledger.record(actor=actor, action="retention.hold", object_type="legal_hold", object_id=subject_id, detail=detail)
    return row


def release(*, actor: Actor, hold_id: UUID, because: str, now: datetime) -> None:
    """End a hold, with the reason."""
    require_holder(actor)
    row = LegalHold.rows().filter(id=hold_id).first()
    if row is None:
        raise NotFound
    if row.ended_at:
        raise Conflict("This hold ended already.")
    if not because.strip():
        raise Invalid("Say why.", (Problem("/because", "missing", "Say why it ends."),))
    row.ended_at, row.ended_by, row.ended_because = now, actor.label, because.strip()[:300]
    row.save(update_fields=["ended_at", "ended_by", "ended_because"])
    ledger.record(actor=actor, action="retention.release", object_type="legal_hold", object_id=row.id)


def _lead(typed: str) -> Lead:
    number = typed.strip().upper().removeprefix("L-")
    found = Lead.rows().filter(number=int(number)).select_related("person").first() if number.isdigit() else None
    if found is None:
        wrong = "There is no lead with this number."
        raise Invalid(wrong, (Problem("/subject", "unknown", wrong),))
    return found


def require_holder(actor: Actor) -> None:
    """Refuse who may not set or end a legal hold."""
    if not actor.may(Permission.RETENTION_PROPOSE) or actor.is_agency:
        raise Refused(
            "This takes the right “retention: propose”.",
            action="retention.hold",
            object_type="legal_hold",
            object_id=None,
        )
