"""Whose pages these are: an agency's person sees the own agency, a colleague with the right chooses one."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from apps.accounts.models import Party
from apps.accounts.terms import Permission
from apps.partners import delivery_log
from apps.partners.terms import Mode
from apps.tenancy.errors import NotFound
from apps.tenancy.organizations import current_organization
from leadcrm.http.scoping import ActorRequest


@dataclass(frozen=True, slots=True)
class Desk:
    """The agency that is looked at, live or test, and what the visitor may do for it."""

    party: Party
    mode: Mode
    zone: str
    may_manage: bool
    may_rehearse: bool
    may_submit: bool = False
    agencies: tuple[Party, ...] = ()

    def url(self, name: str, *args: object, **query: str) -> str:
        """Return the address of one of the pages, with the agency and the mode kept."""
        kept = {
            "agency": self.party.key if self.agencies else "",
            "mode": "test" if self.mode is Mode.TEST else "",
            **query,
        }
        text = urlencode({key: value for key, value in kept.items() if value})
        return reverse(f"partner:{name}", args=args) + (f"?{text}" if text else "")

    def shown(self) -> dict[str, Any]:
        """Return what every page of the agency shows."""
        return {
            "desk": self,
            "is_test": self.mode is Mode.TEST,
            "home_url": self.url("home"),
            "deliveries_url": self.url("deliveries"),
            "keys_url": self.url("keys"),
            "test_url": self.url("test"),
            "submit_url": self.url("submit", mode="") if self.may_submit else "",
            "find_url": self.url("find"),
        }


def desk_of(request: ActorRequest) -> Desk:
    """Return the visitor's desk. For who has no business with agencies the pages do not exist."""
    actor = request.actor
    if not actor.may(Permission.DELIVERY_READ):
        raise NotFound
    mode = Mode.TEST if request.GET.get("mode") == "test" else Mode.LIVE
    agencies: tuple[Party, ...] = ()
    if actor.party_id is not None:
        party = delivery_log.agency(actor.party_id)
    else:
        agencies = tuple(delivery_log.agencies())
        party = _chosen(agencies, request.GET.get("agency", ""))
    may_manage = actor.may(Permission.AGENCY_MANAGE) or actor.may(Permission.KEY_MANAGE)
    may_rehearse = actor.may(Permission.AGENCY_MANAGE) or actor.may(Permission.DELIVERY_POST)
    may_submit = actor.party_id is not None and actor.may(Permission.DELIVERY_POST)
    return Desk(party, mode, current_organization().zone, may_manage, may_rehearse, may_submit, agencies)


def _chosen(agencies: tuple[Party, ...], key: str) -> Party:
    """Return the named agency, or the first one where none is named."""
    found = next((each for each in agencies if key in ("", each.key)), None)
    if found is None:
        raise NotFound
    return found
