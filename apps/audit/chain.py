"""The hash chain: each entry's hash covers its content and the hash before it (SHA-256)."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC

from apps.audit.models import AuditEntry

START = "0" * 64
_COVERED = [
    "organization_id",
    "seq",
    "at",
    "actor_kind",
    "actor_id",
    "actor_label",
    "party_id",
    "door",
    "action",
    "object_type",
    "object_id",
    "fields",
    "detail",
    "event_id",
    "request_id",
    "previous_hash",
]


@dataclass(frozen=True, slots=True)
class Break:
    """The first place where a chain does not hold."""

    seq: int
    entry_id: str
    what: str


def covered_text(entry: AuditEntry) -> str:
    """Return the canonical text that the entry's hash covers."""
    content: dict[str, object] = {}
    for name in _COVERED:
        value = getattr(entry, name)
        if name == "at":
            value = value.astimezone(UTC).isoformat(timespec="microseconds")
        content[name] = value if isinstance(value, int | list | dict) or value is None else str(value)
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def link(entry: AuditEntry) -> str:
    """Return the entry's hash over its canonical content."""
    return hashlib.sha256(covered_text(entry).encode()).hexdigest()


def first_break(entries: Iterable[AuditEntry], last_seq: int, last_hash: str) -> Break | None:
    """Walk a chain in order; return the first altered, missing or reordered entry, or None.

    `last_seq` and `last_hash` are the head's: a chain cut off at its end is found too.
    """
    seq, previous = 0, START
    for entry in entries:
        if entry.seq != seq + 1:
            return Break(seq + 1, str(entry.id), f"entry {seq + 1} is missing")
        if entry.previous_hash != previous:
            return Break(entry.seq, str(entry.id), "does not follow the entry before it")
        if link(entry) != entry.hash:
            return Break(entry.seq, str(entry.id), "was altered")
        seq, previous = entry.seq, entry.hash
    if seq != last_seq or previous != last_hash:
        return Break(seq + 1, "", f"the chain ends at {seq}, its head says {last_seq}")
    return None
