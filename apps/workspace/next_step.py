"""The next action of a lead: one sentence, one button."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.terms import FieldGroup
from apps.flows.planning import ENDED_BY_CONTACT
from apps.flows.proofs import endings_in
from apps.leads.models import Lead, Task
from apps.leads.terms import NURTURE_TASK, REQUESTS, SIDE_TASKS
from apps.sla.queries import Clock
from apps.tenancy.actor import Actor
from apps.workspace.allowed import Ability
from apps.workspace.words import Wall, plain, shows_contact, sla_of

_ICONS = ("call", "text", "email")


def next_action_of(
    lead: Lead,
    tasks: Sequence[Task],
    clock: Clock | None,
    may: Mapping[str, Ability | None],
    actor: Actor,
    wall: Wall,
) -> dict[str, Any] | None:
    """Return the next dated step with its one button; None for an open lead without one, a defect."""
    if lead.closed_at is not None:
        return _closed(lead, actor, wall)
    waiting = [each for each in tasks if each.state == "open"]
    task = next((each for each in waiting if each.kind not in SIDE_TASKS), waiting[0] if waiting else None)
    if task is None:
        return None
    found: dict[str, Any] = {
        "sentence": task.title if shows_contact(actor) else plain(task.kind),
        "detail": _("Due %(at)s") % {"at": wall.at(task.due_at)},
        "icon": task.channel if task.channel in _ICONS else "calendar",
        "url": "",
        "button": "",
        "posts": False,
        "sla": sla_of(clock, wall) if clock and clock.timer.is_running else None,
    }
    return found | _button(lead, task, may, str(found["sentence"]))


def steps_of(
    lead: Lead, tasks: Sequence[Task], may: Mapping[str, Ability | None], actor: Actor, wall: Wall
) -> list[dict[str, Any]]:
    """Return what is planned beside the next contact, next first: each with its day, and whether it is ended here.

    A contact ends by its outcome and a request by its answer, so neither has a button of its own here.
    """
    ability = may.get("log_call")
    allowed = lead.closed_at is None and ability is not None and ability.allowed
    found = [each for each in tasks if each.state == "open" and each.kind not in (*ENDED_BY_CONTACT, *REQUESTS)]
    return [
        {
            "id": each.id,
            "title": each.title if shows_contact(actor) else plain(each.kind),
            "due": wall.at(each.due_at),
            "is_late": each.due_at <= wall.now,
            "may_end": allowed,
        }
        for each in found
    ]


def _button(lead: Lead, task: Task, may: Mapping[str, Ability | None], title: str) -> dict[str, Any]:
    """One verb: call where a call may begin now, else log what was done; of who only asks around, decide."""
    if task.kind == NURTURE_TASK:
        qualify = may.get("qualify")
        may_decide = qualify is not None and qualify.allowed
        return {"url": reverse("workspace:qualify", args=[lead.id]), "button": _("Qualify")} if may_decide else {}
    call, log = may.get("call"), may.get("log_call")
    if log is None or not log.allowed:
        return {}
    is_call = task.channel in ("call", "")
    if is_call and call is not None and call.allowed:
        sentence = _("Call now: attempt %(n)d") % {"n": lead.attempts + 1}
        url = reverse("workspace:call", args=[lead.id])
        return {"title": title, "sentence": sentence, "url": url, "button": _("Call now"), "posts": True}
    button = _("Log call") if is_call else _("Log contact")
    found: dict[str, Any] = {"url": reverse("workspace:log_call", args=[lead.id]), "button": button}
    if is_call and call is not None:
        found |= {"waits": call.sentence}
    return found


def _closed(lead: Lead, actor: Actor, wall: Wall) -> dict[str, Any]:
    survivor, sees = lead.duplicate_of, FieldGroup.OUTCOME not in actor.hidden_fields
    of_which = f" {_('of %(ref)s') % {'ref': survivor.ref}}" if survivor else ""
    return {
        "sentence": (_("Closed: %(reason)s") % {"reason": _reason(lead)} if sees else _("Closed")) + of_which,
        "detail": wall.at(lead.closed_at),
        "icon": "close",
        "url": reverse("workspace:lead", args=[survivor.id]) if survivor else "",
        "button": _("Open %(ref)s") % {"ref": survivor.ref} if survivor else "",
        "posts": False,
        "sla": None,
    }


def _reason(lead: Lead) -> str:
    reason = endings_in(lead.pipeline).reason(lead.closure_reason)
    return reason.label if reason else plain(lead.closure_reason)
