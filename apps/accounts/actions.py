"""Verbs of accounts: roles, parties, teams and people are set up, and people's places in teams kept.

A team's group and a person's groups move together with memberships, so that object grants held by
a team's group reach its members and nobody else. Every verb refuses actors without `settings:write`
and is audited.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.auth.models import Group
from django.db import transaction

from apps.accounts.models import Membership, Party, Role, Seat, Team, TeamMembership, User
from apps.accounts.saving import Change, Saved, require_settings, save_row
from apps.accounts.terms import AGENCY_PERSON_RIGHTS, NO_SWITCH, OWN_KEYS, STAFFING, Availability, KeyChoice, Permission
from apps.audit import ledger
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, ActorKind
from apps.tenancy.errors import Invalid, Problem, Refused
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id


@dataclass(frozen=True, slots=True)
class Place:
    """A person's place in a team."""

    team: Team
    is_lead: bool = False


@dataclass(frozen=True, slots=True)
class SavedPerson:
    """A person after saving; `initial_password` only where the user was made just now."""

    membership: Membership
    change: Change
    initial_password: str = ""


def save_role(
    *,
    actor: Actor,
    key: str,
    name: str,
    permissions: Sequence[str],
    hidden_field_groups: Sequence[str],
    read_only_field_groups: Sequence[str] = (),
) -> Saved[Role]:
    """Create or update a role. Its members have the new rights with their next request.

    What is hidden from them they do not edit either; `read_only_field_groups` are seen and not edited.
    """
    values = {
        "name": name,
        "permissions": sorted(permissions),
        "hidden_field_groups": sorted(hidden_field_groups),
        "read_only_field_groups": sorted(set(read_only_field_groups) - set(hidden_field_groups)),
    }
    return save_row(Role, actor=actor, find={"key": key}, values=values)


def save_party(*, actor: Actor, key: str, name: str, kind: str, agreement: Mapping[str, Any]) -> Saved[Party]:
    """Create or update an organisation around the tenant; one that was switched off is on again."""
    values = {"name": name, "kind": kind, "agreement": dict(agreement), "is_active": True}
    return save_row(Party, actor=actor, find={"key": key}, values=values)


def save_team(*, actor: Actor, key: str, name: str, function: str) -> Saved[Team]:
    """Create or update a team. A new team gets a group named by its id, which holds its object grants."""
    require_settings(actor, "team")
    also: dict[str, Any] = {}
    if not Team.rows().filter(key=key).exists():
        team_id = new_id()
        also = {"id": team_id, "group": Group.objects.create(name=str(team_id))}
    values = {"name": name, "function": function, "is_active": True}
    return save_row(Team, actor=actor, find={"key": key}, values=values, also=also)


def save_person(
    *,
    actor: Actor,
    email: str,
    name: str,
    role: Role,
    places: Sequence[Place],
    availability: Availability | None = None,
    open_lead_cap: int = 50,
    skills: Sequence[str] = (),
    party: Party | None = None,
) -> SavedPerson:
    """Give a person a membership, a seat and exactly these places in teams.

    A user is made where the address is new, with a random password that is returned this once.
    `availability` None leaves a member's own switch alone. With a `party` the person is that agency's:
    refused are places in teams, which own leads, and a role with more than an agency's rights. `party`
    None leaves it as it is: nobody of an agency becomes a colleague by an edit.
    """
    require_settings(actor, "membership")
    user, password = _user_of(email, name)
    party = party or _party_of(user)
    if party is not None:
        _require_outsider(role, places)
    values: dict[str, Any] = {
        "role": role,
        "party": party,
        "is_active": True,
        "open_lead_cap": open_lead_cap,
        "skills": list(skills),
    }
    if availability is not None:
        values["availability"] = availability
    saved = save_row(Membership, actor=actor, find={"user": user}, values=values)
    Seat.objects.get_or_create(user=user, organization_id=current_organization_id())
    moved = _keep_places(actor, saved.row, places)
    moved = _keep_name(actor, user, name, is_staff=party is None and Permission.ADMIN_USE in role.permissions) or moved
    sync_groups(saved.row)
    change = Change.UPDATED if moved and saved.change is Change.UNCHANGED else saved.change
    return SavedPerson(saved.row, change, password)


def set_availability(*, actor: Actor, availability: str) -> Availability:
    """Turn the actor's own switch; queues pass over whoever is on a break or away.

    A person's key turns it for them, as a telephone system does, if it holds `lead:claim`: the switch decides
    whose lead is the next. Refuses agencies and programs that are nobody's, which have no switch, and words that
    are none. Nothing is noted when it stays as it was.
    """
    if actor.membership_id is None or actor.is_agency:
        raise Refused(NO_SWITCH, action="membership.availability")
    if actor.kind == ActorKind.API_KEY and not actor.may(Permission.LEAD_CLAIM):
        raise Refused("This key lacks the right lead:claim.", action="membership.availability")
    if availability not in set(Availability):
        raise Invalid("Choose one of: available, on call, wrap-up, break.")
    chosen = Availability(availability)
    mine = Membership.rows().filter(id=actor.membership_id).exclude(availability=chosen)
    if mine.update(availability=chosen):
        ledger.record(
            actor=actor,
            action="membership.availability",
            object_type="membership",
            object_id=actor.membership_id,
            fields=["availability"],
            detail={"availability": str(chosen)},
        )
    return chosen


