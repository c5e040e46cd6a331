"""The words in which a delivery's outcome is told: the same for the API's answers and for the pages.

The sentence of a reason is the intake's own and is stored with the delivery. Its name, the field it is
about and how to mend it are looked up here by its code.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.capture.models import Submission
from apps.partners.decisions import DUPLICATE_REASON, result_of
from apps.partners.terms import Result, Summary

RESULT_WORDS: Mapping[Result, str] = {
    Result.RECEIVED: gettext_noop("Received"),
    Result.ACCEPTED: gettext_noop("Accepted"),
    Result.DUPLICATE: gettext_noop("Duplicate"),
    Result.HELD: gettext_noop("Held"),
    Result.REJECTED: gettext_noop("Rejected"),
}
RESULT_MEANINGS: Mapping[Result, str] = {
    Result.RECEIVED: gettext_noop("Stored; the outcome follows within seconds."),
    Result.ACCEPTED: gettext_noop("Taken as a lead. The only result that counts as delivered."),
    Result.DUPLICATE: gettext_noop("The person was there before; nothing is counted twice."),
    Result.HELD: gettext_noop("Taken in, but something must be mended before anybody may be contacted."),
    Result.REJECTED: gettext_noop("Not taken; the reason says why."),
}
#: Where a reason points to when the stored one does not say it.
_FIELDS: Mapping[str, str] = {
    "no_contact_point": "/person",
    "consent_missing": "/consent",
    "do_not_contact": "/person",
    "phone_invalid": "/person/phone",
    "email_invalid": "/person/email",
    "ambiguous_city": "/person/city",
    "unknown_city": "/person/city",
    "channel_unreachable": "/request/preferred_channel",
    "out_of_area": "/person/region",
    "unknown_source": "/source",
    "match_update": "/external_id",
}
_NAMES: Mapping[str, str] = {
    DUPLICATE_REASON: gettext_noop("Duplicate"),
    "blank": gettext_noop("Blank"),
    "no_contact_point": gettext_noop("No way to answer"),
    "consent_missing": gettext_noop("No consent"),
    "do_not_contact": gettext_noop("On the do-not-contact list"),
    "phone_invalid": gettext_noop("Phone cannot work"),
    "email_invalid": gettext_noop("E-mail cannot work"),
    "required_field_missing": gettext_noop("Required field missing"),
    "ambiguous_city": gettext_noop("Place unclear"),
    "unknown_city": gettext_noop("Place unknown"),
    "channel_unreachable": gettext_noop("Chosen channel unreachable"),
    "out_of_area": gettext_noop("Out of area"),
    "unknown_source": gettext_noop("Unknown source"),
    "match_new": gettext_noop("New person or wish"),
    "match_link": gettext_noop("Known person"),
    "match_merge": gettext_noop("Open inquiry of this person"),
    "match_update": gettext_noop("Your own id again"),
}
_FIXES: Mapping[str, str] = {
    "blank": gettext_noop("Send a name, a way to answer and what is asked for."),
    "no_contact_point": gettext_noop("Send a phone number or an e-mail address that works."),
    "consent_missing": gettext_noop(
        "Send each permission with its channel, “state”, the text that was shown and its version."
    ),
    "do_not_contact": gettext_noop("Nothing to mend: this person asked not to be contacted."),
    "phone_invalid": gettext_noop("Check the number on your form before it is sent."),
    "email_invalid": gettext_noop("Check the address on your form before it is sent."),
    "required_field_missing": gettext_noop("Make the field required on your form."),
    "ambiguous_city": gettext_noop("Send the postal code, or the city with its state."),
    "unknown_city": gettext_noop("Send the postal code, or the city with its state."),
    "channel_unreachable": gettext_noop("Ask for the number or address that the chosen channel needs."),
    "out_of_area": gettext_noop("Narrow the campaign's area to the regions that the clinic serves."),
    "unknown_source": gettext_noop("Send one of your own source keys."),
    "match_merge": gettext_noop("Nothing to mend: the clinic is in contact with this person already."),
    "match_update": gettext_noop("Nothing to mend: the open lead was completed with what you sent."),
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a delivery got its result: the stored sentence, and where and how to mend it."""

    code: str
    detail: str
    check: str
    name: str
    field: str
    fix: str


def result_in(row: Submission) -> Result:
    """Return what became of a delivery."""
    return result_of(row.state, row.verdict, [str(each.get("code", "")) for each in row.reasons])


def reasons_of(row: Submission) -> list[Reason]:
    """Return why a delivery got its result, what weighs most first."""
    return [
        Reason(
            code=str(each["code"]),
            detail=str(each["detail"]),
            check=str(each.get("check") or ""),
            name=reason_name(str(each["code"])),
            field=field_of(str(each.get("pointer") or _FIELDS.get(str(each["code"]), ""))),
            fix=fix_of(str(each["code"])),
        )
        for each in row.reasons
    ]


def result_word(result: Result) -> str:
    """Return a result's name."""
    return _(RESULT_WORDS[result])


def reason_name(code: str) -> str:
    """Return a reason's name; of one that is not known here, its code in words."""
    return _(_NAMES[code]) if code in _NAMES else code.replace("_", " ").capitalize()


def fix_of(code: str) -> str:
    """Return how to mend it, or ""."""
    return _(_FIXES[code]) if code in _FIXES else ""


def field_of(pointer: str) -> str:
    """Return a JSON pointer as it is spoken of: "/person/phone" is "person.phone"."""
    return pointer.strip("/").replace("/", ".")


def headline(found: Summary) -> str:
    """Return a period in one sentence: "41 accepted, 9 rejected (5 duplicate, 4 out of area)"."""
    parts = [_("%(n)d accepted") % {"n": found.accepted}]
    rejected = _("%(n)d rejected") % {"n": found.rejected_count}
    if found.rejected:
        listed = ", ".join(f"{count} {reason_name(code).lower()}" for code, count in found.rejected)
        rejected = f"{rejected} ({listed})"
    parts.append(rejected)
    if found.held:
        parts.append(_("%(n)d held") % {"n": found.held})
    if found.received:
        parts.append(_("%(n)d without an outcome yet") % {"n": found.received})
    return ", ".join(parts)
