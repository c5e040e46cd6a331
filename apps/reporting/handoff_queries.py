"""How often leads changed teams, by rules or by hand, what came of handoffs, and which categories were wrong."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q

from apps.handoffs.models import Handoff, Mismatch
from apps.handoffs.queries import rules_of
from apps.handoffs.terms import HandoffState
from apps.ownership.models import Spell
from apps.reporting.queries import Wanted, counted_leads
from apps.tenancy.actor import Actor

#: What a person decided; every other change of team is made by a rule.
BY_HAND = ("transfer", "return", "redirect", "undo")
HANDOFF, STAGE = "handoff:", "stage:"


@dataclass(frozen=True, slots=True)
class Moved:
    """So many leads that went to another team for one cause; `trigger` is the cause as spells keep it."""

    trigger: str
    count: int

    @property
    def is_manual(self) -> bool:
        """Say whether people moved them."""
        return self.trigger in BY_HAND or self.trigger.startswith(HANDOFF)


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of the offers of one handoff type."""

    name: str
    offered: int
    accepted: int
    returned: int
    withdrawn: int


@dataclass(frozen=True, slots=True)
class HandoffFigures:
    """Moves of a period by cause, offers by type, wrong categories by pair; `minutes` is what a move by hand takes."""

    moves: tuple[Moved, ...]
    answers: tuple[Answered, ...]
    wrong: tuple[tuple[str, str, int], ...]
    minutes: int

    @property
    def total(self) -> int:
        """How often a lead went to another team."""
        return sum(each.count for each in self.moves)

    @property
    def manual(self) -> int:
        """How many of them people made."""
        return sum(each.count for each in self.moves if each.is_manual)

    @property
    def minutes_saved(self) -> int:
        """Minutes that nobody spent, because a rule moved the lead."""
        return (self.total - self.manual) * self.minutes


def handoff_figures(actor: Actor, wanted: Wanted, now: datetime) -> HandoffFigures:
    """Return the figures for the leads of a period that the actor may see, in three queries."""
    leads = counted_leads(actor, wanted).order_by().values("id")
    before = Spell.rows().filter(lead=OuterRef("lead"), kind="primary", ended_at=OuterRef("started_at"))
    spells = Spell.rows().filter(Exists(before.exclude(team=OuterRef("team"))), lead__in=leads, kind="primary")
    moves = spells.order_by().values_list("trigger").annotate(n=Count("id"))
    states = {each: Count("id", filter=Q(state=each.value)) for each in HandoffState}
    offers = (
        Handoff.rows()
        .filter(lead__in=leads)
        .order_by()
        .values_list("type_name")
        .annotate(
            n=Count("id"),
            **{f"n_{each.value}": count for each, count in states.items() if each is not HandoffState.OFFERED},
        )
    )
    wrong = Mismatch.rows().filter(lead__in=leads).order_by()
    pairs = wrong.values_list("chosen__name", "actual__name").annotate(n=Count("id"))
    return HandoffFigures(
        tuple(sorted((Moved(*row) for row in moves), key=lambda each: (-each.count, each.trigger))),
        tuple(sorted((Answered(*row) for row in offers), key=lambda each: (-each.offered, each.name))),
        tuple(sorted(((was or "", is_, n) for was, is_, n in pairs), key=lambda row: (-row[2], row[0], row[1]))),
        rules_of(now).manual_minutes,
    )
