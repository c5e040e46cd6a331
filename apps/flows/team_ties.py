"""What still hangs on a team, asked before it is switched off: nothing may be left without somebody (row TA-15).

Leads, tasks, parts, offers, shares, relationships, forms and lists go to another team with "A team leaves"; what people
set up (queues, sources, services, rules) they point elsewhere first. An app above adds what of its own hangs on a team.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from apps.accounts.models import Team
from apps.accounts.saving import require_settings
from apps.audit import ledger
from apps.capture.models import Form
from apps.catalog.models import Channel, FieldKeeping, Queue, SchedulingWorkflow, Service, Source, UnmappedWord
from apps.catalog.terms import WordState
from apps.exceptions.models import OPEN, ExceptionItem
from apps.flows.models import TeamMove
from apps.handoffs.models import LIVE, Handoff
from apps.leads.models import Lead, Task
from apps.ownership.models import LeadShare, Spell
from apps.policies.actions import find_problems
from apps.policies.queries import ruling_versions
from apps.policies.terms import Severity
from apps.relationships.models import Opportunity, Relationship
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, NotFound, Problem

MOST_NAMED = 5
#: The page that hands over what goes along.
LEAVES = "“A team leaves”"
OPEN_TASKS = ("open", "suppressed")


@dataclass(frozen=True, slots=True)
class Tie:
    """One kind of thing that hangs on a team, in words: "7 open leads", "the queues Elm Calls, Elm Recall"."""

    code: str
    words: str
    moves_along: bool = True


_ALSO: list[Callable[[Team, datetime], Iterator[Tie]]] = []


def register_ties(ties: Callable[[Team, datetime], Iterator[Tie]]) -> None:
    """Let an app above name what of its own hangs on a team."""
    _ALSO.append(ties)


def ties_of(team: Team, now: datetime) -> list[Tie]:
    """Return what hangs on a team: what goes along when it leaves first, then what people point elsewhere."""
    along = [*_of_leads(team, now), *_of_assets(team)]
    for ties in _ALSO:
        along += ties(team, now)
    return [*along, *_of_set_up(team), *_of_rules(team, now)]


def switch_off_team(*, actor: Actor, team_id: UUID, now: datetime) -> Team:
    """Switch a team off on which nothing hangs any more; one that is off stays so.

    Refuses actors without `settings:write`, and names all that still hangs on it, a problem for each.
    """
    require_settings(actor, "team")
    team = Team.rows().select_for_update(of=("self",)).filter(id=team_id).first()
    if team is None:
        raise NotFound
    if not team.is_active:
        return team
    found = ties_of(team, now)
    if found:
        named = ", ".join(each.words for each in found)
        sentence = f"{team.name} still has {named}."
        raise Invalid(f"{sentence} {_way_out(found)}", tuple(_problem(each) for each in found), code="team_in_use")
    team.is_active = False
    team.save(update_fields=["is_active"])
    ledger.record(actor=actor, action="team.deactivate", object_type="team", object_id=team.id, fields=["is_active"])
    return team


def _of_leads(team: Team, now: datetime) -> Iterator[Tie]:
    leads = Lead.rows().filter(owner_team=team, closed_at__isnull=True)
    yield from _counted("leads", leads, "open lead", "open leads")
    tasks = Task.rows().filter(team=team, state__in=OPEN_TASKS)
    yield from _counted("tasks", tasks, "open task", "open tasks")
    parts = Spell.rows().filter(team=team, ended_at__isnull=True, lead__closed_at__isnull=True)
    yield from _counted("parts", parts.exclude(kind="primary"), "part in a lead", "parts in leads")
    yield from _counted("offers", offers_to(team), "handoff to answer", "handoffs to answer")
    yield from _counted("shares", shares_with(team, now), "shared lead", "shared leads")
    items = ExceptionItem.rows().filter(OPEN, approver=team)
    yield from _counted("exceptions", items, "exception to approve", "exceptions to approve")
    words = UnmappedWord.rows().filter(team=team, state=WordState.OPEN)
    yield from _counted("words", words, "word to map", "words to map")
    groups = Relationship.rows().filter(owner_team=team)
    yield from _counted("relationships", groups, "relationship", "relationships")
    deals = Opportunity.rows().filter(owner_team=team)
    yield from _counted("opportunities", deals, "opportunity", "opportunities")
    moves = TeamMove.rows().filter(to_team=team, ended_at__isnull=True)
    yield from _counted("moves", moves, "team's leads on their way to it", "teams' leads on their way to it")


def offers_to(team: Team) -> QuerySet[Handoff]:
    """Return the handoffs that wait for a team's answer."""
    return Handoff.rows().filter(LIVE, to_team=team)


