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
    """One showing of a form. `trial` names the experiment and the arm that it showed, if there is one."""

    id: str
    shown_at: float
    attribution: dict[str, str] = field(default_factory=dict)
    trial: str = ""

    @property
    def shelf(self) -> str:
        """The name under which the visit's documents are held."""
        return f"form:{self.id}"

    @property
    def parts(self) -> list[Any]:
        """What makes the ticket, as JSON."""
        return [self.id, self.shown_at, self.attribution, *([self.trial] if self.trial else [])]

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
    ticket_id, shown_at, attribution, *trial = parts
    return Ticket(str(ticket_id), float(shown_at), dict(attribution), "".join(map(str, trial)))


def sign_arm(trial: str, slug: str) -> str:
    """Return the text by which a link of ours keeps its arm for who takes no cookie."""
    return signing.Signer(salt=_salt(f"{slug}/arm")).sign(trial)


def read_arm(text: str, slug: str) -> str:
    """Return the experiment and arm that a link or a cookie names, or "" for a text that is not ours."""
    try:
        return signing.Signer(salt=_salt(f"{slug}/arm")).unsign(text)
    except signing.BadSignature:
        return ""


def sign_receipt(submission_id: UUID, slug: str) -> str:
    """Return the text that leads to the thanks page."""
    return signing.dumps(submission_id.hex, salt=_salt(f"{slug}/thanks"))


def receipt_of(text: str, slug: str) -> UUID | None:
    """Return the submission that a thanks page is about; None for a text that is not ours."""
    try:
        return UUID(signing.loads(text, salt=_salt(f"{slug}/thanks")))
    except signing.BadSignature:
        return None


def read_receipt(text: str, slug: str) -> str:
    """Return the reference that people can quote, or "" for a text that is not ours."""
    submission_id = receipt_of(text, slug)
    return f"{str(submission_id)[-8:-4]}-{str(submission_id)[-4:]}".upper() if submission_id else ""


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
