"""Onboarding: a whole tenant as one reviewable file, the demo tenants, and the simulator.

Owns no table: it reads and writes other apps' rows through their verbs. Public verbs:
`file.reading.read_file`, `file.applying.apply`, `file.exporting.export`, `file.differing.differences`,
`demo.making.make_demo`.
"""
