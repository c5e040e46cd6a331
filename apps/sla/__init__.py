"""SLA: by when something must have happened, and what happens when it has not.

Owns the clocks of a lead and their escalation ladders. Public verbs: `actions.start_timers`,
`actions.meet`, `actions.pause`, `actions.resume`, `actions.cancel_all`.
"""
