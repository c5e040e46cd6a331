"""What a test lead's permissions are worth, channel by channel. What its fields became is `flows.became`."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.consent.terms import Channel
from apps.flows.arrival import Case


@dataclass(frozen=True, slots=True)
class ConsentLine:
    """A channel's permission as it would be recorded."""

    channel: str
    state: str
    sentence: str


def consent_lines(case: Case) -> list[ConsentLine]:
    """Return what the permissions would be worth, channel by channel; a channel without one is unknown."""
    claims = {claim.channel: claim for claim in case.draft.consents}
    lines = []
    for channel in Channel:
        claim = claims.get(channel)
        if claim is None:
            lines.append(ConsentLine(channel, "unknown", _("Nothing was sent: nobody may use this channel.")))
        elif claim.state != "granted":
            lines.append(ConsentLine(channel, claim.state, _("The person refused: nobody may use this channel.")))
        elif claim.text or claim.text_version:
            lines.append(ConsentLine(channel, claim.state, _("Recorded with the text that was shown.")))
        else:
            sentence = _("Recorded, but without proof: send “text” and “text_version” too.")
            lines.append(ConsentLine(channel, claim.state, sentence))
    return lines
