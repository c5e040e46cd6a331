"""From rows to the API's answers."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel

from apps.accounts.terms import FieldGroup
from apps.appointments.queries import conversions_of
from apps.capture.models import Submission
from apps.consent.models import ConsentEvent
from apps.consent.queries import states_of_leads
from apps.flows.masking import MARKETING_SEES, masked_leads, reads_service
from apps.flows.meetings import of_contact
from apps.flows.packages import TOPIC, narrowed, withheld_from
from apps.leads.models import ContactPoint, InferredValue, Lead, LeadParty, Person, Task, Touch
from apps.leads.queries import contact_points_of, inferred_values_of, parties_of
from apps.leads.terms import PartyPart
from apps.outreach.models import Activity
from apps.ownership.models import Spell
from apps.partners import wording
from apps.partners.queries import DeliveredLead
from apps.sla.models import SlaPause
from apps.sla.queries import Clock, clocks_of, task_light
from apps.tenancy.actor import Actor
from apps.workspace.api import answers, clock_answers
from apps.workspace.api.quality import quality_view

SUBMISSIONS = "/api/v1/submissions/"
_HIDES: Mapping[str, tuple[str, ...]] = {
    FieldGroup.MARKETING: ("source", "campaign", "capture_method"),
    FieldGroup.HEALTH: ("service", "appointment_type"),
    FieldGroup.INSURANCE: ("payer",),
    FieldGroup.OUTCOME: ("outcome", "closure_reason", "duplicate_of", "attempts", "last_outcome", "care_started_on"),
    FieldGroup.CONSENT: ("consent",),
}


def dump(answer: BaseModel) -> dict[str, Any]:
    """Return an answer as plain JSON values."""
    return answer.model_dump(mode="json")


def received(submission_id: UUID) -> dict[str, Any]:
    """Return the promise for a stored delivery; a replay has the same bytes."""
    return dump(answers.Received(id=submission_id, url=f"{SUBMISSIONS}{submission_id}"))


def processed(row: Submission, lead: Lead | None) -> dict[str, Any]:
    """Return what became of a delivery."""
    return dump(
        answers.ProcessedDelivery(
            id=row.id,
            verdict=row.verdict,
            reasons=reasons_of(row),
            counted_as_delivered=row.counted_as_delivered,
            lead=outcome_lead(lead) if lead else None,
        )
    )


def outcome_lead(lead: Lead) -> answers.OutcomeLead:
    """Return a lead as outcomes name it."""
    team = lead.owner_team.key if lead.owner_team else None
    return answers.OutcomeLead(id=lead.id, ref=lead.ref, stage=lead.stage.key, owner_team=team)


def has_opened_lead(row: Submission) -> bool:
    """Say whether this delivery opened a lead of its own: then the answer is 201."""
    return any(each.get("code") in ("match_new", "match_link") for each in row.reasons)


def reasons_of(row: Submission | None) -> list[answers.Reason]:
    """Return why a delivery got its verdict."""
    told = wording.reasons_of(row) if row else []
    return [answers.Reason(code=each.code, detail=each.detail, check=each.check or None) for each in told]


def delivery_row(actor: Actor, row: Submission, visible: Mapping[UUID, Lead]) -> dict[str, Any]:
    """Return a delivery as lists show it; the lead's id only where the asker may see the lead."""
    hides = FieldGroup.MARKETING in actor.hidden_fields
    return dump(
        answers.DeliveryRow(
            id=row.id,
            status=row.state,
            external_id=row.external_id,
            source="" if hides else row.source_typed or row.source.key,
            party=row.party.key if row.party and not hides else None,
            received_at=row.received_at,
            verdict=row.verdict or None,
            reasons=reasons_of(row),
            lead_id=row.lead_id if row.lead_id in visible else None,
            counted_as_delivered=row.counted_as_delivered,
            is_test=row.is_test,
        )
    )


def attribution_row(row: Touch) -> dict[str, Any]:
    """Return where a contact came from."""
    return dump(
        answers.AttributionRow(
            submission_id=row.submission_id,
            at=row.at,
            source=row.source.key,
            campaign=row.campaign.key if row.campaign else None,
            party=row.party.key if row.party else None,
            verdict=row.verdict,
            attribution=dict(row.attribution),
        )
    )


def agency_lead(shown: DeliveredLead) -> dict[str, Any]:
    """Return a lead in the columns of an agency."""
    lead, opening = shown.lead, shown.submission
    return dump(
        answers.AgencyLead(
            id=lead.id,
            ref=lead.ref,
            stage=lead.stage.key,
            stage_label=lead.stage.label,
            status=lead.status.replace("_", " "),
            verdict=opening.verdict if opening else "",
            reasons=reasons_of(opening),
            external_id=opening.external_id if opening else None,
            source=lead.source.key,
            campaign=lead.campaign.key if lead.campaign else None,
            delivered_at=opening.received_at if opening else None,
            counted_as_delivered=opening.counted_as_delivered if opening else False,
            consent=shown.consent,
        )
    )


