"""Registers of rules: the live version of each kind, its history, new drafts and their approval."""

from apps.policies.admin import registers

__all__ = ["registers"]
