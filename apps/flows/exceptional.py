"""Exceptions with their clocks: opened where a lead cannot go its way, ended when it can, escalated in between.

A lead with an exception is owned all the same: by the interim owner, until what is missing is there (row EX-12).
Its first contact goes on meanwhile, where a channel is permitted (row EX-07).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.capture.suggestions import suggestions
from apps.capture.terms import CheckResult, ValidityVerdict
from apps.catalog.models import Queue
from apps.catalog.queries import offered, queues_by_key, words
from apps.exceptions import actions as items
from apps.exceptions.decisions import cause_of_fallback, plan_for
from apps.exceptions.models import OPEN, ExceptionItem
from apps.exceptions.terms import BESIDE, CONFLICTING_LOCATION, Guess, ItemType, MissingData, title_of, type_of
from apps.flows.arrival import Case
from apps.leads.actions import tell
from apps.leads.decisions import missing_fields
from apps.leads.gates import compile_gates
from apps.leads.models import Lead
from apps.leads.terms import StageKey
from apps.ownership.models import Spell
from apps.policies.compiling import compiled
from apps.policies.decisions.documents import as_document, as_items
from apps.qualification.information import INFORMATION
from apps.routing.actions import Routed
from apps.routing.decisions.offices import choose_office
from apps.routing.queries import opening_of
from apps.routing.terms import Network, OfficeMode
from apps.sla import actions as sla
from apps.sla.decisions import DEFAULT_AT_RISK_PERCENT
from apps.sla.terms import ClockKind, ClockMode, Deadline, LadderStep, Step
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.scope import current_organization_id

#: What the spell of a lead says that waits for what is missing.
INTERIM = "interim"
POLICY = "exception"
#: The wake-up that asks a person for what an exception lacks.
COLLECT = "exceptions.collect"


@dataclass(frozen=True, slots=True)
class Found:
    """An exception that an arrival brings: its cause, what was found in a sentence, and what its decision rests on."""

    code: str
    detail: str
    criteria: tuple[tuple[str, str], ...] = ()


def found_on_arrival(case: Case, validity: ValidityVerdict, facts: Mapping[str, Any]) -> tuple[Found, ...]:
    """Return what the checks found, the first of each type; without any, what the gate before routing misses."""
    told = [Found(str(each.code), each.detail) for each in validity.findings if each.result is CheckResult.EXCEPTION]
    if not told and validity.state != "held":
        told = _gaps(case, facts)
    return _first_of_each_type(told)


def found_again(case: Case, facts: Mapping[str, Any]) -> tuple[Found, ...]:
    """Return what the gate before routing misses of a lead that a person takes up again."""
    return _first_of_each_type(_gaps(case, facts))


def _gaps(case: Case, facts: Mapping[str, Any]) -> list[Found]:
    missing = missing_fields(StageKey.ROUTED, facts, compiled(case.versions.get("gates"), compile_gates))
    return [Found(f"{each}_missing", f"Nobody said the {each.replace('_', ' ')}.") for each in missing]


def _first_of_each_type(told: Sequence[Found]) -> tuple[Found, ...]:
    return tuple({type_of(each.code): each for each in reversed(told)}.values())[::-1]


def found_by_router(case: Case, validity_state: str, routed: Routed, facts: Mapping[str, Any]) -> tuple[Found, ...]:
    """Return why a lead lies in the fallback queue, where rules were asked and found no queue (row EX-05).

    A channel whose own team takes what no rule sends anywhere is no exception, nor is a tenant without rules, nor
    somebody who only asks for information.
    """
    document = routed.ruling.version.document if routed.ruling.version else {}
    has_rules = any(as_items(as_document(each).get("rules")) for each in as_items(document.get("layers")))
    if validity_state == "held" or not has_rules or not routed.verdict.is_fallback or facts.get("owning_queue"):
        return ()
    if facts.get("workflow") == INFORMATION:
        return ()
    every = frozenset[str]().union(*offered().values())
    code = cause_of_fallback(facts, has_place=case.draft.place.latitude is not None, offered=every)
    return (Found(code, routed.verdict.reason),)


def stopping(case: Case, found: tuple[Found, ...]) -> tuple[Found, ...]:
    """Return what stops a lead; nothing where the rules let the general team go on with all of it (row EX-03)."""
    document = case.document("exceptions")
    plans = [plan_for(type_of(each.code), document, each.code) for each in found]
    return () if all(each.missing_data is MissingData.GENERAL_TEAM for each in plans) else found


def open_found(case: Case, lead: Lead, found: tuple[Found, ...], network: Network) -> None:
    """Open the exceptions of an arrival, each with our best guess; their clock runs from the handler's opening.

    What the general team goes on with stops nothing: the lead's story says what is missing.
    """
    if found and not stopping(case, found):
        missing = ", ".join(title_of(each.code) for each in found)
        number = case.versions["exceptions"].number if "exceptions" in case.versions else 0
        sentence = f"{missing}: the general team goes on with what is known (exception rules, version {number})."
        tell(lead, kind="exception", sentence=sentence, actor=the_product(), now=case.now)
        return
    for each in found:
        guess = guess_of(case, each.code, network)
        flag(lead, each.code, detail=each.detail, now=case.now, guess=guess, criteria=each.criteria)


def handler_of(found: tuple[Found, ...], case: Case) -> Queue | None:
    """Return the queue that the rules name for the first of these exceptions, None where they name none."""
    if not found:
        return None
    plan = plan_for(type_of(found[0].code), case.document("exceptions"), found[0].code)
    queue = queues_by_key().get(plan.queue)
    return queue if queue is not None and queue.is_active else None


def flag(
    lead: Lead,
    code: str,
    *,
    detail: str = "",
    now: datetime,
    guess: Guess | None = None,
    criteria: Sequence[tuple[str, str]] = (),
) -> ExceptionItem | None:
    """Open an exception of a lead and start its clock; a type that is open already stays as it is."""
    queue = lead.queue
    begins = opening_of(queue, now) if queue is not None else now
    rests_on = [{"id": key, "sentence": sentence} for key, sentence in criteria]
    item = items.open_item(lead, type_of(code), code, detail, now=now, guess=guess, begins=begins, criteria=rests_on)
    if item is not None and lead.exception == code:
        if items_beside(lead):
            sla.cancel_all(lead, now=now, because="the next exception", kinds=[ClockKind.EXCEPTION])
        _start_clock(lead, item, begins)
    elif item is not None and code in BESIDE and not lead.exception:
        _start_clock(lead, item, begins)
    if item is not None and item.missing_data == MissingData.COLLECT:
        outbox.enqueue(COLLECT, item.id)
    return item


def items_beside(lead: Lead) -> bool:
    """Say whether something waits beside the lead's way that does not stop it."""
    return ExceptionItem.rows().filter(OPEN, lead=lead, code__in=BESIDE).exists()


