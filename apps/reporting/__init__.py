"""Reporting: the supervisor board and the reports, as sums over other apps' rows.

Owns no table and writes none: it counts what the actor may see. Public reads: `board.board_of`,
`queries.funnel_tallies`, `speed_queries.speed_facts`; the formulas are in `decisions`.
"""
