"""Outreach: what was said and sent to a person.

Owns activities, message templates and messages. Public verbs: `actions.log_activity`,
`messages.intend`, `sending.send`.
"""
