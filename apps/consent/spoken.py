"""What a colleague reads aloud before they note a permission: the tenant's own script, or the standard one."""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.consent.models import ConsentWording
from apps.consent.terms import Channel

#: Versions of wordings that are read aloud begin with this word.
SPOKEN_VERSION = "spoken"
STANDARD_VERSION = "spoken-standard"
_STANDARD: Mapping[Channel, str] = {
    Channel.CALL: "May we call you at this number about your request? Your care does not depend on your answer, and you"
    " can change your mind at any time.",
    Channel.TEXT: "May we send you text messages at this number about your request? Message rates may apply. Your care"
    " does not depend on your answer. Reply STOP at any time.",
    Channel.EMAIL: "May we write to you at this e-mail address about your request? Your care does not depend on your"
    " answer, and you can change your mind at any time.",
}


@dataclass(frozen=True, slots=True)
class Script:
    """One permission as it is asked for aloud."""

    channel: Channel
    text: str
    version: str


def scripts(language: str = "en") -> dict[Channel, Script]:
    """Return the script of each channel: the tenant's newest spoken wording in the language, or the standard one."""
    found = {each: Script(each, text, STANDARD_VERSION) for each, text in _STANDARD.items()}
    rows = ConsentWording.rows().filter(version__startswith=SPOKEN_VERSION, purpose="care_inquiry", language=language)
    for row in rows.order_by("version", "id"):
        if row.channel in set(Channel):
            found[Channel(row.channel)] = Script(Channel(row.channel), row.text, row.version)
    return found