def staff_leads(actor: Actor, leads: Sequence[Lead], now: datetime) -> list[dict[str, Any]]:
    """Return leads as staff see them; the number of queries does not grow with the list."""
    people = [person for lead in leads for person in (lead.person, lead.contact_person) if person]
    points = contact_points_of({person.id for person in people})
    states = states_of_leads(leads, now)
    clocks, parties = clocks_of(leads, now), parties_of([lead.id for lead in leads])
    inferred = inferred_values_of([lead.id for lead in leads])
    found, reader, withheld = [], actor, withheld_from(actor, [lead.id for lead in leads])
    masked = masked_leads(actor, [lead.id for lead in leads])
    care = conversions_of({lead.person_id for lead in leads})
    for lead in leads:
        actor = narrowed(reader, withheld.get(lead.id, ()))
        contact = lead.contact_person or lead.person
        consent = {str(channel): str(state.value) for channel, state in states[lead.id].items()}
        named, implied = _parties(actor, parties.get(lead.id, [])), inferred.get(lead.id, [])
        told = [_inferred(each) for each in implied if each.field != "service" or reads_service(actor)]
        whole = _staff_lead(lead, consent, clocks[lead.id], named, told)
        whole.care_started_on = care[lead.person_id].care_started_on if lead.person_id in care else None
        whole.quality = quality_view(lead, consent, points.get(contact.id, []), now)
        hidden = {name for group in actor.hidden_fields for name in _HIDES.get(group, ())}
        if "mapping_version" not in vars(lead):
            hidden.add("mapping_version")
        shown = whole.model_dump(mode="json", exclude=hidden | {"person", "contact_person"})
        if lead.id in masked:
            shown = {name: value for name, value in shown.items() if name in MARKETING_SEES}
        if TOPIC in withheld.get(lead.id, ()):
            shown["restricted"] = True
        shown["person"] = _person(actor, lead.person, points.get(lead.person_id, []))
        other = lead.contact_person
        shown["contact_person"] = _person(actor, other, points.get(other.id, [])) if other else None
        found.append(shown)
    return found


def lead_state(lead: Lead) -> dict[str, Any]:
    """Return where a lead is, after a change."""
    return dump(answers.LeadState(**_state(lead)))


def consent_line(actor: Actor, row: ConsentEvent) -> answers.ConsentLine:
    """Return a line of the consent ledger; where it came from for roles that see marketing fields."""
    hides = FieldGroup.MARKETING in actor.hidden_fields
    return answers.ConsentLine(
        channel=row.channel,
        purpose=row.purpose,
        state=row.value,
        recorded_at=row.recorded_at,
        captured_at=row.captured_at,
        source="" if hides else row.source,
        recorded_by="" if hides else row.recorded_by,
        reason=row.reason,
        wording_version=row.wording_version,
        evidence_kind=row.evidence_kind,
        evidence_ref=row.evidence_ref,
        limited_to="this_inquiry" if row.only_lead_id or row.this_inquiry_only else "",
        expires_at=row.expires_at,
    )


def task_view(actor: Actor, row: Task, now: datetime) -> dict[str, Any]:
    """Return a task with how it stands now; a title may name the person, so it is for roles that see contact data."""
    title = row.title if FieldGroup.CONTACT not in actor.hidden_fields else row.kind.replace("_", " ").capitalize()
    return dump(
        answers.TaskView(
            id=row.id,
            kind=row.kind,
            title=title,
            channel=row.channel,
            state=row.state,
            light=str(task_light(row, now)),
            due_at=row.due_at,
            team=row.team.key,
            assignee=row.assignee.user.name if row.assignee else None,
        )
    )


def activity_view(actor: Actor, row: Activity) -> dict[str, Any]:
    """Return a logged contact, without its note; how it ended for roles that see outcomes."""
    return dump(
        answers.ActivityView(
            id=row.id,
            kind=row.kind,
            direction=row.direction,
            outcome=row.outcome if FieldGroup.OUTCOME not in actor.hidden_fields else "",
            started_at=row.started_at,
            duration_seconds=row.duration_seconds,
            by=row.actor_label,
            script=f"{row.script}@{row.script_version}" if row.script else "",
            logged_as=row.logged_as,
            meeting_outcome=of_contact(row.kind, row.outcome)
            if FieldGroup.OUTCOME not in actor.hidden_fields
            else None,
        )
    )


