"""What a profile amounts to, said of an actor: no role is named in code."""

from apps.accounts.terms import FieldGroup, Permission
from apps.tenancy.actor import Actor


def is_marketing_view(actor: Actor) -> bool:
    """Say whether a profile reads contact data without working with them, and nothing about health."""
    reads_only = FieldGroup.CONTACT in actor.read_only_fields and not actor.may(Permission.LEAD_CONTACT)
    return reads_only and FieldGroup.HEALTH in actor.hidden_fields
