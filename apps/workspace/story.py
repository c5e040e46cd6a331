"""What happened to a lead, for people: the timeline with its icons, filters and masks."""

from collections.abc import Sequence
from typing import Any

from django.utils.translation import gettext as _

from apps.leads.models import TimelineEntry
from apps.tenancy.actor import Actor
from apps.workspace.lead_page import MASKED, reads_health
from apps.workspace.words import Wall

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


def events_of(entries: Sequence[TimelineEntry], actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    """Return the story as components/timeline_entry.html wants it; notes for who reads health details."""
    may_read = reads_health(actor)
    return [
        {
            "kind": ENTRY_ICONS.get(entry.kind, "system"),
            "title": wall.told(entry.sentence),
            "actor": entry.actor_label,
            "at": entry.at,
            "at_label": wall.at(entry.at),
            "reason": "",
            "body": entry.note if may_read else "",
            "lock": None
            if may_read or not entry.note
            else {"label": "", "value": "", "code": "masked", "sentence": _(MASKED)},
        }
        for entry in entries
    ]


def shown_entries(entries: Sequence[TimelineEntry], show: str) -> list[TimelineEntry]:
    """Narrow the story to contacts, changes, messages or what the product did by itself."""
    if show in SHOWN:
        return [each for each in entries if each.kind in SHOWN[show]]
    if show == "system":
        known = {kind for kinds in SHOWN.values() for kind in kinds}
        return [each for each in entries if each.kind not in known]
    return list(entries)
