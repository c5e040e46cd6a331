"""Reading e-mail addresses: syntax (RFC 5322, 6531), reserved domains (RFC 2606, 6761), throw-away domains.

No network: whether the mailbox exists shows when something is sent.
"""

from collections.abc import Container

from disposable_email_domains import blocklist
from email_validator import SPECIAL_USE_DOMAIN_NAMES, EmailNotValidError, validate_email

from apps.capture.terms import EmailReading, PointValidity


def read_email(typed: str) -> EmailReading:
    """Read an address as typed. The domains "example" are valid, for demonstrations; throw-away ones are not.

    A well-formed address that cannot work (reserved or throw-away domain) is kept, marked invalid.
    """
    text = typed.strip()
    if text.lower().startswith("mailto:"):
        text = text[len("mailto:") :]
    domain = text.rpartition("@")[2].lower().rstrip(".")
    try:
        address = validate_email(text, check_deliverability=False, test_environment=True).normalized.lower()
    except (EmailNotValidError, UnicodeError):
        if _is_listed(domain, SPECIAL_USE_DOMAIN_NAMES) and _looks_whole(text):
            return EmailReading(text.lower(), PointValidity.INVALID, "reserved domain")
        return EmailReading("", PointValidity.INVALID, "not an e-mail address")
    if _is_listed(domain, SPECIAL_USE_DOMAIN_NAMES):
        return EmailReading(address, PointValidity.INVALID, "reserved domain")
    if _is_listed(domain, blocklist):
        return EmailReading(address, PointValidity.INVALID, "disposable")
    return EmailReading(address, PointValidity.VALID)


def _looks_whole(text: str) -> bool:
    local, _, domain = text.partition("@")
    return bool(local) and len(text) <= 254 and domain.count(".") > 0 and "@" not in domain and len(text.split()) == 1


def _is_listed(domain: str, listed: Container[str]) -> bool:
    """Whether the domain or one that it lies under is in the list."""
    labels = domain.split(".")
    return any(".".join(labels[start:]) in listed for start in range(len(labels)))
