"""Open slots of the demo's providers, counted from today, so that a newcomer sees who can be seen when.

Told anew with every start, unless somebody else told them meanwhile: a scheduling system or a person counts more.
"""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from apps.catalog.models import OpenSlots
from apps.catalog.providers import Heard, places_of, providers_by_key
from apps.flows.slots import tell_slots
from apps.tenancy.actor import Door, system_actor
from apps.tenancy.organizations import current_organization

TELLER = "demo"
#: In how many days the first slot is, by provider and office; two weeks where nothing stands here.
FIRST_IN: Mapping[tuple[str, str], int] = {
    ("dr-kim", "elm-st"): 20,
    ("dr-kim", "oak-park"): 6,
    ("dr-osei", "elm-st"): 3,
    ("dr-osei", "evanston"): 9,
    ("dr-vale", "oak-park"): 31,
    ("dr-vale", "evanston"): 33,
    ("dr-marsh", "evanston"): 5,
}
USUAL, SATURDAY = 14, 5
#: So many days have slots, at these hours.
DAYS, HOURS = 5, (9, 11, 14)


def tell_demo_slots(now: datetime) -> int:
    """Tell the slots of every provider of the tenant in scope; return of how many places."""
    organization = current_organization()
    actor = system_actor(organization.id, label=TELLER, door=Door.COMMAND)
    others = OpenSlots.rows().exclude(heard_from=TELLER)
    kept = set(others.values_list("provider__key", "location__key", "service__key"))
    told = [
        Heard(key, office, service, _starts(FIRST_IN.get((key, office), USUAL), now, organization.zone), now)
        for key, row in providers_by_key().items()
        for office, service in places_of(row)
        if (key, office, service) not in kept
    ]
    if told:
        tell_slots(actor=actor, told=told, now=now)
    return len(told)


def _starts(first: int, now: datetime, zone: str) -> tuple[datetime, ...]:
    """Return slots on working days from a day on, local time."""
    today = now.astimezone(ZoneInfo(zone)).date()
    days = [today + timedelta(days=first + each) for each in range(DAYS + 4)]
    working = [each for each in days if each.weekday() < SATURDAY][:DAYS]
    return tuple(datetime.combine(day, time(hour), ZoneInfo(zone)) for day in working for hour in HOURS)
