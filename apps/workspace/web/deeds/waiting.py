"""Leads that wait for others: parked until a service opens, or for an insurer or a practice."""

from zoneinfo import ZoneInfo

from django.utils.translation import gettext_noop

from apps.flows import clearing, parking
from apps.qualification.terms import ClearanceStatus, ClearanceStep
from apps.workspace.web import long_cycle_forms
from apps.workspace.web.deeds.deed import Deed, Sent


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
        **{name: values[name] for name in ("look_again_at", "reference", "note")},
    )
    return clearing.record_step(
        actor=sent.actor, lead_id=sent.lead.id, stands=stands, now=sent.now, version=sent.version
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
    "record_step": Deed(
        "clearance",
        "record_step",
        long_cycle_forms.RecordStep,
        _record_step,
        gettext_noop("Recorded."),
        initial=lambda lead, wall: {"since": wall.now.astimezone(ZoneInfo(wall.zone)).date()},
    ),
}
