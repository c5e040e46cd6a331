"""Saved views of the queue: who may keep, rename, delete one, and which a team starts with."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from apps.accounts.models import Team
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.catalog.field_names import STANDARD_FIELDS
from apps.catalog.field_purposes import recorded_uses, require_use
from apps.catalog.field_uses import misused, sentence_of
from apps.catalog.terms import FieldUse
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused
from apps.workspace.models import SavedView
from apps.workspace.queries import LeadFilter

LONGEST_NAME = 40
MOST_KEPT = 20


def views_for(actor: Actor) -> list[SavedView]:
    """Return the person's own views and those of their teams, the oldest first; one query."""
    if actor.membership_id is None:
        return []
    mine = Q(team__isnull=True, member=actor.membership_id) | Q(team__in=list(actor.team_ids))
    return list(SavedView.rows().filter(mine).select_related("team")[: MOST_KEPT * 2])


def why_closed(view: SavedView) -> str:
    """Return why a view is not opened any more; "" where it is.

    A field that narrows it may have been recorded otherwise since (row AU-07).
    """
    use, allowed = FieldUse(view.purpose), recorded_uses()
    wrong = misused((each for each in view.words if each in STANDARD_FIELDS), use, allowed)
    return " ".join(sentence_of(name, use, allowed) for name in wrong)


def open_views(actor: Actor) -> list[SavedView]:
    """Return the views that the person may use and whose fields serve their purposes today; one query."""
    return [each for each in views_for(actor) if not why_closed(each)]


def default_view(saved: Sequence[SavedView]) -> SavedView | None:
    """Return the view with which the person's queue opens; of several teams' the oldest."""
    return next((each for each in saved if each.is_default and each.words), None)


def view_for(actor: Actor, view_id: UUID) -> SavedView:
    """Return a view that the person may use; anybody else's is absent."""
    found = next((each for each in views_for(actor) if each.id == view_id), None)
    if found is None:
        raise NotFound
    return found


def may_manage(actor: Actor, view: SavedView) -> bool:
    """Say whether the person may rename or delete a view: its maker, and the lead of its team."""
    return view.member_id == actor.membership_id or view.team_id in actor.led_team_ids


def save_view(
    *,
    actor: Actor,
    name: str,
    wanted: LeadFilter,
    now: datetime,
    team_id: UUID | None = None,
    is_default: bool = False,
    purpose: FieldUse = FieldUse.CARE,
) -> SavedView:
    """Keep a view under a name, for the person or for one of their teams.

    Refuses fields that are not recorded for its purpose, people without a place here, teams they are not in, a default
    set by anybody but the team's lead, a name that is taken, and more than 20 views of one person.
    """
    if actor.membership_id is None or not actor.may(Permission.LEAD_VIEW):
        raise Refused("Your role keeps no views of the queue.", action="view.save", object_type="saved_view")
    team = _team(actor, team_id)
    if is_default and (team is None or team.id not in actor.led_team_ids):
        raise Refused(
            "The view that a team starts with is set by the team's lead.", action="view.save", object_type="saved_view"
        )
    narrowed_by = [each for each in wanted.chosen if each in STANDARD_FIELDS]
    require_use(narrowed_by, purpose, action="view.save", object_type="saved_view")
    view = SavedView(member_id=actor.membership_id, team=team, words=wanted.words, purpose=purpose, created_at=now)
    if SavedView.rows().filter(member=actor.membership_id).count() >= MOST_KEPT:
        raise Conflict(f"You keep {MOST_KEPT} views already. Delete one first.", code="too_many")
    _name(view, name)
    if is_default:
        SavedView.rows().filter(team=team, is_default=True).update(is_default=False)
        view.is_default = True
    view.save(force_insert=True)
    _note(actor, "view.save", view, ["name", "words", *(["is_default"] if is_default else [])])
    return view


def rename_view(*, actor: Actor, view_id: UUID, name: str) -> SavedView:
    """Give a view another name. Refuses all but its maker and its team's lead."""
    view = _managed(actor, view_id, "view.rename")
    _name(view, name)
    view.save(update_fields=["name"])
    _note(actor, "view.rename", view, ["name"])
    return view


def make_default(*, actor: Actor, view_id: UUID, is_default: bool) -> SavedView:
    """Make a team's view the one its queue opens with, or end that. Refuses all but the team's lead."""
    view = view_for(actor, view_id)
    if view.team_id is None or view.team_id not in actor.led_team_ids:
        raise Refused(
            "The view that a team starts with is set by the team's lead.",
            action="view.default",
            object_type="saved_view",
            object_id=view.id,
        )
    SavedView.rows().filter(team=view.team_id, is_default=True).update(is_default=False)
    view.is_default = is_default
    view.save(update_fields=["is_default"])
    _note(actor, "view.default", view, ["is_default"])
    return view


def delete_view(*, actor: Actor, view_id: UUID) -> None:
    """Forget a view. Refuses all but its maker and its team's lead."""
    view = _managed(actor, view_id, "view.delete")
    _note(actor, "view.delete", view, [])
    view.delete()


def _managed(actor: Actor, view_id: UUID, action: str) -> SavedView:
    view = view_for(actor, view_id)
    if not may_manage(actor, view):
        team = view.team.name if view.team else ""
        raise Refused(
            f"This view is {team}'s. Who made it and the team's lead may change it.",
            action=action,
            object_type="saved_view",
            object_id=view.id,
        )
    return view


def _team(actor: Actor, team_id: UUID | None) -> Team | None:
    if team_id is None:
        return None
    team: Team | None = Team.rows().filter(id=team_id, is_active=True).first() if team_id in actor.team_ids else None
    if team is None:
        raise Invalid("Choose one of your teams.", (Problem("/team", "unknown_team", "Choose one of your teams."),))
    return team


def _name(view: SavedView, name: str) -> None:
    """Set a name that no other view of the same person or team has."""
    text = " ".join(name.split())[: LONGEST_NAME + 1]
    if not text or len(text) > LONGEST_NAME or not text.isprintable():
        sentence = f"Give the view a name of at most {LONGEST_NAME} characters."
        raise Invalid(sentence, (Problem("/name", "missing", sentence),))
    same = Q(team=view.team_id) if view.team_id else Q(team__isnull=True, member=view.member_id)
    if SavedView.rows().filter(same, name=text).exclude(id=view.id).exists():
        sentence = "There is a view of this name. Choose another."
        raise Invalid(sentence, (Problem("/name", "taken", sentence),))
    view.name = text


def _note(actor: Actor, action: str, view: SavedView, fields: list[str]) -> None:
    detail = {"team": str(view.team_id)} if view.team_id else {}
    ledger.record(actor=actor, action=action, object_type="saved_view", object_id=view.id, fields=fields, detail=detail)
