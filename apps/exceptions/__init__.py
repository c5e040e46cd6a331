"""Exceptions: what keeps a lead from going its way, who decides about it, by when, and what was decided.

Owns the items and the rules about their types. Public verbs: `actions.open_item`, `actions.resolve`,
`actions.resolve_all`, `decisions.plan_for`. `Lead.exception` holds the code of a lead's first open item and is
written here alone.
"""
