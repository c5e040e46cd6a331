"""A referral as a delivery: the same parts from a public form, a partner's page and a colleague (row CP-15)."""

from collections.abc import Mapping
from typing import Any

REFERRAL = ("organization", "provider", "contact_name", "contact_phone", "contact_email", "reason", "reference")


def referral_parts(said: Mapping[str, str]) -> dict[str, Any]:
    """Return the parts of a body that a referral adds; the referring office's contact is whom we talk to.

    `said` holds the names of `REFERRAL`; what is empty is left out. Without a number or an address of the office
    nobody there can be talked to, and contact stays with the referred person.
    """
    referral = {name: said[name] for name in REFERRAL if said.get(name)}
    first, _blank, last = referral.get("contact_name", "").partition(" ")
    contact = {
        "first_name": first or referral.get("organization", "") or referral.get("provider", ""),
        "last_name": last,
        "phone": referral.get("contact_phone", ""),
        "email": referral.get("contact_email", ""),
    }
    parts: dict[str, Any] = {"lead_class": "referral", "referral": referral}
    if contact["phone"] or contact["email"]:
        asker = {name: value for name, value in contact.items() if value}
        parts["on_behalf_of"] = {**asker, "relation": "provider_office"}
    return parts
