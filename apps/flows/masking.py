"""What marketing sees of a lead once it is protected health information: what it paid for, and nobody's name (PH-15).

A marketing view is a profile that hides health details and may only read contact data. Beside them a name, a number or
an address would tell who asks for care; so what such a profile sees of a lead that is PHI is a list of what is allowed,
and a column that nobody put there stays hidden. Everybody else sees what the groups of their profile say.
"""

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from django.db.models import Q

from apps.accounts.profiles import is_marketing_view
from apps.accounts.terms import FieldGroup, Permission
from apps.capture.terms import CAMPAIGN_WORDS
from apps.leads.models import Lead
from apps.privacy.health_words import tells_of_health
from apps.privacy.phi import phi_among
from apps.tenancy.actor import Actor

#: What a lead's contact data are called where fields pass one by one.
PERSONAL = frozenset({"name", "phone", "email", "date_of_birth"})
#: What a marketing view is shown of a lead that is PHI, by the names of the program's answer: where it came from and
#: how far it got, in the tenant's own keys.
MARKETING_SEES = frozenset(
    {
        *("id", "ref", "stage", "stage_label", "status", "owner_team", "version", "pipeline", "called", "lead_class"),
        *("validity", "hold_reason", "exception", "location", "priority", "fit", "intent", "owner", "owner_since"),
        *("queue", "attempts", "last_outcome", "source", "campaign", "capture_method", "captured_at"),
        *("closed_at", "closure_reason", "outcome", "duplicate_of", "is_test", "mapping_version", "consent", "parties"),
        *("clocks", "next_action_at", "due_at", "person", "contact_person"),
    }
)


def masked_leads(actor: Actor, lead_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return which leads are masked for the actor: those that are PHI, in a marketing view; one query or none."""
    return phi_among(lead_ids) if is_marketing_view(actor) else frozenset()


def masked_people(actor: Actor, person_ids: Collection[UUID]) -> frozenset[UUID]:
    """Return which people are masked for the actor, as one of their inquiries is PHI; two queries or none."""
    if not person_ids or not is_marketing_view(actor):
        return frozenset()
    theirs = Lead.rows().filter(Q(person_id__in=person_ids) | Q(contact_person_id__in=person_ids))
    rows = list(theirs.values_list("id", "person_id", "contact_person_id"))
    phi = phi_among([row[0] for row in rows])
    return frozenset(each for row in rows if row[0] in phi for each in row[1:] if each is not None)


def reads_service(actor: Actor) -> bool:
    """Say whether a profile sees what service a lead asks for: beside a name it is a fact of health (PH-02)."""
    return FieldGroup.HEALTH not in actor.hidden_fields


def reads_health(actor: Actor) -> bool:
    """Say whether a profile reads what people say about their health."""
    return actor.may(Permission.HEALTH_READ) and FieldGroup.HEALTH not in actor.hidden_fields


#: What stands for a word of health where marketing reads what brought somebody.
LEFT_OUT = "(left out)"
#: What advertisers name themselves: an advertisement about a disease, and the word it is bought for (row CP-21), say
#: nothing yet of who saw it; the address somebody came from or to may hold what that person searched for.
_OWN_NAMES = frozenset({*CAMPAIGN_WORDS, "campaign", "ad_group", "keyword", "tracking_number"})


def without_health(attribution: Mapping[str, Any]) -> dict[str, Any]:
    """Return what brought somebody as it is kept for marketing: without values that hold words of health (row PH-05).

    Rules read the inquiry as it came, which stays sealed; of an address with such words the part before the first
    question mark stays, where that holds none.
    """
    return {name: value if name in _OWN_NAMES else _bare(value) for name, value in attribution.items()}


def _bare(value: Any) -> Any:
    if not isinstance(value, str) or not tells_of_health(value):
        return value
    place, mark, _query = value.partition("?")
    return place if mark and not tells_of_health(place) else LEFT_OUT
