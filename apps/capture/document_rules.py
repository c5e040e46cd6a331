"""What a document is, for every door: kinds, sizes, numbers and names. Pure.

A file is what its first bytes say, whatever it is called: its name decides nothing.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

MOST_FILES, MOST_BYTES, MOST_BYTES_TOGETHER = 5, 5 * 1024 * 1024, 10 * 1024 * 1024
LONGEST_NAME = 200
#: How each kind of file begins, what it is, and how its name may end; the first ending is added where none is there.
_BEGINNINGS = (
    (b"%PDF-", "application/pdf", (".pdf",)),
    (b"\xff\xd8\xff", "image/jpeg", (".jpg", ".jpeg")),
    (b"\x89PNG\r\n\x1a\n", "image/png", (".png",)),
    (b"II*\x00", "image/tiff", (".tif", ".tiff")),
    (b"MM\x00*", "image/tiff", (".tif", ".tiff")),
)


class Reason(StrEnum):
    """Why a file is no document of ours."""

    EMPTY = "empty"
    TOO_LARGE = "too_large"
    OTHER_KIND = "other_kind"
    TOO_MANY = "too_many"
    TOO_MUCH = "too_much"


@dataclass(frozen=True, slots=True)
class Attached:
    """A file as it came."""

    name: str
    content: bytes

    @property
    def digest(self) -> str:
        """What tells two files apart: their content alone."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class Sorted:
    """Files that came together: those that are taken, and each other one by its name with the reason."""

    taken: tuple[Attached, ...]
    refused: tuple[tuple[str, Reason], ...]


def sort_out(files: Sequence[Attached], *, count: int = 0, size: int = 0) -> Sorted:
    """Say of each file whether it is taken; `count` and `size` (bytes) are what is there already."""
    taken: list[Attached] = []
    refused: list[tuple[str, Reason]] = []
    for each in files:
        reason = _reason(each, count, size)
        if reason is not None:
            refused.append((safe_name(each.name), reason))
            continue
        taken.append(each)
        count, size = count + 1, size + len(each.content)
    return Sorted(tuple(taken), tuple(refused))


def media_type_of(content: bytes) -> str:
    """Return what a file is by its first bytes; "" for a kind that is not taken."""
    return next((kind for beginning, kind, _endings in _BEGINNINGS if content.startswith(beginning)), "")


def name_of(file: Attached) -> str:
    """Return the name under which a file is kept and given out: its own, ending as its kind does."""
    name = safe_name(file.name)
    endings = next((ends for beginning, _kind, ends in _BEGINNINGS if file.content.startswith(beginning)), ("",))
    return name if name.lower().endswith(endings) else f"{name[: LONGEST_NAME - 10]}{endings[0]}"


def safe_name(name: str) -> str:
    """Return a file's own name without folders and odd marks."""
    last = name.replace("\\", "/").rpartition("/")[2]
    kept = "".join(mark for mark in last if mark.isprintable() and mark not in '"<>|:*?')
    return kept[:LONGEST_NAME].strip() or "document"


def _reason(file: Attached, count: int, size: int) -> Reason | None:
    if not file.content:
        return Reason.EMPTY
    if len(file.content) > MOST_BYTES:
        return Reason.TOO_LARGE
    if not media_type_of(file.content):
        return Reason.OTHER_KIND
    if count >= MOST_FILES:
        return Reason.TOO_MANY
    return Reason.TOO_MUCH if size + len(file.content) > MOST_BYTES_TOGETHER else None
