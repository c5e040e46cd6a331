"""What a provider's word on a text means, whether it comes at sending or later. Source: Twilio's error dictionary."""

from collections.abc import Mapping

from apps.outreach.terms import DeliveryResult

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
