"""What lead exchanges need: the verdict in three results, the seller's id kept apart, evidence of consent."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any
from xml.sax.saxutils import escape

from apps.connectors.decisions.bodies import flat, gathered
from apps.connectors.decisions.payloads import first_text
from apps.connectors.terms import Event, Reply, Taken, Unreadable

_REPEATS = frozenset({"duplicate", "update", "resubmit"})
_POINTS = ("email", "phone_1", "phone", "phone_home", "phone_cell", "email_address")
_CERTIFICATES = ("trustedform_cert_url", "xxtrustedformcerturl")
_LEAD_IDS = ("universal_leadid", "jornaya_leadid", "leadid_token", "universal_lead_id")
_PAGES = ("landing_page_url", "landing_page", "page_url")
_TEXTS = ("tcpa_text", "tcpa", "tcpa_language", "disclaimer")


class Result(StrEnum):
    """What a seller is told: bought, was here before, refused, or not known yet."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"
    PENDING = "pending"


def result_of(taken: Taken | None) -> tuple[Result, str]:
    """Return the result and its stable reason. What counts as delivered is a new lead only, and a test as one."""
    if taken is None:
        return Result.REJECTED, "unmapped"
    if taken.verdict in ("new", "test"):
        return Result.ACCEPTED, ""
    if taken.verdict in _REPEATS:
        return Result.DUPLICATE, "duplicate"
    if taken.verdict:
        return Result.REJECTED, taken.reason or taken.verdict
    return Result.PENDING, "no_verdict_yet"


def ping_event(fields: Mapping[str, Any], *, is_test: bool = False) -> Event:
    """Return the question whether we would take a lead. Raises Unreadable as `seller_event` does."""
    event = seller_event(fields, id_names=(), is_test=is_test)
    return replace(event, kind="ping", is_ping=True)


def ping_id(raw: bytes) -> str:
    """Return the id of a ping: the same question has the same, and nothing of it needs to be kept."""
    return hashlib.sha256(raw).hexdigest()[:24]


def as_xml(name: str, parts: Mapping[str, str]) -> Reply:
    """Return a flat XML reply; parts without a text are left out."""
    inner = "".join(f"<{each}>{escape(text)}</{each}>" for each, text in parts.items() if text)
    return Reply(200, f"<{name}>{inner}</{name}>", "application/xml")


def seller_event(fields: Mapping[str, Any], *, id_names: tuple[str, ...], is_test: bool = False) -> Event:
    """Return a sold lead as an event. Raises Unreadable, so that nothing is kept, for a social security number.

    Sellers count for themselves, so one id may name two people: the contact values tell them apart.
    """
    values = gathered(flat(dict(fields)))
    if any(name.lower().rpartition(".")[2] in ("ssn", "social_security_number") for name in values):
        raise Unreadable("Social security numbers are refused; nothing of this lead is kept.")
    plain = {name.lower(): texts for name, texts in reversed(values.items())}
    reference = first_text(values, *id_names)
    parts = [first_text(plain, name) for name in _POINTS]
    mark = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]
    object_id = f"{reference}-{mark}" if reference else ""
    evidence = {
        "text": first_text(plain, *_TEXTS),
        "ip": first_text(plain, "ip_address"),
        "user_agent": first_text(plain, "user_agent"),
        "page_url": first_text(plain, *_PAGES),
        "evidence_ref": first_text(plain, *_CERTIFICATES, *_LEAD_IDS),
    }
    return Event(
        f"lead:{object_id}" if object_id else "",
        object_id,
        values=values,
        evidence={name: text for name, text in evidence.items() if text},
        is_test=is_test,
    )
