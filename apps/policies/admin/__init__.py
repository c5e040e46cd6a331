"""Registers of rules: the live version of each kind, its history, drafts and their approval; log and notices."""

from apps.policies.admin import change_log, heard, registers, reviews

__all__ = ["change_log", "heard", "registers", "reviews"]
