"""How long data are kept: classes of data, the months of each, and what of a lead is due (row AU-06). Pure.

The schedule is a kind of rules (`retention`). A field with months of its own (register of maintainers and retention)
goes earlier than its class where its months are fewer, and holds its class back where they are more.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

DEFAULT_MONTHS, LONGEST_MONTHS = 24, 1200
#: How many days the address of a recording is kept where the schedule does not say.
RECORDING_DAYS, LONGEST_DAYS = 90, 3_660
CARE = "care_inquiry"
FIELD = "field:"


class DataClass(StrEnum):
    """A part of what is kept of a lead; each is kept, held and erased by itself."""

    IDENTITY = "identity"
    HEALTH = "health"
    MESSAGES = "messages"
    NOTES = "notes"
    DOCUMENTS = "documents"
    SUBMISSIONS = "submissions"


CLASS_WORDS: Mapping[DataClass, str] = {
    DataClass.IDENTITY: "Name, date of birth, place and contact points",
    DataClass.HEALTH: "Health and insurance details, answers and the facts of decisions",
    DataClass.MESSAGES: "Messages sent, answered and bounced",
    DataClass.NOTES: "Notes, the words of the story, tasks and handoffs",
    DataClass.DOCUMENTS: "Documents",
    DataClass.SUBMISSIONS: "Inquiries as they came, match facts, import files and copies of mass changes",
}
#: Fields of the dictionary that can go by themselves, and the class that they go with otherwise.
FIELDS: Mapping[str, DataClass] = {
    "first_name": DataClass.IDENTITY,
    "last_name": DataClass.IDENTITY,
    "phone": DataClass.IDENTITY,
    "email": DataClass.IDENTITY,
    "date_of_birth": DataClass.IDENTITY,
    "postal_code": DataClass.IDENTITY,
    "city": DataClass.IDENTITY,
    "appointment_type": DataClass.HEALTH,
    "part_of_day": DataClass.HEALTH,
    "best_time": DataClass.HEALTH,
    "payer": DataClass.HEALTH,
    "member_id": DataClass.HEALTH,
    "message": DataClass.HEALTH,
}
#: Fields that go without the rest of their class; a name or a number alone is taken from nobody.
ALONE = frozenset(
    {
        *("date_of_birth", "postal_code", "city", "appointment_type", "part_of_day", "best_time"),
        *("payer", "member_id", "message"),
    }
)


@dataclass(frozen=True, slots=True)
class Rule:
    """How many months a class of data is kept, for a purpose, by which rule."""

    id: str
    data_class: DataClass
    purpose: str
    months: int


@dataclass(frozen=True, slots=True)
class Due:
    """Something that is due when a lead has rested for so many months: a class, or `field:<name>`."""

    part: str
    months: int
    by: str


def default_retention_rules() -> dict[str, object]:
    """Return the document that rules where a tenant has none of its own: everything goes after 24 months."""
    return {
        "classes": [
            {"id": f"RT-{each.value}", "class": each.value, "purpose": CARE, "months": DEFAULT_MONTHS}
            for each in DataClass
        ]
    }


def rules_of(document: Mapping[str, object]) -> tuple[Rule, ...]:
    """Return the rules of a checked document, without those that are switched off."""
    rows = document.get("classes")
    found = []
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and row.get("is_active", True) is not False:
            known = DataClass(str(row["class"]))
            found.append(Rule(str(row["id"]), known, str(row.get("purpose", CARE)), int(row["months"])))
    return tuple(found)


def recording_days(document: Mapping[str, object]) -> int:
    """Return how many days the address of a recording is kept (row TK-12)."""
    days = document.get("recording_days")
    is_days = isinstance(days, int) and not isinstance(days, bool) and 1 <= days <= LONGEST_DAYS
    return days if is_days and isinstance(days, int) else RECORDING_DAYS


def schedule(rules: Collection[Rule], kept: Mapping[str, int]) -> tuple[Due, ...]:
    """Return what goes after how many months; `kept` are the months of single fields.

    A class with several purposes is kept for the longest of them. A class without a rule stays.
    """
    found: list[Due] = []
    for data_class in DataClass:
        mine = [each for each in rules if each.data_class is data_class]
        if not mine:
            continue
        longest = max(mine, key=lambda each: each.months)
        own = {name: kept[name] for name, known in FIELDS.items() if known is data_class and name in kept}
        held = max(own.values(), default=0)
        months = max(longest.months, held)
        by = longest.id if months == longest.months else f"{longest.id}, held by a field"
        found += [Due(FIELD + name, own[name], name) for name in sorted(own) if name in ALONE and own[name] < months]
        found.append(Due(data_class.value, months, by))
    return tuple(found)


def months_before(at: datetime, months: int) -> datetime:
    """Return the instant so many months earlier; a day that the month lacks is its last one."""
    count = at.year * 12 + at.month - 1 - months
    year, month = divmod(count, 12)
    for day in range(at.day, at.day - 4, -1):
        try:
            return at.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    raise ValueError(f"No such day: {at} less {months} months.")
