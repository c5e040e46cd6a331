"""Identity: who is behind an inquiry, and is it a new one.

Owns match decisions. Public verbs: `actions.find_person`, `actions.note_match`.
"""
