"""The form of the contact rules: quiet hours, which channels need consent, and attempts in a day."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.consent.decisions import attempts_per_day
from apps.consent.quiet_hours import QUIET_CHANNELS, quiet_channels, quiet_window
from apps.consent.terms import Channel
from apps.flows.admin.rules.forms import Form, Section, offer
from apps.flows.admin.rules.groups import Group
from apps.flows.admin.rules.inputs import Choices, Clock, Flag, Input, Number
from apps.policies.decisions.documents import as_document
from apps.policies.decisions.sentences import listed
from apps.policies.terms import FieldSpec, Labels

WORDS = {Channel.CALL: "calls", Channel.TEXT: "texts", Channel.EMAIL: "e-mails"}


def _contact() -> Sequence[Input]:
    options = [(str(key), word) for key, word in WORDS.items()]
    usual = listed([WORDS[Channel(each)] for each in QUIET_CHANNELS], "and")
    return (
        Group(
            name="quiet_hours",
            label="Quiet hours, on the person's own clock",
            inputs=(
                Clock(name="from", label="From"),
                Clock(name="until", label="Until"),
                Choices(name="channels", label=f"For which (none: {usual})", options=options, is_wide=True),
            ),
        ),
        Group(
            name="needs_consent",
            label="What needs a permission on record",
            inputs=[Flag(name=key, label=word.capitalize(), usual=True) for key, word in options],
        ),
        Number(name="max_attempts_per_day", label="Attempts in a day, at most"),
    )


def _reads(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    quiet, needs = quiet_window(row), as_document(row.get("needs_consent"))
    silent = listed([WORDS.get(Channel(each), each) for each in quiet_channels(row) if each in set(Channel)], "and")
    asked = listed([word for key, word in WORDS.items() if needs.get(str(key)) is not False], "and")
    return [
        f"No {silent} from {quiet.start:%H:%M} until {quiet.end:%H:%M} where the person is. "
        f"A permission must be on record for {asked or 'nothing'}. "
        f"At most {attempts_per_day(row)} attempts in a day."
    ]


offer(Form("contact", (), "the contact rules", (Section("", 0, _contact),), reads=_reads, name_of=lambda row: ""))
