"""The address of who asks: believed of our own proxies only, and only as far as they vouch for it."""

import pytest
from django.http import HttpRequest, HttpResponse

from leadcrm.http.proxies import TrustedProxyMiddleware

PROXIES = "10.0.0.0/8, 2001:db8::1"


@pytest.mark.parametrize(
    ("peer", "told", "seen"),
    [
        ("203.0.113.9", "198.51.100.7", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "198.51.100.7, 203.0.113.5", "203.0.113.5"),
        ("10.0.0.1", "1.2.3.4, 203.0.113.5, 10.9.9.9", "203.0.113.5"),
        ("10.0.0.1", "10.2.2.2", "10.2.2.2"),
        ("10.0.0.1", "nobody, <script>", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.7, unknown, 10.3.3.3", "10.3.3.3"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("2001:db8::1", "2001:db8:1::7", "2001:db8:1::7"),
        ("", "198.51.100.7", ""),
    ],
)
def test_who_asks(settings, peer, told, seen):
    settings.LEADCRM_TRUSTED_PROXIES = PROXIES
    request, found = HttpRequest(), []
    request.META = {"REMOTE_ADDR": peer, "HTTP_X_FORWARDED_FOR": told}
    TrustedProxyMiddleware(lambda asked: found.append(asked.META["REMOTE_ADDR"]) or HttpResponse())(request)
    assert found == [seen]


def test_nobody_is_believed_unless_named(settings):
    assert settings.LEADCRM_TRUSTED_PROXIES == ""
    request = HttpRequest()
    request.META = {"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "198.51.100.7"}
    TrustedProxyMiddleware(lambda asked: HttpResponse())(request)
    assert request.META["REMOTE_ADDR"] == "127.0.0.1"
