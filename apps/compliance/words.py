"""What entries of the ledger are called on pages of compliance: classes of fields, purposes, doors."""

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.catalog.field_names import STANDARD_FIELDS
from apps.catalog.terms import PrivacyClass

#: Words with which pages name what they showed, by what these words stand for.
_SHOWN = {
    "name": PrivacyClass.CONTACT,
    "contact": PrivacyClass.CONTACT,
    "consent": PrivacyClass.CONTACT,
    "leads": PrivacyClass.CONTACT,
    "timeline": PrivacyClass.HEALTH,
    "message": PrivacyClass.HEALTH,
    "content": PrivacyClass.HEALTH,
    "lines": PrivacyClass.HEALTH,
    "raw": PrivacyClass.HEALTH,
    "qualification": PrivacyClass.HEALTH,
    "clearance": PrivacyClass.HEALTH,
    "referral": PrivacyClass.HEALTH,
    "documents": PrivacyClass.HEALTH,
    "insurance_member": PrivacyClass.INSURANCE,
    "coverage": PrivacyClass.INSURANCE,
    "attribution": PrivacyClass.MARKETING,
}
#: Kinds of things that are read whole, though their entries name no field.
_WHOLE = {
    "submission": PrivacyClass.HEALTH,
    "document": PrivacyClass.HEALTH,
    "chat": PrivacyClass.HEALTH,
    "hook": PrivacyClass.HEALTH,
    "import_run": PrivacyClass.HEALTH,
    "person": PrivacyClass.CONTACT,
    "consent": PrivacyClass.CONTACT,
    "health": PrivacyClass.HEALTH,
}
CLASSES = {
    PrivacyClass.PHI: gettext_noop("PHI identifier"),
    PrivacyClass.HEALTH: gettext_noop("health"),
    PrivacyClass.INSURANCE: gettext_noop("insurance"),
    PrivacyClass.CONTACT: gettext_noop("contact"),
    PrivacyClass.MARKETING: gettext_noop("marketing"),
    PrivacyClass.PLAIN: gettext_noop("plain"),
}
_OF_CARE = ("lead", "person", "handoff", "chat", "submission", "document", "consent", "relationship")
_OF_OPERATION = ("import_run", "hook", "unmapped_word", "quality_items", "api_key")
_OF_COMPLIANCE = ("ledger", "breach_case", "restricted_lead")


def classes_of(object_type: str, fields: Iterable[str]) -> frozenset[PrivacyClass]:
    """Return the classes of what was shown: of each field that is known, of the whole thing where none is named."""
    named = list(fields)
    if not named:
        return frozenset({_WHOLE[object_type]}) if object_type in _WHOLE else frozenset()
    found = set()
    for each in named:
        if each in _SHOWN:
            found.add(_SHOWN[each])
        elif each in STANDARD_FIELDS:
            found.add(STANDARD_FIELDS[each].privacy)
        else:
            found.add(PrivacyClass.PLAIN)
    return frozenset(found - {PrivacyClass.PLAIN} or found)


def class_words(classes: Iterable[PrivacyClass]) -> str:
    """Return classes as words, the most sensitive first."""
    held = set(classes)
    return ", ".join(_(word) for each, word in CLASSES.items() if each in held)


def purpose_of(action: str, object_type: str, told: str = "") -> str:
    """Return what an act was for: what was said with it, else the standing purpose of such acts."""
    if told:
        return told.replace("_", " ")
    if action.endswith(".export"):
        return _("export")
    if action.startswith(("session.", "second_factor.", "refused:session", "refused:key")):
        return _("sign-in")
    if object_type in _OF_CARE:
        return _("care inquiry")
    if object_type in _OF_COMPLIANCE:
        return _("compliance")
    if object_type in _OF_OPERATION:
        return _("operation")
    return _("set-up")


def door_of(door: str) -> str:
    """Return by which way an act came, in a word."""
    return {
        "page": _("page"),
        "api": _("API"),
        "admin": _("admin"),
        "command": _("command"),
        "worker": _("worker"),
        "form": _("form"),
        "hook": _("webhook"),
    }.get(door, door)


def action_words(action: str) -> str:
    """Return an act as people read it: "lead read", "refused: lead transfer"."""
    return action.replace(":", ": ").replace(".", " ").replace("_", " ")
