"""Tenancy: who is a tenant, in whose scope code runs, and the outbox that outlives a crash.

Owns Organization, the public address book (opaque key to tenant), the per-tenant counter, the
outbox of wake-ups, the Actor value and the one mechanism that puts row-level security on tables.
Public verbs: `tenant_scope`, `enqueue`, `run_due`, `protect_tables`.
"""
