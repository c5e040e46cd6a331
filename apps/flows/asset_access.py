"""Asking for access to another team's form or calling list, and answering (row TA-12).

Granting is the ordinary act of sharing, by who may share; a request that is granted any other way ends with it.
"""

from datetime import datetime
from uuid import UUID

from django.db.models import Q

from apps.accounts.access_requests import address_of, close_request, word_of
from apps.accounts.asset_models import AccessRequest, CaptureAsset
from apps.accounts.assets import may_see_asset, require_asset_share, share_asset
from apps.accounts.models import Team, TeamMembership
from apps.accounts.notices import tell_people
from apps.accounts.queries import teams_by_id
from apps.accounts.terms import AccessState, Permission
from apps.audit import ledger
from apps.flows.owning import desk_of
from apps.flows.transfer import FOLLOW_UP_SECONDS, due_in_opening_hours
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem

LONGEST_REASON = 300


def asking_teams(actor: Actor) -> list[Team]:
    """Return the teams for which somebody may ask: those they work in, by name."""
    found = (each for each in teams_by_id().values() if each.is_active and each.id in actor.team_ids)
    return sorted(found, key=lambda each: each.name)


def ask_access(*, actor: Actor, row: CaptureAsset, team_key: str, reason: str, now: datetime) -> AccessRequest:
    """Ask the owning team to let a team of the asker's look at an asset; `row` is locked by the caller.

    Who may share it hears of it; the answer is due within half an hour of the owner's opening hours. `team_key` may be
    empty for who works in one team. Refuses who sees it already (Conflict `own_access`), a second request while the
    team's first waits (Conflict `asked_already`), somebody without a team, and a request without a reason.
    """
    if actor.is_agency:
        raise NotFound
    if may_see_asset(actor, row):
        raise Conflict(f"You see this {word_of(row)} already.", code="own_access")
    teams = asking_teams(actor)
    if not teams:
        sentence = "You work in no team, and access is given to teams. Ask your tenant's administrator."
        raise Conflict(sentence, code="no_team")
    mine = {each.key: each for each in teams}
    team = teams[0] if len(teams) == 1 and not team_key else mine.get(team_key)
    problems = [] if team else [Problem("/team", "unknown_team", "Choose a team of yours.")]
    if not reason.strip() or len(reason) > LONGEST_REASON:
        problems.append(Problem("/reason", "reason_missing", f"Say why, in {LONGEST_REASON} characters."))
    if team is None or problems:
        raise Invalid(problems[0].detail, tuple(problems))
    if AccessRequest.rows().filter(asset_id=row.id, team=team, state=AccessState.OPEN).exists():
        raise Conflict(f"{team.name} asked for this already. Wait for the answer.", code="asked_already")
    owner = teams_by_id().get(row.owning_team_id) if row.owning_team_id else None
    name = row._meta.model_name or ""
    request = AccessRequest(
        asset_type=name,
        asset_id=row.id,
        team=team,
        reason=reason.strip(),
        asker_id=actor.membership_id,
        asker_label=actor.label[:200],
        created_at=now,
        due_at=due_in_opening_hours(desk_of(owner.key) if owner else None, FOLLOW_UP_SECONDS, now),
    )
    request.save(force_insert=True)
    detail = {"request": str(request.id), "team": str(team.id)}
    ledger.record(actor=actor, action=f"{name}.ask_access", object_type=name, object_id=row.id, detail=detail)
    _tell_owner(request, row, team, now)
    return request


def answer_access(*, actor: Actor, row: CaptureAsset, access_id: UUID, accept: bool, because: str) -> AccessRequest:
    """Share an asset with the team that asked, or decline with a reason; `row` is locked by the caller.

    Refuses who may not share it, a request that was answered (Conflict `answered`), and a share that cannot be made
    (Conflict `cannot_apply`; the request stays open).
    """
    request = AccessRequest.rows().select_related("team").filter(id=access_id, asset_id=row.id).first()
    if request is None:
        raise NotFound
    require_asset_share(actor, row)
    if request.state != AccessState.OPEN:
        raise Conflict("This request was answered already.", code="answered")
    if not accept:
        if not because.strip() or len(because) > LONGEST_REASON:
            sentence = f"Say why you decline, in {LONGEST_REASON} characters."
            raise Invalid(sentence, (Problem("/because", "reason_missing", sentence),))
        close_request(request, row, AccessState.DECLINED, because.strip(), actor)
        return request
    teams = teams_by_id()
    owner = teams.get(row.owning_team_id) if row.owning_team_id else None
    if owner is None:
        sentence = f"No team owns this {word_of(row)}. Say first which team does."
        raise Conflict(sentence, code="cannot_apply")
    working = [teams[each].key for each in row.shared_team_ids if each in teams and teams[each].is_active]
    try:
        share_asset(actor=actor, row=row, owner_key=owner.key, team_keys=[*working, request.team.key])
    except Invalid as error:
        raise Conflict(f"This cannot be done yet. {error.detail}", code="cannot_apply") from error
    request.refresh_from_db()
    return request


def _tell_owner(request: AccessRequest, row: CaptureAsset, team: Team, now: datetime) -> None:
    """Tell who may share it: leads of the owning team and those of it who change settings, else who changes all."""
    may_share = Q(is_lead=True) | Q(membership__role__permissions__contains=[Permission.SETTINGS_WRITE.value])
    members: list[UUID] = []
    others = Permission.SETTINGS_WRITE
    if row.owning_team_id is not None:
        places = TeamMembership.rows().filter(may_share, team_id=row.owning_team_id, membership__is_active=True)
        members = list(places.values_list("membership_id", flat=True).distinct())
        others = Permission.ASSET_EDIT_ALL
    tell_people(
        kind="access_request",
        sentence=f"{request.asker_label} asks for access to a {word_of(row)} of yours for {team.name}.",
        dedup_key=f"access-request:{request.id}",
        now=now,
        permission=None if members else others,
        members=members,
        url=address_of(row),
    )
