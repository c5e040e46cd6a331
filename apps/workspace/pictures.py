"""Pictures that the server draws: the two-hour strip of callbacks, and the spark of a queue's last hours.

They return numbers for an SVG; every picture stands beside words that say the same.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from apps.leads.models import Task
from apps.workspace.consent_tiles import local_time
from apps.workspace.figures import Hour
from apps.workspace.words import Wall

STRIP_HOURS = 2
#: How far apart on the strip, in hundredths, two calls stand whose times are both written.
STRIP_APART = 18
SPARK_WIDTH, SPARK_HEIGHT, SPARK_STEP = 168, 28, 14


def strip_of(soon: Sequence[Task], wall: Wall) -> dict[str, Any] | None:
    """Return the next two hours as a line: a tick each half hour, a mark for each call in the person's own time."""
    if not soon:
        return None
    whole = STRIP_HOURS * 3600
    ticks = [{"percent": place * 25, "label": wall.at(wall.now + timedelta(minutes=30 * place))} for place in range(5)]
    marks: list[dict[str, Any]] = []
    named = -STRIP_APART
    for task in soon:
        percent = round((task.due_at - wall.now).total_seconds() * 100 / whole)
        label = local_time(task.lead, Wall(task.due_at, wall.zone)).partition(" ")[0]
        is_clear = percent - named >= STRIP_APART  # else the times would lie on each other
        named = percent if is_clear else named
        marks.append({"percent": percent, "ref": task.lead.ref, "label": label if is_clear else ""})
    return {"ticks": ticks, "marks": marks}


def spark_of(hours: Sequence[Hour], wall: Wall) -> dict[str, Any] | None:
    """Return arrivals against handled, hour by hour; None when nothing happened."""
    arrived, handled = sum(each.arrived for each in hours), sum(each.handled for each in hours)
    if not arrived and not handled:
        return None
    most = max(max(each.arrived, each.handled) for each in hours)

    def height(count: int) -> int:
        return round((SPARK_HEIGHT - 2) * count / most)

    bars = [
        {"x": place * SPARK_STEP + 2, "y": SPARK_HEIGHT - height(each.arrived), "height": height(each.arrived)}
        for place, each in enumerate(hours)
    ]
    line = " ".join(
        f"{place * SPARK_STEP + SPARK_STEP // 2},{SPARK_HEIGHT - height(each.handled)}"
        for place, each in enumerate(hours)
    )
    words = _("Since %(at)s: %(arrived)d arrived, %(handled)d handled for the first time") % {
        "at": wall.at(hours[0].starts_at),
        "arrived": arrived,
        "handled": handled,
    }
    return {"bars": bars, "line": line, "words": words, "width": SPARK_WIDTH, "height": SPARK_HEIGHT}
