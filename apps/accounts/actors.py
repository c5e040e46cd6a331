"""Turn a signed-in user or an API key into an Actor. Rights are read anew with every request."""

from uuid import UUID

from apps.accounts.models import ApiKey, Membership, Seat, TeamMembership, User
from apps.tenancy.actor import Actor, ActorKind, Door
from apps.tenancy.scope import current_organization_id


def organizations_of(user: User) -> list[UUID]:
    """Return the organizations a user may enter, oldest seat first."""
    return list(Seat.objects.filter(user=user).order_by("id").values_list("organization_id", flat=True))


def actor_of_user(user: User, door: Door, request_id: str = "") -> Actor | None:
    """Return the user's actor in the tenant in scope, or None without an active membership."""
    membership = Membership.rows().filter(user=user, is_active=True).select_related("role").first()
    if membership is None or not user.is_active:
        return None
    return actor_of_membership(membership, user, door, request_id)


def actor_of_membership(membership: Membership, user: User, door: Door, request_id: str = "") -> Actor:
    """Return the actor of a membership with its teams."""
    teams = list(TeamMembership.rows().filter(membership=membership).values_list("team_id", "is_lead"))
    return Actor(
        kind=ActorKind.USER,
        organization_id=current_organization_id(),
        label=user.name,
        id=user.id,
        permissions=frozenset(membership.role.permissions),
        team_ids=frozenset(team_id for team_id, _ in teams),
        led_team_ids=frozenset(team_id for team_id, is_lead in teams if is_lead),
        membership_id=membership.id,
        door=door,
        request_id=request_id,
        hidden_fields=frozenset(membership.role.hidden_field_groups),
    )


def actor_of_key(key: ApiKey, request_id: str = "") -> Actor:
    """Return the key's actor: an agency's own, or a person's (never more than the person may)."""
    if key.membership_id is not None:
        person = key.membership
        actor = actor_of_membership(person, person.user, Door.API, request_id)
        return Actor(
            kind=ActorKind.API_KEY,
            organization_id=current_organization_id(),
            label=f"{key.name} ({actor.label})",
            id=key.id,
            permissions=actor.permissions & frozenset(key.scopes),
            team_ids=actor.team_ids,
            led_team_ids=actor.led_team_ids,
            membership_id=actor.membership_id,
            door=Door.API,
            request_id=request_id,
            hidden_fields=actor.hidden_fields,
            is_test_key=key.mode == "test",
        )
    return Actor(
        kind=ActorKind.API_KEY,
        organization_id=current_organization_id(),
        label=key.name,
        id=key.id,
        permissions=frozenset(key.scopes),
        party_id=key.party_id,
        door=Door.API,
        request_id=request_id,
        is_test_key=key.mode == "test",
    )
