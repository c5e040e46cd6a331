"""The consent of one person as a page shows it: what held on a day, what holds now, and every line with its proof."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.accounts.terms import FieldGroup
from apps.audit.models import AuditEntry
from apps.consent.decisions import state_as_of
from apps.consent.models import ConsentEvent, ConsentWording, SetAside
from apps.consent.queries import POINT_KIND, events_of, history
from apps.consent.terms import EVERY_PURPOSE, Channel, ConsentState, ConsentValue, EventFact, Purpose
from apps.leads.models import ContactPoint, Person
from apps.tenancy.actor import Actor
from apps.workspace.rows import CHANNEL_WORDS
from apps.workspace.words import Wall, readable, shows_contact

VALUES = {
    ConsentValue.GRANTED: gettext_noop("Granted"),
    ConsentValue.DENIED: gettext_noop("Denied"),
    ConsentValue.WITHDRAWN: gettext_noop("Withdrawn"),
    ConsentValue.UNKNOWN: gettext_noop("Unknown"),
}
SHAPES = {
    ConsentValue.GRANTED: "tick",
    ConsentValue.DENIED: "no",
    ConsentValue.WITHDRAWN: "no",
    ConsentValue.UNKNOWN: "help",
}
PURPOSES = {
    Purpose.CARE_INQUIRY: gettext_noop("The inquiry"),
    Purpose.REMINDERS: gettext_noop("Reminders"),
    Purpose.MARKETING: gettext_noop("Marketing"),
    Purpose.BUSINESS: gettext_noop("Business mail"),
    EVERY_PURPOSE: gettext_noop("Everything"),
}
#: What an arrival tells of where a permission was given; the words of a form itself stand apart.
PROOFS = {
    "page_url": gettext_noop("Page"),
    "ip": gettext_noop("Address of the device"),
    "user_agent": gettext_noop("Browser"),
    "form_digest": gettext_noop("Digest of the form"),
    "words": gettext_noop("Their words"),
}
#: The ledger notes what an opt-out stopped within the same transaction.
_TOGETHER = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Cell:
    """What holds for a contact point, a channel and a purpose on the day that is asked for."""

    value: str
    shape: str
    sentence: str
    known_later: bool = False


def day_of(text: str, wall: Wall) -> date | None:
    """Return the day that is asked for as YYYY-MM-DD; None for none, and for what is no day or lies ahead."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day <= wall.now.astimezone(ZoneInfo(wall.zone)).date() else None


def end_of(day: date, wall: Wall) -> datetime:
    """Return the last instant of a day of the tenant; now where the day is not over."""
    midnight = datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(wall.zone))
    return min(midnight - timedelta(microseconds=1), wall.now)


def matrix_of(person: Person, events: Sequence[EventFact], actor: Actor, wall: Wall, at: datetime) -> dict[str, Any]:
    """Return contact point by channel and purpose, as it held at an instant."""
    named = {each.purpose for each in events} - {EVERY_PURPOSE, *map(str, Purpose)}
    purposes = [*map(str, Purpose), *sorted(named)]
    points = list(ContactPoint.rows().filter(person=person).order_by("-is_primary", "created_at"))
    rows = []
    for channel in Channel:
        own: list[ContactPoint | None] = [each for each in points if each.kind == POINT_KIND[channel]]
        for point in own or [None]:
            rows.append(
                {
                    "channel": _(CHANNEL_WORDS[channel]),
                    "point": _point(point, actor),
                    "cells": [
                        _cell(events, channel, purpose, point.value if point else "", at, wall) for purpose in purposes
                    ],
                }
            )
    return {"purposes": [_purpose(each) for each in purposes], "rows": rows}


def _point(point: ContactPoint | None, actor: Actor) -> str:
    if point is None:
        return _("none on file")
    return readable(point) if shows_contact(actor) else _("hidden from your role")


def _cell(events: Iterable[EventFact], channel: Channel, purpose: str, value: str, at: datetime, wall: Wall) -> Cell:
    found = list(events)
    held = state_as_of(found, channel, purpose, value, at=at)
    known = state_as_of(found, channel, purpose, value, at=at, known_by=at)
    return Cell(
        _(VALUES[ConsentValue(held.value)]),
        SHAPES[ConsentValue(held.value)],
        _sentence(held, wall),
        known_later=known.value != held.value,
    )


