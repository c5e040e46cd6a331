"""Registers whose verbs cross apps (leads, people), and the pages on which rules are changed and tried."""

from apps.flows.admin import (
    channels,
    experiments_page,
    field_keeping,
    leads,
    mapping_page,
    outside,
    ownership_matrix,
    people,
    replay_page,
    rules,
    sample_lead,
    script_page,
    services,
    suite_page,
    unmapped_page,
    who_answers,
)

__all__ = [
    "channels",
    "experiments_page",
    "field_keeping",
    "leads",
    "mapping_page",
    "outside",
    "ownership_matrix",
    "people",
    "replay_page",
    "rules",
    "script_page",
    "sample_lead",
    "services",
    "suite_page",
    "unmapped_page",
    "who_answers",
]
