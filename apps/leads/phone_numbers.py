"""How a phone number is written for people. Pure."""


def number_read(value: str) -> str:
    """Return a phone number (E.164) as people read it."""
    digits = value.removeprefix("+1")
    if value.startswith("+1") and len(digits) == 10:
        return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"
    return value
