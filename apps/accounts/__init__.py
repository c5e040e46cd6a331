"""Accounts: users, teams, roles, parties and API keys; turns a credential into an Actor.

Public verbs: `actors.actor_of_user`, `actors.actor_of_key`, `keys.create_key`, `keys.roll_key`.
"""
