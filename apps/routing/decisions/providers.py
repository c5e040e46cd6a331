"""Which providers meet what a rule asks for: the service, the skill, new patients, a slot soon enough (row RT-15)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from apps.routing.terms import Alternative, Network, OpenAt, ProviderFact

MOST_DAYS = 365
ESTABLISHED = "established"
NOT_KEPT = "Which providers there were was not kept with this decision."


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a provider: all these skills, an open slot within so many days, a service ("" for any)."""

    skills: tuple[str, ...] = ()
    days: int | None = None
    service: str = ""
    is_established: bool = False


@dataclass(frozen=True, slots=True)
class Judged:
    """Who meets the demands, first slot first; what was asked and answered as sentences; who lost and why."""

    keys: tuple[str, ...]
    asked: str
    answer: str
    others: tuple[Alternative, ...]


def days_in(value: str) -> int | None:
    """Return a rule's days as a whole number from 1 to 365; None where they are no such number."""
    text = value.strip()
    number = int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(MOST_DAYS)) else 0
    return number if 1 <= number <= MOST_DAYS else None


def wanted_in_words(wanted: Wanted) -> str:
    """Return the demands as a rule's effect says them."""
    parts = [f"the skill {' and '.join(wanted.skills)}"] if wanted.skills else []
    parts += [f"an open slot within {_days(wanted.days)}"] if wanted.days is not None else []
    return f"a provider with {' and '.join(parts)}" if parts else "any provider"


def obstacle_at(office_key: str, wanted: Wanted, network: Network) -> str:
    """Say what an office lacks of what is asked; "" where somebody there meets all of it."""
    if network.providers is None:
        return "is not known by its providers of that day"
    if any(not why_not(each, wanted, network.at, office_key) for each in network.providers):
        return ""
    return f"has no {wanted_in_words(wanted).removeprefix('a ')}"


def judge_providers(wanted: Wanted, network: Network, office_key: str) -> Judged:
    """Judge every provider, at one office or at any; the losers are told with what each lacks, and where."""
    asked = f"{wanted_in_words(wanted).capitalize()} is asked for"
    if network.providers is None:
        return Judged((), asked, NOT_KEPT, ())
    names = {office.key: office.name for office in network.offices}
    fitting, others = dict[str, tuple[ProviderFact, OpenAt | None]](), []
    for each in network.providers:
        if because := _why_never(each, wanted):
            others.append(Alternative("provider", each.key, each.name, because))
            continue
        for place in dict.fromkeys(found.office_key for found in _places(each, wanted.service, "")):
            because = why_not(each, wanted, network.at, place)
            if not because and place == (office_key or place):
                slot = first_slot(each, wanted.service, network.at, office_key)
                fitting[each.key] = (each, slot)
                continue
            because = because or f"meets it there; the lead goes to {names.get(office_key, office_key)}"
            others.append(Alternative("provider", each.key, f"{each.name} at {names.get(place, place)}", because))
    if not fitting:
        return Judged((), asked, f"no {wanted_in_words(wanted).removeprefix('a ')} was found", tuple(others))
    best = sorted(fitting.values(), key=lambda pair: (not _at(pair[1]), _at(pair[1]), pair[0].key))
    spoken = [_spoken(provider, slot) for provider, slot in best]
    return Judged(tuple(each.key for each, _ in best), asked, f"seen by {' or '.join(spoken)}", tuple(others))


def why_not(provider: ProviderFact, wanted: Wanted, at: datetime | None, office_key: str) -> str:
    """Say why a provider does not meet the demands at an office; "" where all are met. The first that fails is told."""
    places = list(_places(provider, wanted.service, office_key))
    if not places:
        return "does not see people for this service at this office"
    never = _why_never(provider, wanted)
    return never or ("" if wanted.days is None else _why_no_slot(places, wanted.days, at))


def _why_never(provider: ProviderFact, wanted: Wanted) -> str:
    """Say what keeps a provider from meeting the demands at any office, whatever is open."""
    if not any(_places(provider, wanted.service, "")):
        return "does not see people for this service"
    missing = [skill for skill in wanted.skills if skill.casefold() not in provider.skills]
    if missing:
        return f"lacks the skill {' and '.join(missing)}"
    return "" if provider.takes_new or wanted.is_established else "takes no new patients"


def first_slot(provider: ProviderFact, service: str, at: datetime | None, office_key: str = "") -> OpenAt | None:
    """Return where the provider's first open slot is that can be relied on; None without any."""
    found = [
        each
        for each in _places(provider, service, office_key)
        if each.next_at is not None and not each.is_stale and (at is None or each.next_at > at)
    ]
    return min(found, key=lambda each: (_at(each), each.office_key), default=None)


def _why_no_slot(places: list[OpenAt], days: int, at: datetime | None) -> str:
    """Say why no place has a slot in time. What is stale is no slot: it is said as such."""
    heard = [each for each in places if each.heard_at is not None]
    fresh = [each for each in heard if not each.is_stale]
    coming = [each.next_at for each in fresh if each.next_at is not None]
    if at is not None and any(each <= at + timedelta(days=days) for each in coming):
        return ""
    if coming:
        return f"no slot within {_days(days)}; the next is {_moment(min(coming))}"
    if fresh:
        return "no open slot at all"
    if heard:
        last = max(each.heard_at for each in heard if each.heard_at is not None)
        return f"open slots were last told {_moment(last)}: too long ago to rely on"
    return "nobody told which slots are open"


def _places(provider: ProviderFact, service: str, office_key: str) -> Iterator[OpenAt]:
    for each in provider.places:
        if (not service or each.service == service) and (not office_key or each.office_key == office_key):
            yield each


def _at(found: OpenAt | None) -> str:
    return found.next_at.isoformat() if found is not None and found.next_at is not None else ""


def _spoken(provider: ProviderFact, found: OpenAt | None) -> str:
    if found is None or found.next_at is None:
        return provider.name
    return f"{provider.name} (first slot {_moment(found.next_at)})"


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _days(days: int | None) -> str:
    return "1 day" if days == 1 else f"{days} days"
