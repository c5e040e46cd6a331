"""The form of the contact rules: quiet hours, which channels need consent, and attempts in a day."""

from collections.abc import Mapping, Sequence
from typing import Any

from apps.consent.decisions import attempts_per_day
from apps.consent.quiet_hours import QUIET_CHANNELS, quiet_channels, quiet_window
from apps.consent.reminders import reminders
from apps.consent.state_hours import NEVER, Open, StateHours, state_hours
from apps.consent.terms import CHANNEL_WORDS as WORDS
from apps.consent.terms import Channel
from apps.flows.admin.rules import picks
from apps.flows.admin.rules.forms import Form, Section, offer
from apps.flows.admin.rules.groups import Group, entries
from apps.flows.admin.rules.inputs import Choices, Clock, Flag, Input, Number, Text, Texts
from apps.policies.decisions.documents import as_document, as_texts
from apps.policies.decisions.sentences import listed
from apps.policies.terms import FieldSpec, Labels


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
        Group(
            name="channel_mix",
            label="Which channel is tried first where somebody named none: parts of a hundred",
            inputs=[Number(name=key, label=word.capitalize()) for key, word in options],
        ),
        Group(
            name="reminders",
            label="Visits",
            inputs=(
                Number(name="hours_before", label="Reminder: so many hours before"),
                Number(name="rebook_minutes", label="After a no-show: a new time is offered within so many minutes"),
            ),
        ),
        Group(
            name="stages",
            label="Channels that a stage allows, in the order in which they are tried (none named: every channel)",
            inputs=[Texts(name=key, label=label, help="Such as: call, email") for key, label in picks.stages()],
        ),
        entries(_state(), "state", name="states", label="Hours of states, instead of the usual table"),
    )


def _state() -> Sequence[Input]:
    hours = "Such as 08:00-20:00, or none."
    return (
        Text(name="state", label="State", longest=2, is_required=True, help="Two letters, such as AL."),
        Text(name="mon_fri", label="Monday to Friday", help=hours, is_required=True),
        Text(name="sat", label="Saturday", help=hours, is_required=True),
        Text(name="sun", label="Sunday", help=hours, is_required=True),
        Text(name="holidays", label="Public holidays", help="Empty: as other days."),
        Text(name="since", label="In force from", help="A day such as 2026-01-31."),
        Text(name="until", label="In force until before"),
        Number(name="per_day", label="Attempts within 24 hours, at most"),
    )


def _reads(row: Mapping[str, Any], fields: Mapping[str, FieldSpec], labels: Labels) -> Sequence[str]:
    quiet, needs = quiet_window(row), as_document(row.get("needs_consent"))
    silent = listed([WORDS.get(Channel(each), each) for each in quiet_channels(row) if each in set(Channel)], "and")
    asked = listed([word for key, word in WORDS.items() if needs.get(str(key)) is not False], "and")
    told = [_told(each) for each in state_hours(row)]
    mix = as_document(row.get("channel_mix"))
    shares = [f"{word} {mix[str(key)]} %" for key, word in WORDS.items() if mix.get(str(key))]
    mixed = f"Who named no channel is tried first by: {', '.join(shares)}, of what they permit." if shares else ""
    told_of = reminders(row)
    stages = dict(picks.stages())
    only = [_only(stages.get(key, key), as_texts(named)) for key, named in as_document(row.get("stages")).items()]
    own = "This tenant's hours of states" if "states" in row else "The usual hours of states"
    return [
        f"No {silent} from {quiet.start:%H:%M} until {quiet.end:%H:%M} where the person is. "
        f"A permission must be on record for {asked or 'nothing'}. "
        f"At most {attempts_per_day(row)} attempts in a day.",
        *([mixed] if mixed else []),
        f"A visit is reminded of {told_of.hours_before} hours before, by text where permitted, else by e-mail; "
        f"who missed one is offered a new time within {told_of.rebook_minutes} minutes.",
        *only,
        f"{own}, of where the person lives and of their number's area code: {'; '.join(told) or 'none'}.",
    ]


def _only(stage: str, channels: Sequence[str]) -> str:
    """Say which channels a stage allows, in the order of trying."""
    words = [WORDS[Channel(each)] for each in channels if each in frozenset(map(str, Channel))]
    return f"In stage {stage} we use: {', then '.join(words) or 'nothing'}."


def _told(row: StateHours) -> str:
    """Say a state's hours in one breath: "AL 08:00-20:00, Sun none, holidays none"."""
    days = [_span(row.mon_fri)]
    days += [f"{day} {_span(each)}" for day, each in (("Sat", row.sat), ("Sun", row.sun)) if each != row.mon_fri]
    days += [f"holidays {_span(row.on_holidays)}"] if row.on_holidays is not None else []
    days += [f"{row.per_day} a day at most"] if row.per_day else []
    return f"{row.state} {', '.join(days)}"


def _span(hours: Open) -> str:
    return "none" if hours == NEVER else f"{hours.start:%H:%M}-{hours.end:%H:%M}"


offer(Form("contact", (), "the contact rules", (Section("", 0, _contact),), reads=_reads, name_of=lambda row: ""))
