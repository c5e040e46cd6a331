"""Registers whose verbs cross apps (leads, people), and the pages on which rules are changed and tried."""

from apps.flows.admin import leads, ownership_matrix, people, rule_page, sample_lead, who_answers

__all__ = ["leads", "ownership_matrix", "people", "rule_page", "sample_lead", "who_answers"]
