"""Forms of rules: one mechanism for every kind. Each module declares the forms of one kind; `page` serves them."""

from apps.flows.admin.rules import criteria, page, routing

__all__ = ["criteria", "page", "routing"]
