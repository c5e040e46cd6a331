"""Handoffs: what one team hands another, under which conditions, and what was found to be wrong on the way.

Owns the handoff types (rules), the handoffs themselves and the services that turned out to be others. Public verbs:
`actions.offer`, `actions.answer`, `actions.end_open`, `actions.note_mismatch`. What an answer does to owner, tasks and
clocks is `flows.handing_off`.
"""
