"""What a version of the rules would change: past leads judged again from what was kept of their day.

`runs.start` asks for a replay, a worker goes through the leads by parts, and the outcome stays with the version as a
test that its approval asks for. Nothing but the outcome is written.
"""
