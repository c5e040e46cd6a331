"""Contact points found by their form: in a nameless field, or in what somebody wrote in a chat."""

import re

_EMAIL = re.compile(r"[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,5}", re.ASCII)
#: Ten digits as people write them in North America, or an international number with its plus sign.
_PHONE = re.compile(
    r"(?<![\d.])(?:\+?1[\s.-]?)?(?:\(\d{3}\)\s?|\d{3}[\s.-]?)\d{3}[\s.-]?\d{4}(?!\d)|\+[1-9](?:[\s.-]?\d){7,14}(?!\d)",
    re.ASCII,
)
_LONGEST_LINE = 2_000


def looks_like_email(text: str) -> bool:
    """Say whether a whole value has the form of an e-mail address."""
    return bool(_EMAIL.fullmatch(text.strip()))


def looks_like_phone(text: str) -> bool:
    """Say whether a whole value has the form of a phone number."""
    return bool(_PHONE.fullmatch(text.strip()))


def email_in(text: str) -> str:
    """Return the first e-mail address in a text, or an empty one."""
    found = _EMAIL.search(text[:_LONGEST_LINE])
    return found[0] if found else ""


def phone_in(text: str) -> str:
    """Return the first phone number in a text, or an empty one."""
    found = _PHONE.search(text[:_LONGEST_LINE])
    return found[0].strip() if found else ""
