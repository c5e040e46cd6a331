"""What the forms of one lead offer: teams and people, places, stages with what they ask for, consequences."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.models import Party, Team, TeamMembership
from apps.appointments.models import Appointment
from apps.catalog.combinations import offices_with
from apps.catalog.queries import services_by_key, services_today
from apps.flows.gating import STATED, events_of, known_of
from apps.flows.parties import NAMED_BY_PEOPLE
from apps.leads.decisions import may_move
from apps.leads.models import Lead, Task
from apps.leads.queries import contact_points_of, gates_in_force, other_leads_of, stages_by_key
from apps.leads.terms import FIELD_WORDS, LeadEvent, MoveVerdict, StageKey
from apps.outreach.models import Message
from apps.sla.models import SlaTimer
from apps.tenancy.actor import Actor
from apps.workspace.words import Wall, plain, readable, validity_word

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class NextStage:
    """A stage that the lead could enter next, and whether it may now."""

    key: str
    label: str
    verdict: MoveVerdict
    events: tuple[str, ...] = ()


def contact_points(lead: Lead) -> Pairs:
    """Return the numbers and addresses of whom we contact for a lead, each with what is known of it.

    The form that shows it is open only to roles that see contact data.
    """
    person_id = lead.contact_person_id or lead.person_id
    rows = contact_points_of([person_id]).get(person_id, [])
    return [(str(row.id), f"{readable(row)} ({validity_word(row)})") for row in rows]


def teams() -> Pairs:
    """Return the active teams by name."""
    return list(Team.rows().filter(is_active=True).order_by("name").values_list("key", "name"))


def parties() -> Pairs:
    """Return the organisations around the tenant by name."""
    return list(Party.rows().filter(is_active=True).order_by("name").values_list("key", "name"))


def parts() -> Pairs:
    """Return the parts that people may name."""
    return [(str(each), plain(each)) for each in NAMED_BY_PEOPLE]


def members() -> Pairs:
    """Return the people of the active teams: each with the team in which they would get the lead."""
    rows = TeamMembership.rows().filter(team__is_active=True, membership__is_active=True)
    named = rows.order_by("team__name", "membership__user__name").values_list(
        "membership_id", "membership__user__name", "team__name"
    )
    return [(str(member_id), f"{name}, {team}") for member_id, name, team in named]


def takers(actor: Actor) -> list[tuple[str, Any]]:
    """Return who may take many leads at once: the people of the actor's teams, then the other teams as a whole."""
    rows = TeamMembership.rows().filter(
        team__in=list(actor.team_ids),
        team__is_active=True,
        membership__is_active=True,
        membership__user__is_active=True,
    )
    people = rows.order_by("team__name", "membership__user__name").values_list(
        "team__key", "team__name", "membership_id", "membership__user__name"
    )
    groups: dict[str, Pairs] = {}
    for key, team, member_id, name in people:
        groups.setdefault(team, []).append((f"{key} {member_id}", name))
    others = Team.rows().filter(is_active=True).exclude(id__in=list(actor.team_ids)).order_by("name")
    found: list[tuple[str, Any]] = list(groups.items())
    if other := list(others.values_list("key", "name")):
        found.append((_("Another team, with a reason"), other))
    return found


def services(lead: Lead | None = None) -> Pairs:
    """Return the services that count today, by name; with a lead also its own, where it is offered no more."""
    rows = services_today() | ({lead.service.key: lead.service} if lead is not None and lead.service else {})
    return sorted(((key, row.name) for key, row in rows.items()), key=lambda each: each[1])


def visit_types(lead: Lead) -> Pairs:
    """Return the types of visit of what a lead asks for, its own among them also where its service has it no more."""
    row = services_by_key().get(lead.service.key) if lead.service else None
    known = dict.fromkeys([*(row.appointment_types if row else ()), *filter(None, [lead.appointment_type])])
    return [(each, each) for each in known]


def locations(lead: Lead) -> Pairs:
    """Return the offices by name, the lead's own among them also where it is closed."""
    own = {lead.location.key: lead.location.name} if lead.location else {}
    return sorted((offices_with("") | own).items(), key=lambda each: each[1])


def offices_to_book(lead: Lead) -> Pairs:
    """Return the offices that have what the lead asks for, by name; another one is not offered (row RT-19)."""
    return sorted(offices_with(lead.service.key if lead.service else "").items(), key=lambda each: each[1])


#: Events that only the person asking brings about: nobody of ours is shown the way.
OF_THE_PERSON = (LeadEvent.BOOKED_BY_PERSON,)


