"""Sections about people: roles, parties, teams with what they cover, people, API keys."""

from collections.abc import Iterable

from apps.accounts.actions import (
    Place,
    end_memberships_except,
    save_party,
    save_person,
    save_role,
    save_team,
)
from apps.accounts.keys import create_key
from apps.accounts.models import ApiKey, Membership, Party, Role, Team, TeamMembership
from apps.accounts.saving import Change, switch_off
from apps.accounts.terms import Availability, FieldGroup, KeyMode, PartyKind, Permission, TeamFunction
from apps.catalog.actions import save_coverage
from apps.catalog.models import Calendar, Location, Service, TeamCoverage, WorkShift
from apps.catalog.shifts import save_shift
from apps.flows.team_ties import switch_off_team
from apps.onboarding.file.run import AppliedUser, NewSecret, Run, at
from apps.onboarding.file.schema_people import (
    ApiKeyPart,
    Coverage,
    PartyPart,
    PersonPart,
    RolePart,
    TeamPart,
)
from apps.onboarding.terms import Effect


def apply_roles(run: Run, parts: Iterable[RolePart]) -> None:
    """Save the roles; one that is not named stays, for somebody may hold it."""
    for part in parts:
        saved = save_role(
            actor=run.actor,
            key=part.key,
            name=part.name,
            permissions=[str(each) for each in part.permissions],
            hidden_field_groups=[str(each) for each in part.hidden_field_groups],
            read_only_field_groups=[str(each) for each in part.read_only_field_groups],
        )
        run.note("roles", "role", part.key, saved.row.id, saved.change)


def apply_parties(run: Run, parts: Iterable[PartyPart]) -> None:
    """Save the parties and switch off those that are not named."""
    parts = list(parts)
    for part in parts:
        saved = save_party(actor=run.actor, key=part.key, name=part.name, kind=part.kind, agreement=part.agreement)
        run.note("parties", "party", part.key, saved.row.id, saved.change)
    for row in switch_off(Party, actor=run.actor, keep={part.key for part in parts}):
        run.changes.note(Effect.DEACTIVATED, "party", row.key)


def apply_teams(run: Run, parts: Iterable[TeamPart]) -> None:
    """Save the teams and what they cover."""
    parts = list(parts)
    locations = {row.key: row for row in Location.rows()}
    services = {row.key: row for row in Service.rows()}
    for part in parts:
        saved = save_team(actor=run.actor, key=part.key, name=part.name, function=part.function)
        moved = save_coverage(
            actor=run.actor,
            team=saved.row,
            locations=[locations[key] for key in part.covers.locations],
            services=[services[key] for key in part.covers.services],
        )
        change = Change.UPDATED if moved and saved.change is Change.UNCHANGED else saved.change
        run.note("teams", "team", part.key, saved.row.id, change)


def end_teams(run: Run, parts: Iterable[TeamPart]) -> None:
    """Switch off the teams that are not named, at the end of the file; refused while something hangs on one."""
    named = {part.key for part in parts}
    for row in Team.rows().filter(is_active=True).exclude(key__in=named).order_by("key"):
        with at("teams"):
            switch_off_team(actor=run.actor, team_id=row.id, now=run.now)
        run.changes.note(Effect.DEACTIVATED, "team", row.key)


def apply_people(run: Run, parts: Iterable[PersonPart]) -> None:
    """Save the people with their places in teams, and end the access of those who are not named."""
    parts = list(parts)
    roles = {row.key: row for row in Role.rows()}
    teams = {row.key: row for row in Team.rows()}
    parties = {row.key: row for row in Party.rows()}
    calendars = {row.key: row for row in Calendar.rows()}
    for number, part in enumerate(parts):
        with at("people", number):
            saved = save_person(
                actor=run.actor,
                email=part.email,
                name=part.name,
                role=roles[part.role],
                places=[Place(teams[key], key in part.leads) for key in part.teams],
                availability=part.availability,
                open_lead_cap=part.cap,
                skills=part.skills,
                party=parties[part.party] if part.party else None,
            )
            works_by = calendars[part.shift] if part.shift else None
            moved = save_shift(actor=run.actor, member=saved.membership, calendar=works_by)
        change = Change.UPDATED if moved and saved.change is Change.UNCHANGED else saved.change
        run.note("people", "person", part.email, saved.membership.id, change)
        run.users.append(AppliedUser(part.email, saved.initial_password))
    for row in end_memberships_except(actor=run.actor, emails={part.email for part in parts}):
        run.changes.note(Effect.DEACTIVATED, "person", row.user.email)


