"""The live event stream: a small ASGI process that tells open pages when to look again.

It carries opaque ids and a number that grows, to people who are signed in and seated in the tenant, and
nothing else. Pages work without it: they then ask every fifteen seconds.
"""
