"""What colleagues ask of the team that maintains consent: a permission on a channel, for a purpose (rows CN-07, CN-14).

A request is answered by the ordinary action of that team, with its proof, or declined with a reason. It lies with
that team whoever owns the lead.
"""

from datetime import datetime

from apps.accounts.models import Team, TeamMembership
from apps.accounts.notices import tell_people
from apps.audit import ledger
from apps.consent.models import ConsentWording
from apps.consent.terms import Channel
from apps.leads.actions import refresh_next_action, tell
from apps.leads.models import ChangeRequest, Lead
from apps.ownership.queries import consent_team
from apps.sla import actions as sla
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict

CARE_INQUIRY = "care_inquiry"
#: What one may ask of the maintaining team, with the words of the story.
CONSENT_FIELDS = {
    "consent_call": "Consent to calls",
    "consent_text": "Consent to texts",
    "consent_email": "Consent to e-mail",
}


def purposes_of(field: str) -> dict[str, str]:
    """Return the purposes for which a channel may be granted, by key: the inquiry, and each that has a wording."""
    named = ConsentWording.rows().filter(channel=channel_of(field)).exclude(purpose=CARE_INQUIRY)
    others = named.order_by("purpose").values_list("purpose", flat=True).distinct()
    return {CARE_INQUIRY: "Granted", **{each: f"Granted{of_purpose(each)}" for each in others}}


def of_purpose(purpose: str) -> str:
    """Return " for news" of a purpose other than the inquiry."""
    return "" if purpose == CARE_INQUIRY else f" for {purpose.replace('_', ' ')}"


def channel_of(field: str) -> Channel:
    """Return the channel that a field of consent is about."""
    return Channel(field.removeprefix("consent_"))


def require_keeper(now: datetime) -> Team:
    """Return the team that is asked for a permission; raise Conflict where the rules name none."""
    team = consent_team(now)
    if team is None:
        raise Conflict("No team maintains consent. Ask an administrator to name one in the rules.", code="no_keeper")
    return team


def tell_keepers(request: ChangeRequest, keeper: Team, lead: Lead, *, now: datetime) -> None:
    """Let the people of the maintaining team hear of a request."""
    places = TeamMembership.rows().filter(team=keeper, membership__is_active=True)
    tell_people(
        kind="consent_request",
        sentence=f"{request.asker_label} asks you for a permission on {lead.ref}.",
        dedup_key=f"consent-request:{request.task_id}",
        now=now,
        members=list(places.values_list("membership_id", flat=True)),
        url=f"/leads/{lead.id}/",
    )


def _tell_asker(request: ChangeRequest, lead: Lead, said: str, *, actor: Actor, now: datetime) -> None:
    """Let the asker hear of the answer, even one who no longer sees the lead."""
    if request.asker_id is None or request.field not in CONSENT_FIELDS:
        return
    tell_people(
        kind="consent_answer",
        sentence=f"{actor.label} {said} what you asked of {lead.ref}: {CONSENT_FIELDS[request.field].lower()}.",
        dedup_key=f"consent-answer:{request.task_id}",
        now=now,
        members=[request.asker_id],
        url=f"/leads/{lead.id}/",
    )


def grant_requests(lead: Lead, channel: Channel, purpose: str, *, actor: Actor, now: datetime) -> None:
    """Accept what was asked of a lead and is now granted; `lead` is locked by the caller."""
    wanted = {"lead": lead, "state": "open", "field": f"consent_{channel}"}
    for request in ChangeRequest.rows().select_related("task").filter(**wanted, task__state="open").order_by("id"):
        if request.proposed == purpose:
            close_request(request, lead, "accept", "", actor, now)


def close_request(request: ChangeRequest, lead: Lead, answer: str, because: str, actor: Actor, now: datetime) -> None:
    """End a request and its task with the answer; the asker reads it in the story. `lead` is locked by the caller."""
    said, task = "Accepted" if answer == "accept" else "Declined", request.task
    request.state, request.answer, request.answered_at = said.lower(), because, now
    request.save(update_fields=["state", "answer", "answered_at"])
    task.state, task.closed_at, task.closed_because = "done", now, said.lower()
    task.save(update_fields=["state", "closed_at", "closed_because"])
    refresh_next_action(lead)
    sla.refresh_due(lead)
    _tell_asker(request, lead, "granted" if answer == "accept" else "declined", actor=actor, now=now)
    sentence = f"{said}: {task.title}."
    tell(lead, kind="answered", sentence=sentence, actor=actor, now=now, event_id=task.event_id, note=because)
    ledger.record(
        actor=actor,
        action="lead.answer",
        object_type="lead",
        object_id=lead.id,
        event_id=task.event_id,
        detail={"task": str(task.id), "answer": answer},
    )
