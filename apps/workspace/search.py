"""What somebody typed into the search field: a reference, a number, an address or a name."""

import re
from dataclasses import dataclass

from apps.identity.names import name_key

_REFERENCE = re.compile(r"(?:l-?\s*)(\d{1,18})|(\d{1,6})", re.IGNORECASE)
_NUMBER = re.compile(r"[\d\s()+./-]+")
LEAST_DIGITS = 7
LEAST_LETTERS = 2


@dataclass(frozen=True, slots=True)
class Wanted:
    """A search as it was understood; what is not meant is empty."""

    number: int | None = None
    digits: str = ""
    email: str = ""
    name: str = ""

    @property
    def is_person(self) -> bool:
        """True when it names a person by number, address or name."""
        return bool(self.digits or self.email or self.name)


def understand(text: str) -> Wanted:
    """Read a search: "L-123" or "123" is a reference, seven digits or more a number, an @ an address.

    What is too short to mean one person finds nothing.
    """
    typed = text.strip()[:200]
    if not typed.isprintable():
        return Wanted()
    reference = _REFERENCE.fullmatch(typed)
    if reference:
        return Wanted(number=int(reference.group(1) or reference.group(2)))
    if "@" in typed:
        return Wanted(email=typed.lower())
    if _NUMBER.fullmatch(typed or "?"):
        digits = re.sub(r"\D", "", typed)
        return Wanted(digits=digits) if len(digits) >= LEAST_DIGITS else Wanted()
    key = name_key(typed, "")
    return Wanted(name=key) if len(key) >= LEAST_LETTERS else Wanted()
