"""When people are reminded of a visit, and when somebody who missed one hears from us: a part of the contact rules."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from apps.policies.decisions.documents import as_document, as_whole, unknown_keys
from apps.policies.terms import Problem

LONGEST_HOURS, LONGEST_MINUTES = 168, 60


@dataclass(frozen=True, slots=True)
class Reminders:
    """So many hours before a visit we remind of it; so many minutes after a missed one we offer a new time."""

    hours_before: int = 24
    rebook_minutes: int = 30


def reminders(document: object) -> Reminders:
    """Return what the contact rules say of reminders, or what is usual."""
    part, usual = as_document(as_document(document).get("reminders")), Reminders()
    hours, minutes = as_whole(part.get("hours_before")), as_whole(part.get("rebook_minutes"))
    return Reminders(
        usual.hours_before if hours is None else hours, usual.rebook_minutes if minutes is None else minutes
    )


def check_reminders(rules: Mapping[str, object]) -> Iterable[Problem]:
    """Name what is wrong with the reminders; a missed visit is answered within the hour (row AP-09)."""
    part = as_document(rules.get("reminders"))
    yield from unknown_keys(part, frozenset({"hours_before", "rebook_minutes"}), "/reminders")
    for name, least, most in (("hours_before", 1, LONGEST_HOURS), ("rebook_minutes", 0, LONGEST_MINUTES)):
        value = as_whole(part.get(name))
        if name in part and (value is None or not least <= value <= most):
            yield Problem(f"/reminders/{name}", "bad_value", f"Give a whole number from {least} to {most}.")
