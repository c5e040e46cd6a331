"""Imports: files of people (calling lists, event scans, referrals), checked row by row before anything is taken in.

Owns a run with its sealed file and what became of each row. Public verbs: `actions.open_run`, `actions.set_plan`,
`actions.confirm`, `actions.discard`. The rows go through the same capture as every other inquiry.
"""
