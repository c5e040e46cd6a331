"""Forms of rules: one mechanism for every kind. Each module declares the forms of one kind; `page` serves them."""

from apps.flows.admin.rules import (
    contact,
    criteria,
    duplicates,
    exceptions,
    gates,
    handoffs,
    inference,
    ownership,
    ownership_policy,
    page,
    process,
    quality,
    routing,
    scoring,
    sla,
    validity,
)

__all__ = [
    "contact",
    "criteria",
    "duplicates",
    "exceptions",
    "gates",
    "handoffs",
    "inference",
    "ownership",
    "ownership_policy",
    "page",
    "process",
    "quality",
    "routing",
    "scoring",
    "sla",
    "validity",
]
