"""The tenant's suite of test leads: each goes the whole way for real, is looked at and taken back.

The leads and what is expected of them are a rule document of the kind `suite`, edited, approved and rolled back as any
other. `playing.play` runs it; it is a test that an approval of the rules asks for.
"""
