"""Who really asks, behind proxies: the last address of `X-Forwarded-For` that is not a proxy of ours."""

import ipaddress
from collections.abc import Callable
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
MOST_HOPS = 20


class TrustedProxyMiddleware:
    """Set REMOTE_ADDR to the sender's address where the peer is one of LEADCRM_TRUSTED_PROXIES.

    From anybody else the header is not looked at: whoever sends it writes what they like into it. What an outer
    hop claims counts only as far as each hop towards us is trusted.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer under the address of who asks."""
        peer, told = request.META.get("REMOTE_ADDR", ""), request.META.get("HTTP_X_FORWARDED_FOR", "")
        if told and is_trusted(peer):
            request.META["REMOTE_ADDR"] = sender_of(peer, told)
        return self.get_response(request)


def sender_of(peer: str, told: str) -> str:
    """Return the first address, from our side, that no proxy of ours has; the nearest known where it is no address."""
    known = peer
    for hop in reversed(told.split(",")[-MOST_HOPS:]):
        try:
            known = str(ipaddress.ip_address(hop.strip()))
        except ValueError:
            return known
        if not is_trusted(known):
            return known
    return known


def is_trusted(address: str) -> bool:
    """Say whether an address is a proxy of ours."""
    try:
        asked = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(asked in network for network in _networks(settings.LEADCRM_TRUSTED_PROXIES))


@lru_cache(maxsize=4)
def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ipaddress.ip_network(each.strip()) for each in text.split(",") if each.strip())
