"""Let a lead's clocks stand still for a reason that its service level lists, and go on by themselves (row SL-14)."""

from datetime import datetime, timedelta
from uuid import UUID

from apps.audit import ledger
from apps.flows.attempts import hours_of_lead
from apps.flows.clashes import lock_unchanged
from apps.leads.actions import lock_lead, refresh_next_action, tell
from apps.leads.models import Lead, Task
from apps.ownership.queries import lead_to_change, require_change
from apps.sla import actions as sla
from apps.sla.models import SlaPause
from apps.sla.queries import contact_clock_of, pause_of
from apps.sla.terms import PAUSABLE, PauseReason
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id

CONTACT_KINDS = ("call", "text", "email")
BY_ITSELF = "its time is over"


def reasons_for(lead: Lead) -> tuple[PauseReason, ...]:
    """Return for what the clocks of a lead may stand still: what its service level lists, and nothing else."""
    clock = contact_clock_of(lead)
    policy = sla.policy_of(clock) if clock is not None else None
    return policy.pauses if policy is not None else ()


def pause_clocks(
    *,
    actor: Actor,
    lead_id: UUID,
    reason: str,
    until: datetime,
    now: datetime,
    note: str = "",
    version: int | None = None,
) -> SlaPause:
    """Let the clocks of contact stand still until an instant; contacts that are due before wait until then.

    Refuses people whose team does not own the lead, closed leads, a reason that the service level does not list, an
    end in the past or later than the reason allows, a lead whose clocks stand still already, and one that has none.
    """
    lead_to_change(actor, lead_id)
    lead = lock_unchanged(lead_id, version=version, mine={})
    require_change(actor, lead, ("status",), now=now, action="lead.pause_clocks")
    if lead.closed_at is not None:
        raise Conflict("This lead is closed: no clock of it runs.", code="closed")
    held = pause_of(lead)
    if held is not None:
        raise Conflict(f"The clocks stand still already: {held.name}.", code="paused")
    listed = _listed(lead, reason)
    _refuse_end(listed, until, now)
    if not sla.running_timers(lead).filter(kind__in=PAUSABLE, paused_at__isnull=True).exists():
        raise Conflict("No clock of contact runs on this lead.", code="no_clock")
    pause = sla.open_pause(
        lead, listed, until=until, note=note.strip(), by=actor.label, now=now, kinds=[str(each) for each in PAUSABLE]
    )
    waiting = Task.rows().filter(lead=lead, state="open", kind__in=CONTACT_KINDS, due_at__lt=until)
    waiting.update(due_at=until)
    refresh_next_action(lead)
    sla.refresh_due(lead)
    sentence = f"Clocks paused until {until:%Y-%m-%d %H:%M} UTC: {listed.name}."
    _note(lead, "lead.pause_clocks", sentence, pause, actor, now, note=note.strip())
    return pause


def resume_clocks(*, actor: Actor, lead_id: UUID, now: datetime, version: int | None = None) -> SlaPause:
    """Let a lead's clocks go on before the end of the pause.

    Refuses people whose team does not own the lead, and a lead whose clocks are not paused.
    """
    lead_to_change(actor, lead_id)
    lead = lock_unchanged(lead_id, version=version, mine={})
    require_change(actor, lead, ("status",), now=now, action="lead.resume_clocks")
    pause = pause_of(lead)
    if pause is None:
        raise Conflict("The clocks of this lead are not paused.", code="not_paused")
    _go_on(lead, pause, at=now, by=actor, now=now)
    return pause


@outbox.handler(sla.RESUME)
def end_pause(pause_id: UUID, now: datetime) -> None:
    """Let the clocks go on at the end that was set, however late this is called; nothing if they do already."""
    lead = lock_lead(SlaPause.rows().values_list("lead_id", flat=True).get(id=pause_id))
    pause = SlaPause.rows().select_for_update().get(id=pause_id)
    if pause.ended_at is not None:
        return
    if now < pause.until:
        outbox.enqueue(sla.RESUME, pause.id, due_at=pause.until)
        return
    _go_on(lead, pause, at=pause.until, by=system_actor(current_organization_id()), now=now)


def _listed(lead: Lead, reason: str) -> PauseReason:
    reasons = reasons_for(lead)
    found = next((each for each in reasons if each.key == reason), None)
    if found is not None:
        return found
    if not reasons:
        raise Conflict("The service level of this lead lists no reason to pause its clocks.", code="no_reason_listed")
    sentence = f"Choose one of the listed reasons: {', '.join(each.name for each in reasons)}."
    raise Invalid(sentence, (Problem("/reason", "unknown_reason", sentence),))


def _refuse_end(listed: PauseReason, until: datetime, now: datetime) -> None:
    code, sentence = "", ""
    if until <= now:
        code, sentence = "in_the_past", "The pause has to end in the future."
    elif until > now + timedelta(seconds=listed.longest_seconds):
        hours = listed.longest_seconds // 3600
        longest = f"{hours // 24} days" if hours >= 48 else f"{max(hours, 1)} hours"
        code, sentence = "too_long", f"“{listed.name}” may pause the clocks for {longest} at most."
    if code:
        raise Invalid(sentence, (Problem("/until", code, sentence),))


def _go_on(lead: Lead, pause: SlaPause, *, at: datetime, by: Actor, now: datetime) -> None:
    sla.resume_all(lead, now=at, hours=hours_of_lead(lead))
    sla.close_pause(pause, at=at, by=BY_ITSELF if by.is_system else by.label)
    sentence = f"Clocks go on after the pause: {pause.name}."
    _note(lead, "lead.resume_clocks", sentence, pause, by, now)


def _note(lead: Lead, action: str, sentence: str, pause: SlaPause, actor: Actor, now: datetime, note: str = "") -> None:
    event_id = new_id()
    tell(lead, kind="clock", sentence=sentence, actor=actor, now=now, event_id=event_id, note=note)
    ledger.record(
        actor=actor,
        action=action,
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["due_at"],
        detail={"pause": str(pause.id), "reason": pause.reason, "until": pause.until.isoformat()},
    )
