"""What follows on how a contact ended: the next contact, and a text of ours; as the tenant's rules say (row TK-05).

A document is `{"outcomes": [{"id": "F-1", "name": "Voicemail left", "meaning": "…", "outcome": "voicemail", "days": 1,
"at": "14:00", "channel": "call", "text": "voicemail", "text_after_seconds": 7200}]}`. The first active rule of an
outcome and kind holds. The next contact is `after_seconds` later, or on a day so many `days` ahead or the next
`weekday`, `at` their wall time; without a time it is spread over the half-days (`spreading`). A rule that says none of
these leaves the date to whoever logs the contact. Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import time

from apps.consent.quiet_hours import read_clock
from apps.outreach.terms import ActivityKind, Outcome
from apps.policies.decisions.documents import (
    Document,
    as_document,
    as_items,
    as_text,
    as_texts,
    as_whole,
    duplicate_ids,
    unknown_keys,
)
from apps.policies.terms import FieldSpec, Known, Labels, Problem

KIND = "follow_up"
#: The next step is a decision of the owner's and no contact.
DECISION = "decision"
CHANNELS = ("call", "text", "email", DECISION)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DAY_NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONGEST_DAYS, LONGEST_SECONDS = 60, 60 * 86_400
_PARTS = frozenset(
    {"id", "name", "meaning", "outcome", "kinds", "channel", "days", "weekday", "after_seconds", "at", "title"}
    | {"text", "text_after_seconds", "is_active"}
)


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What follows on one outcome. `at` None: spread; `text` names the template of a text, "" where none goes."""

    id: str
    name: str
    outcome: str
    kinds: tuple[str, ...]
    channel: str
    days: int | None
    weekday: int | None
    after_seconds: int | None
    at: time | None
    title: str
    text: str
    text_after_seconds: int

    @property
    def dates(self) -> bool:
        """Whether the rule gives the next step its date."""
        return not (self.days is None and self.weekday is None and self.after_seconds is None)


def follow_up_of(document: object, *, kind: str, outcome: str) -> FollowUp | None:
    """Return the first active rule for how a contact of a kind ended; None where the rules say nothing of it."""
    for item in as_items(as_document(document).get("outcomes")):
        row = as_document(item)
        kinds = as_texts(row.get("kinds"))
        fits = as_text(row.get("outcome")) == outcome and (not kinds or kind in kinds)
        if fits and row.get("is_active") is not False:
            return read(row)
    return None