def clear(lead: Lead, kind: ItemType, *, by: Actor, reason: str, now: datetime, decision: str = "released") -> bool:
    """End a lead's exception of one type; the clock goes on with its next one, if it has any."""
    ended = items.resolve(lead, kind, by, reason, now, decision=decision)
    _follow_clock(lead, now)
    return ended


def clear_all(lead: Lead, *, by: Actor, reason: str, now: datetime, decision: str = "released") -> int:
    """End all exceptions of a lead, and their clock."""
    ended = items.resolve_all(lead, by, reason, now, decision=decision)
    sla.cancel_all(lead, now=now, because="exception resolved", kinds=[ClockKind.EXCEPTION])
    return ended


def the_product() -> Actor:
    """Return the product as who opens and ends exceptions by itself."""
    return system_actor(current_organization_id())


def is_interim(lead: Lead) -> bool:
    """Say whether a lead's owner only holds it until what is missing is there (row EX-12)."""
    return Spell.rows().filter(lead=lead, kind="primary", ended_at__isnull=True, trigger=INTERIM).exists()


def guess_of(case: Case, code: str, network: Network) -> Guess | None:
    """Return what we take the open field to be: the office nearest to the ZIP, or the known word that is likest."""
    draft = case.draft
    if code == CONFLICTING_LOCATION:
        choice = choose_office(OfficeMode.NEAREST, draft.service_key, "", network)
        return Guess("location", choice.office.key, draft.place.confidence) if choice.office else None
    if code == "unmapped_value" and draft.unmapped:
        value = draft.unmapped[0]
        known = {"service": words().services, "location": words().locations}.get(value.field)
        likest = suggestions(value.typed, known)[:1] if known else []
        return Guess(value.field, likest[0].key, likest[0].score) if likest else None
    return None


def _start_clock(lead: Lead, item: ExceptionItem, begins: datetime) -> None:
    """Let the deadline of an exception run: who the rules name hears of it when nobody decided in time."""
    seconds = max(1, int((item.due_at - begins).total_seconds()))
    deadline = Deadline(
        ClockKind.EXCEPTION,
        ClockMode.ALWAYS,
        begins,
        begins + (item.due_at - begins) * DEFAULT_AT_RISK_PERCENT / 100,
        item.due_at,
        seconds,
        (LadderStep(item.due_at, str(Step.ALERT), item.then, 1),),
    )
    sla.start_timers(lead, [deadline], policy_id=POLICY, policy_name=title_of(item.code), version=None)


def _follow_clock(lead: Lead, now: datetime) -> None:
    sla.cancel_all(lead, now=now, because="exception resolved", kinds=[ClockKind.EXCEPTION])
    go_to_next(lead, now)


def go_to_next(lead: Lead, now: datetime) -> None:
    """Let the clock run for the lead's next exception that no supervisor was told of; without one it stays."""
    row = ExceptionItem.rows().filter(OPEN, lead=lead, escalated_at__isnull=True).order_by("due_at", "id").first()
    if row is not None:
        sla.cancel_all(lead, now=now, because="the next exception", kinds=[ClockKind.EXCEPTION])
        _start_clock(lead, row, min(row.opened_at, now))
        sla.refresh_due(lead)
