"""Rows of a list as HTML: each kind of row is drawn once by its template, then only its texts are filled in.

Fifty rows are mostly the same tags around other words, and a template walks all of them again for every row. So
`components/lead_row.html` is drawn with a mark in place of each text; the result, the frame, is kept for the rows
whose parts are there and missing alike. A frame holds no data of a lead.
"""

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any
from uuid import UUID

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language

TEMPLATE = "components/lead_row.html"
TEXTS = (
    *("id", "number", "ref", "name", "service", "location", "stage", "last_outcome", "attempts_label"),
    *("owner", "source", "slots", "url", "claim_url"),
)
CLOCK_TEXTS = ("fraction", "word", "seconds", "due_at", "due_label")
MOST_KEPT = 4096
_MARK = re.compile("\x01(\\w+)\x02")
_SAMPLE = UUID(int=0)
_frames: dict[tuple[Any, ...], str] = {}


def drawn(rows: Iterable[Mapping[str, Any]], places: Mapping[UUID, str], *, picks: bool = False) -> list[SafeString]:
    """Draw rows of `apps.workspace.rows`; `places` are their tokens in the list, `picks` adds a tick box."""
    lead, claim = (reverse(name, args=[_SAMPLE]) for name in ("workspace:lead", "workspace:claim"))
    found = []
    for row in rows:
        key, place = str(row["id"]), places.get(row["id"], "")
        whole = {
            **row,
            "number": row["ref"].rpartition("-")[2],
            "url": lead.replace(str(_SAMPLE), key) + (f"?from={place}" if place else ""),
            "claim_url": claim.replace(str(_SAMPLE), key),
        }
        texts = {name: escape(str(whole[name])) for name in TEXTS}
        clock = row["sla"]
        if clock:
            texts |= {f"clock_{name}": escape(str(clock[name])) for name in CLOCK_TEXTS}
        found.append(SafeString(_frame_of(whole, texts, picks).format_map(texts)))
    return found


def _frame_of(row: Mapping[str, Any], texts: Mapping[str, str], picks: bool) -> str:
    light = row["sla"]["light"] if row["sla"] else ""
    channels = tuple((each["channel"], each["verdict"]) for each in row["channels"])
    there = tuple(name for name, text in texts.items() if text)
    kind = (get_language(), picks, row["may_claim"], row["source_icon"], light, channels, there)
    frame = _frames.get(kind)
    if frame is None:
        if len(_frames) >= MOST_KEPT:
            _frames.clear()
        frame = _drawn_frame(row, texts, picks)
        if not settings.DEBUG:
            _frames[kind] = frame
    return frame


def _drawn_frame(row: Mapping[str, Any], texts: Mapping[str, str], picks: bool) -> str:
    """Return a kind of row as a format: its tags, and the name of each text in braces."""
    marks = {name: f"\x01{name}\x02" if text else "" for name, text in texts.items()}
    clock = row["sla"] and {**row["sla"], **{name: marks[f"clock_{name}"] for name in CLOCK_TEXTS}}
    parts = _MARK.split(render_to_string(TEMPLATE, {"row": {**row, **marks, "sla": clock}, "picks": picks}).rstrip())
    return "".join(
        f"{{{part}}}" if place % 2 else part.replace("{", "{{").replace("}", "}}") for place, part in enumerate(parts)
    )
