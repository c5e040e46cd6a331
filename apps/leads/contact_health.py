"""The health of contact points: what made a number or an address unusable, and what makes it usable again."""

from collections.abc import Iterable
from datetime import datetime

from apps.leads.actions import lock_people
from apps.leads.models import ContactPoint, Person


def points_with(kind: str, value: str) -> list[ContactPoint]:
    """Return everybody's contact points of one value, locked after whose they are, as an inquiry with it does."""
    if not value:
        return []
    mine = ContactPoint.rows().filter(kind=kind, value=value, person__merged_into__isnull=True)
    lock_people(mine.values_list("person_id", flat=True))
    rows = ContactPoint.rows().select_for_update(of=("self",), no_key=True).select_related("person")
    return list(rows.filter(kind=kind, value=value, person__merged_into__isnull=True).order_by("id"))


def make_invalid(points: Iterable[ContactPoint], *, reason: str, by: str, now: datetime) -> list[ContactPoint]:
    """Mark contact points as unusable; return those that were usable until now."""
    changed = [each for each in points if each.validity != "invalid"]
    for point in changed:
        point.validity, point.verified_at = "invalid", None
        _note(point, reason, by, now)
        point.save(update_fields=["validity", "verified_at", "health_reason", "health_at", "health_by"])
    return changed


def make_textless(points: Iterable[ContactPoint]) -> list[ContactPoint]:
    """Note that numbers take no texts; return those of which it was not known. Calls are not touched."""
    changed = [each for each in points if each.kind == "phone" and each.takes_texts]
    for point in changed:
        point.takes_texts = False
        point.save(update_fields=["takes_texts"])
    return changed


def count_failure(points: Iterable[ContactPoint], *, reason: str, by: str, now: datetime) -> int:
    """Count a passing failure; return how many there were in a row."""
    most = 0
    for point in points:
        point.soft_failures = most = min(point.soft_failures + 1, 30_000)
        _note(point, reason, by, now)
        point.save(update_fields=["soft_failures", "health_reason", "health_at", "health_by"])
    return most


def count_success(points: Iterable[ContactPoint]) -> None:
    """Begin counting anew: something was delivered. What people found out (a wrong number) stays."""
    ids = [each.id for each in points if each.soft_failures and each.validity != "invalid"]
    rows = ContactPoint.rows().filter(id__in=ids)
    rows.update(soft_failures=0, health_reason="", health_at=None, health_by="")


def make_usable(point: ContactPoint, *, validity: str, reason: str, by: str, now: datetime) -> None:
    """Let a contact point count again: verified by a person ("valid"), or told anew ("unverified")."""
    point.validity, point.soft_failures = validity, 0
    point.verified_at = now if validity == "valid" else None
    _note(point, reason, by, now)
    names = ["validity", "soft_failures", "verified_at", "health_reason", "health_at", "health_by"]
    point.save(update_fields=names)


def explain(kind: str, value: str, *, reason: str, by: str, at: datetime) -> None:
    """Say at everybody's unusable contact points of one value why they are, where nothing says so."""
    rows = ContactPoint.rows().filter(kind=kind, value=value, validity="invalid", health_reason="")
    rows.update(health_reason=reason[:100], health_by=by[:200], health_at=at)


def has_usable_point(person: Person) -> bool:
    """Say whether any number or address of the person may still be tried."""
    return ContactPoint.rows().filter(person=person).exclude(validity="invalid").exists()


def found_unusable(person: Person, values: Iterable[tuple[str, str]]) -> list[ContactPoint]:
    """Return which of these (kind, value) were found unusable, after their form had been good."""
    wanted = set(values)
    rows = ContactPoint.rows().filter(person=person, validity="invalid", value__in=[value for _, value in wanted])
    return [each for each in rows.exclude(health_reason="").order_by("id") if (each.kind, each.value) in wanted]


def told_again(person: Person, values: Iterable[tuple[str, str]], *, by: str, now: datetime) -> list[ContactPoint]:
    """Let numbers and addresses count again that the person's newer inquiry brings; return which they are."""
    points = found_unusable(person, values)
    for each in points:
        make_usable(each, validity="unverified", reason="told again in a newer inquiry", by=by, now=now)
    return points


def _note(point: ContactPoint, reason: str, by: str, now: datetime) -> None:
    point.health_reason, point.health_by, point.health_at = reason[:100], by[:200], now
