"""What a provider's word on a text means (source: Twilio's error dictionary), and what a link still opens."""

from collections.abc import Collection, Mapping
from datetime import datetime

from apps.outreach.terms import DeliveryResult, LinkStanding, RequestState

#: Why a text did not arrive: nobody has the number, the phone or its network could not take it, it is a
#: landline, the person said stop.
TEXT_ERRORS: Mapping[str, DeliveryResult] = {
    "30005": DeliveryResult.HARD_BOUNCE,
    "21211": DeliveryResult.HARD_BOUNCE,
    "30006": DeliveryResult.TAKES_NO_TEXTS,
    "21614": DeliveryResult.TAKES_NO_TEXTS,
    "30003": DeliveryResult.SOFT_BOUNCE,
    "30008": DeliveryResult.SOFT_BOUNCE,
    "30004": DeliveryResult.BLOCKED,
    "30007": DeliveryResult.FAILED,
    "21610": DeliveryResult.UNSUBSCRIBED,
}


def link_standing(
    *, state: str, expires_at: datetime | None, missing: Collection[str], is_closed: bool, now: datetime
) -> LinkStanding:
    """Say what whoever opens a link finds.

    A link serves once and for its time. Where its lead is closed, or somebody found out meanwhile what it asks for,
    nothing is left to tell.
    """
    if state != RequestState.OPEN:
        return LinkStanding(state)
    if is_closed or not missing:
        return LinkStanding.SETTLED
    return LinkStanding.LIVE if expires_at is not None and now < expires_at else LinkStanding.EXPIRED
