"""What belongs to a lead, by API: permissions, tasks, visits and contacts; read and added."""

from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.terms import FieldGroup, Permission
from apps.audit import ledger
from apps.consent.decisions import of_lead, state_as_of
from apps.consent.queries import events_of, history
from apps.consent.terms import Channel
from apps.flows import calls, opt_out, planning, reachability
from apps.flows.packages import reader_of
from apps.leads.queries import open_tasks_of
from apps.outreach.queries import activities_of
from apps.ownership.queries import lead_for
from apps.partners.actions import log_agency_contact
from apps.tenancy.errors import Invalid, Problem, Refused
from apps.workspace.api import answers, bodies, showing
from apps.workspace.api.describing import AT, IDEMPOTENCY_KEY, IF_MATCH, describe
from apps.workspace.api.leads import refuse_agency
from apps.workspace.api.reading import (
    actor_of,
    body_of,
    idempotency_key_of,
    instant_of,
    now_of,
    stored_key,
    version_of,
)

LONGEST_DEDUP_KEY = 80
STATE_ERRORS = (404, 409)


class ConsentsView(APIView):
    """`/leads/{id}/consents`."""

    @describe(
        "Read consent and its history",
        "With `at`, the states are those that held at that instant, by what had been said until then.",
        answers={200: answers.ConsentView},
        headers=(AT,),
        errors=(404, 422),
        name="read_consents",
        scope=Permission.LEAD_VIEW,
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Return what holds and every line of the ledger."""
        refuse_agency(request, lead_id, "consent", "consent.read")
        actor = actor_of(request)
        lead = lead_for(actor, lead_id)
        if FieldGroup.CONSENT in actor.hidden_fields:
            raise Refused(
                "Consent is hidden from your role.",
                code="masked",
                action="consent.read",
                object_type="lead",
                object_id=lead_id,
            )
        person = lead.contact_person or lead.person
        at = instant_of(request, "at") or now_of(request)
        events = of_lead(events_of([person.id]).get(person.id, []), lead.id)
        states = {channel: state_as_of(events, channel, at=at) for channel in Channel}
        ledger.record_read(actor=actor, what="consent", object_ids=[person.id])
        shown = answers.ConsentView(
            states={str(channel): str(state.value) for channel, state in states.items()},
            history=[showing.consent_line(actor, row) for row in history(person.id)],
        )
        return Response(showing.dump(shown))

    @describe(
        "Take a permission back, or record a grant",
        "Anybody who sees the lead may record an opt-out; a grant needs evidence and the team that maintains consent.",
        body=bodies.ConsentChange,
        answers={201: answers.ConsentLine},
        scope=Permission.CONSENT_NARROW,
        name="change_consent",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Add a line to the consent ledger."""
        refuse_agency(request, lead_id, "consent", "consent.change")
        body, actor, now = body_of(request, bodies.ConsentChange), actor_of(request), now_of(request)
        if body.state == "granted":
            row = opt_out.widen(
                actor=actor,
                lead_id=lead_id,
                channel=body.channel,
                reason=body.reason,
                now=now,
                evidence_kind=body.evidence_kind,
                evidence_ref=body.evidence_ref,
                only_lead=bool(body.limited_to),
                expires_at=body.expires_at,
            )
        elif body.limited_to or body.expires_at:
            sentence = "Only a grant is limited; a refusal holds."
            raise Invalid(sentence, (Problem("/limited_to", "not_a_grant", sentence),))
        else:
            row = opt_out.opt_out(
                actor=actor,
                lead_id=lead_id,
                channels=[body.channel],
                reason=body.reason,
                now=now,
                source="api",
            )[0]
        return Response(showing.dump(showing.consent_line(actor, row)), 201)


class ContactPointView(APIView):
    """`/leads/{id}/contact-points/{point_id}`."""

    @describe(
        "Say that a number or an address works, or does not",
        "What does not work is not tried again, on any lead of the person; the next permitted way is planned.",
        body=bodies.PointVerdict,
        answers={200: answers.ContactPointView},
        errors=STATE_ERRORS,
        scope=Permission.LEAD_EDIT,
        name="judge_contact_point",
    )
    def post(self, request: Request, lead_id: UUID, point_id: UUID) -> Response:
        """Judge one contact point of whom we contact for the lead."""
        refuse_agency(request, lead_id, "contact", "contact_point.judge")
        body = body_of(request, bodies.PointVerdict)
        point = reachability.judge_point(
            actor=actor_of(request),
            lead_id=lead_id,
            point_id=point_id,
            works=body.works,
            reason=body.reason,
            now=now_of(request),
        )
        return Response(showing.dump(showing.contact_point(point)))


class TasksView(APIView):
    """`/leads/{id}/tasks`."""

    @describe("List open tasks", answers={200: answers.TaskList}, name="list_tasks", scope=Permission.LEAD_VIEW)
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Return the lead's open tasks, next first."""
        refuse_agency(request, lead_id, "task", "task.read")
        lead = lead_for(actor_of(request), lead_id)
        actor = reader_of(actor_of(request), lead_id)
        ledger.record_read(actor=actor, what="lead", object_ids=[lead_id], fields=["tasks"])
        return Response({"results": [showing.task_view(actor, row, now_of(request)) for row in open_tasks_of(lead)]})

    @describe(
        "Plan a task",
        body=bodies.TaskBody,
        answers={201: answers.TaskView},
        errors=STATE_ERRORS,
        scope=Permission.LEAD_EDIT,
        name="add_task",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Add a dated next step."""
        refuse_agency(request, lead_id, "task", "task.add")
        body = body_of(request, bodies.TaskBody)
        task = planning.add_task(
            actor=actor_of(request),
            lead_id=lead_id,
            title=body.title,
            due_at=body.due_at,
            now=now_of(request),
            channel=str(body.channel),
        )
        return Response(showing.task_view(actor_of(request), task, now_of(request)), 201)


class TaskView(APIView):
    """`/leads/{id}/tasks/{task_id}`."""

    @describe(
        "Complete a task",
        body=bodies.TaskPatch,
        answers={200: answers.TaskView},
        errors=STATE_ERRORS,
        scope=Permission.LEAD_EDIT,
        name="complete_task",
    )
    def patch(self, request: Request, lead_id: UUID, task_id: UUID) -> Response:
        """End a task as done."""
        refuse_agency(request, lead_id, "task", "task.complete")
        body_of(request, bodies.TaskPatch)
        task = planning.complete_task(actor=actor_of(request), lead_id=lead_id, task_id=task_id, now=now_of(request))
        return Response(showing.task_view(actor_of(request), task, now_of(request)))


class ActivitiesView(APIView):
    """`/leads/{id}/activities`."""

    @describe(
        "List contacts",
        answers={200: answers.ActivityList},
        name="list_activities",
        scope=Permission.LEAD_VIEW,
    )
    def get(self, request: Request, lead_id: UUID) -> Response:
        """Return the lead's contacts, newest first, without their notes."""
        refuse_agency(request, lead_id, "activity", "activity.read")
        actor = actor_of(request)
        lead = lead_for(actor, lead_id)
        return Response({"results": [showing.activity_view(actor, row) for row in activities_of(lead)]})

    @describe(
        "Log a contact",
        "Under an Idempotency-Key a second entry is refused with 409 `logged_already`. The outcome `do_not_contact`"
        " is an opt-out from every channel, at once, whoever logs it. A connected call needs `spoken_consent` where"
        " nothing permits calls on record: 422 `spoken_consent_missing`.",
        body=bodies.ActivityBody,
        answers={201: answers.ActivityView},
        errors=STATE_ERRORS,
        headers=(IDEMPOTENCY_KEY, IF_MATCH),
        scope=Permission.ACTIVITY_LOG,
        name="log_contact",
    )
    def post(self, request: Request, lead_id: UUID) -> Response:
        """Log a contact with its effect on the lead; an agency's adds to the story and stops contact where asked."""
        actor, now = actor_of(request), now_of(request)
        if actor.is_agency and not actor.may(Permission.ACTIVITY_LOG):
            refuse_agency(request, lead_id, "activity", "lead.log_contact")
        body = body_of(request, bodies.ActivityBody)
        contact = calls.Contact(
            kind=body.kind,
            outcome=body.outcome,
            started_at=body.started_at or now,
            note=body.notes,
            duration_seconds=body.duration_seconds,
            direction=body.direction,
            next_at=body.next_action_at,
            next_channel=str(body.next_channel),
            script=str(body.script),
            agrees_to_calls=body.spoken_consent == "yes" if body.spoken_consent else None,
            dedup_key=stored_key(idempotency_key_of(request), LONGEST_DEDUP_KEY),
        )
        if actor.is_agency:
            row = log_agency_contact(actor=actor, lead_id=lead_id, contact=contact, now=now)
        else:
            row = calls.log_call(
                actor=actor,
                lead_id=lead_id,
                contact=contact,
                now=now,
                version=version_of(request, body.version),
            )
        return Response(showing.activity_view(actor, row), 201)
