"""Read the live set-up as chapters of the playbook. Nothing of it is kept: the next reading is as true as this one."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _

from apps.accounts.models import Team, TeamMembership
from apps.catalog.business_hours import Hours
from apps.catalog.hours_in_words import spoken_hours
from apps.catalog.models import Queue
from apps.catalog.queries import all_hours, queues_by_key
from apps.leads.decisions import next_actions
from apps.leads.models import Pipeline, Stage
from apps.leads.terms import FIELD_WORDS, NextAction
from apps.ownership.decisions import next_owner
from apps.ownership.terms import Where
from apps.playbook.agreements import agreements
from apps.playbook.decisions import clocks_in, meanings_of, moves_among, next_keys, spoken_seconds
from apps.playbook.terms import Book, Desk, InForce, Level, RuleLine, RuleText, StageEntry, Target, Way
from apps.policies.decisions.documents import as_document, as_items, as_text, as_texts
from apps.policies.decisions.lines import document_lines
from apps.policies.decisions.sentences import read_aloud
from apps.policies.models import RuleSetVersion
from apps.policies.queries import field_specs, labels
from apps.sla.decisions import read_policy
from apps.sla.terms import Clock, ClockMode, Policy, Rung, StartsAt, Step
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Refused
from apps.workspace.words import clock_name

Versions = Mapping[str, RuleSetVersion]
#: Rules that the playbook says in words, in order; the others have chapters of their own or follow in later ones.
SAID = ("validity", "duplicates")


def playbook(actor: Actor, now: datetime) -> Book:
    """Return the process as it is set up at an instant, for everybody who works here.

    Refuses people of an agency: it names our people and says how we judge what they deliver.
    """
    if actor.is_agency or actor.membership_id is None:
        raise Refused("The playbook is for the people who work here.", action="playbook.read", object_type="playbook")
    every = _ruling(now)
    versions = {each.rule_set.kind: each for each in every if each.rule_set.key == "default"}
    levels = _policies(versions)
    return Book(
        ways=_ways(versions, levels),
        levels=tuple(_level(row, policy) for row, policy in levels),
        desks=_desks(),
        rules=tuple(_rule_text(versions[kind]) for kind in SAID if kind in versions),
        versions=tuple(_in_force(each) for each in every),
        agreements=agreements(now),
    )


def _ruling(now: datetime) -> list[RuleSetVersion]:
    """Return the version in force of each rule set, by name, with who approved it."""
    rows = RuleSetVersion.rows().filter(state="approved", effective_from__lte=now)
    rows = rows.filter(Q(effective_until__isnull=True) | Q(effective_until__gt=now))
    rows = rows.select_related("rule_set", "approver__user", "author__user").order_by("effective_from", "number")
    newest = {each.rule_set_id: each for each in rows}
    return sorted(newest.values(), key=lambda each: (each.rule_set.name.lower(), each.rule_set.key))


def _ways(versions: Versions, levels: list[tuple[Mapping[str, object], Policy]]) -> tuple[Way, ...]:
    stages: dict[UUID, list[Stage]] = defaultdict(list)
    for stage in Stage.rows().order_by("position", "id"):
        stages[stage.pipeline_id].append(stage)
    teams = dict(Team.rows().values_list("key", "name"))
    pipelines = sorted(Pipeline.rows(), key=lambda each: (each.key != "patient", each.name.lower()))
    return tuple(_way(each, stages[each.id], versions, levels, teams) for each in pipelines)


def _way(
    pipeline: Pipeline,
    stages: list[Stage],
    versions: Versions,
    levels: list[tuple[Mapping[str, object], Policy]],
    teams: Mapping[str, str],
) -> Way:
    gates, ownership = _document(versions, "gates"), _document(versions, "ownership")
    order = [stage.key for stage in stages]
    moves, named = moves_among(gates, order), {stage.key: stage.label for stage in stages}
    needed = as_document(gates.get("gates"))

    def entry(stage: Stage) -> StageEntry:
        handover = next_owner(stage.key, ownership, Where(pipeline.key))
        clocks = clocks_in(stage.key, moves, order)
        return StageEntry(
            key=stage.key,
            label=stage.label,
            is_open=stage.is_open,
            meanings=meanings_of(stage.key, moves),
            owner=teams.get(handover.team_key, handover.team_key) if handover else "",
            gate=tuple(_field(name) for name in as_texts(needed.get(stage.key))),
            actions=tuple(_action(each) for each in next_actions(stage.next_actions)),
            targets=_together(
                _target(policy, clock)
                for _row, policy in levels
                for clock in policy.clocks
                if stage.is_open and clock.kind in clocks
            ),
            next_stages=tuple(named[key] for key in next_keys(stage.key, moves, order)),
        )

    reasons = [
        (as_text(as_document(each).get("key")), as_text(as_document(each).get("label")))
        for each in as_items(pipeline.closure_reasons)
    ]
    return Way(pipeline.key, pipeline.name, pipeline.person_word, tuple(map(entry, stages)), moves, tuple(reasons))


def _field(name: str) -> str:
    spec = field_specs().get(name)
    return FIELD_WORDS.get(name) or (spec.label if spec else name.replace("_", " "))


def _action(step: NextAction) -> str:
    when = (
        _("at once") if not step.after_seconds else _("after %(span)s") % {"span": spoken_seconds(step.after_seconds)}
    )
    what = _("message “%(name)s”") % {"name": step.template} if step.template else step.title
    channel = f" ({step.channel})" if step.channel and not step.template else ""
    return f"{what}{channel}, {when}"


def _policies(versions: Versions) -> list[tuple[Mapping[str, object], Policy]]:
    rows = (as_document(item) for item in as_items(_document(versions, "sla").get("policies")))
    return [(row, read_policy(row)) for row in rows if row.get("is_active") is not False]


def _level(row: Mapping[str, object], policy: Policy) -> Level:
    return Level(
        policy.id,
        policy.name,
        policy.meaning,
        read_aloud(row.get("when"), field_specs(), labels()),
        tuple(_target(policy, clock) for clock in policy.clocks),
        tuple(_rung(each) for each in policy.ladder),
    )


def _target(policy: Policy, clock: Clock) -> Target:
    start = _("since the arrival") if clock.starts is StartsAt.CAPTURED else _("since the lead has an owner")
    if clock.limit_open_days is not None:
        days = clock.limit_open_days
        limit = _("by the end of the %(n)s. open day after") % {"n": days} if days else _("by the end of the open day")
        return Target(policy.name, clock_name(clock.kind), f"{limit}, {start}")
    how = _("of opening time") if clock.mode is ClockMode.BUSINESS else _("at any hour")
    limit = _("within %(span)s") % {"span": spoken_seconds(clock.limit_seconds)}
    return Target(policy.name, clock_name(clock.kind), f"{limit} {how}, {start}")


def _together(targets: Iterable[Target]) -> tuple[Target, ...]:
    """Say a limit that several service levels share once, with the names of all."""
    found: dict[tuple[str, str], list[str]] = defaultdict(list)
    for each in targets:
        found[each.clock, each.limit].append(each.policy)
    return tuple(Target(", ".join(dict.fromkeys(names)), clock, limit) for (clock, limit), names in found.items())


def _rung(rung: Rung) -> str:
    who = rung.who.replace("_", " ")
    when = (
        _("at the deadline")
        if not rung.after_seconds
        else _("%(span)s later") % {"span": spoken_seconds(rung.after_seconds)}
    )
    return (_("%(when)s: give to %(who)s") if rung.do == Step.REASSIGN else _("%(when)s: alert %(who)s")) % {
        "when": when,
        "who": who,
    }


def _desks() -> tuple[Desk, ...]:
    people: dict[UUID, list[str]] = defaultdict(list)
    rows = TeamMembership.rows().filter(membership__is_active=True).select_related("membership__user")
    for row in rows.order_by("-is_lead", "membership__user__name"):
        lead = _(" (team lead)") if row.is_lead else ""
        people[row.team_id].append(f"{row.membership.user.name}{lead}")
    hours = all_hours()
    found = [each for each in queues_by_key().values() if each.is_active]
    return tuple(_desk(each, people[each.team_id], hours[each.calendar_id]) for each in found)


def _desk(queue: Queue, people: Iterable[str], hours: Hours) -> Desk:
    after = queue.after_hours_queue
    return Desk(
        queue.name,
        queue.team.name,
        tuple(people),
        queue.location.name if queue.location else "",
        (_("at any hour"),) if hours.always_open else spoken_hours(hours.spans),
        queue.get_method_display(),
        spoken_seconds(queue.max_wait_seconds),
        after.name if after else "",
    )


def _rule_text(version: RuleSetVersion) -> RuleText:
    lines = document_lines(version.document, field_specs(), labels())
    said = tuple(RuleLine(f"{each.text} ({each.note})" if each.note else each.text, each.is_heading) for each in lines)
    return RuleText(str(version.rule_set.get_kind_display()), str(version), said)


def _in_force(version: RuleSetVersion) -> InForce:
    return InForce(
        version.rule_set.name,
        version.number,
        version.effective_from,
        version.approver.user.name if version.approver else "",
        version.author.user.name if version.author else "",
        version.reason,
    )


def _document(versions: Versions, kind: str) -> Mapping[str, Any]:
    return as_document(versions[kind].document) if kind in versions else {}
