"""Published pairs of body and signature: the examples are true here, and stale an hour later."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.connectors.providers import providers
from apps.connectors.terms import HookRequest, Proof
from tests.connectors.senders import SAMPLES

SIGNED_AT = datetime(2026, 11, 20, 15, 0, 1, tzinfo=UTC)
HUBSPOT_URL = "https://crm.example.com/hooks/t/demo/hubspot"
VECTORS = [
    ("typeform", "lead", {"typeform-signature": "sha256=4ukgl5W0clsGWNVaZ6tprpvbv9C+C5Fv/M9hkRMPUG4="}),
    ("intercom", "lead", {"x-hub-signature": "sha1=4ef0b5a0372960a5d43d3eba46f9b62eba5ed440"}),
    ("tawk", "lead", {"x-tawk-signature": "b037ae298fe3fbff4c6b046fea691b9f7b34192a"}),
    (
        "webflow",
        "lead",
        {
            "x-webflow-timestamp": "1795186801000",
            "x-webflow-signature": "0ddbb8fe7adc88e2604211c926a1aeed1e9aa4c4638b3537d156c38ce05eb248",
        },
    ),
    ("calcom", "lead", {"x-cal-signature-256": "8a4acc2f6f379dc063bb909ade4e96fecb55a4af39d0f69d02d68da4ef1a59ff"}),
    (
        "calendly",
        "lead",
        {
            "calendly-webhook-signature": (
                "t=1795186801,v1=27e5e46dd959bd91d1e03263d2bc6e0b1d68cf4fa55c26bbf257f2f778edb2c9"
            )
        },
    ),
    (
        "chatwoot",
        "lead",
        {
            "x-chatwoot-timestamp": "1795186861",
            "x-chatwoot-signature": "sha256=2368a324dd17171affe7fbd3fb5e9255e9d3dac5c0bdcde9b5744b709566fa58",
        },
    ),
    (
        "hubspot",
        "events",
        {
            "x-hubspot-request-timestamp": "1795186801000",
            "x-hubspot-signature-v3": "EV1GcE0cO3wmKRpR/io4+dsPBnzvIJlAWHqyt2V7u88=",
        },
    ),
]
SECRETS = {"hubspot": "demo-client-secret", "calendly": "demo-calendly-key", "calcom": "demo-cal-secret"}
TIMED = {"webflow", "chatwoot", "hubspot", "calendly"}


@pytest.mark.parametrize(("key", "name", "headers"), VECTORS)
def test_the_published_signature_is_true(key: str, name: str, headers: dict[str, str]) -> None:
    prove, secret = providers()[key].prove, SECRETS.get(key, f"demo-{key}-secret")
    raw = (SAMPLES / key / "samples" / f"{name}.json").read_bytes().strip()
    request = HookRequest("POST", HUBSPOT_URL, headers, {}, raw)
    later = SIGNED_AT + timedelta(hours=1)
    assert prove(request, [secret], SIGNED_AT) is Proof.GOOD
    assert prove(request, ["the-next-secret", secret], SIGNED_AT) is Proof.GOOD
    assert prove(request, ["another-secret"], SIGNED_AT) is Proof.WRONG
    assert prove(request, [secret], later) is (Proof.STALE if key in TIMED else Proof.GOOD)
    assert prove(HookRequest("POST", HUBSPOT_URL, {}, {}, raw), [secret], SIGNED_AT) is Proof.MISSING
    assert prove(HookRequest("POST", HUBSPOT_URL, headers, {}, raw + b" "), [secret], SIGNED_AT) is Proof.WRONG
