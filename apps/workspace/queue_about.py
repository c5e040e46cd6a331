"""What a queue is and how it gives its leads out, in words: its page says it above the leads (row HC-11)."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.catalog.business_hours import Hours
from apps.catalog.hours_in_words import spoken_hours
from apps.catalog.models import Queue
from apps.catalog.queries import all_hours, queues_by_key
from apps.catalog.terms import QueueMethod
from apps.routing.queries import open_in_queues, opening_of
from apps.workspace.words import Wall, plain, span

METHODS = {
    QueueMethod.ROUND_ROBIN: gettext_noop(
        "In turn: to who has the skills it asks for, is there and below their cap, and had none for longest."
    ),
    QueueMethod.SHARED: gettext_noop("Shared: whoever is free claims the next one."),
}


def about_queue(key: str, wall: Wall) -> list[dict[str, str]]:
    """Return what holds of a queue, line by line; nothing for a list that is not of one queue. One query."""
    queue = queues_by_key().get(key)
    if queue is None:
        return []
    hours = all_hours()[queue.calendar_id]
    lines = [
        (_("For"), _what(queue)),
        (_("Team"), queue.team.name),
        (_("Works by"), _channels(queue)),
        (_("How leads are given out"), _(METHODS[QueueMethod(queue.method)])),
        (_("Routine leads"), _batches(queue)),
        (_("Room"), _room(queue)),
        (_("When it is full"), _overflow(queue)),
        (_("Open"), _hours(queue, hours, wall)),
        (_("While it is closed"), _closed(queue)),
        (_("Longest wait"), _("%(time)s without an owner, then the team's lead is alerted.") % {"time": _wait(queue)}),
    ]
    return [{"label": label, "value": value} for label, value in lines]


def _what(queue: Queue) -> str:
    kind = plain(queue.target_kind)
    return f"{kind}, {queue.location.name}" if queue.location else kind


def _channels(queue: Queue) -> str:
    named = ", ".join(_(plain(each)) for each in queue.channels)
    return _("%(channels)s: who refused that lies in another queue.") % {"channels": named} if named else _("Any way.")


def _batches(queue: Queue) -> str:
    times = ", ".join(f"{each:%H:%M}" for each in sorted(queue.batch_times))
    return _("Given out at %(times)s; urgent ones at once.") % {"times": times} if times else _("Given out at once.")


def _room(queue: Queue) -> str:
    count = open_in_queues([queue.id]).get(queue.id, 0)
    if queue.capacity is None:
        return _("%(n)d open leads; no limit.") % {"n": count}
    return _("%(n)d of %(most)d open leads.") % {"n": count, "most": queue.capacity}


def _overflow(queue: Queue) -> str:
    if queue.capacity is None:
        return _("It is never full.")
    if queue.overflow_queue is None:
        return _("No other queue is named: it takes what comes.")
    return _("%(queue)s takes what comes next.") % {"queue": queue.overflow_queue.name}


def _hours(queue: Queue, hours: Hours, wall: Wall) -> str:
    if hours.always_open:
        return _("Round the clock")
    spoken = ", ".join(spoken_hours(hours.spans)) or _("Never")
    zone = hours.zone.rpartition("/")[2].replace("_", " ")
    opens_at: datetime = opening_of(queue, wall.now)
    closed = "" if opens_at <= wall.now else _(" Closed until %(at)s.") % {"at": wall.at(opens_at)}
    return f"{spoken} ({zone}).{closed}"


def _closed(queue: Queue) -> str:
    after = queue.after_hours_queue
    return _("%(queue)s takes over.") % {"queue": after.name} if after else _("Leads wait here; clocks stand still.")


def _wait(queue: Queue) -> str:
    return span(queue.max_wait_seconds)
