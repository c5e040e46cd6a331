"""Leads that wait for others: parked until a service opens, for an insurer or a practice, or with paused clocks."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop

from apps.flows import automation, clearing, parking, pausing, review_status
from apps.leads.models import Lead
from apps.qualification.queries import review_statuses
from apps.qualification.review_status import TRACK_WORDS
from apps.qualification.terms import ClearanceStatus, ClearanceStep
from apps.tenancy.actor import Actor
from apps.workspace.web import long_cycle_forms
from apps.workspace.web.deeds.deed import Deed, Sent
from apps.workspace.web.forms import Choices
from apps.workspace.words import Wall


def _park(sent: Sent) -> object:
    return parking.park_lead(
        actor=sent.actor,
        lead_id=sent.lead.id,
        wanted=sent.values["wanted"],
        reason=sent.values["reason"],
        now=sent.now,
        version=sent.version,
    )


def _record_step(sent: Sent) -> object:
    values = sent.values
    stands = clearing.Stands(
        ClearanceStep(values["step"]),
        ClearanceStatus(values["status"]),
        values["since"],
        **{name: values[name] for name in ("look_again_at", "reference", "note", "valid_until")},
    )
    return clearing.record_step(
        actor=sent.actor, lead_id=sent.lead.id, stands=stands, now=sent.now, version=sent.version
    )


def _pause(sent: Sent) -> object:
    values = sent.values
    return pausing.pause_clocks(
        actor=sent.actor,
        lead_id=sent.lead.id,
        reason=values["reason"],
        until=values["until"],
        note=values["note"],
        now=sent.now,
        version=sent.version,
    )


def _resume(sent: Sent) -> object:
    return pausing.resume_clocks(actor=sent.actor, lead_id=sent.lead.id, now=sent.now, version=sent.version)


def _reasons(lead: Lead, now: datetime) -> dict[str, Choices]:
    del now
    return {"reason": [(each.key, each.name) for each in pausing.reasons_for(lead)]}


def _limits(lead: Lead, actor: Actor, wall: Wall) -> dict[str, Any]:
    """Say of each reason until when the clocks may stand still."""
    del actor
    reasons = pausing.reasons_for(lead)
    return {
        "limits": [
            {"name": each.name, "until": wall.at(wall.now + timedelta(seconds=each.longest_seconds))}
            for each in reasons
        ]
    }


def _review(sent: Sent) -> object:
    track, _colon, status = sent.values["status"].partition(":")
    said = review_status.Reviewed(track, status, sent.values["note"])
    return review_status.record_review(
        actor=sent.actor, lead_id=sent.lead.id, said=said, now=sent.now, version=sent.version
    )


def _statuses(lead: Lead, now: datetime) -> dict[str, Choices]:
    del lead
    return {"status": [(each.choice, f"{TRACK_WORDS[each.track]}: {each.name}") for each in review_statuses(now)]}


def _own_statuses(actor: Actor, lead: Lead, now: datetime) -> dict[str, set[str]]:
    """Offer what this person may set."""
    known = [each for each in review_statuses(now) if review_status.update_verdict(actor, lead, each, now).allowed]
    return {"status": {each.choice for each in known}}


def _pause_automation(sent: Sent) -> object:
    return automation.pause_by_hand(actor=sent.actor, lead_id=sent.lead.id, reason=sent.values["reason"], now=sent.now)


def _resume_automation(sent: Sent) -> object:
    return automation.resume_automation(
        actor=sent.actor, lead_id=sent.lead.id, reason=sent.values["reason"], now=sent.now
    )


WAITING_DEEDS: dict[str, Deed] = {
    "park": Deed(
        "park",
        "park",
        long_cycle_forms.Park,
        _park,
        gettext_noop("Parked. It comes up for review when the service opens."),
        initial=lambda lead, wall: {"wanted": lead.service.name if lead.service else ""},
    ),
    "pause_clocks": Deed(
        "pause",
        "pause_clocks",
        long_cycle_forms.PauseClocks,
        _pause,
        gettext_noop("The clocks stand still. They go on by themselves."),
        choices=_reasons,
        beside=_limits,
    ),
    "resume_clocks": Deed(
        "resume",
        "resume_clocks",
        long_cycle_forms.ResumeClocks,
        _resume,
        gettext_noop("The clocks go on."),
    ),
    "pause_automation": Deed(
        "pause-automation",
        "pause_automation",
        long_cycle_forms.Automation,
        _pause_automation,
        gettext_noop("Nothing goes to them by itself until somebody lets it go on."),
    ),
    "resume_automation": Deed(
        "resume-automation",
        "resume_automation",
        long_cycle_forms.Automation,
        _resume_automation,
        gettext_noop("What goes to them by itself goes on."),
    ),
    "record_review": Deed(
        "review",
        "record_review",
        long_cycle_forms.RecordReview,
        _review,
        gettext_noop("Recorded."),
        choices=_statuses,
        offered=_own_statuses,
    ),
    "record_step": Deed(
        "clearance",
        "record_step",
        long_cycle_forms.RecordStep,
        _record_step,
        gettext_noop("Recorded."),
        initial=lambda lead, wall: {"since": wall.now.astimezone(ZoneInfo(wall.zone)).date()},
    ),
}