def read(row: Document) -> FollowUp:
    """Read one rule; what cannot be read is left out."""
    weekday, text = as_text(row.get("weekday")), as_text(row.get("text"))
    return FollowUp(
        id=as_text(row.get("id")),
        name=as_text(row.get("name")),
        outcome=as_text(row.get("outcome")),
        kinds=as_texts(row.get("kinds")),
        channel=as_text(row.get("channel")),
        days=_within(row.get("days"), 0, LONGEST_DAYS),
        weekday=WEEKDAYS.index(weekday) if weekday in WEEKDAYS else None,
        after_seconds=_within(row.get("after_seconds"), 60, LONGEST_SECONDS),
        at=read_clock(row.get("at")),
        title=as_text(row.get("title")),
        text=text,
        text_after_seconds=_within(row.get("text_after_seconds"), 0, LONGEST_SECONDS) or 0,
    )


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with a document: unknown outcomes, two dates in one rule, hours that are none."""
    top = as_document(document)
    problems, ids = unknown_keys(top, frozenset({"outcomes"}), ""), []
    for place, item in enumerate(as_items(top.get("outcomes"))):
        path, row = f"/outcomes/{place}", as_document(item)
        ids.append((f"{path}/id", as_text(row.get("id"))))
        problems += [*unknown_keys(row, _PARTS, path), *_problems(row, path)]
    return problems + duplicate_ids(ids)


def sentences(row: Document) -> list[str]:
    """Read one rule aloud."""
    rule = read(row)
    ways = {DECISION: "the owner decides how to go on", "": "the next contact is made"}
    step = ways.get(rule.channel, f"the next {rule.channel} is made")
    by = f", if it was made by {' or '.join(rule.kinds)}" if rule.kinds else ""
    told = [f"After “{rule.outcome.replace('_', ' ')}”{by}: {step} {_when(rule)}."]
    if rule.text:
        hours = rule.text_after_seconds / 3600
        told.append(f"The text “{rule.text}” goes {hours:g} hours later, where they permit texts.")
    return told


def told(document: object, fields: Mapping[str, FieldSpec], labels: Labels) -> list[str]:
    """Read a whole document aloud."""
    rows = [as_document(item) for item in as_items(as_document(document).get("outcomes"))]
    return [sentence for row in rows for sentence in sentences(row)]


def _when(rule: FollowUp) -> str:
    if rule.after_seconds is not None:
        return f"{rule.after_seconds / 3600:g} hours later"
    if not rule.dates:
        return "when whoever logs it says"
    if rule.weekday is not None:
        day = f"on the next {DAY_NAMES[rule.weekday]}"
    else:
        day = {0: "the same day", 1: "the next day"}.get(rule.days or 0, f"{rule.days} days later")
    time_of_day = "in their best time, else the half-day tried less" if rule.at is None else f"at {rule.at:%H:%M}"
    return f"{day}, {time_of_day}, on their clock and in our hours"


def _within(value: object, low: int, high: int) -> int | None:
    number = as_whole(value)
    return number if number is not None and low <= number <= high else None


def _problems(row: Document, path: str) -> Iterator[Problem]:
    for part in ("id", "name", "meaning"):
        if not as_text(row.get(part)):
            yield Problem(f"{path}/{part}", f"{part}_missing", f"A rule needs its {part}.")
    if as_text(row.get("outcome")) not in frozenset(map(str, Outcome)):
        yield Problem(f"{path}/outcome", "unknown_outcome", f"Choose from: {', '.join(Outcome)}.")
    elif as_text(row.get("outcome")) == Outcome.DO_NOT_CONTACT:
        yield Problem(f"{path}/outcome", "stops", "“Do not contact” stops everything: nothing follows on it.")
    for place, kind in enumerate(as_texts(row.get("kinds"))):
        if kind not in frozenset(map(str, ActivityKind)):
            yield Problem(f"{path}/kinds/{place}", "unknown_kind", f"“{kind}” is no kind of contact.")
    if as_text(row.get("channel")) not in ("", *CHANNELS):
        yield Problem(f"{path}/channel", "unknown_channel", f"Choose from: {', '.join(CHANNELS)}; or leave it out.")
    yield from _date_problems(row, path)
    if row.get("text_after_seconds") is not None:
        if _within(row.get("text_after_seconds"), 0, LONGEST_SECONDS) is None:
            yield Problem(f"{path}/text_after_seconds", "bad_value", "Give whole seconds, at most 60 days.")
        if not as_text(row.get("text")):
            yield Problem(f"{path}/text", "text_missing", "Name the template of the text.")


def _date_problems(row: Document, path: str) -> Iterator[Problem]:
    given = [name for name in ("days", "weekday", "after_seconds") if row.get(name) is not None]
    if len(given) > 1:
        sentence = "Give one of: days, weekday, after_seconds."
        yield Problem(f"{path}/{given[1]}", "two_dates", sentence)
    if row.get("days") is not None and _within(row.get("days"), 0, LONGEST_DAYS) is None:
        yield Problem(f"{path}/days", "bad_value", f"Give whole days, at most {LONGEST_DAYS}.")
    if row.get("weekday") is not None and as_text(row.get("weekday")) not in WEEKDAYS:
        yield Problem(f"{path}/weekday", "bad_value", f"Choose from: {', '.join(WEEKDAYS)}.")
    if row.get("after_seconds") is not None and _within(row.get("after_seconds"), 60, LONGEST_SECONDS) is None:
        yield Problem(f"{path}/after_seconds", "bad_value", "Give whole seconds, from a minute to 60 days.")
    if row.get("at") is not None and read_clock(row.get("at")) is None:
        yield Problem(f"{path}/at", "bad_time", "Give a time such as 14:00.")
    if row.get("at") is not None and "after_seconds" in given:
        yield Problem(f"{path}/at", "two_dates", "A time of day goes with days or a weekday.")
