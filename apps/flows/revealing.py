"""Reveal a masked detail of a lead: to who reads its health, for a purpose of a fixed list, noted with it."""

from uuid import UUID

from apps.accounts.terms import FieldGroup
from apps.flows.masking import reads_health
from apps.flows.packages import reader_of, withheld_from
from apps.ownership.queries import lead_for
from apps.privacy import details
from apps.privacy.details import Detail
from apps.privacy.terms import MASKED_KINDS, RevealPurpose
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused

ACTION = "health_reveal.read"


def reveal(*, actor: Actor, lead_id: UUID, kind: str, purpose: str) -> list[Detail]:
    """Return the details of a masked kind, newest first; the ledger keeps who, when, which field and what for.

    Refuses roles that do not read health or insurance, and teams that got the lead without that field. Raises NotFound
    for a kind that is not masked, Invalid without a purpose of the list, Conflict where nothing is kept.
    """
    require_reveal(actor, lead_id, kind)
    if purpose not in set(RevealPurpose):
        sentence = "Choose what for."
        raise Invalid(sentence, (Problem("/purpose", "unknown_purpose", sentence),))
    found = details.reveal(actor=actor, subject_id=lead_id, kind=kind, purpose=purpose, action=ACTION)
    if not found:
        raise Conflict("Nothing of this kind is on record.", code="nothing_kept")
    return found


def require_reveal(actor: Actor, lead_id: UUID, kind: str) -> None:
    """Refuse who may not have a detail of this kind revealed, whatever for."""
    lead_for(actor, lead_id)
    if kind not in MASKED_KINDS:
        raise NotFound
    withheld = withheld_from(actor, [lead_id]).get(lead_id, frozenset())
    reader = reader_of(actor, lead_id)
    if not reads_health(reader) or FieldGroup.INSURANCE in reader.hidden_fields or kind in withheld:
        raise Refused(
            "This is hidden from your role.",
            code="masked",
            action=ACTION,
            object_type="lead",
            object_id=lead_id,
            fields=(kind,),
        )
