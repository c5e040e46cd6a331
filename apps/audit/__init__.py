"""Audit: the append-only ledger of who did, read or was refused what, chained by hash per tenant.

Public verbs: `ledger.record`, `ledger.record_read`, `chain.verify`.
"""
