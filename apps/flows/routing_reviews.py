"""Reviews of the routing rules: each month, when a campaign starts or ends, and when the staffing of a team changes.

Each is due seven days later, or two weeks after the month, and names the rules to look at.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse

from apps.accounts.models import Team
from apps.accounts.notices import tell_people
from apps.accounts.terms import STAFFING, Permission
from apps.catalog.models import Campaign
from apps.catalog.queries import campaigns_by_key, queues_by_key
from apps.exceptions.models import ExceptionItem
from apps.exceptions.terms import ItemType
from apps.leads.models import StageSpell
from apps.leads.terms import StageKey
from apps.ownership.models import Spell
from apps.policies.decisions.compiled import texts_in
from apps.policies.models import Review, RuleSetVersion
from apps.policies.queries import versions_in_force
from apps.policies.reviews import open_review
from apps.routing.decisions.compiled_layers import rules_by_layer
from apps.routing.models import RoutingDecision
from apps.tenancy import outbox
from apps.tenancy.organizations import current_organization

KIND = "routing"
DUE_AFTER, DUE_AFTER_MONTH = timedelta(days=7), timedelta(days=14)
#: An event that was not seen within this, because nothing ran, is past.
SEEN_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Asked:
    """A review that is to be opened once: what it is about, in words, until when, and by which rules."""

    key: str
    subject: str
    sentence: Callable[[], str]
    due_on: date
    rules: tuple[str, ...] = ()


def review_routing(now: datetime) -> list[Review]:
    """Open the reviews that are due to be opened today, each once; who may write rules is told."""
    version = versions_in_force(now).get(KIND)
    if version is None:
        return []
    today = now.astimezone(ZoneInfo(current_organization().zone)).date()
    asked = [*_of_campaigns(version, today), _of_month(today)]
    known = set(Review.rows().filter(dedup_key__in=[each.key for each in asked]).values_list("dedup_key", flat=True))
    return [row for each in asked if each.key not in known and (row := _open(each, version, now)) is not None]


@outbox.handler(STAFFING)
def staffing_changed(team_id: UUID, now: datetime) -> None:
    """Open a review of the rules that send to a team whose people changed; one a week and team."""
    version, team = versions_in_force(now).get(KIND), Team.rows().filter(id=team_id).first()
    if version is None or team is None:
        return
    queues = {each for row in queues_by_key().values() if row.team_id == team_id for each in (row.key, row.tag) if each}
    rules = rules_naming(version.document, queues, part="then")
    if not queues:
        return
    today = now.astimezone(ZoneInfo(current_organization().zone)).date()
    year, week, _day = today.isocalendar()
    sentence = f"The people of {team.name} changed: do the rules that send there still fit?"
    key = f"{KIND}:staffing:{team.key}:{year}-{week}"
    _open(Asked(key, team.key, lambda: sentence, today + DUE_AFTER, rules), version, now)


def rules_naming(document: Mapping[str, Any], names: set[str], *, part: str) -> tuple[str, ...]:
    """Return the ids of the rules in whose conditions (`when`) or effects (`then`) one of these names stands."""
    rules = [each for layer in rules_by_layer(document).values() for each in layer]
    return tuple(str(each.get("id")) for each in rules if texts_in(each.get(part)) & names)


def _of_campaigns(version: RuleSetVersion, today: date) -> Iterator[Asked]:
    for row in campaigns_by_key().values():
        for word, day in (("starts", row.starts_on), ("ends", _after(row.ends_on))):
            if day is not None and today - SEEN_WITHIN < day <= today:
                yield _of_campaign(row, word, day, version)


def _of_campaign(row: Campaign, word: str, day: date, version: RuleSetVersion) -> Asked:
    rules = rules_naming(version.document, {row.key}, part="when")
    rules = rules or rules_naming(version.document, set(row.services), part="when")
    named = f"its rules are {', '.join(rules)}" if rules else "no rule looks at it or its services"
    sentence = f"Campaign “{row.name}” {word}: {named}."
    return Asked(f"{KIND}:campaign:{row.key}:{word}:{day}", row.key, lambda: sentence, day + DUE_AFTER, rules)


def _of_month(today: date) -> Asked:
    last = today.replace(day=1) - timedelta(days=1)
    first, due_on = last.replace(day=1), last + timedelta(days=1) + DUE_AFTER_MONTH
    return Asked(f"{KIND}:month:{first}", KIND, lambda: _figures(first, last), due_on)


def _figures(first: date, last: date) -> str:
    """Say what came of the month: what people moved, what was torn apart, what no rule sent, and what was booked."""
    zone = ZoneInfo(current_organization().zone)
    begun, ended = (datetime.combine(day, time.min, zone) for day in (first, last + timedelta(days=1)))
    decided = RoutingDecision.rows().filter(decided_at__gte=begun, decided_at__lt=ended, lead__is_test=False)
    leads = decided.values("lead").distinct().count()
    if not leads:
        return ""
    lost = decided.filter(is_fallback=True, exception="").values("lead").distinct().count()
    moved = Spell.rows().filter(trigger="transfer", started_at__gte=begun, started_at__lt=ended).count()
    torn = ExceptionItem.rows().filter(type=ItemType.OWNER_MISMATCH, opened_at__gte=begun, opened_at__lt=ended).count()
    spells = StageSpell.rows().filter(stage__key=StageKey.SCHEDULED, started_at__gte=begun, started_at__lt=ended)
    booked = spells.values("lead").distinct().count()
    return (
        f"Routing of {first:%B %Y}: {leads} leads, {lost} no rule sent, {moved} transferred by people, "
        f"{torn} with owner and queue apart, {booked} scheduled. What should the rules do otherwise?"
    )


def _after(day: date | None) -> date | None:
    return day + timedelta(days=1) if day else None


def _open(asked: Asked, version: RuleSetVersion, now: datetime) -> Review | None:
    sentence = asked.sentence()
    if not sentence:
        return None
    url = reverse("admin:policies_rulesetversion_change", args=[version.id])
    row = open_review(
        kind=KIND,
        subject=asked.subject,
        sentence=sentence,
        dedup_key=asked.key,
        due_on=asked.due_on,
        now=now,
        rules=asked.rules,
        url=url,
    )
    tell_people(
        kind="routing_review",
        sentence=f"{sentence} A review is due {asked.due_on.day} {asked.due_on:%b}.",
        dedup_key=asked.key,
        now=now,
        permission=Permission.RULES_WRITE,
        url=reverse("admin:policies_review_change", args=[row.id]),
    )
    return row
