"""Run the steps of cadences: look again at everything when one is due, then write, plan a call, wait, skip or end.

The wake-up of a step may come late or twice: the step's own row decides (rows TN-06 to TN-08, TN-11, TN-12).
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from apps.catalog.field_purposes import recorded_uses
from apps.consent.queries import Reach, reaches
from apps.consent.terms import Channel, Purpose
from apps.exceptions.queries import stops_outreach
from apps.flows.cadence_facts import facts_of
from apps.flows.cadences import end_by_stage
from apps.flows.streams import live_tasks, plan_contact, stream_of
from apps.leads.actions import lock_lead, refresh_next_action, tell
from apps.leads.models import Lead, Task
from apps.leads.terms import READ_REPLY
from apps.outreach import cadences
from apps.outreach.actions import intend_message
from apps.outreach.cadence_decisions import judge_step
from apps.outreach.cadence_document import compile_plans
from apps.outreach.cadence_terms import CADENCE_MESSAGE, Cadence, Go, Look, RunEnd, Step, StepState, StepVerdict
from apps.outreach.models import Activity, CadenceRun, CadenceStep, Engagement, Message
from apps.outreach.pauses import pause_of
from apps.outreach.templates import sendable
from apps.outreach.terms import TOLD, EngagementKind, MessageState
from apps.policies.compiling import compiled
from apps.policies.queries import live_document
from apps.sla import actions as sla
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import current_organization_id

#: So soon a step that waits is looked at again.
LOOKS_AGAIN = timedelta(hours=4)
HEARD = (EngagementKind.REPLIED, EngagementKind.CLICKED, EngagementKind.SCHEDULING_LINK)


@outbox.handler(cadences.STEP_DUE)
def run_step(step_id: UUID, now: datetime) -> None:
    """Do one step of somebody's cadence, once, or put it off."""
    lead_id = CadenceStep.rows().filter(id=step_id).values_list("run__lead_id", flat=True).first()
    if lead_id is None:
        return
    lead = lock_lead(lead_id)
    row = CadenceStep.rows().select_for_update(of=("self",)).select_related("run__version").get(id=step_id)
    run, cadence = row.run, cadences.cadence_of(row.run)
    if row.state != StepState.PLANNED or run.ended_at is not None or cadence is None:
        return
    step = cadence.steps[row.number - 1]
    actor = system_actor(current_organization_id(), "cadence")
    found = _Found(lead, step, now)
    verdict = judge_step(cadence, step, _look(found, run, cadence), now)
    if verdict.go is Go.WAIT:
        cadences.put_off(row, now + LOOKS_AGAIN, verdict.sentence)
        return
    if verdict.go is Go.END and verdict.end is not None:
        cadences.note_step(row, StepState.SKIPPED, now=now, because=verdict.sentence)
        cadences.end_run(run, lead, verdict.end, actor=actor, now=now)
        return
    if verdict.go is Go.RUN:
        verdict = _do(found, row, cadence, verdict, actor)
    if verdict.go is Go.SKIP:
        cadences.note_step(row, StepState.SKIPPED, now=now, because=verdict.sentence)
        sentence = f"Cadence “{cadence.name}”, step {row.number} skipped: {verdict.sentence}."
        tell(lead, kind="cadence", sentence=sentence, actor=actor, now=now)
    if not cadences.next_step(run, cadence, row, now=now):
        cadences.end_run(run, lead, RunEnd.FINISHED, actor=actor, now=now)


class _Found:
    """What a due step looks at of its lead: read once."""

    def __init__(self, lead: Lead, step: Step, now: datetime) -> None:
        self.lead, self.step, self.now = lead, step, now
        person = lead.contact_person or lead.person
        self.language = (person.language or "en")[:2]
        rows = sendable(now)
        self.purposes = {
            (row.template.key, row.template.channel): row.purpose
            for row in rows
            if row.template.language in (self.language, "en") and row.template.key in step.templates
        }
        self._reaches: dict[str, Mapping[Channel, Reach]] = {}

    def reach(self, channel: str) -> Reach:
        """Return the channel as it may be used for what the step would send on it."""
        wanted = [self.purposes[key] for key in self.purposes if key[1] == channel]
        purpose = wanted[0] if wanted else str(Purpose.CARE_INQUIRY)
        if purpose not in self._reaches:
            document, zone = live_document("contact", self.now), current_organization().zone
            self._reaches[purpose] = reaches(
                self.lead, now=self.now, document=document, default_zone=zone, purpose=purpose
            )
        return self._reaches[purpose][Channel(channel)]

    def opens(self) -> dict[str, bool]:
        """Return which channels of the step may be used, now or when the hour suits."""
        verdicts = {each: self.reach(each).verdict for each in self.step.channels}
        return {each: verdict.allowed or verdict.opens_at is not None for each, verdict in verdicts.items()}


def _look(found: _Found, run: CadenceRun, cadence: Cadence) -> Look:
    lead, now = found.lead, found.now
    end = _end(lead, run, cadence, now)
    if end is not None:
        return Look(end=end)
    look = Look(
        paused=pause_of(lead) is not None, waits_for=_waits_for(lead), contact_due_at=_contact_due_at(lead, run)
    )
    if look.paused or look.waits_for:
        return look
    answered, ignored, last = _pattern(lead)
    ran = CadenceStep.rows().filter(run=run, message__isnull=False)
    return replace(
        look,
        opens=found.opens(),
        preferred=lead.preferred_channel,
        last_channel=last,
        answered=answered,
        ignored=ignored,
        had_templates=frozenset(
            Message.rows().filter(_of_person(lead), state__in=TOLD).values_list("template_key", "channel")
        ),
        ran_templates=frozenset(ran.values_list("message__template_key", "message__channel")),
        sendable=frozenset(found.purposes),
    )


