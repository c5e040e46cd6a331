"""The pipeline of one lead as chevrons, with what each next stage still asks for."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from apps.consent.queries import POINT_KIND, Reach
from apps.consent.terms import Channel
from apps.flows.gating import completeness_of, events_proven, facts_known
from apps.leads.models import Stage
from apps.leads.queries import stages_by_key
from apps.leads.terms import UpdateState
from apps.workspace import picklists
from apps.workspace.dossier import Dossier
from apps.workspace.words import Wall

#: A stage that may be entered by judgement at any time stands in no line of what is next.
_ASIDE = ("nurture", "not_qualified")


def path_of(dossier: Dossier, reaches: Mapping[Channel, Reach], wall: Wall) -> dict[str, Any]:
    """Return the path as components/status_path.html wants it; ways out of it only when taken."""
    lead = dossier.lead
    stages = stages_by_key(lead.pipeline_id).values()
    shown = [each for each in stages if (each.is_open and each.key != "nurture") or each.id == lead.stage_id]
    here = next((place for place, each in enumerate(shown) if each.id == lead.stage_id), 0)
    steps = [_step(stage, place, here, dossier.entered, wall) for place, stage in enumerate(shown)]
    facts = known_of(dossier, reaches)
    gates = gates_of(dossier, facts, wall.now) if lead.closed_at is None else []
    return {
        "steps": steps,
        "gates": gates,
        "outside": told_outside(vars(lead).get("outside_rows", ()), wall),
        "completeness": completeness_of(lead, facts, wall.now),
    }


def told_outside(rows: Iterable[Mapping[str, Any]], wall: Wall) -> list[dict[str, Any]]:
    """Return what outside systems heard of each stage, the last stage first: "EHR sent", "MA tool failed, retry 2"."""
    stages: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        at = row["next"] or row["at"]
        line = {
            "system": row["system"],
            "state": row["state"],
            "words": update_words(row["state"], row["attempts"]),
            "at_label": wall.at(datetime.fromisoformat(at)) if at else "",
            "problem": row["problem"],
        }
        stages.setdefault(row["stage"], []).append(line)
    return [{"stage": stage, "systems": found} for stage, found in stages.items()]


def update_words(state: str, attempts: int) -> str:
    """Return where the word to a system stands; a failed one names the try that comes next."""
    if state == UpdateState.FAILED:
        return _("failed, retry %(n)d") % {"n": attempts}
    words = {
        UpdateState.WAITING: _("on its way"),
        UpdateState.SENT: _("sent"),
        UpdateState.GIVEN_UP: _("to be told by hand"),
    }
    return words[UpdateState(state)]


def known_of(dossier: Dossier, reaches: Mapping[Channel, Reach]) -> dict[str, Any]:
    """Return what the gates ask for, from what the page has read already."""
    return facts_known(
        dossier.lead,
        consented=any(each.state.value == "granted" for each in reaches.values()),
        validity={POINT_KIND[channel]: each.point.validity for channel, each in reaches.items() if each.point},
    )


def gates_of(dossier: Dossier, facts: Mapping[str, Any], now: datetime) -> list[dict[str, Any]]:
    """Return what each next stage still needs, judged as the move itself is."""
    lead = dossier.lead
    events = events_proven(lead, talked=dossier.has_talked, booked=dossier.is_booked, verified=bool(dossier.verified))
    following = picklists.next_stages(lead, now, events, facts)
    return picklists.gates_of(lead, [each for each in following if each.key not in _ASIDE])


def _step(stage: Stage, place: int, here: int, entered: Mapping[UUID, datetime], wall: Wall) -> dict[str, str]:
    if place == here:
        state = "current" if stage.is_open else "closed"
    elif place < here:
        state = "done" if stage.id in entered else "later"
    else:
        state = "next" if place == here + 1 else "later"
    at_label = wall.at(entered[stage.id]) if stage.id in entered and place <= here else ""
    return {"label": stage.label, "state": state, "at_label": at_label}
