"""Connectors: what other systems push to `/hooks/<provider>/<token>/`, proven, kept, read and handed to capture.

Owns connections with their secrets, every hook as it came, and which event became which submission.
Public verbs: `addresses.open_connection`, `actions.take_in`, `actions.read_again`.
Adding a provider is one folder in `providers` with its spec, its mapping and its samples.
"""
