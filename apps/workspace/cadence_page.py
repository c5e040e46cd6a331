"""The cadences of a lead as its page shows them: each step with what became of it, or when it is due."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.leads.models import Lead
from apps.outreach.cadence_document import step_words
from apps.outreach.cadence_terms import Cadence, StepState
from apps.outreach.cadences import cadence_of, runs_of
from apps.outreach.models import CadenceRun, CadenceStep
from apps.outreach.terms import MessageState
from apps.workspace.words import Wall

ICONS = {
    StepState.PLANNED: "later",
    StepState.DONE: "tick",
    StepState.SKIPPED: "no",
    StepState.CANCELLED: "cross",
}
CHANNEL_NAMES = {"call": gettext_lazy("Call"), "text": gettext_lazy("Text"), "email": gettext_lazy("Email")}


def cadences_shown(lead: Lead, wall: Wall) -> list[dict[str, Any]]:
    """Return the cadences of a lead, the newest first; two queries."""
    return [_run_shown(run, wall) for run in runs_of(lead)]


def _run_shown(run: CadenceRun, wall: Wall) -> dict[str, Any]:
    cadence = cadence_of(run)
    words = {"at": wall.at(run.started_at), "by": run.started_by}
    ended = {"at": wall.at(run.ended_at), "why": run.end_words} if run.ended_at is not None else None
    return {
        "name": cadence.name if cadence is not None else run.cadence,
        "begun": _("Since %(at)s, by %(by)s") % words,
        "ended": _("Ended %(at)s: %(why)s") % ended if ended else "",
        "is_open": run.ended_at is None,
        "steps": [_step_shown(step, cadence, wall) for step in run.steps.all()],
    }


def _step_shown(step: CadenceStep, cadence: Cadence | None, wall: Wall) -> dict[str, str]:
    planned = step_words(cadence.steps[step.number - 1]) if cadence is not None else step.key
    name = CHANNEL_NAMES.get(step.channel, planned[:1].upper() + planned[1:])
    return {"icon": ICONS[StepState(step.state)], "name": str(name), "line": _line(step, wall)}


def _line(step: CadenceStep, wall: Wall) -> str:
    if step.state == StepState.PLANNED:
        due = _("due %(at)s") % {"at": wall.at(step.due_at)}
        return f"{due}: {step.because}" if step.because else due
    if step.state == StepState.DONE:
        went = step.message is None or step.message.state not in (MessageState.BLOCKED, MessageState.FAILED)
        done = _("done %(at)s") if went else _("not sent, %(at)s")
        told = done % {"at": wall.at(step.ended_at)}
        return told if went or step.message is None else f"{told}: {step.message.reason}"
    state = _("skipped") if step.state == StepState.SKIPPED else _("cancelled")
    return f"{state}: {step.because}" if step.because else state
