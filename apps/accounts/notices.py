"""Tell colleagues what hangs on no lead, and keep what they have not seen yet."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from apps.accounts.models import Membership, Notice
from apps.accounts.terms import Permission
from apps.tenancy.actor import Actor
from apps.tenancy.errors import NotFound


def tell_people(
    *,
    kind: str,
    sentence: str,
    dedup_key: str,
    now: datetime,
    permission: Permission | None = None,
    members: Iterable[UUID] = (),
    url: str = "",
) -> int:
    """Tell everybody with a right, and these members; return how many had not heard of the matter yet.

    Agencies' people and colleagues who left are told nothing. The sentence carries no personal data.
    """
    people = Membership.rows().filter(is_active=True, party=None)
    wanted = set(members)
    if permission is not None:
        wanted |= set(people.filter(role__permissions__contains=[permission.value]).values_list("id", flat=True))
    known = set(Notice.rows().filter(dedup_key=dedup_key[:120]).values_list("member_id", flat=True))
    told = [
        Notice(
            member_id=member_id,
            kind=kind,
            sentence=sentence[:300],
            url=url[:300],
            dedup_key=dedup_key[:120],
            made_at=now,
        )
        for member_id in people.filter(id__in=wanted - known).values_list("id", flat=True)
    ]
    Notice.objects.bulk_create(told, ignore_conflicts=True)
    return len(told)


def notices_of(actor: Actor, *, most: int = 20) -> list[Notice]:
    """Return what the actor was told and has not put aside, newest first."""
    if actor.membership_id is None:
        return []
    rows = Notice.rows().filter(member_id=actor.membership_id, seen_at=None)
    return list(rows.order_by("-made_at", "-id")[:most])


def put_aside(*, actor: Actor, notice_id: UUID, now: datetime) -> None:
    """Note that the actor has seen a notice of theirs; refuses what is nobody's or somebody else's."""
    mine = Notice.rows().filter(id=notice_id, member_id=actor.membership_id)
    if actor.membership_id is None or not mine.exists():
        raise NotFound("There is no such notice.")
    mine.filter(seen_at=None).update(seen_at=now)
