"""What a newer inquiry says of a lead takes the place of what an older one said, field by field (rows DU-04, DU-05)."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from apps.flows.arrival import Case, open_case
from apps.flows.parting import PICKED, inquiries_of, routed_location, stated_by_colleagues, told_of, value_of
from apps.leads.models import Lead
from apps.outreach.queries import answered_by_link
from apps.policies.decisions.conditions import fields_used
from apps.routing.decisions.compiled_layers import rules_by_layer
from apps.routing.queries import latest_decision

#: What decides where a lead goes, whatever the rules look at: who offers the service, at which office.
ROUTED_BY = frozenset({"service", "location"})
#: Fields as rules call them, by the lead's column.
_COLUMN = {"requested_location": "location"}
#: Fields that are closed to some readers of a lead's story; there the story says that it changed, not from what.
_SEALED = frozenset({"payer"})


@dataclass(frozen=True, slots=True)
class Newer:
    """A field of a lead that holds what a newer inquiry says, and what stood there before."""

    field: str
    before: str


@dataclass(frozen=True, slots=True)
class Heard:
    """What a newer inquiry changed, and the fields that it told otherwise and that stay, because of the route."""

    taken: tuple[Newer, ...] = ()
    kept: tuple[str, ...] = ()

    @property
    def fields(self) -> list[str]:
        """The lead's columns that changed."""
        return [each.field for each in self.taken]


def take_newer(case: Case, lead: Lead, *, fixed: AbstractSet[str]) -> Heard:
    """Let what this inquiry says replace what an earlier one said, on a locked lead; the caller saves the columns.

    A blank and what was only inferred replace nothing, nor does an inquiry that was made before the one whose value
    stands. What neither an inquiry, nor an answer by a link, told nor the route gave, or a colleague stated, stays; so
    do the `fixed` fields.
    """
    inferred, said = {each.field for each in case.draft.inferred}, told_of(case.draft)
    known = {name: value_of(lead, name) for name in said}
    differing = [name for name in said if name not in inferred and said[name] and known[name] not in ("", said[name])]
    if not differing:
        return Heard()
    stated = stated_by_colleagues(lead)
    rows = inquiries_of(Q(lead_id=lead.id), case.submission)
    earlier = [(row.event_at, told_of(open_case(row, case.now).draft)) for row in rows]
    by_link, taken, kept = answered_by_link(lead), list[Newer](), list[str]()
    for name in differing:
        times = [at for at, told in earlier if told[name] == known[name]]
        told_at = max([*times, *([by_link[name]] if name in by_link else [])], default=None)
        value: Any = PICKED[name]().get(said[name]) if name in PICKED else said[name]
        is_older = told_at is not None and case.submission.event_at < told_at
        is_anybodys = told_at is not None or name in routed_location(lead, known["location"])
        if value is None or name in stated or is_older or not is_anybodys:
            continue
        if name in fixed:
            kept.append(name)
            continue
        taken.append(Newer(name, _words(lead, name)))
        setattr(lead, name, value)
    return Heard(tuple(taken), tuple(kept))


def settled_by_route(lead: Lead) -> frozenset[str]:
    """Return the fields that the lead's route rests on: its service and office, and what the deciding rule asked."""
    decision = latest_decision(lead)
    document = decision.version.document if decision is not None and decision.version is not None else {}
    rules = [each for layer in rules_by_layer(document).values() for each in layer]
    asked = [fields_used(each.get("when")) for each in rules if decision is not None and each["id"] == decision.rule_id]
    return ROUTED_BY | _columns(asked)


def read_by_routing(document: dict[str, Any]) -> frozenset[str]:
    """Return the lead's fields that the rules of a routing document look at, and those that decide anyway."""
    rules = [each for layer in rules_by_layer(document).values() for each in layer]
    return ROUTED_BY | _columns([fields_used(each.get("when")) for each in rules])


def sentence_of(heard: Heard, word: str) -> str:
    """Return what the lead's story says of it: what changed and from what, and what stays."""
    said = f" {word}: {', '.join(map(_spoken, heard.fields))}." if heard.taken else ""
    before = [f"{_spoken(each.field)} “{each.before}”" for each in heard.taken if each.field not in _SEALED]
    said += f" Before: {', '.join(before)}." if before else ""
    return said + (f" Told otherwise, stays as routed: {', '.join(map(_spoken, heard.kept))}." if heard.kept else "")


def _columns(asked: Sequence[frozenset[str]]) -> frozenset[str]:
    return frozenset(_COLUMN.get(name, name) for each in asked for name in each)


def _words(lead: Lead, name: str) -> str:
    value: Any = getattr(lead, name)
    return str(value.name if name in PICKED else value).replace("_", " ")


def _spoken(name: str) -> str:
    return name.replace("_", " ")
