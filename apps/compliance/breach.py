"""Breach cases: opened on the day of discovery, warned of on days 45, 55 and 60, closed with a reason (row AU-04)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count

from apps.accounts.notices import tell_people
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.catalog.terms import PrivacyClass
from apps.compliance.affected import Affected, affected
from apps.compliance.dots import bounds_of
from apps.compliance.models import BreachCase, BreachPerson, BreachTask
from apps.compliance.terms import MANY, NOTIFY_WITHIN_DAYS, WARN_ON_DAYS, CaseState, Factor, Part, Risk
from apps.leads.actions import next_number
from apps.tenancy import outbox
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused
from apps.tenancy.organizations import current_organization

#: What is to be done in every case: key, who does it, how many days after the discovery.
TASKS = (
    ("contain", Part.SECURITY, 1),
    ("assess", Part.PRIVACY, 10),
    ("affected", Part.PRIVACY, 15),
    ("letters", Part.COUNSEL, 30),
    ("notify", Part.COMMUNICATIONS, NOTIFY_WITHIN_DAYS),
    ("secretary", Part.PRIVACY, NOTIFY_WITHIN_DAYS),
)
MEDIA_TASK = ("media", Part.COMMUNICATIONS, NOTIFY_WITHIN_DAYS)
WARNING = "compliance.breach_{day}"
WARNED_AT = time(8)
ANSWERS = ("what", "who", "data", "is_secured", "contained")


def require_handler(actor: Actor, case: BreachCase | None = None) -> None:
    """Refuse who reads breach cases and does not handle them."""
    if not actor.may(Permission.BREACH_MANAGE):
        raise Refused(
            "Only people who handle breaches change a case. Ask your administrator for the right “breach: manage”.",
            action="breach.change",
            object_type="breach_case",
            object_id=case.id if case else None,
        )


def open_case(*, actor: Actor, what: str, discovered_on: date, now: datetime) -> BreachCase:
    """Open a case with its tasks and warnings; the 60 days run from the discovery. Refuses a discovery to come."""
    require_handler(actor)
    if not what.strip():
        raise _wrong("what", "Say in a sentence what happened.")
    if discovered_on > now.astimezone(ZoneInfo(current_organization().zone)).date():
        raise _wrong("discovered_on", "The discovery cannot lie ahead.")
    case = BreachCase(
        number=next_number("breach"),
        what=what.strip(),
        discovered_on=discovered_on,
        due_on=discovered_on + timedelta(days=NOTIFY_WITHIN_DAYS),
        opened_at=now,
        opened_by=actor.label,
    )
    case.save(force_insert=True)
    BreachTask.objects.bulk_create(_task(case, each) for each in TASKS)
    _warn_later(case)
    _note(actor, "breach.open", case, detail={"discovered_on": str(discovered_on), "due_on": str(case.due_on)})
    return case


def correct_discovery(*, actor: Actor, case: BreachCase, discovered_on: date, now: datetime) -> None:
    """Correct the day of discovery; everything that was counted from it moves along."""
    _require_open(actor, case)
    if discovered_on > now.astimezone(ZoneInfo(current_organization().zone)).date():
        raise _wrong("discovered_on", "The discovery cannot lie ahead.")
    moved = discovered_on - case.discovered_on
    case.discovered_on, case.due_on = discovered_on, case.due_on + moved
    case.save(update_fields=["discovered_on", "due_on"])
    for task in BreachTask.rows().filter(case=case, done_at=None):
        task.due_on += moved
        task.save(update_fields=["due_on"])
    _warn_later(case)
    _note(actor, "breach.update", case, fields=["discovered_on"], detail={"due_on": str(case.due_on)})


def answer(*, actor: Actor, case: BreachCase, answers: Mapping[str, Any]) -> None:
    """Keep answers to the questions of a case: `what`, `who`, `data`, `is_secured`, `contained`."""
    _require_open(actor, case)
    if unknown := sorted(set(answers) - set(ANSWERS)):
        raise Invalid(f"A case has no question {', '.join(unknown)}.")
    if "what" in answers and not str(answers["what"]).strip():
        raise _wrong("what", "Say in a sentence what happened.")
    for name, value in answers.items():
        setattr(case, name, value)
    case.save(update_fields=list(answers))
    _note(actor, "breach.update", case, fields=sorted(answers))


def assess(*, actor: Actor, case: BreachCase, factors: Mapping[Factor, tuple[Risk, str]]) -> None:
    """Keep the assessment of all four factors, each with how much it speaks for harm and why."""
    _require_open(actor, case)
    for factor in Factor:
        if factor not in factors or not factors[factor][1].strip():
            raise _wrong(factor.value, "Each of the four factors needs a judgement and its reason.")
    case.factors = {each.value: {"risk": risk.value, "note": note.strip()} for each, (risk, note) in factors.items()}
    case.save(update_fields=["factors"])
    _note(actor, "breach.assess", case, detail={each.value: risk.value for each, (risk, _note_) in factors.items()})


def find_affected(
    *,
    actor: Actor,
    case: BreachCase,
    actor_ids: Iterable[UUID],
    since: date,
    until: date,
    classes: Iterable[PrivacyClass],
) -> Affected:
    """Put whoever's data these people were shown, from the first to the last day, on the case.

    Who stands there already stays, whoever was left out stays left out. Days are the tenant's.
    """
    _require_open(actor, case)
    wanted, kept = frozenset(actor_ids), frozenset(classes)
    if not wanted:
        raise _wrong("actors", "Name who saw the data.")
    if since > until:
        raise _wrong("until", "The last day lies before the first.")
    zone = current_organization().zone
    found = affected(actor_ids=wanted, since=bounds_of(since, zone)[0], until=bounds_of(until, zone)[1], classes=kept)
    BreachPerson.objects.bulk_create(
        [BreachPerson(case=case, person_id=each, reads=reads) for each, reads in found.reads.items()],
        update_conflicts=True,
        unique_fields=["organization", "case", "person"],
        update_fields=["reads"],
        batch_size=1_000,
    )
    case.found_by = {
        "actors": sorted(str(each) for each in wanted),
        "since": str(since),
        "until": str(until),
        "classes": sorted(each.value for each in kept),
        "entries": found.entries,
    }
    case.unassigned = found.lost
    case.save(update_fields=["found_by", "unassigned"])
    if needs_media(case):
        BreachTask.objects.bulk_create([_task(case, MEDIA_TASK)], ignore_conflicts=True)
    _note(actor, "breach.find", case, detail={**case.found_by, "persons": len(found.reads), "lost": found.lost})
    return found


def leave_out(*, actor: Actor, case: BreachCase, person_id: UUID, because: str) -> None:
    """Leave a person out of a case, with the reason; with none they are taken in again."""
    _require_open(actor, case)
    row = BreachPerson.rows().filter(case=case, person_id=person_id).first()
    if row is None:
        raise NotFound
    row.excluded_because, row.excluded_by = because.strip(), actor.label if because.strip() else ""
    row.save(update_fields=["excluded_because", "excluded_by"])
    _note(actor, "breach.leave_out" if because.strip() else "breach.take_in", case, detail={"person": str(person_id)})


def finish_task(*, actor: Actor, case: BreachCase, key: str, now: datetime) -> None:
    """Note that a task of a case is done."""
    require_handler(actor, case)
    if not BreachTask.rows().filter(case=case, key=key, done_at=None).update(done_at=now, done_by=actor.label):
        raise Conflict("This task was done already, or the case has no such task.")
    _note(actor, "breach.task", case, detail={"task": key})


def close_case(*, actor: Actor, case: BreachCase, state: CaseState, because: str, now: datetime) -> None:
    """Close a case: nobody has to be notified, or everybody was. Both need the four factors and a reason."""
    _require_open(actor, case)
    if state is CaseState.OPEN or not because.strip():
        raise _wrong("because", "Say why the case ends.")
    if len(case.factors) < len(Factor) and not case.is_secured:
        raise Conflict(
            "Assess the four factors first: without them an incident counts as a breach.", code="not_assessed"
        )
    case.state, case.decided_because, case.closed_at = state, because.strip(), now
    case.save(update_fields=["state", "decided_because", "closed_at"])
    for day in WARN_ON_DAYS:
        outbox.cancel(WARNING.format(day=day), case.id)
    _note(actor, "breach.close", case, detail={"state": state.value})


def persons_of(case: BreachCase) -> int:
    """Return how many persons a case concerns, without those who were left out."""
    return BreachPerson.rows().filter(case=case, excluded_because="").count()


def needs_media(case: BreachCase) -> bool:
    """Say whether more than 500 persons of one State are concerned (45 CFR 164.406)."""
    rows = BreachPerson.rows().filter(case=case, excluded_because="").order_by().values("person__region")
    return any(each["n"] > MANY for each in rows.annotate(n=Count("id")))


def case_of(number: int) -> BreachCase:
    """Return a case by its number."""
    found = BreachCase.rows().filter(number=number).first()
    if found is None:
        raise NotFound
    return found


def warn(case_id: UUID, day: int, now: datetime) -> None:
    """Tell everybody who handles breaches how many days are left; a closed case needs no warning."""
    case = BreachCase.rows().filter(id=case_id, state=CaseState.OPEN).first()
    if case is None:
        return
    left = NOTIFY_WITHIN_DAYS - day
    said = f"{left} days are left" if left else "the last day is today"
    tell_people(
        kind="breach",
        sentence=f"{case.ref}: day {day} since the discovery, {said}. Letters are due by {case.due_on}.",
        dedup_key=f"breach:{case.id}:{case.discovered_on}:{day}",
        now=now,
        permission=Permission.BREACH_MANAGE,
        url=f"/compliance/breach/{case.number}/",
    )


@outbox.handler(WARNING.format(day=45))
def warn_on_day_45(case_id: UUID, now: datetime) -> None:
    """Warn of a case on day 45."""
    warn(case_id, 45, now)


@outbox.handler(WARNING.format(day=55))
def warn_on_day_55(case_id: UUID, now: datetime) -> None:
    """Warn of a case on day 55."""
    warn(case_id, 55, now)


@outbox.handler(WARNING.format(day=60))
def warn_on_day_60(case_id: UUID, now: datetime) -> None:
    """Warn of a case on its last day."""
    warn(case_id, 60, now)


def _warn_later(case: BreachCase) -> None:
    zone = ZoneInfo(current_organization().zone)
    for day in WARN_ON_DAYS:
        due = datetime.combine(case.discovered_on + timedelta(days=day), WARNED_AT, zone)
        outbox.enqueue(WARNING.format(day=day), case.id, due_at=due)


def _task(case: BreachCase, planned: tuple[str, Part, int]) -> BreachTask:
    key, part, days = planned
    return BreachTask(case=case, key=key, part=part, due_on=case.discovered_on + timedelta(days=days))


def _require_open(actor: Actor, case: BreachCase) -> None:
    require_handler(actor, case)
    if case.state != CaseState.OPEN:
        raise Conflict("This case is closed. Open a new one for what came to light since.", code="closed")


def _note(
    actor: Actor, action: str, case: BreachCase, *, fields: Iterable[str] = (), detail: Mapping[str, Any] | None = None
) -> None:
    ledger.record(
        actor=actor, action=action, object_type="breach_case", object_id=case.id, fields=fields, detail=detail
    )


def _wrong(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, (Problem(f"/{field}", "wrong", sentence),))
