"""When somebody will be in touch, in words and in the person's own time. Pure."""

from datetime import datetime
from zoneinfo import ZoneInfo

DAYS = {
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    "es": ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
}


def next_contact(opens_at: datetime, due_at: datetime, now: datetime, zone: str, language: str) -> str:
    """Say when contact will come: today by a time, or from the next opening on (row CP-19)."""
    own = ZoneInfo(zone)
    opens, due, today = (at.astimezone(own) for at in (opens_at, due_at, now))
    spanish = language.startswith("es")
    if opens <= today and due.date() == today.date():
        return f"hoy antes de las {due:%H:%M}" if spanish else f"today by {due:%H:%M}"
    day = DAYS["es" if spanish else "en"][max(opens, today).weekday()]
    start = f"{max(opens, today):%H:%M}"
    return f"el {day} desde las {start}" if spanish else f"{day} from {start}"
