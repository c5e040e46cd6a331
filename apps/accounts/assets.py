"""Who sees and who changes a shared capture asset: a form with its hosted page, a calling list (row TA-12).

One team owns it and changes it; the teams it is shared with look at what came through it. Every refusal says whose
it is. One that no team owns is the organization's: whoever holds the right to its kind uses it.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Q

from apps.accounts.access_requests import settle_requests, word_of
from apps.accounts.asset_models import CaptureAsset
from apps.accounts.models import Team
from apps.accounts.queries import teams_by_id
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.audit.models import AuditEntry
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, Problem, Refused
from apps.tenancy.organizations import current_organization

#: Rights of the organization by which somebody uses what no team owns.
_OF_ORGANIZATION = (Permission.SETTINGS_READ, Permission.SETTINGS_WRITE, Permission.SUBMISSION_READ)


def visible_assets(actor: Actor, path: str = "") -> Q:
    """Return the condition for assets that an actor may look at; `path` leads to the asset ("form__")."""
    if sees_every_asset(actor):
        return Q()
    if actor.is_agency:
        return Q(pk__in=[])
    teams = list(actor.team_ids)
    condition = Q(**{f"{path}owning_team__in": teams})
    if teams:
        condition |= Q(**{f"{path}shared_team_ids__overlap": teams})
    if any(actor.may(each) for each in _OF_ORGANIZATION):
        condition |= Q(**{f"{path}owning_team__isnull": True})
    return condition


def sees_every_asset(actor: Actor) -> bool:
    """Say whether an actor sees the assets of every team: the product itself, and roles with `asset:view_all`."""
    return not actor.is_agency and (actor.may(Permission.ASSET_VIEW_ALL) or actor.may(Permission.ASSET_EDIT_ALL))


def may_see_asset(actor: Actor, row: CaptureAsset) -> bool:
    """Say whether an actor may look at an asset and at what came through it."""
    if sees_every_asset(actor):
        return True
    if actor.is_agency:
        return False
    if row.owning_team_id is None:
        return any(actor.may(each) for each in _OF_ORGANIZATION)
    return row.owning_team_id in actor.team_ids or bool(actor.team_ids & set(row.shared_team_ids))


def may_change_asset(actor: Actor, row: CaptureAsset) -> bool:
    """Say whether an actor may change an asset: by the right to change settings, in the team that owns it."""
    return actor.may(Permission.SETTINGS_WRITE) and _is_of_owner(actor, row)


def may_share_asset(actor: Actor, row: CaptureAsset) -> bool:
    """Say whether an actor may say whose an asset is: who changes it, and who leads the team that owns it."""
    return may_change_asset(actor, row) or row.owning_team_id in actor.led_team_ids


def require_asset_view(actor: Actor, row: CaptureAsset) -> None:
    """Raise Refused with whose the asset is, for who may not look at it."""
    if not may_see_asset(actor, row):
        sentence = f"This {word_of(row)} belongs to {owned_of(row)}. Ask them to share it with your team."
        raise _refusal(row, "read", sentence)


def require_asset_change(actor: Actor, row: CaptureAsset, action: str = "save") -> None:
    """Raise Refused with whose the asset is, for who may not change it."""
    if may_change_asset(actor, row):
        return
    if not _is_of_owner(actor, row):
        seen = "; it is shared with your team to look at" if may_see_asset(actor, row) else ""
        sentence = f"This {word_of(row)} belongs to {owned_of(row)}{seen}. Ask {owner_of(row)} to change it."
    else:
        sentence = f"Your role may not change a {word_of(row)}. Ask your tenant's administrator."
    raise _refusal(row, action, sentence)


def require_asset_share(actor: Actor, row: CaptureAsset) -> None:
    """Raise Refused with whose the asset is, for who may not say who has access to it."""
    if not may_share_asset(actor, row):
        sentence = f"{owner_of(row)} says who has access to this {word_of(row)}. Ask them."
        raise _refusal(row, "share", sentence)


def share_asset(*, actor: Actor, row: CaptureAsset, owner_key: str, team_keys: Iterable[str]) -> bool:
    """Say which team owns an asset and which teams look at it; return whether anything changed.

    `row` is locked by the caller. Refuses who neither changes it nor leads its team, teams that are not there or
    switched off, and to leave it without an owner. What is shared with its own owner is not noted twice.
    """
    require_asset_share(actor, row)
    teams = {each.key: each for each in teams_by_id().values() if each.is_active}
    keys = list(dict.fromkeys(team_keys))
    problems = [] if owner_key in teams else [Problem("/owner", "unknown_team", "Choose the team that owns it.")]
    problems += [
        Problem("/teams", "unknown_team", f"There is no team “{key}” that works.") for key in keys if key not in teams
    ]
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))
    owner = teams[owner_key]
    shared = sorted({teams[key].id for key in keys} - {owner.id})
    return set_access(actor=actor, row=row, owner=owner, shared=shared)


def set_access(*, actor: Actor, row: CaptureAsset, owner: Team, shared: Sequence[UUID]) -> bool:
    """Write and audit whose an asset is; the caller has asked whether the actor may. Requests that this meets end."""
    wanted = {"owning_team_id": owner.id, "shared_team_ids": list(shared)}
    changed = [name for name, value in wanted.items() if getattr(row, name) != value]
    if not changed:
        return False
    row.owning_team, row.shared_team_ids = owner, list(shared)
    row.save(update_fields=["owning_team", "shared_team_ids"])
    name = row._meta.model_name or ""
    ledger.record(
        actor=actor,
        action=f"{name}.share",
        object_type=name,
        object_id=row.id,
        fields=changed,
        detail={"owner": str(owner.id), "teams": [str(each) for each in shared]},
    )
    settle_requests(row, actor)
    return True


def inherit_assets(model: type[CaptureAsset], *, leaving: Team, heir: Team, actor: Actor) -> int:
    """Give a leaving team's assets to its heir, and end what was shared with it; return how many changed."""
    mine = Q(owning_team=leaving) | Q(shared_team_ids__contains=[leaving.id])
    rows = model.rows().filter(mine).select_related("owning_team").order_by("id")
    columns = rows.only("organization", "owning_team", "shared_team_ids").select_for_update(of=("self",), no_key=True)
    changed = 0
    for row in columns:
        owner = heir if row.owning_team_id in (leaving.id, None) else row.owning_team
        shared = [each for each in row.shared_team_ids if each not in (leaving.id, owner.id if owner else None)]
        changed += owner is not None and set_access(actor=actor, row=row, owner=owner, shared=shared)
    return changed


