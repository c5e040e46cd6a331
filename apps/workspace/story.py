"""What happened to a lead, for people: the timeline with its icons, filters and masks."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.terms import FieldGroup
from apps.catalog.queries import services_by_key
from apps.flows.asking import ASKABLE
from apps.flows.masking import reads_health, reads_service
from apps.leads.models import TimelineEntry
from apps.ownership.terms import is_of
from apps.tenancy.actor import Actor
from apps.workspace.lead_page import MASKED
from apps.workspace.words import Wall, plain

#: Icon of the sprite, by the kind of a timeline entry.
ENTRY_ICONS = {
    "captured": "web",
    "routed": "route",
    "contact": "call",
    "assigned": "person",
    "transfer": "transfer",
    "handoff": "transfer",
    "stage": "stage",
    "consent": "shield",
    "note": "note",
    "edit": "note",
    "booked": "calendar",
    "closed": "close",
    "reopened": "refresh",
    "verified": "tick",
    "verdict": "shield",
    "message": "email",
    "linked": "duplicate",
    "merged": "duplicate",
    "asked": "help",
    "answered": "tick",
    "skipped": "next",
    "chat": "text",
    "call": "call",
    "inferred": "search",
    "scored": "route",
    "engaged": "email",
    "coverage": "shield",
    "review": "stage",
    "automation": "stop",
    "priority": "stage",
}
#: What the filters of the timeline show; everything else is "system".
SHOWN = {
    "contacts": ("contact", "note", "booked", "chat", "call"),
    "changes": (
        *("assigned", "transfer", "handoff", "stage", "consent", "edit", "closed", "reopened", "verified", "verdict"),
        *("asked", "answered"),
    ),
    "messages": ("message",),
}


#: Which lines of the story tell of a group of fields, by their kind: their sentence is for roles that see the group.
TELLS_OF: Mapping[FieldGroup, tuple[str, ...]] = {
    FieldGroup.CONTACT: ("message", "task", "merged", "linked", "undo"),
    FieldGroup.MARKETING: ("captured", "repeat", "routed"),
    FieldGroup.HEALTH: ("edit", "inferred", "review"),
    FieldGroup.INSURANCE: ("coverage", "verified"),
    FieldGroup.CONSENT: ("consent",),
    FieldGroup.OUTCOME: ("contact", "closed", "booked"),
}


def events_of(entries: Sequence[TimelineEntry], actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    """Return the story as components/timeline_entry.html wants it; notes for who reads health details."""
    may_read = reads_health(actor)
    veiled = None if reads_service(actor) else _service_words()
    apart = {kind for group, kinds in TELLS_OF.items() if group in actor.hidden_fields for kind in kinds}
    return [
        {
            "kind": ENTRY_ICONS.get(entry.kind, "system"),
            "title": _told(entry, wall, veiled) if entry.kind not in apart else _(plain(entry.kind)),
            "actor": entry.actor_label,
            "at": entry.at,
            "at_label": wall.at(entry.at),
            "reason": "",
            "body": entry.note if may_read and not _asks_for(entry, actor) else "",
            "lock": None
            if (may_read and not _asks_for(entry, actor)) or not entry.note
            else {"label": "", "value": "", "code": "masked", "sentence": _(MASKED)},
        }
        for entry in entries
    ]


def _service_words() -> re.Pattern[str]:
    """Return what tells a service in a sentence: the names and keys of the menu."""
    named = {each for key, row in services_by_key().items() for each in (row.name, key, key.replace("-", " "))}
    wanted = "|".join(re.escape(each) for each in sorted(named, key=len, reverse=True))
    return re.compile(rf"\b(?:{wanted})\b", re.IGNORECASE) if wanted else re.compile(r"(?!)")


def _told(entry: TimelineEntry, wall: Wall, veiled: re.Pattern[str] | None) -> str:
    """Return a line of the story; who does not read what service is asked for reads it without its name."""
    sentence = wall.told(entry.sentence)
    return sentence if veiled is None else veiled.sub("…", sentence)


def _asks_for(entry: TimelineEntry, actor: Actor) -> bool:
    """Say whether a request names a value of a field that the reader's role does not see."""
    hidden = [words.lower() for field, words in ASKABLE.items() if is_of(field, actor.hidden_fields)]
    return entry.kind == "asked" and any(each in entry.sentence for each in hidden)


def shown_entries(entries: Sequence[TimelineEntry], show: str) -> list[TimelineEntry]:
    """Narrow the story to contacts, changes, messages or what the product did by itself."""
    if show in SHOWN:
        return [each for each in entries if each.kind in SHOWN[show]]
    if show == "system":
        known = {kind for kinds in SHOWN.values() for kind in kinds}
        return [each for each in entries if each.kind not in known]
    return list(entries)
