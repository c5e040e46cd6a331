"""Quality: what is wrong with the data of leads, counted, listed with an owner, and gone once it is mended.

Owns runs of the checks and the fix items they open. Public verbs: `actions.ask_for_run`, `actions.recheck_due`.
Flags and ages of one lead are `flows.consistency` and `flows.ageing`; changing many values is `flows.cleaning`.
"""