def end_membership(*, actor: Actor, membership: Membership) -> None:
    """End a person's access to this organization: no seat, no groups; the rows stay for the record."""
    require_settings(actor, "membership")
    Membership.rows().filter(id=membership.id).update(is_active=False)
    membership.is_active = False
    Seat.objects.filter(user_id=membership.user_id, organization_id=current_organization_id()).delete()
    sync_groups(membership)
    if not actor.is_system:
        _tell_staffing(TeamMembership.rows().filter(membership=membership).values_list("team_id", flat=True))
    ledger.record(
        actor=actor,
        action="membership.deactivate",
        object_type="membership",
        object_id=membership.id,
        fields=["is_active"],
    )


def end_memberships_except(*, actor: Actor, emails: set[str]) -> list[Membership]:
    """End the memberships of everybody whose address is not among these; return them."""
    rows = list(Membership.rows().filter(is_active=True).exclude(user__email__in=emails).select_related("user"))
    for row in rows:
        end_membership(actor=actor, membership=row)
    return rows


def sync_groups(membership: Membership) -> None:
    """Make the user's groups of this tenant equal to the teams of an active membership."""
    wanted: set[int] = set()
    if membership.is_active:
        wanted = set(TeamMembership.rows().filter(membership=membership).values_list("team__group_id", flat=True))
    ours = set(Team.rows().values_list("group_id", flat=True))
    held = set(membership.user.groups.filter(id__in=ours).values_list("id", flat=True))
    membership.user.groups.remove(*(held - wanted))
    membership.user.groups.add(*(wanted - held))


def _user_of(email: str, name: str) -> tuple[User, str]:
    """Return the user of an address; a new one with a password that nobody has seen yet."""
    address = email.lower()
    user = User.objects.filter(email=address).first()
    if user is not None:
        return user, ""
    password = secrets.token_urlsafe(15)
    user = User.objects.create_user(address, password, name=name)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    return user, password


def _party_of(user: User) -> Party | None:
    """Return the agency whose person the user is here already."""
    row = Membership.rows().filter(user=user).select_related("party").first()
    return row.party if row is not None else None


def _require_outsider(role: Role, places: Sequence[Place]) -> None:
    """Refuse an agency's person a place in a team, and a role that is more than an agency's."""
    problems = []
    if places:
        problems.append(Problem("/teams", "agency_in_team", "A person of an agency belongs to no team."))
    beyond = sorted(set(role.permissions) - {str(each) for each in AGENCY_PERSON_RIGHTS})
    if beyond:
        sentence = f"A person of an agency may not hold {', '.join(beyond)}."
        problems.append(Problem("/role", "agency_rights", sentence))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))


def _keep_name(actor: Actor, user: User, name: str, *, is_staff: bool) -> bool:
    """Bring name and admin access up to date; a user seated elsewhere keeps both as they are."""
    if Seat.objects.filter(user=user).exclude(organization_id=current_organization_id()).exists():
        return False
    if (user.name, user.is_staff) == (name, is_staff):
        return False
    is_renamed = user.name != name
    user.name, user.is_staff = name, is_staff
    user.save(update_fields=["name", "is_staff"])
    ledger.record(actor=actor, action="user.update", object_type="user", object_id=user.id, fields=["name", "is_staff"])
    return is_renamed


def _keep_places(actor: Actor, membership: Membership, places: Sequence[Place]) -> bool:
    """Make the team memberships exactly these; say whether anything moved."""
    wanted = {place.team.id: place.is_lead for place in places}
    rows = {row.team_id: row for row in TeamMembership.rows().filter(membership=membership)}
    moved = False
    if not actor.is_system:
        _tell_staffing(rows.keys() ^ wanted.keys())
    for team_id, row in rows.items():
        if team_id not in wanted:
            row.delete()
            moved = True
        elif row.is_lead != wanted[team_id]:
            row.is_lead = wanted[team_id]
            row.save(update_fields=["is_lead"])
            moved = True
    for place in places:
        if place.team.id not in rows:
            TeamMembership(team=place.team, membership=membership, is_lead=place.is_lead).save()
            moved = True
    if moved:
        ledger.record(
            actor=actor,
            action="membership.teams",
            object_type="membership",
            object_id=membership.id,
            fields=["teams"],
            detail={"teams": sorted(str(each) for each in wanted)},
        )
    return moved


def _tell_staffing(team_ids: Iterable[UUID]) -> None:
    """Let whoever looks after rules hear that people came to or left these teams."""
    for team_id in sorted(team_ids):
        outbox.enqueue(STAFFING, team_id)


def choose_own_key(*, user_id: UUID, usual: str, chosen: str) -> None:
    """Give a command another key, for one person in every browser of theirs; a taste, so nothing is audited.

    The command that had that key gets the other one in exchange, so that none is left without. Choosing the usual key
    again takes the exchange back. Raises Invalid for what is no single letter of the commands.
    """
    for name, value in (("usual", usual), ("chosen", chosen)):
        if value not in OWN_KEYS:
            sentence = "Choose one letter; g, j, k and digits stay what they are."
            raise Invalid(sentence, (Problem(f"/{name}", "not_a_key", sentence),))
    with transaction.atomic():
        user = User.objects.select_for_update().get(id=user_id)
        now = {**{each: each for each in OWN_KEYS}, **user.own_keys}
        before = next(each for each, key in now.items() if key == chosen)
        now[before], now[usual] = now[usual], chosen
        user.own_keys = {each: key for each, key in now.items() if each != key}
        user.save(update_fields=["own_keys"])


def choose_keys(*, user_id: UUID, choice: KeyChoice) -> None:
    """Keep how single keys work for a person, in every browser of theirs. A taste, so nothing is audited."""
    User.objects.filter(id=user_id).update(key_mode=choice)
