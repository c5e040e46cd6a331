"""Registers whose verbs cross apps: leads, and the people who work them."""

from apps.flows.admin import leads, people

__all__ = ["leads", "people"]
