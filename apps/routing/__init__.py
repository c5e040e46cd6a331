"""Routing: where a lead goes, in words that can be checked.

Owns routing decisions and the turns of the round-robin. Public verb: `actions.route`.
"""
