"""Versioned rules: the condition vocabulary, the life of a rule version, and decisions that can be replayed.

Owns rule sets and their versions (draft, tested, approved by another person, effective from a date,
superseded or rolled back) and the one vocabulary in which every rule of the product is written.
Public verbs: check, compile and read a condition aloud; move a version through its life; pick the version
that was in force at an instant; replay a stored decision.
"""
