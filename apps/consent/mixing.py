"""The tenant's mix of channels: by which one who named none is tried first (row CN-15). Pure."""

from collections.abc import Mapping

from apps.consent.terms import Channel, ContactVerdict
from apps.policies.decisions.documents import as_document, as_whole
from apps.policies.terms import Problem


def mixed_channel(document: object, verdicts: Mapping[str, ContactVerdict], draw: float) -> str:
    """Return the channel that the tenant's mix tries first for somebody who named none, among those permitted (CN-15).

    `draw` is from 0 to less than 1. The shares of channels that are not permitted go to the others, in proportion; ""
    where the tenant mixes nothing, or nothing of the mix is permitted.
    """
    shares = as_document(as_document(document).get("channel_mix"))
    open_to = [channel for channel, verdict in verdicts.items() if verdict.allowed or verdict.opens_at is not None]
    parts = [(channel, as_whole(shares.get(channel)) or 0) for channel in open_to]
    rest = draw * sum(part for _channel, part in parts)
    for channel, part in parts:
        if rest < part:
            return channel
        rest -= part
    return ""


def mix_problems(mix: Mapping[str, object]) -> list[Problem]:
    """Name channels that there are none of, and shares that are no parts of a hundred."""
    problems = []
    for name, share in mix.items():
        if name not in frozenset(map(str, Channel)):
            problems.append(Problem("/channel_mix", "unknown_channel", f"There is no channel “{name}”."))
        elif (part := as_whole(share)) is None or not 0 <= part <= 100:
            problems.append(Problem(f"/channel_mix/{name}", "bad_value", "Give a whole number from 0 to 100."))
    return problems
