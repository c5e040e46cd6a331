"""Whether the people who are there can keep a queue's response target: the load against them (row HC-13).

Leads come at random and each takes a person some minutes, so a queue is a waiting line with several servers: the share
that waits no longer than the target follows from Erlang's C formula (A. K. Erlang, 1917). From as many hours of work
an hour as there are people on, the line only grows.
"""

from dataclasses import dataclass
from math import exp

from apps.reporting.terms import ENOUGH

#: Below this share in percent within the target the board warns.
WANTED_SHARE = 80
MOST_PEOPLE = 500


@dataclass(frozen=True, slots=True)
class Staffing:
    """Leads of an hour against people: how many they handle in it, and how many percent within the target."""

    leads: int
    people: int
    handled: int
    share: int

    @property
    def is_short(self) -> bool:
        """Whether to warn: more comes than is handled, or of enough leads too few are answered in time."""
        return self.leads > self.handled or (self.leads >= ENOUGH and self.share < WANTED_SHARE)


def staffing(leads: int, people: int, *, target_seconds: int, seconds_per_lead: int) -> Staffing:
    """Compare an hour's leads with the people who are there.

    >>> staffing(60, 2, target_seconds=300, seconds_per_lead=300)
    Staffing(leads=60, people=2, handled=24, share=0)
    """
    people = min(people, MOST_PEOPLE)
    handled, work = people * 3600 // seconds_per_lead, leads * seconds_per_lead / 3600
    if not leads:
        return Staffing(leads, people, handled, 100)
    if work >= people:
        return Staffing(leads, people, handled, 0)
    late = _waits(work, people) * exp(-(people - work) * target_seconds / seconds_per_lead)
    return Staffing(leads, people, handled, round(100 * (1 - late)))


def _waits(work: float, people: int) -> float:
    """Return the share that waits at all, by the recursion of Erlang's B formula."""
    blocked = 1.0
    for number in range(1, people + 1):
        blocked = work * blocked / (number + work * blocked)
    return blocked / (1 - work / people * (1 - blocked))
