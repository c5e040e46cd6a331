"""Reading phone numbers, with the numbering plans of the phonenumbers library. No network."""

import phonenumbers
from phonenumbers import PhoneNumberType, ValidationResult

from apps.capture.terms import LineKind, PhoneReading, PointValidity

_KINDS = {PhoneNumberType.MOBILE: LineKind.MOBILE, PhoneNumberType.FIXED_LINE: LineKind.FIXED}
_FAULTS = {
    ValidationResult.TOO_SHORT: "too short",
    ValidationResult.TOO_LONG: "too long",
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: "the area code is missing",
}


def read_phone(typed: str, region: str) -> PhoneReading:
    """Read a number as typed; one without a country code belongs to the region (ISO code, "US").

    A number of a plan's form is valid, 555-0100 to 555-0199 (kept for fiction) among them; one of possible
    length in no known range is unverified, since plans grow; all else is invalid.
    """
    try:
        number = phonenumbers.parse(typed, region or None)
    except phonenumbers.NumberParseException:
        return PhoneReading("", PointValidity.INVALID, reason="not a phone number")
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible != ValidationResult.IS_POSSIBLE:
        return PhoneReading("", PointValidity.INVALID, reason=_FAULTS.get(possible, "not a possible number"))
    e164 = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    reason = f"extension {number.extension}" if number.extension else ""
    if not phonenumbers.is_valid_number(number):
        return PhoneReading(e164, PointValidity.UNVERIFIED, reason=reason or "in no known number range")
    kind = _KINDS.get(phonenumbers.number_type(number), LineKind.UNKNOWN)
    return PhoneReading(e164, PointValidity.VALID, kind, reason)


def example_phone(region: str) -> str:
    """Return a number as one could be in a region, for made-up inquiries; "" where no plan has one."""
    number = phonenumbers.example_number(region)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if number else ""
