"""Who else has a lead open, and who is writing: kept by the broker for seconds, in no table, and by ids only.

It hinders nobody (a lease does); it saves two colleagues from answering the same person twice. With the broker gone
nobody is shown.
"""

import time
from collections.abc import Mapping
from enum import StrEnum
from uuid import UUID

import redis
import structlog

from apps.accounts.models import Membership
from apps.tenancy import pokes
from apps.tenancy.broker import broker
from apps.tenancy.organizations import current_organization

#: A page tells of itself every ten seconds; who was not heard of for this long is gone.
SEEN_SECONDS = 25.0
KEPT_SECONDS = 60
log = structlog.get_logger("presence")


class Doing(StrEnum):
    """What somebody does with a lead that they have open."""

    VIEWING = "viewing"
    TYPING = "typing"
    LEFT = "left"


def tell_presence(lead_id: UUID, membership_id: UUID, doing: Doing) -> dict[str, Doing]:
    """Keep what a person does with a lead now, and return what the others do: {name: doing}.

    The lead's other open pages are told when it is something new. What is kept ends by itself after 25 s.
    """
    organization_id = current_organization().id
    key, now = f"leadcrm:present:{organization_id}:{lead_id}", time.time()
    try:
        found = _understood(broker().hgetall(key), now)  # type: ignore[arg-type]
        _keep(key, membership_id, doing, now)
        if found.pop(membership_id, Doing.LEFT) != doing:
            pokes.publish_presence(organization_id, lead_id)
    except redis.RedisError as error:
        log.warning("presence_unknown", error=type(error).__name__)
        return {}
    rows = Membership.rows().filter(id__in=found, is_active=True).select_related("user") if found else []
    return {row.user.name: found[row.id] for row in rows}


def _keep(key: str, membership_id: UUID, doing: Doing, now: float) -> None:
    if doing == Doing.LEFT:
        broker().hdel(key, str(membership_id))
        return
    with broker().pipeline() as steps:
        steps.hset(key, str(membership_id), f"{doing} {now:.0f}")
        steps.expire(key, KEPT_SECONDS)
        steps.execute()


def _understood(kept: Mapping[bytes, bytes], now: float) -> dict[UUID, Doing]:
    """Return who was heard of lately, by membership."""
    found = {}
    for member, words in kept.items():
        doing, _, at = words.decode().partition(" ")
        if now - float(at) <= SEEN_SECONDS:
            found[UUID(member.decode())] = Doing(doing)
    return found