def _sentence(state: ConsentState, wall: Wall) -> str:
    if state.since is None:
        return ""
    said = [wall.day(state.since)]
    if state.wording_version:
        said.append(_("wording %(version)s") % {"version": state.wording_version})
    if state.reason:
        said.append(state.reason)
    return ", ".join(said)


def lines_of(person: Person, actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    """Return every line of the ledger, the newest first, with wording, proof and what it stopped."""
    rows = history(person.id)
    wordings = _wordings(rows)
    aside = {each.line_id: each for each in SetAside.rows().filter(line__in=[row.id for row in rows])}
    stopped = _stopped(person)
    return [_line(row, actor, wall, wordings, aside.get(row.id), stopped) for row in rows]


def _line(
    row: ConsentEvent,
    actor: Actor,
    wall: Wall,
    wordings: Mapping[tuple[str, str], str],
    aside: SetAside | None,
    stopped: Sequence[tuple[datetime, Mapping[str, Any]]],
) -> dict[str, Any]:
    hides = FieldGroup.MARKETING in actor.hidden_fields
    evidence = dict(row.evidence or {})
    text = str(evidence.pop("text", "")) or wordings.get((row.channel, row.wording_version), "")
    return {
        "id": f"line-{row.id}",
        "value": _(VALUES[ConsentValue(row.value)]),
        "shape": SHAPES[ConsentValue(row.value)],
        "channel": _(CHANNEL_WORDS[Channel(row.channel)]),
        "purpose": _purpose(row.purpose),
        "point": row.contact_value if shows_contact(actor) else "",
        "said_at": wall.day(row.captured_at),
        "recorded_at": wall.day(row.recorded_at) if row.recorded_at != row.captured_at else "",
        "by": "" if hides else row.recorded_by,
        "way": "" if hides else row.source.replace("_", " "),
        "reason": row.reason,
        "version": row.wording_version,
        "text": text,
        "digest": row.wording_digest[:16],
        "evidence": " ".join(each for each in (row.evidence_kind.replace("_", " "), row.evidence_ref) if each),
        "proofs": [] if hides else [(_proof(key), str(value)) for key, value in sorted(evidence.items())],
        "ends": wall.day(row.expires_at) if row.expires_at else "",
        "only": _only(row),
        "aside": _("Set aside: %(why)s") % {"why": aside.reason} if aside is not None else "",
        "stopped": _stopped_by(row, stopped),
    }


def _only(row: ConsentEvent) -> str:
    if row.only_lead is not None:
        return str(row.only_lead.ref)
    return _("the inquiry it came with") if row.this_inquiry_only else ""


def _wordings(rows: Iterable[ConsentEvent]) -> dict[tuple[str, str], str]:
    versions = {row.wording_version for row in rows if row.wording_version}
    found = ConsentWording.rows().filter(version__in=versions).order_by("language")
    return {(each.channel, each.version): each.text for each in found}


def _stopped(person: Person) -> list[tuple[datetime, Mapping[str, Any]]]:
    rows = AuditEntry.rows().filter(action="consent.opt_out", object_type="person", object_id=person.id)
    return list(rows.values_list("at", "detail"))


def _stopped_by(row: ConsentEvent, stopped: Sequence[tuple[datetime, Mapping[str, Any]]]) -> str:
    """Say what an opt-out stopped; "" for other lines, and where nothing was noted."""
    if row.value != ConsentValue.WITHDRAWN:
        return ""
    found = next((detail for at, detail in stopped if abs(at - row.recorded_at) <= _TOGETHER), None)
    if found is None:
        return ""
    return _("Took effect on leads: %(leads)d; waiting messages stopped: %(messages)d") % {
        "leads": found.get("leads", 0),
        "messages": found.get("messages_blocked", 0),
    }


def _proof(key: str) -> str:
    return _(PROOFS[key]) if key in PROOFS else key.replace("_", " ").capitalize()


def _purpose(key: str) -> str:
    return _(PURPOSES[key]) if key in PURPOSES else key.replace("_", " ").capitalize()


def facts_of(person_id: UUID) -> list[EventFact]:
    """Return the ledger of a person and of whoever was merged into them, as the rules read it."""
    return events_of([person_id]).get(person_id, [])
