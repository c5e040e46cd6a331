"""Consent: may this person be contacted, on which channel, and what proves it.

Owns the append-only ledger of permissions, its wording and the do-not-contact list. Public verbs:
`actions.record_claims`, `actions.narrow`, `actions.widen`, `queries.states_of`, `queries.contact_verdict`.
"""
