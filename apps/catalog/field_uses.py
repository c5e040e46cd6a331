"""What a field may be used for: as the tenant recorded it, else as its privacy class allows (row AU-07). Pure."""

from collections.abc import Iterable, Mapping

from apps.catalog.terms import FieldUse, PrivacyClass

_EVERY = frozenset(FieldUse)
#: Where nothing is recorded. What tells of health is used to sell something only with the person's written
#: authorisation (45 CFR 164.508(a)(3)); numbers of policies and records serve care and payment alone.
USUAL: Mapping[PrivacyClass, frozenset[FieldUse]] = {
    PrivacyClass.PLAIN: _EVERY,
    PrivacyClass.CONTACT: _EVERY,
    PrivacyClass.MARKETING: _EVERY,
    PrivacyClass.HEALTH: _EVERY - {FieldUse.MARKETING},
    PrivacyClass.INSURANCE: _EVERY - {FieldUse.MARKETING},
    PrivacyClass.PHI: frozenset({FieldUse.CARE, FieldUse.PAYMENT}),
}


def uses_of(privacy: PrivacyClass, recorded: Iterable[str]) -> frozenset[FieldUse]:
    """Return what a field may be used for: what was recorded, where anything was."""
    said = frozenset(FieldUse(each) for each in recorded)
    return said or USUAL[privacy]


def misused(fields: Iterable[str], use: FieldUse, allowed: Mapping[str, frozenset[FieldUse]]) -> list[str]:
    """Return the fields that may not be used for a purpose, in their order; what no dictionary has serves none."""
    return [name for name in dict.fromkeys(fields) if use not in allowed.get(name, frozenset())]


def sentence_of(name: str, use: FieldUse, allowed: Mapping[str, frozenset[FieldUse]]) -> str:
    """Return why a field may not be used: “service” is recorded for care, scheduling, not for marketing."""
    recorded = ", ".join(each for each in FieldUse if each in allowed.get(name, ())) or "nothing"
    return f"“{name}” is recorded for {recorded}, not for {use}."