def shares_with(team: Team, now: datetime) -> QuerySet[LeadShare]:
    """Return the leads that are shown to a team by hand now."""
    return LeadShare.rows().filter(team=team, ended_at__isnull=True, ends_at__gt=now)


def _of_assets(team: Team) -> Iterator[Tie]:
    yield from _named("forms", "form", Form.rows().filter(owning_team=team).order_by("title").values_list("title"))


def _of_set_up(team: Team) -> Iterator[Tie]:
    for code, word, rows in (
        ("queues", "queue", Queue.rows().filter(team=team, is_active=True)),
        ("sources", "source", Source.rows().filter(owning_team=team, is_active=True)),
        ("channels", "channel", Channel.rows().filter(owning_team=team, is_active=True)),
        ("services", "service", Service.rows().filter(owner=team, is_active=True)),
        ("workflows", "workflow", SchedulingWorkflow.rows().filter(team=team, is_active=True)),
    ):
        for tie in _named(code, word, rows.order_by("name").values_list("name")):
            yield Tie(tie.code, tie.words, moves_along=False)
    kept = FieldKeeping.rows().filter(team=team, is_active=True).order_by("field").values_list("field")
    for tie in _named("fields", "field", kept):
        yield Tie(tie.code, tie.words, moves_along=False)


def _of_rules(team: Team, now: datetime) -> Iterator[Tie]:
    """Name the rules in force that could not be approved any more without the team: it is switched off to see."""
    versions = ruling_versions(now)
    before = {version.id: _errors(version.rule_set.kind, version.document) for version in versions}
    broken: dict[str, str] = {}
    with transaction.atomic():
        Team.rows().filter(id=team.id).update(is_active=False)
        for version in versions:
            new = [each for each in _errors(version.rule_set.kind, version.document) if each not in before[version.id]]
            if new:
                broken[f"{version.rule_set.name} v{version.number}"] = new[0]
        transaction.set_rollback(True)
    if broken:
        names = sorted(broken)
        word = "rules" if len(names) == 1 else "rules of"
        yield Tie("rules", f"a place in the {word} {_list(names)} ({broken[names[0]].rstrip('.')})", moves_along=False)


def _errors(kind: str, document: object) -> list[str]:
    found = find_problems(kind, document)
    return [each.sentence for each in found if each.severity is not Severity.WARNING]


def _counted(code: str, rows: QuerySet, one: str, many: str) -> Iterator[Tie]:  # type: ignore[type-arg]
    count = rows.count()
    if count:
        yield Tie(code, f"{count} {one if count == 1 else many}")


def _named(code: str, word: str, rows: QuerySet) -> Iterator[Tie]:  # type: ignore[type-arg]
    names = [name for (name,) in rows]
    if names:
        yield Tie(code, f"the {word if len(names) == 1 else word + 's'} {_list(names)}")


def _list(names: list[str]) -> str:
    more = len(names) - MOST_NAMED
    shown = ", ".join(f"“{each}”" for each in names[:MOST_NAMED])
    return f"{shown} and {more} more" if more > 0 else shown


def _problem(tie: Tie) -> Problem:
    way = f"{LEAVES} hands it over." if tie.moves_along else "Point it to another team first."
    return Problem("/is_active", f"has_{tie.code}", f"It still has {tie.words}. {way}")


def _way_out(found: list[Tie]) -> str:
    """Say what to do with what hangs on it."""
    steps = []
    if any(each.moves_along for each in found):
        steps.append(f"Hand over what it works on with {LEAVES}.")
    if any(not each.moves_along for each in found):
        steps.append("Point the rest to another team.")
    return " ".join(steps)
