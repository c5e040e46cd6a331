"""Ownership: who owns a lead, since when, and who may change what of it.

Owns spells of ownership and the object grants that move with them. Public verbs: `actions.assign`,
`queries.visible_leads`, `queries.change_verdict`, `queries.require_change`.
"""
