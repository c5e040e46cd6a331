"""Whose turn it is in a queue."""

from collections.abc import Iterable

from apps.routing.terms import Member, Turn


def next_in_turn(members: Iterable[Member]) -> Turn:
    """Give the next lead to the available member whose last turn is longest ago.

    Members who are absent or whose open leads have reached their capacity are passed over and keep their
    place; who never had a turn comes first; of two equal ones the lower id. Taken one at a time with a turn
    number that only grows, this gives members who stay available numbers of leads that differ by one at most.
    """
    ordered = sorted(members, key=lambda member: (member.last_turn, member.membership_id))
    skipped = tuple((member.membership_id, why) for member in ordered if (why := _obstacle(member)))
    for member in ordered:
        if not _obstacle(member):
            reason = "No turn yet" if member.last_turn == 0 else "Longest since the last turn"
            return Turn(member.membership_id, reason, skipped)
    return Turn(None, "Everyone is absent or full" if ordered else "The queue has no members", skipped)


def _obstacle(member: Member) -> str:
    if not member.is_available:
        return "absent"
    if member.capacity is not None and member.open_leads >= member.capacity:
        return f"full: {member.open_leads} open leads of {member.capacity}"
    return ""
