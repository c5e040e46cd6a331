"""Relationships with groups outside (clinics, physician groups, networks) and the opportunities that come of them.

Owns both records, whose each is and was, their contacts and terms. Public verbs: `actions.add_relationship`,
`actions.add_contact`, `actions.give_to`, `actions.open_opportunity`, `actions.write_terms`. What an event of a lead or
an approval does to them is `flows.opportunities` and `flows.approving_terms`.
"""