def apply_api_keys(run: Run, parts: Iterable[ApiKeyPart]) -> None:
    """Make the keys of which no active one exists; keys that are not named stay as they are."""
    active = {row.name: row for row in active_keys(run)}
    for place, part in enumerate(parts):
        if part.name in active:
            run.note("api_keys", "API key", part.name, active[part.name].id, Effect.UNCHANGED)
            continue
        with at("api_keys", place):
            made = create_key(
                actor=run.actor,
                name=part.name,
                scopes=[str(each) for each in part.scopes],
                now=run.now,
                party=Party.rows().get(key=part.party) if part.party else None,
                membership=Membership.rows().get(user__email=part.person) if part.person else None,
                mode=part.mode,
                per_minute=part.per_minute,
            )
        run.note("api_keys", "API key", part.name, made.row.id, Effect.CREATED)
        run.secrets.append(NewSecret(part.name, made.secret))


def active_keys(run: Run | None = None) -> list[ApiKey]:
    """Return the keys that are neither revoked nor rolled nor, where an instant is given, expired."""
    rows = ApiKey.rows().filter(revoked_at__isnull=True, replaced_by__isnull=True)
    rows = rows.select_related("party", "membership__user").order_by("name", "id")
    return [row for row in rows if run is None or row.expires_at is None or row.expires_at > run.now]


def export_roles() -> list[RolePart]:
    """Return the roles."""
    return [
        RolePart(
            key=row.key,
            name=row.name,
            permissions=tuple(map(Permission, row.permissions)),
            hidden_field_groups=tuple(map(FieldGroup, row.hidden_field_groups)),
            read_only_field_groups=tuple(map(FieldGroup, row.read_only_field_groups)),
        )
        for row in Role.rows().order_by("key")
    ]


def export_parties() -> list[PartyPart]:
    """Return the active parties."""
    return [
        PartyPart(key=row.key, name=row.name, kind=PartyKind(row.kind), agreement=row.agreement)
        for row in Party.rows().filter(is_active=True).order_by("key")
    ]


def export_teams() -> list[TeamPart]:
    """Return the active teams with what they cover."""
    locations: dict[object, list[str]] = {}
    services: dict[object, list[str]] = {}
    for row in TeamCoverage.rows().select_related("location", "service"):
        if row.location is not None:
            locations.setdefault(row.team_id, []).append(row.location.key)
        if row.service is not None:
            services.setdefault(row.team_id, []).append(row.service.key)
    return [
        TeamPart(
            key=row.key,
            name=row.name,
            function=TeamFunction(row.function),
            covers=Coverage(
                locations=tuple(sorted(locations.get(row.id, ()))),
                services=tuple(sorted(services.get(row.id, ()))),
            ),
        )
        for row in Team.rows().filter(is_active=True).order_by("key")
    ]


def export_people() -> list[PersonPart]:
    """Return the people with access."""
    places: dict[object, list[TeamMembership]] = {}
    for place in TeamMembership.rows().select_related("team").order_by("team__key"):
        places.setdefault(place.membership_id, []).append(place)
    rows = Membership.rows().filter(is_active=True).select_related("user", "role", "party").order_by("user__email")
    shifts = dict(WorkShift.rows().values_list("membership_id", "calendar__key"))
    return [
        PersonPart(
            email=row.user.email,
            name=row.user.name,
            role=row.role.key,
            party=row.party.key if row.party else None,
            teams=tuple(place.team.key for place in places.get(row.id, ())),
            leads=tuple(place.team.key for place in places.get(row.id, ()) if place.is_lead),
            availability=Availability(row.availability),
            cap=row.open_lead_cap,
            skills=tuple(row.skills),
            shift=shifts.get(row.id),
        )
        for row in rows
    ]


def export_api_keys() -> list[ApiKeyPart]:
    """Return the active keys without their secrets, which nobody has."""
    return [
        ApiKeyPart(
            name=row.name,
            party=row.party.key if row.party else None,
            person=row.membership.user.email if row.membership else None,
            mode=KeyMode(row.mode),
            scopes=tuple(map(Permission, row.scopes)),
            per_minute=row.per_minute,
        )
        for row in active_keys()
    ]
