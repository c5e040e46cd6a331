"""Capture: take an inquiry in, exactly as it came, and promise one answer.

Owns submissions, the idempotency promise and public forms. Public verbs: `actions.receive`,
`normalise.normalise`, `decisions.judge`.
"""
