"""Which office has which service: a combination that the catalog does not hold is offered to nobody (row RT-19)."""

from apps.catalog.queries import locations_by_key, offered, services_by_key
from apps.tenancy.errors import Invalid, Problem


def offices_with(service: str) -> dict[str, str]:
    """Return the names of the available offices that have a service today, by key; of all without a service."""
    at = offered()
    return {
        key: row.name
        for key, row in locations_by_key().items()
        if row.is_available and (not service or service in at.get(key, frozenset()))
    }


def why_not_together(service: str, location: str, pointer: str = "/location") -> Problem | None:
    """Return why a service cannot be had at an office; None where it can, and where one of them is not named."""
    office, wanted = locations_by_key().get(location), services_by_key().get(service)
    if office is None or wanted is None or service in offered().get(location, frozenset()):
        return None
    others = list(offices_with(service).values())
    has_it = f"It is offered at: {', '.join(others)}." if others else "No office offers it."
    return Problem(pointer, "not_offered_there", f"{office.name} has no {wanted.name}. {has_it}")


def require_together(service: str, location: str, pointer: str = "/location") -> None:
    """Raise Invalid for a service and an office that do not go together."""
    if (problem := why_not_together(service, location, pointer)) is not None:
        raise Invalid(problem.detail, (problem,), code=problem.code)
