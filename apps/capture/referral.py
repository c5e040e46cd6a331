"""A referral as a delivery: the same parts from a public form, a partner's page and a colleague (row CP-15)."""

import re
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


def is_referral(body: Mapping[str, Any]) -> bool:
    """Say whether a body tells of a referral: it says so, or has the parts of one."""
    return body.get("lead_class") == "referral" or bool(body.get("referral"))


def with_contact(body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a body in which the referring office is who we talk to, where the referred person cannot be reached."""
    person, referral = body.get("person"), body.get("referral")
    if body.get("on_behalf_of") or not isinstance(referral, Mapping):
        return dict(body)
    if isinstance(person, Mapping) and (person.get("phone") or person.get("email")):
        return dict(body)
    found = referral_parts({name: str(referral.get(name) or "") for name in REFERRAL})
    return {**body, **{name: found[name] for name in ("on_behalf_of",) if name in found}}


def referral_in_mail(body: Mapping[str, Any]) -> dict[str, Any]:
    """Read a mail to a referral address: its labelled lines are the referral, who wrote it is the contact (row CP-15).

    Lines such as "Patient: Tom Weld" or "Reason: post-op knee" are taken out; of what is left, greetings are no
    context. The office is answered the way it wrote.
    """
    sender, request = _part(body, "person"), _part(body, "request")
    said, rest = _labelled(str(request.get("message") or ""))
    first, _blank, last = said.pop("patient", "").partition(" ")
    patient = {"first_name": first, "last_name": last.strip(), "date_of_birth": said.pop("date_of_birth", "")}
    name = " ".join(str(sender[each]) for each in ("first_name", "last_name") if sender.get(each))
    referral = {"contact_name": name, "contact_email": str(sender.get("email") or ""), **said}
    service = referral.pop("service", "") or request.get("service", "")
    asked = {**request, "message": rest, "service": service, "preferred_channel": "email"}
    return {
        **body,
        **referral_parts(referral),
        "person": {key: value for key, value in patient.items() if value},
        "request": {key: value for key, value in asked.items() if value},
    }


_LABELS = {
    **dict.fromkeys(("patient", "patient name", "referred person"), "patient"),
    **dict.fromkeys(("date of birth", "dob", "born"), "date_of_birth"),
    **dict.fromkeys(("reason", "reason for referral", "diagnosis", "indication"), "reason"),
    **dict.fromkeys(("service", "specialty", "department"), "service"),
    **dict.fromkeys(("provider", "referring provider", "doctor", "physician", "referred by"), "provider"),
    **dict.fromkeys(("practice", "organization", "organisation", "office", "clinic"), "organization"),
    **dict.fromkeys(("contact", "contact person"), "contact_name"),
    **dict.fromkeys(("phone", "tel", "telephone", "call", "contact phone"), "contact_phone"),
    **dict.fromkeys(("reference", "our reference"), "reference"),
}
_LABELLED = re.compile(r"^\s*([A-Za-z ]{3,25}?)\s*:\s*(.*)$")
_GREETING = re.compile(
    r"^\W*(hi|hello|dear|good (morning|afternoon|day)|thanks|thank you"
    r"|((best|kind) )?regards|best|sincerely)\b.{0,40}$",
    re.IGNORECASE,
)


def _labelled(text: str) -> tuple[dict[str, str], str]:
    """Return what labelled lines say, each label once, and the prose that is left."""
    said: dict[str, str] = {}
    rest = []
    for line in text.split("\n"):
        found = _LABELLED.match(line)
        name = _LABELS.get(found[1].lower(), "") if found else ""
        if found and name and name not in said:
            said[name] = found[2].strip()
        elif line.strip() and not _GREETING.match(line):
            rest.append(line.strip())
    return {name: value for name, value in said.items() if value}, "\n".join(rest)


def _part(body: Mapping[str, Any], name: str) -> dict[str, Any]:
    part = body.get(name)
    return dict(part) if isinstance(part, Mapping) else {}
