"""What hangs between teams, as the board shows it: how many leads, since when, and the oldest of them (row HO-08)."""

from typing import Any

from django.utils.translation import ngettext

from apps.handoffs.queries import stuck, stuck_count
from apps.reporting.board import own_teams
from apps.tenancy.actor import Actor
from apps.workspace.words import Wall, span

SHOWN = 5


def stuck_part(actor: Actor, wall: Wall) -> dict[str, Any]:
    """Return the oldest offers of the actor's own teams that nobody answered, by number; no lead is named."""
    teams = own_teams(actor)
    oldest, count = stuck(wall.now, team_ids=teams)[:SHOWN], stuck_count(wall.now, team_ids=teams)
    if not oldest:
        return {"count": 0, "rows": []}
    waits = [span((wall.now - row.offered_at).total_seconds()) for row in oldest]
    sentence = ngettext(
        "%(n)d lead hangs between teams, the oldest for %(time)s.",
        "%(n)d leads hang between teams, the oldest for %(time)s.",
        count,
    )
    return {
        "count": count,
        "sentence": sentence % {"n": count, "time": waits[0]},
        "rows": [{"row": row, "waits": each} for row, each in zip(oldest, waits, strict=True)],
    }
