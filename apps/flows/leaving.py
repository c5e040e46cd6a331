"""A team leaves: all its open leads go to another team, with grants, tasks and clocks, by hundreds (rows TA-15, OW-14).

What a lead's own verb does, written by a few statements for many: the spell ends and the next begins, the old team's
grants go, tasks follow, the story and the ledger say so for each lead. Clocks and due times stay as they are. What
else hangs on the team follows (`heirs`).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Value
from django.db.models.functions import Greatest

from apps.accounts.models import Team
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.catalog.models import Queue
from apps.flows.heirs import pass_on
from apps.flows.models import TeamMove
from apps.leads.actions import lock_people_of_leads
from apps.leads.guards import acting_as_system
from apps.leads.models import Lead, Task, TimelineEntry
from apps.ownership.actions import OWNER_GRANTS
from apps.ownership.models import LeadTeamGrant, Spell
from apps.ownership.queries import permission_id
from apps.ownership.terms import Role
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, ActorKind, Door
from apps.tenancy.errors import Conflict, Invalid, Problem, Refused
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id
from apps.tenancy.writing import insert_now

MOVE = "team.move"
PART = 500
TRIGGER = "team_leaves"


def move_team(*, actor: Actor, from_key: str, to_key: str, reason: str, now: datetime) -> TeamMove:
    """Begin to hand all open leads of a team to another one; the worker does it in parts after the commit.

    Refuses actors without `settings:write`, a missing reason, teams that are not there or the same, and a team whose
    leads are on their way already.
    """
    if not actor.may(Permission.SETTINGS_WRITE):
        sentence = "Only administrators hand a team's leads over."
        raise Refused(sentence, action="team.move", object_type="team")
    teams = {row.key: row for row in Team.rows().filter(key__in=[from_key, to_key])}
    problems = []
    if from_key not in teams:
        problems.append(Problem("/from_team", "unknown_team", "Choose the team that leaves."))
    if to_key not in teams or to_key == from_key or not teams[to_key].is_active:
        problems.append(Problem("/to_team", "unknown_team", "Choose another team that works."))
    if not reason.strip():
        problems.append(Problem("/reason", "reason_missing", "Say why the leads are handed over."))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))
    source, target = teams[from_key], teams[to_key]
    list(Team.rows().filter(id=source.id).select_for_update(no_key=True))
    if TeamMove.rows().filter(from_team=source, ended_at__isnull=True).exists():
        raise Conflict(f"The leads of {source.name} are on their way already.", code="on_its_way")
    move: TeamMove = TeamMove.objects.create(
        id=new_id(),
        from_team=source,
        to_team=target,
        reason=reason.strip()[:200],
        actor_kind=str(actor.kind),
        actor_id=actor.id,
        actor_label=actor.label,
        event_id=new_id(),
        begun_at=now,
    )
    detail = {"from": str(source.id), "to": str(target.id)}
    ledger.record(
        actor=actor,
        action="team.move",
        object_type="team",
        object_id=source.id,
        event_id=move.event_id,
        detail=detail,
    )
    outbox.enqueue(MOVE, move.id)
    return move


@outbox.handler(MOVE)
def move_part(move_id: UUID, now: datetime) -> None:
    """Hand the next leads of a move over, and ask for the part after it; the last part ends the move."""
    move = TeamMove.rows().select_for_update(of=("self",)).select_related("from_team", "to_team").get(id=move_id)
    if move.ended_at is not None:
        return
    rows = Lead.rows().filter(owner_team=move.from_team, closed_at__isnull=True)
    ids = list(rows.order_by("id").values_list("id", flat=True)[:PART])
    moved = _hand_over(move, ids, now)
    if len(ids) < PART and not pass_on(move, now, PART):
        move.ended_at = now
    else:
        outbox.enqueue(MOVE, move.id)
    move.moved += moved
    move.save(update_fields=["moved", "ended_at"])


def _hand_over(move: TeamMove, ids: Sequence[UUID], now: datetime) -> int:
    lock_people_of_leads(ids)
    rows = Lead.rows().filter(id__in=list(ids), owner_team=move.from_team, closed_at__isnull=True).order_by("id")
    leads = list(rows.select_for_update(of=("self",), no_key=True).values_list("id", "queue_id"))
    found = [lead_id for lead_id, _queue in leads]
    if not found:
        return 0
    queue = Queue.rows().filter(team=move.to_team, is_active=True).order_by("key").first()
    began = _change_spells(move, found, now)
    with acting_as_system():
        Lead.rows().filter(id__in=found).update(
            owner_team=move.to_team,
            owner=None,
            leased_by=None,
            lease_until=None,
            owner_since=now,
            version=F("version") + 1,
            **({"queue": queue} if queue is not None else {}),
        )
    _change_grants(move, found)
    open_tasks = Task.rows().filter(lead__in=found, state__in=["open", "suppressed"])
    open_tasks.update(team=move.to_team, assignee=None)
    _tell(move, found, began)
    return len(found)


def _change_spells(move: TeamMove, found: Sequence[UUID], now: datetime) -> datetime:
    """End the open spells and begin the next at one instant, after the latest start among them.

    With the team ends the part of who was to make the first contact.
    """
    held = Spell.rows().filter(lead__in=list(found), kind="primary", ended_at__isnull=True)
    instant = max([now, *held.values_list("started_at", flat=True)])
    held.update(ended_at=instant)
    first = Spell.rows().filter(lead__in=list(found), kind=Role.OUTREACH, ended_at__isnull=True)
    first.update(ended_at=Greatest(Value(instant), F("started_at")))
    insert_now(
        [
            Spell(
                lead_id=each,
                team=move.to_team,
                started_at=instant,
                trigger=TRIGGER,
                reason=move.reason,
                actor_label=move.actor_label,
                event_id=move.event_id,
            )
            for each in found
        ]
    )
    return instant


def _change_grants(move: TeamMove, found: Sequence[UUID]) -> None:
    """Take every grant but those of who answers for the outcome, and give the new owner its own, as `assign` does."""
    answers = Spell.rows().filter(
        lead=OuterRef("content_object"),
        team__group=OuterRef("group"),
        kind=Role.OUTCOME,
        ended_at__isnull=True,
    )
    LeadTeamGrant.rows().filter(~Exists(answers), content_object__in=list(found)).delete()
    permissions = [permission_id(each) for each in OWNER_GRANTS]
    given = [
        LeadTeamGrant(content_object_id=each, group_id=move.to_team.group_id, permission_id=permission)
        for each in found
        for permission in permissions
    ]
    LeadTeamGrant.objects.bulk_create(given, ignore_conflicts=True)


def _tell(move: TeamMove, found: Sequence[UUID], at: datetime) -> None:
    sentence = f"Transferred from {move.from_team.name} to {move.to_team.name}, with its team: {move.reason}"[:500]
    insert_now(
        [
            TimelineEntry(
                lead_id=each,
                at=at,
                kind="transfer",
                sentence=sentence,
                actor_label=move.actor_label,
                event_id=move.event_id,
            )
            for each in found
        ]
    )
    by = _actor_of(move)
    for each in found:
        ledger.record(
            actor=by,
            action="lead.assign",
            object_type="lead",
            object_id=each,
            event_id=move.event_id,
            fields=["owner_team", "owner", "queue"],
            detail={"team": str(move.to_team_id), "member": None, "trigger": TRIGGER},
        )


def _actor_of(move: TeamMove) -> Actor:
    """Return who asked for the move as who acts in its parts: the ledger names the person, not the worker."""
    kind = ActorKind(move.actor_kind)
    return Actor(kind, current_organization_id(), move.actor_label, id=move.actor_id, door=Door.WORKER)
