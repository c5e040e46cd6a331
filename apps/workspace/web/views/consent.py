"""The person's consent: what may we send them and why, and what did they agree to on a day (rows CN-01, CN-19)."""

from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from apps.accounts.terms import FieldGroup
from apps.audit import ledger
from apps.consent.queries import reaches
from apps.flows.packages import reader_of
from apps.ownership.queries import consent_team, lead_for
from apps.policies.queries import live_document
from apps.tenancy.errors import Refused
from apps.tenancy.organizations import current_organization
from apps.workspace.consent_page import day_of, end_of, facts_of, lines_of, matrix_of
from apps.workspace.consent_tiles import tiles_of
from apps.workspace.web.wall import wall_of
from apps.workspace.words import contact_of
from leadcrm.http.scoping import ActorRequest


@require_safe
def consent_ledger(request: ActorRequest, lead_id: UUID) -> HttpResponse:
    """Show what holds now, what held on a day, and every line of the ledger with its proof. The read is noted."""
    lead, wall = lead_for(request.actor, lead_id), wall_of(request)
    actor = reader_of(request.actor, lead.id)
    if FieldGroup.CONSENT in actor.hidden_fields:
        raise Refused(
            "Consent is hidden from your role.",
            code="masked",
            action="consent.read",
            object_type="lead",
            object_id=lead_id,
        )
    person = contact_of(lead)
    ledger.record_read(actor=actor, what="consent", object_ids=[person.id])
    asked = str(request.GET.get("on", "")).strip()
    day = day_of(asked, wall) if asked else None
    now = reaches(
        lead, now=wall.now, document=live_document("contact", wall.now), default_zone=current_organization().zone
    )
    team = consent_team(wall.now)
    context = {
        "lead": {"id": lead.id, "ref": lead.ref},
        "consent": {**(tiles_of(lead, now, actor, wall) or {}), "ledger_url": ""},
        "matrix": matrix_of(person, facts_of(person.id), actor, wall, end_of(day, wall) if day else wall.now),
        "day": day,
        "asked": asked,
        "is_wrong_day": bool(asked and day is None),
        "today": wall.now.astimezone(ZoneInfo(wall.zone)).date(),
        "lines": lines_of(person, actor, wall),
        "keeper": team.name if team else "",
    }
    return render(request, "workspace/consent.html", context, status=422 if asked and day is None else 200)