def _end(lead: Lead, run: CadenceRun, cadence: Cadence, now: datetime) -> RunEnd | None:
    by_stage = end_by_stage(run, lead)
    if by_stage is not None:
        return by_stage
    if cadence.ends_with_owner and lead.owner_team_id != run.team_id:
        return RunEnd.OWNER_CHANGED
    tests = [cadence.when] if cadence.when is not None else []
    group = compiled(run.version, compile_plans).segment(run.segment) if run.segment else None
    tests += [group.when] if group is not None else []
    if tests:
        facts = facts_of(lead, now)
        if any(test(facts) is not True for test in tests):
            return RunEnd.LEFT_GROUP
    return None


def _waits_for(lead: Lead) -> str:
    if lead.hold_reason or stops_outreach(lead):
        return "the lead waits for a decision"
    if Task.rows().filter(lead=lead, kind=READ_REPLY, state="open").exists():
        return "their answer is not read yet"
    other = stream_of(lead)
    return f"they are being contacted for {other.ref}" if other is not None else ""


def _contact_due_at(lead: Lead, run: CadenceRun) -> datetime | None:
    """Return when a colleague is to contact the person next; the cadence's own calls do not count."""
    own = CadenceStep.rows().filter(run=run, task__isnull=False).values("task")
    due: datetime | None = (
        live_tasks().filter(lead=lead).exclude(id__in=own).order_by("due_at").values_list("due_at", flat=True).first()
    )
    return due


def _of_person(lead: Lead) -> Q:
    return Q(lead__person_id=lead.person_id)


def _pattern(lead: Lead) -> tuple[dict[str, int], dict[str, int], str]:
    """Return by channel how many messages were answered and how many were not, and the channel used last."""
    sent = Message.rows().filter(_of_person(lead), state__in=[MessageState.SENT, MessageState.UNKNOWN])
    heard = Engagement.rows().filter(_of_person(lead), kind__in=HEARD, message__isnull=False)
    answered = dict(heard.order_by().values_list("message__channel").annotate(n=Count("message", distinct=True)))
    counted = dict(sent.order_by().values_list("channel").annotate(n=Count("id")))
    ignored = {channel: count - answered.get(channel, 0) for channel, count in counted.items()}
    mailed = sent.order_by("-finished_at").values_list("finished_at", "channel").first()
    tries = Activity.rows().filter(_of_person(lead), direction="outbound", kind__in=[str(each) for each in Channel])
    tried = tries.order_by("-started_at").values_list("started_at", "kind").first()
    last = max([each for each in (mailed, tried) if each is not None and each[0] is not None], default=None)
    return answered, ignored, str(last[1]) if last is not None else ""


def _do(found: _Found, row: CadenceStep, cadence: Cadence, verdict: StepVerdict, actor: Actor) -> StepVerdict:
    """Write the message or plan the call of a step; return the verdict, a skip where nothing could be written."""
    now, event_id = found.now, new_id()
    if verdict.channel == Channel.CALL:
        task = _call(found, cadence, event_id, actor)
        cadences.note_step(row, StepState.DONE, now=now, channel=verdict.channel, task=task)
        return verdict
    message = _write(found, row, cadence, verdict)
    if message is None:
        return StepVerdict(Go.SKIP, "nothing could be written to them")
    cadences.note_step(row, StepState.DONE, now=now, channel=verdict.channel, message=message)
    return verdict


def _call(found: _Found, cadence: Cadence, event_id: UUID, actor: Actor) -> Task:
    """Return the call that is open already, or a new one for the owner."""
    lead, now = found.lead, found.now
    planned: Task | None = Task.rows().filter(lead=lead, kind="call", state="open").order_by("due_at").first()
    if planned is not None:
        return planned
    due_at = found.reach(str(Channel.CALL)).verdict.opens_at or now
    title = found.step.title or f"Call: {cadence.name}"
    task = plan_contact(
        lead, channel="call", title=title, due_at=max(due_at, now), now=now, event_id=event_id, actor=actor
    )
    refresh_next_action(lead)
    sla.refresh_due(lead)
    return task


def _write(found: _Found, row: CadenceStep, cadence: Cadence, verdict: StepVerdict) -> Message | None:
    lead, point = found.lead, found.reach(verdict.channel).point
    if point is None:
        return None
    person: Any = lead.contact_person or lead.person
    words = {"first_name": person.first_name, "organization": current_organization().name, "reference": lead.ref}
    return intend_message(
        lead,
        purpose=CADENCE_MESSAGE,
        template_key=verdict.template,
        contact_point=point,
        words=words,
        language=person.language or "en",
        dedup_key=f"cadence:{row.id}",
        now=found.now,
        channel=verdict.channel,
        chosen_by=_chosen_by(row.run, cadence),
    )


def _chosen_by(run: CadenceRun, cadence: Cadence) -> tuple[str, ...]:
    """Return the fields of the dictionary by which the receiver was chosen (row AU-07)."""
    group = compiled(run.version, compile_plans).segment(run.segment) if run.segment else None
    fields = cadence.fields | (group.fields if group is not None else frozenset())
    return tuple(sorted(fields & set(recorded_uses())))