def next_stages(
    lead: Lead, now: datetime, events: set[str] | None = None, facts: Mapping[str, Any] | None = None
) -> list[NextStage]:
    """Return where the pipeline leads from here, each judged on what is on record; closing has a form.

    Who has read the events and facts already hands them in.
    """
    gates = gates_in_force(now)
    labels = {stage.key: stage.label for stage in stages_by_key(lead.pipeline_id).values()}
    events = events_of(lead, now) if events is None else events
    facts = known_of(lead, now) if facts is None else facts
    moves = [move for move in gates.moves_from(lead.stage.key) if move.event not in OF_THE_PERSON]
    keys = dict.fromkeys(move.to_stage for move in moves)
    return [
        NextStage(
            key,
            labels[key],
            may_move(
                from_stage=lead.stage.key,
                to_stage=key,
                facts=facts,
                document=gates,
                labels=labels,
                events=events | ({str(STATED[key])} if key in STATED else set()),
            ),
            tuple(dict.fromkeys(move.event for move in moves if move.to_stage == key)),
        )
        for key in keys
        if key in labels and key != StageKey.CLOSED
    ]


def stage_choices(lead: Lead, now: datetime) -> Pairs:
    """Return the next stages by label; what ends the lead has a form of its own."""
    return [(each.key, each.label) for each in next_stages(lead, now) if each.key != StageKey.NOT_QUALIFIED]


#: Where what a stage asks for is recorded: the form, and the part of its address after "?".
_RECORDED_BY = {
    "consent_any": "allow",
    "patient_type": "edit",
    "timeframe": "edit",
    "preferred_channel": "edit",
    "payer": "edit",
    "service": "transfer",
}
#: Stages whose missing event is recorded by a form of the lead.
_PROVEN_BY = {StageKey.ATTEMPTING: "log_call", StageKey.CONTACTED: "log_call", StageKey.SCHEDULED: "book"}


def gates_of(lead: Lead, stages: list[NextStage]) -> list[dict[str, Any]]:
    """Return what each next stage still needs, each missing piece with the form that records it."""
    return [{"stage": each.label, "missing": _missing(lead, each)} for each in stages]


def appointments_of(lead: Lead, wall: Wall) -> list[dict[str, Any]]:
    """Return the visits so far, newest first."""
    rows = Appointment.rows().filter(lead=lead).select_related("location").order_by("-starts_at")
    return [
        {
            "id": row.id,
            "at_label": wall.day(row.starts_at),
            "location": row.location.name if row.location else row.provider,
            "state_label": plain(row.state),
        }
        for row in rows
    ]


def ends_with_closing(lead: Lead) -> list[str]:
    """Say what else ends when the lead is closed."""
    clocks = SlaTimer.rows().filter(lead=lead, met_at__isnull=True, cancelled_at__isnull=True).count()
    tasks = Task.rows().filter(lead=lead, state__in=["open", "suppressed"]).count()
    messages = Message.rows().filter(lead=lead, state="pending").count()
    return _counted(
        (clocks, _("Running clocks that stop: %(n)s")),
        (tasks, _("Open tasks that are cancelled: %(n)s")),
        (messages, _("Waiting messages that are blocked: %(n)s")),
    )


def leads_that_may_go_on(lead: Lead, wall: Wall) -> list[str]:
    """Name the person's other leads, of which this one may be a duplicate: reference, team, stage, when it came."""
    parts = [
        (each.ref, each.owner_team.name if each.owner_team else "", each.stage.label, wall.at(each.captured_at))
        for each in other_leads_of(lead)
    ]
    return [" · ".join(filter(None, each)) for each in parts]


def stops_with_opt_out(lead: Lead) -> list[str]:
    """Say what an opt-out stops, on all leads of the person we contact."""
    person_id = lead.contact_person_id or lead.person_id
    own = Lead.rows().filter(person=person_id, contact_person__isnull=True).values("id")
    others = Lead.rows().filter(contact_person=person_id).values("id")
    leads = Lead.rows().filter(id__in=own.union(others)).exclude(id=lead.id).count()
    messages = Message.rows().filter(lead__in=own.union(others), state="pending").count()
    return [
        _("It holds for every purpose and at once."),
        *_counted(
            (leads, _("Other leads of this person: %(n)s")),
            (messages, _("Waiting messages that are blocked: %(n)s")),
        ),
    ]


def _counted(*found: tuple[int, str]) -> list[str]:
    return [sentence % {"n": count} for count, sentence in found if count]


def _missing(lead: Lead, stage: NextStage) -> list[dict[str, str]]:
    if stage.verdict.allowed:
        return []
    if not stage.verdict.missing:
        form = _PROVEN_BY.get(StageKey(stage.key), "") if stage.key in set(StageKey) else ""
        needed = _(" or ").join(each.replace("_", " ") for each in stage.events)
        return [{"label": needed or stage.verdict.sentence, "url": _form(lead, form)}]
    return [
        {"label": FIELD_WORDS.get(name, name.replace("_", " ")), "url": _form(lead, _RECORDED_BY.get(name, ""))}
        for name in stage.verdict.missing
    ]


def _form(lead: Lead, name: str) -> str:
    return reverse(f"workspace:{name}", args=[lead.id]) if name else ""
