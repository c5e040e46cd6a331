"""Read handoffs: the types in force, what waits for whom, what a lead went through, what hangs between teams."""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from apps.accounts.models import Team
from apps.handoffs.decisions import compile_handoffs, types_from
from apps.handoffs.models import LIVE, OFFERED, Handoff, Mismatch
from apps.handoffs.terms import KIND, HandoffState, HandoffType
from apps.handoffs.terms import Handoffs as Rules
from apps.leads.models import Lead
from apps.policies.compiling import compiled
from apps.policies.models import RuleSetVersion
from apps.policies.queries import versions_in_force

MOST_LISTED = 100
_SHOWN = ("lead", "from_team", "to_team", "version")


def version_of(at: datetime) -> RuleSetVersion | None:
    """Return the version of the handoff rules that is in force."""
    return versions_in_force(at).get(KIND)


def rules_of(at: datetime) -> Rules:
    """Return the handoff types in force, with what holds for all of them."""
    return compiled(version_of(at), compile_handoffs)


def types_of(lead: Lead, at: datetime) -> tuple[HandoffType, ...]:
    """Return the types by which a lead's team may hand it on; what follows in its chain comes first."""
    team = lead.owner_team
    if team is None:
        return ()
    return types_from(rules_of(at), team.key, team.function, after=last_type_of(lead))


def next_type_of(lead: Lead, at: datetime) -> str:
    """Return the id of the type that follows the one by which the lead came; "" where no chain goes on."""
    last = rules_of(at).types.get(last_type_of(lead))
    return last.then if last is not None else ""


def starts_from(lead: Lead, at: datetime) -> tuple[HandoffType, ...]:
    """Return the types by which a lead's team may hand it on, in the order of the rules; asks nothing of the lead."""
    team = lead.owner_team
    return types_from(rules_of(at), team.key, team.function) if team is not None else ()


def last_type_of(lead: Lead) -> str:
    """Return the type by which the lead came to the team that has it; "" where it came another way."""
    rows = Handoff.rows().filter(lead=lead, state=HandoffState.ACCEPTED, to_team_id=lead.owner_team_id)
    found: str | None = rows.order_by("-answered_at").values_list("type_id", flat=True).first()
    return found or ""


def receivers_of(kind: HandoffType) -> list[Team]:
    """Return the teams that work and may receive by a type."""
    rows = Team.rows().filter(is_active=True).order_by("name")
    return list(rows.filter(key=kind.to_team) if kind.to_team else rows.filter(function=kind.to_function))


def open_offer_of(lead: Lead) -> Handoff | None:
    """Return the offer of a lead that waits for its receiver."""
    return Handoff.rows().filter(OFFERED, lead=lead).select_related("to_team", "from_team").first()


def handoff_of(lead: Lead, handoff_id: UUID, *, lock: bool = False) -> Handoff | None:
    """Return one handoff of a lead."""
    rows = Handoff.rows().select_related("from_team", "to_team", "version")
    if lock:
        rows = rows.select_for_update(of=("self",))
    return rows.filter(lead=lead, id=handoff_id).first()


def handoffs_of(lead: Lead) -> list[Handoff]:
    """Return everything that was handed on of a lead, newest first."""
    rows = Handoff.rows().filter(lead=lead).select_related("from_team", "to_team", "version")
    return list(rows.order_by("-offered_at", "-id"))


def waiting_for(team_ids: Collection[UUID]) -> list[Handoff]:
    """Return what is offered to teams, by when they answer."""
    return list(_live().filter(to_team_id__in=list(team_ids)).order_by("accept_by", "id")[:MOST_LISTED])


def sent_by(team_ids: Collection[UUID]) -> list[Handoff]:
    """Return what teams offered and nobody has answered yet, by when it is answered."""
    return list(_live().filter(from_team_id__in=list(team_ids)).order_by("accept_by", "id")[:MOST_LISTED])


def around(team_ids: Collection[UUID]) -> list[Handoff]:
    """Return what waits for an answer and is offered to or by one of these teams, by when it is answered."""
    ids = list(team_ids)
    return list(
        _live().filter(Q(to_team_id__in=ids) | Q(from_team_id__in=ids)).order_by("accept_by", "id")[:MOST_LISTED]
    )


def stuck(now: datetime, *, team_ids: Collection[UUID] | None = None) -> list[Handoff]:
    """Return leads that hang between teams: offered longer ago than the rules allow, the oldest first (row HO-08).

    `team_ids` narrows them to those that one of these teams gave or is to take.
    """
    return list(_hanging(now, team_ids).order_by("offered_at", "id")[:MOST_LISTED])


def stuck_count(now: datetime, *, team_ids: Collection[UUID] | None = None) -> int:
    """Return how many leads hang between teams, those beyond the list included."""
    return _hanging(now, team_ids).count()


def _hanging(now: datetime, team_ids: Collection[UUID] | None) -> "QuerySet[Handoff]":
    rows = _live().filter(offered_at__lte=now - timedelta(seconds=rules_of(now).stuck_seconds))
    if team_ids is None:
        return rows
    ids = list(team_ids)
    return rows.filter(Q(from_team_id__in=ids) | Q(to_team_id__in=ids))


def astray() -> "QuerySet[Handoff]":
    """Return open offers of leads that went another way meanwhile."""
    return Handoff.rows().filter(OFFERED).exclude(LIVE)


def mismatches_between(since: datetime, until: datetime) -> "QuerySet[Mismatch]":
    """Return what was found to be another service in a period; test leads count in no figure."""
    return Mismatch.rows().filter(at__gte=since, at__lt=until, lead__is_test=False)


def _live() -> "QuerySet[Handoff]":
    return Handoff.rows().filter(LIVE).select_related(*_SHOWN)