def usual_owner(actor: Actor) -> Team | None:
    """Return the team that owns what an actor makes: their own where they work in one only, else none yet."""
    if len(actor.team_ids) != 1:
        return None
    return teams_by_id().get(next(iter(actor.team_ids)))


def ownable_teams(actor: Actor) -> list[Team]:
    """Return the teams that may own what an actor makes, by name: their own, all of them with `asset:edit_all`."""
    is_free = actor.may(Permission.ASSET_EDIT_ALL)
    found = (each for each in teams_by_id().values() if each.is_active and (is_free or each.id in actor.team_ids))
    return sorted(found, key=lambda each: each.name)


def owner_of(row: CaptureAsset) -> str:
    """Return the name of the team that owns an asset."""
    team = teams_by_id().get(row.owning_team_id) if row.owning_team_id else None
    return team.name if team else "the organization"


def owned_of(row: CaptureAsset) -> str:
    """Return the owner with since when and why, as the ledger has it: "Elm since 1 Dec, 09:00, because Ada said so"."""
    if row.owning_team_id is None:
        return owner_of(row)
    entries = AuditEntry.rows().filter(object_id=row.id).order_by("seq")
    moved = entries.filter(action=f"{row._meta.model_name}.share", fields__contains=["owning_team_id"]).last()
    is_given = moved is not None and moved.detail.get("owner") == str(row.owning_team_id)
    first = moved if is_given else entries.exclude(action__startswith="refused:").first()
    if first is None:
        return f"{owner_of(row)}, because it was made for them"
    local = first.at.astimezone(ZoneInfo(current_organization().zone))
    because = f"{first.actor_label} gave it to them" if is_given else "it was made for them"
    return f"{owner_of(row)} since {local.day} {local:%b}, {local:%H:%M}, because {because}"


def teams_of(row: CaptureAsset) -> list[str]:
    """Return the names of the teams that an asset is shared with, in order."""
    teams = teams_by_id()
    return sorted(teams[each].name for each in row.shared_team_ids if each in teams)


def _is_of_owner(actor: Actor, row: CaptureAsset) -> bool:
    is_own = row.owning_team_id is None or row.owning_team_id in actor.team_ids
    return not actor.is_agency and (is_own or actor.may(Permission.ASSET_EDIT_ALL))


def _refusal(row: CaptureAsset, action: str, sentence: str) -> Refused:
    name = row._meta.model_name or ""
    return Refused(sentence, code="not_the_owner", action=f"{name}.{action}", object_type=name, object_id=row.id)
