"""The signed ticket in a form page: when it was shown, which page view it is, where the person came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.core import signing

from apps.capture.terms import CAMPAIGN_WORDS
from apps.tenancy.ids import new_id

SHORTEST_SECONDS, LONGEST_SECONDS = 2, 2 * 3600
DOWNLOAD_SECONDS = 7 * 24 * 3600
REPLACED = "\ufffd"
_LONGEST_VALUE = 300
_TAKEN = (
    *CAMPAIGN_WORDS,
    *("ad_group", "keyword", "campaign_id", "adgroup_id", "ad_id"),
    *("dclid", "gad_campaignid", "twclid", "li_fat_id", "rdt_cid", "yclid"),
)


class Age(StrEnum):
    """Whether a form was open for as long as people need."""

    GOOD = "good"
    TOO_FAST = "too_fast"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Ticket:
    """One showing of a form."""

    id: str
    shown_at: float
    attribution: dict[str, str] = field(default_factory=dict)

    @property
    def shelf(self) -> str:
        """The name under which the visit's documents are held."""
        return f"form:{self.id}"

    @property
    def parts(self) -> list[Any]:
        """What makes the ticket, as JSON."""
        return [self.id, self.shown_at, self.attribution]

    def sign(self, slug: str) -> str:
        """Return the text for the hidden field."""
        return signing.dumps(self.parts, salt=_salt(slug), compress=True)

    def renewed(self, now: datetime) -> "Ticket":
        """Return the same visit shown again: where it came from and what was brought along stay with it."""
        return replace(self, shown_at=now.timestamp())

    def seconds_open(self, now: datetime) -> float:
        """Return for how long the form was open."""
        return now.timestamp() - self.shown_at

    def age(self, now: datetime) -> Age:
        """Say how long ago the form was shown: a machine is faster than people, an old page may be wrong."""
        seconds = self.seconds_open(now)
        if seconds < SHORTEST_SECONDS:
            return Age.TOO_FAST
        return Age.GOOD if seconds <= LONGEST_SECONDS else Age.EXPIRED


def new_ticket(query: Mapping[str, str], referrer: str, now: datetime) -> Ticket:
    """Return a ticket with the campaign words of the address (row CP-21)."""
    found = {name: query.get(name, "") for name in _TAKEN}
    found["landing_page"] = query.get("lp", "") or query.get("landing_page", "")
    found["referrer"] = referrer.partition("?")[0]
    kept = {name: _plain(value) for name, value in found.items()}
    return Ticket(new_id().hex, now.timestamp(), {name: value for name, value in kept.items() if value})


def read_ticket(text: str, slug: str) -> Ticket | None:
    """Return the ticket of a posted form; None when it is not ours."""
    try:
        return ticket_of(signing.loads(text, salt=_salt(slug)))
    except (signing.BadSignature, ValueError):
        return None


def ticket_of(parts: list[Any]) -> Ticket:
    """Return the ticket that its parts make."""
    ticket_id, shown_at, attribution = parts
    return Ticket(str(ticket_id), float(shown_at), dict(attribution))


def sign_receipt(submission_id: UUID, slug: str) -> str:
    """Return the text that leads to the thanks page."""
    return signing.dumps(submission_id.hex, salt=_salt(f"{slug}/thanks"))


def read_receipt(text: str, slug: str) -> str:
    """Return the reference that people can quote, or "" for a text that is not ours."""
    try:
        submission_id = str(signing.loads(text, salt=_salt(f"{slug}/thanks")))
    except signing.BadSignature:
        return ""
    return f"{submission_id[-8:-4]}-{submission_id[-4:]}".upper()


def sign_download(receipt: str, slug: str) -> str:
    """Return the text that opens what a download form gives, for who has a receipt; "" for everybody else."""
    return signing.dumps(slug, salt=_salt(f"{slug}/asset")) if read_receipt(receipt, slug) else ""


def may_download(text: str, slug: str) -> bool:
    """Say whether the text is ours and not older than a week."""
    try:
        signing.loads(text, salt=_salt(f"{slug}/asset"), max_age=DOWNLOAD_SECONDS)
    except signing.BadSignature:
        return False
    return True


def _plain(value: str) -> str:
    return "" if REPLACED in value or not value.isprintable() else value.strip()[:_LONGEST_VALUE]


def _salt(name: str) -> str:
    return f"leadcrm.form:{name}"
