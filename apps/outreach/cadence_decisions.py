"""What a step of a cadence does when it is due: by which channel, with which words, later, or not at all. Pure."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from apps.consent.terms import CHANNEL_WORDS, Channel
from apps.outreach.cadence_terms import END_WORDS, Cadence, Choosing, Go, Look, Step, StepVerdict


def judge_step(cadence: Cadence, step: Step, look: Look, now: datetime) -> StepVerdict:
    """Say what a due step does. Asked in this order (rows TN-07, TN-08, TN-11, TN-12).

    The cadence is over for the lead (closed, booked, answered, left its stage): it ends. Automation is paused, or
    somebody is to contact the person soon: it waits. No channel of the step is permitted, or every message of it was
    sent already: it is skipped and the next one comes. Else it runs by the channel that suits the person best.
    """
    if look.end is not None:
        return StepVerdict(Go.END, END_WORDS[look.end], end=look.end)
    if look.paused:
        return StepVerdict(Go.WAIT, "automation is paused for this person")
    if look.waits_for:
        return StepVerdict(Go.WAIT, look.waits_for)
    if step.channels != (Channel.CALL,) and _yields(cadence, look, now):
        return StepVerdict(Go.WAIT, "a colleague is to contact them: two at once are too many")
    opens = look.opens or {}
    permitted = [each for each in step.channels if opens.get(each)]
    if not permitted:
        named = " or ".join(CHANNEL_WORDS[Channel(each)] for each in step.channels)
        return StepVerdict(Go.SKIP, f"no {named} permitted")
    for channel in _in_order(permitted, cadence.choosing, look):
        if channel == Channel.CALL:
            return StepVerdict(Go.RUN, channel=channel)
        template = next(_templates(step, channel, cadence.choosing, look), "")
        if template:
            return StepVerdict(Go.RUN, channel=channel, template=template)
    return StepVerdict(Go.SKIP, "no approved message that they have not had yet")


def _yields(cadence: Cadence, look: Look, now: datetime) -> bool:
    due_at = look.contact_due_at
    return bool(cadence.yields_for) and due_at is not None and due_at - now <= cadence.yields_for


def _in_order(permitted: list[str], choosing: Choosing, look: Look) -> list[str]:
    """Return the channels to try: what they answered first, what they ignored last; their wish breaks the tie."""
    if choosing is Choosing.PLAN:
        return permitted
    if choosing is Choosing.OTHER:
        return sorted(permitted, key=lambda each: each == look.last_channel)
    answered, ignored = look.answered or {}, look.ignored or {}

    def rank(each: str) -> tuple[int, bool, int]:
        heard = answered.get(each, 0)
        return -heard, each != look.preferred, 0 if heard else ignored.get(each, 0)

    return sorted(permitted, key=rank)


def _templates(step: Step, channel: str, choosing: Choosing, look: Look) -> Iterator[str]:
    used: Mapping[Choosing, frozenset[tuple[str, str]]] = {Choosing.OTHER: look.had_templates | look.ran_templates}
    spent = used.get(choosing, look.ran_templates)
    for key in step.templates:
        if (key, channel) in look.sendable and (key, channel) not in spent:
            yield key
