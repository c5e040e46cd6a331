"""Qualification: how well an inquiry fits and how much it wants.

Owns score results. Public verb: `actions.score_lead`.
"""
