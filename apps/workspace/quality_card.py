"""How good the data of a lead is, as its page shows it: what disagrees, how complete, what to look at again."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from apps.consent.queries import Reach
from apps.consent.terms import Channel
from apps.flows.ageing import is_refresh_due
from apps.leads.completeness import Completeness
from apps.leads.queries import stages_by_key
from apps.leads.terms import FIELD_WORDS
from apps.workspace.dossier import Dossier
from apps.workspace.words import Wall, plain


def quality_of(
    dossier: Dossier, found: Completeness | None, reaches: Mapping[Channel, Reach], wall: Wall
) -> dict[str, Any]:
    """Return the card as workspace/lead/quality.html wants it; from what the page has read already."""
    lead = dossier.lead
    return {
        "score": lead.quality,
        "completeness": _completeness(dossier, found) if found else None,
        "refresh_due": _refresh_due(reaches, wall) if lead.closed_at is None else [],
    }


def _completeness(dossier: Dossier, found: Completeness) -> dict[str, Any]:
    stage = stages_by_key(dossier.lead.pipeline_id).get(found.stage)
    missing = [plain(FIELD_WORDS.get(each, each)).lower() for each in found.missing]
    return {
        "percent": found.percent,
        "stage": stage.label if stage else plain(found.stage),
        "known": found.known,
        "wanted": found.wanted,
        "missing": [_("%(field)s missing") % {"field": _(each)} for each in missing],
    }


def _refresh_due(reaches: Mapping[Channel, Reach], wall: Wall) -> list[str]:
    """Name each kind of contact data that nobody verified for longer than the tenant allows."""
    points = {each.point.kind: each.point for each in reaches.values() if each.point is not None}
    words = {"phone": _("Phone"), "email": _("Email")}
    return [
        _("%(kind)s: refresh due, verified last %(day)s")
        % {"kind": words[kind], "day": wall.day(point.verified_at or point.created_at)}
        for kind, point in sorted(points.items(), reverse=True)
        if is_refresh_due(point, wall.now)
    ]
