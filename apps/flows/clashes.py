"""What two people did to one lead at once: field by field, mine and theirs, for the page and the API."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from apps.leads.actions import lock_lead
from apps.leads.models import Lead, TimelineEntry
from apps.leads.queries import timeline_of
from apps.tenancy.errors import Clash, Conflict

LOOKED_AT = 50
#: Which lines of the story tell of a change of a field; corrections name theirs in the sentence.
_TOLD_AS: Mapping[str, tuple[str, ...]] = {
    "stage": ("stage", "contact", "booked", "closed"),
    "owner_team": ("transfer", "assigned"),
    "service": ("transfer",),
    "last_outcome": ("contact",),
    "closure_reason": ("closed",),
}


def lock_unchanged(lead_id: UUID, *, version: int | None, mine: Mapping[str, str]) -> Lead:
    """Lock a lead as `lock_lead` does; on an older version the Conflict tells both values of each field sent."""
    try:
        return lock_lead(lead_id, version=version)
    except Conflict as error:
        if error.code == "version_conflict":
            error.clashes = clashes_between(lock_lead(lead_id), mine)
        raise


def clashes_between(lead: Lead, mine: Mapping[str, str]) -> tuple[Clash, ...]:
    """Return the fields whose value on record differs from the one sent, with who put it there."""
    differing = {name: text for name, text in mine.items() if text != value_of(lead, name)}
    story = timeline_of(lead, LOOKED_AT) if differing else []
    found = []
    for name, text in differing.items():
        told = _told(story, name)
        theirs = value_of(lead, name)
        found.append(Clash(name, text, theirs, told.actor_label, told.at) if told else Clash(name, text, theirs))
    return tuple(found)


def value_of(lead: Lead, field: str) -> str:
    """Return a field's value as programs write it: keys for stage, team and service."""
    value = getattr(lead, field)
    return str(getattr(value, "key", value) if value is not None else "")


def _told(story: Sequence[TimelineEntry], field: str) -> TimelineEntry | None:
    words = field.replace("_", " ")
    return next((each for each in story if _tells(each, field, words)), None)


def _tells(entry: TimelineEntry, field: str, words: str) -> bool:
    if entry.kind in _TOLD_AS.get(field, ()):
        return True
    return entry.kind == "edit" and words in entry.sentence
