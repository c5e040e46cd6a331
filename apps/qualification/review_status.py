"""The statuses of the intake's and the clinic's review: who sets each, when it is late, who hears of it (row AP-07).

Pure. A tenant names its own in the rules of intake work; without any, four usual ones hold for both reviews.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from apps.leads.process import LONGEST_SECONDS, folded, span
from apps.policies.decisions.documents import as_document, as_items, as_text, as_whole, unknown_keys
from apps.policies.terms import Known, Problem

LONGEST_KEY, LONGEST_NAME = 30, 60
DAYS_3 = 3 * 86_400
_STATUS = frozenset({"key", "track", "name", "updates", "late_after_seconds", "escalates_to", "is_end", "is_active"})


class Track(StrEnum):
    """Whose review: the intake's (is everything here?) or the clinic's (do we take the patient?)."""

    INTAKE = "intake"
    CLINICAL = "clinical"


TRACK_WORDS = {Track.INTAKE: "Intake review", Track.CLINICAL: "Clinical review"}


@dataclass(frozen=True, slots=True)
class ReviewStatus:
    """One status of a review. `updates` and `escalates_to` are teams by key; "" is the team that owns the lead."""

    track: Track
    key: str
    name: str
    updates: str = ""
    late_after_seconds: int = 0
    escalates_to: str = ""
    is_end: bool = False

    @property
    def choice(self) -> str:
        """Return the status and its track in one word, as forms send it."""
        return f"{self.track}:{self.key}"

    def late_at(self, since: datetime) -> datetime | None:
        """Return when it is late, if it ever is."""
        if self.is_end or not self.late_after_seconds:
            return None
        return since + timedelta(seconds=self.late_after_seconds)


def usual_statuses() -> tuple[ReviewStatus, ...]:
    """Return what holds where the rules name no status."""
    return tuple(
        status
        for track in Track
        for status in (
            ReviewStatus(track, "awaiting_records", "Awaiting records", late_after_seconds=DAYS_3),
            ReviewStatus(track, "in_review", "In review", late_after_seconds=DAYS_3),
            ReviewStatus(track, "accepted", "Accepted", is_end=True),
            ReviewStatus(track, "declined", "Declined", is_end=True),
        )
    )


def compile_statuses(document: Mapping[str, object]) -> tuple[ReviewStatus, ...]:
    """Read the statuses of the rules, without those that are off. Never raises."""
    rows = [as_document(item) for item in as_items(document.get("statuses"))]
    found = [
        ReviewStatus(
            Track(as_text(row.get("track"))),
            as_text(row.get("key")),
            as_text(row.get("name")) or as_text(row.get("key")).replace("_", " ").capitalize(),
            as_text(row.get("updates")),
            as_whole(row.get("late_after_seconds")) or 0,
            as_text(row.get("escalates_to")),
            row.get("is_end") is True,
        )
        for row in rows
        if as_text(row.get("track")) in set(Track) and as_text(row.get("key")) and row.get("is_active") is not False
    ]
    return tuple(found) if rows else usual_statuses()


def status_of(statuses: Sequence[ReviewStatus], track: str, word: str) -> ReviewStatus | None:
    """Return the status that a word means, by its key or its name; None where nobody knows it."""
    own = [each for each in statuses if each.track == track]
    return next((each for each in own if folded(word) in (folded(each.key), folded(each.name))), None)


def check_statuses(value: object, known: Known) -> list[Problem]:
    """Name everything wrong with the statuses: no track, a key twice, unknown teams, times that cannot be."""
    problems, seen = list[Problem](), set[tuple[str, str]]()
    for place, row in enumerate(map(as_document, as_items(value))):
        path, track, key = f"/statuses/{place}", as_text(row.get("track")), as_text(row.get("key"))
        problems += unknown_keys(row, _STATUS, path)
        if track not in set(Track):
            problems.append(Problem(f"{path}/track", "unknown_track", f"One of: {', '.join(Track)}."))
        if not 0 < len(key) <= LONGEST_KEY:
            said = f"A status needs a key of at most {LONGEST_KEY} characters."
            problems.append(Problem(f"{path}/key", "key_missing", said))
        elif (track, key) in seen:
            problems.append(Problem(f"{path}/key", "duplicate_key", f"The {track} review has {key} already."))
        seen.add((track, key))
        if len(as_text(row.get("name"))) > LONGEST_NAME:
            problems.append(Problem(f"{path}/name", "too_long", f"At most {LONGEST_NAME} characters."))
        for part in ("updates", "escalates_to"):
            problems += check_team(as_text(row.get(part)), f"{path}/{part}", known)
        problems += check_seconds(row.get("late_after_seconds"), f"{path}/late_after_seconds")
    return problems


def statuses_aloud(document: Mapping[str, object]) -> list[str]:
    """Read the statuses aloud, a sentence for each."""
    return [_aloud(each) for each in compile_statuses(document)] if as_items(document.get("statuses")) else []


def check_team(key: str, path: str, known: Known) -> list[Problem]:
    """Name a team that is not there."""
    if key and key not in known.teams:
        return [Problem(path, "unknown_team", f"There is no team “{key}”.")]
    return []


def check_seconds(value: object, path: str) -> list[Problem]:
    """Name a stretch of time that cannot be."""
    if value is None or 60 <= (as_whole(value) or 0) <= LONGEST_SECONDS:
        return []
    return [Problem(path, "bad_limit", "A time of at least a minute and at most a year.")]


def _aloud(status: ReviewStatus) -> str:
    owner = "the lead's owner"
    who = status.updates.replace("-", " ") or owner
    said = f"{TRACK_WORDS[status.track]} “{status.name}” is set by {who}"
    if status.is_end:
        return f"{said} and ends the review."
    if not status.late_after_seconds:
        return f"{said}; it is never late."
    told = status.escalates_to.replace("-", " ") or owner
    return f"{said}; after {span(status.late_after_seconds)} it goes to {told}, once."