def spell_view(row: Spell) -> dict[str, Any]:
    """Return who owns the lead now."""
    return dump(
        answers.SpellView(
            lead=row.lead_id,
            team=row.team.key,
            owner=row.membership.user.name if row.membership else None,
            since=row.started_at,
            trigger=row.trigger,
        )
    )


def _state(lead: Lead) -> dict[str, Any]:
    return {
        "id": lead.id,
        "ref": lead.ref,
        "stage": lead.stage.key,
        "status": lead.status_now,
        "owner_team": lead.owner_team.key if lead.owner_team else None,
        "version": lead.version,
    }


def party_view(row: LeadParty) -> answers.LeadPartyView:
    """Return an organisation with its part."""
    return answers.LeadPartyView(party=row.party.key, name=row.party.name, kind=row.party.kind, part=row.part)


def _parties(actor: Actor, rows: list[LeadParty]) -> list[answers.LeadPartyView]:
    """Return the organisations of a lead; who delivered it only where the role sees marketing fields."""
    hides = FieldGroup.MARKETING in actor.hidden_fields
    return [party_view(row) for row in rows if not (hides and row.part == PartyPart.SOURCE)]


def _staff_lead(
    lead: Lead,
    consent: dict[str, str],
    clocks: list[Clock],
    parties: list[answers.LeadPartyView],
    inferred: list[answers.InferredView],
) -> answers.StaffLead:
    return answers.StaffLead.model_construct(
        **_state(lead),
        pipeline=lead.pipeline.key,
        called=lead.pipeline.person_word,
        stage_label=lead.stage.label,
        lead_class=lead.lead_class,
        validity=lead.validity,
        hold_reason=lead.hold_reason,
        exception=lead.exception,
        service=lead.service.key if lead.service else None,
        location=lead.location.key if lead.location else None,
        patient_type=lead.patient_type,
        timeframe=lead.timeframe,
        inferred=inferred,
        preferred_channel=lead.preferred_channel,
        appointment_type=lead.appointment_type,
        part_of_day=lead.part_of_day,
        best_time=lead.best_time,
        priority=lead.priority,
        fit=lead.fit,
        intent=lead.intent,
        owner=lead.owner.user.name if lead.owner else None,
        owner_since=lead.owner_since,
        queue=lead.queue.key if lead.queue else None,
        attempts=lead.attempts,
        last_outcome=lead.last_outcome,
        next_action_at=lead.next_action_at,
        due_at=lead.due_at,
        captured_at=lead.captured_at,
        closed_at=lead.closed_at,
        is_test=lead.is_test,
        clocks=_clocks(clocks),
        parties=parties,
        source=lead.source.key,
        campaign=lead.campaign.key if lead.campaign else None,
        capture_method=lead.capture_method,
        mapping_version=vars(lead).get("mapping_version"),
        payer=lead.payer,
        outcome=lead.outcome,
        closure_reason=lead.closure_reason,
        duplicate_of=lead.duplicate_of_id,
        consent=consent,
    )


def _inferred(row: InferredValue) -> answers.InferredView:
    return answers.InferredView(field=row.field, value=row.value, rule=row.rule_id, version=row.version)


def _clocks(clocks: list[Clock]) -> list[clock_answers.ClockView]:
    return [
        clock_answers.ClockView(
            kind=each.timer.kind,
            light=str(each.light),
            due_at=each.timer.due_at,
            seconds_left=each.seconds_left,
            is_running=each.timer.is_running,
            policy=each.timer.policy_name,
            number=each.timer.number,
            total=each.timer.total,
            pause=pause_view(each.timer.pause) if each.timer.pause and each.timer.is_running else None,
        )
        for each in clocks
    ]


def pause_view(row: SlaPause) -> clock_answers.PauseView:
    """Return why clocks stand still."""
    return clock_answers.PauseView(
        reason=row.reason, name=row.name, paused_by=row.actor_label, paused_at=row.paused_at, until=row.until
    )


def contact_point(row: ContactPoint) -> answers.ContactPointView:
    """Return a number or an address with what is known of it."""
    return answers.ContactPointView(
        id=str(row.id),
        takes_texts=row.takes_texts and row.kind == "phone",
        kind=row.kind,
        value=row.value,
        validity=row.validity,
    )


def _person(actor: Actor, person: Person, points: list[ContactPoint]) -> dict[str, Any]:
    view = answers.PersonView(
        id=person.id,
        is_organization=person.is_organization,
        language=person.language,
    )
    if FieldGroup.CONTACT not in actor.hidden_fields:
        view.first_name, view.last_name = person.first_name, person.last_name
        view.date_of_birth = person.date_of_birth.isoformat() if person.date_of_birth else None
        view.city, view.region, view.postal_code = person.city, person.region, person.postal_code
        view.contact_points = [contact_point(row) for row in points]
        return dump(view)
    return view.model_dump(mode="json", exclude_unset=True)
