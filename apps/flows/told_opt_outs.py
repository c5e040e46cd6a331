"""Opt-outs that a program or a file tells of a number or an address: they narrow, whoever tells them (CN-04, CN-14)."""

from collections.abc import Sequence
from datetime import datetime

from apps.accounts.terms import Permission
from apps.consent.queries import POINT_KIND
from apps.consent.terms import Channel
from apps.flows.barring import CHANNELS, read_value
from apps.flows.opt_out import opt_out_of_value
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, Problem, Refused


def take_opt_out(
    *,
    actor: Actor,
    kind: str,
    typed: str,
    channels: Sequence[Channel] = (),
    reason: str,
    source: str,
    now: datetime,
) -> tuple[Channel, ...]:
    """Withdraw channels of a number or an address, for who has it and who inquires with it later; return which.

    `kind` is phone or email; without channels all of its kind are meant. Whoever may record an opt-out may, and an
    agency that delivers people. Nobody learns whether anybody on file has it. Raises Refused and Invalid.
    """
    if not (actor.may(Permission.CONSENT_NARROW) or (actor.is_agency and actor.may(Permission.DELIVERY_POST))):
        raise Refused("You may not record opt-outs. Ask an administrator for it.", action="consent.narrow")
    value = read_value(kind, typed)
    wrong = [each for each in channels if POINT_KIND[each] != kind]
    if wrong:
        sentence = f"{wrong[0].capitalize()} does not reach this {'number' if kind == 'phone' else 'address'}."
        raise Invalid(sentence, (Problem("/channels", "bad_value", sentence),))
    meant = tuple(dict.fromkeys(channels)) or CHANNELS[kind]
    why = f"opted out, told by {actor.label}" + (f": {reason}" if reason else "")
    for channel in meant:
        opt_out_of_value(
            actor=actor, channel=channel, value=value, words=reason or why, reason=why, source=source, now=now
        )
    return meant
