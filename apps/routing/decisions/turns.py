"""Whose turn it is in a queue: who knows what the lead asks for, then who had no lead for longest."""

from collections.abc import Callable, Iterable, Sequence

from apps.routing.terms import Member, Turn


def next_in_turn(members: Iterable[Member], skills: Sequence[str] = ()) -> Turn:
    """Give the next lead to the available member whose last turn is longest ago.

    Of a lead that asks for skills only those have a turn who have all of them, whoever would be next (row HC-06); where
    nobody of the queue has them, everybody has a turn, and the reason says so. Members who are absent, off their
    shift, or whose open leads have reached their capacity are passed over and keep their place; who never had a turn
    comes first; of two equal ones the lower id. Taken one at a time with a turn number that only grows, this gives
    members who stay available numbers of leads that differ by one at most.
    """
    ordered = sorted(members, key=lambda member: (member.last_turn, member.membership_id))
    wanted = {_folded(each): each for each in skills}
    somebody_knows = any(not _lacking(member, wanted) for member in ordered)
    asked = wanted if somebody_knows else {}
    named = ", ".join(skills)
    skipped = tuple((member.membership_id, why) for member in ordered if (why := _obstacle(member, asked)))
    nobody = f"; nobody here has the skill {named}" if wanted and ordered and not somebody_knows else ""
    for member in ordered:
        if not _obstacle(member, asked):
            reason = "No turn yet" if member.last_turn == 0 else "Longest since the last turn"
            return Turn(member.membership_id, f"{reason}{f' of those with {named}' if asked else nobody}", skipped)
    if not ordered:
        return Turn(None, "The queue has no members", skipped)
    whoever = f"Everyone with {named}" if asked else "Everyone"
    return Turn(None, f"{whoever} is absent or full{nobody}", skipped)


def somebody_can(candidates: Callable[[], Iterable[Member]], skills: Sequence[str] = ()) -> bool:
    """Say whether anybody would have a turn, as `next_in_turn` sees it; looks at no more members than it takes."""
    wanted = {_folded(each): each for each in skills}
    asked = wanted if any(not _lacking(member, wanted) for member in candidates()) else {}
    return any(not _obstacle(member, asked) for member in candidates())


def _obstacle(member: Member, wanted: dict[str, str]) -> str:
    if lacking := _lacking(member, wanted):
        return f"lacks the skill {', '.join(lacking)}"
    if not member.is_available:
        return "absent"
    if not member.on_shift:
        return "off shift"
    if member.capacity is not None and member.open_leads >= member.capacity:
        return f"full: {member.open_leads} open leads of {member.capacity}"
    return ""


def _lacking(member: Member, wanted: dict[str, str]) -> list[str]:
    has = {_folded(each) for each in member.skills}
    return [skill for folded, skill in wanted.items() if folded not in has]


def _folded(skill: str) -> str:
    return " ".join(skill.split()).casefold()
