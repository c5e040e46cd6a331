"""Turn a signed-in user or an API key into an Actor. Rights are read anew with every request."""

from typing import Any, cast
from uuid import UUID

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Q, QuerySet, Value

from apps.accounts.keys import UsedKey
from apps.accounts.models import ApiKey, Membership, Seat, User
from apps.accounts.terms import AGENCY_PERSON_RIGHTS, FieldGroup, Permission
from apps.tenancy.actor import Actor, ActorKind, Door
from apps.tenancy.scope import current_organization_id

#: Groups of fields that are read by a right of their own.
_READS = {FieldGroup.HEALTH: Permission.HEALTH_READ, FieldGroup.MARKETING: Permission.ATTRIBUTION_READ}


def organizations_of(user: User) -> list[UUID]:
    """Return the organizations a user may enter, oldest seat first."""
    return list(Seat.objects.filter(user=user).order_by("id").values_list("organization_id", flat=True))


def actor_of_user(user: User, door: Door, request_id: str = "") -> Actor | None:
    """Return the user's actor in the tenant in scope, or None without an active membership.

    A person of an agency that was switched off has none.
    """
    membership = _with_teams().filter(user=user, is_active=True).first()
    if membership is None or not user.is_active:
        return None
    if membership.party is not None and not membership.party.is_active:
        return None
    return _actor_of_membership(membership, user, door, request_id)


def _with_teams() -> QuerySet[Membership]:
    """Return memberships with their role and party, `all_teams` and `led_teams`, in one query."""
    return (
        Membership.rows()
        .select_related("role", "party")
        .annotate(
            all_teams=ArrayAgg("teams__team_id", default=Value([])),
            led_teams=ArrayAgg("teams__team_id", filter=Q(teams__is_lead=True), default=Value([])),
        )
    )


def _actor_of_membership(membership: Any, user: User, door: Door, request_id: str = "") -> Actor:
    """Return the actor of a membership with its teams; an agency's person holds an agency's rights at most.

    A profile that hides health details or marketing reads none, whatever rights it names: every door asks for them.
    """
    rights = frozenset(membership.role.permissions)
    rights -= {str(right) for group, right in _READS.items() if group in membership.role.hidden_field_groups}
    if membership.party_id is not None:
        rights &= frozenset(str(each) for each in AGENCY_PERSON_RIGHTS)
    return Actor(
        kind=ActorKind.USER,
        organization_id=current_organization_id(),
        label=user.name,
        id=user.id,
        permissions=rights,
        team_ids=frozenset(membership.all_teams) - {None},
        led_team_ids=frozenset(membership.led_teams) - {None},
        membership_id=membership.id,
        availability=membership.availability,
        party_id=membership.party_id,
        door=door,
        request_id=request_id,
        hidden_fields=frozenset(membership.role.hidden_field_groups),
        read_only_fields=frozenset(membership.role.read_only_field_groups),
    )


def actor_of_key(key: ApiKey | UsedKey, request_id: str = "") -> Actor:
    """Return the key's actor: an agency's own, or a person's (never more than the person may)."""
    organization_id = cast(UUID, key.organization_id)
    if key.membership_id is not None:
        person = _with_teams().select_related("user").get(id=key.membership_id)
        actor = _actor_of_membership(person, person.user, Door.API, request_id)
        return Actor(
            kind=ActorKind.API_KEY,
            organization_id=organization_id,
            label=f"{key.name} ({actor.label})",
            id=key.id,
            permissions=actor.permissions & frozenset(key.scopes),
            team_ids=actor.team_ids,
            led_team_ids=actor.led_team_ids,
            membership_id=actor.membership_id,
            party_id=actor.party_id,
            door=Door.API,
            request_id=request_id,
            hidden_fields=actor.hidden_fields,
            read_only_fields=actor.read_only_fields,
            is_test_key=key.mode == "test",
        )
    return Actor(
        kind=ActorKind.API_KEY,
        organization_id=organization_id,
        label=key.name,
        id=key.id,
        permissions=frozenset(key.scopes),
        party_id=key.party_id,
        door=Door.API,
        request_id=request_id,
        is_test_key=key.mode == "test",
    )
