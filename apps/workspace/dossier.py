"""One lead with the small lists its page shows, read in one statement beside its own.

Stages entered, tries, organisations, whether a visit is booked and whether an alert waits: each is a few short
rows, so they come along together instead of as a statement of their own. Of what most leads have nothing, it is
read whether there is any (`lacking`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.appointments.models import Appointment, AppointmentEvent, CompletedVisit
from apps.capture.queries import mapping_of_lead
from apps.flows.reaching import tries_since
from apps.handoffs.models import Handoff
from apps.identity.queries import open_pairs_of
from apps.leads.models import (
    ChangeRequest,
    DecisionMaker,
    InferredValue,
    Lead,
    LeadParty,
    OutsideUpdate,
    Reopening,
    StageSpell,
    Touch,
)
from apps.leads.terms import REPEATS, PartyPart
from apps.outreach.models import Activity
from apps.outreach.terms import REACHED
from apps.ownership.models import LeadShare, Spell
from apps.ownership.queries import lead_for
from apps.qualification.models import Verification
from apps.sla.models import Escalation
from apps.tenancy.actor import Actor
from apps.tenancy.prepared import prepared
from apps.tenancy.sealed_fields import shown_as_json
from apps.workspace.lacking import looked_ahead

MOST_TRIES, MOST_REQUESTS, MOST_UPDATES, MOST_HANDOFFS, MOST_OWNERS = 60, 5, 12, 8, 12
MOST_VISITS, MOST_VISIT_EVENTS = 8, 60


@dataclass(frozen=True, slots=True)
class Try:
    """One contact as the picture of tries needs it."""

    at: datetime
    kind: str
    outcome: str
    is_outbound: bool

    @property
    def talked(self) -> bool:
        """Somebody of ours talked with the person."""
        return self.outcome in REACHED


@dataclass(frozen=True, slots=True)
class Dossier:
    """A lead and what its page tells of it; `tries` oldest first."""

    lead: Lead
    entered: Mapping[UUID, datetime]
    tries: tuple[Try, ...]
    parties: tuple[tuple[str, str], ...]
    requests: tuple[Mapping[str, str], ...]
    shares: tuple[Mapping[str, Any], ...]
    is_booked: bool
    has_alerts: bool
    has_repeats: bool
    attempts_today: int
    verified: tuple[datetime, str] | None = None
    answers: Mapping[str, str] = field(default_factory=dict)
    deciders: tuple[tuple[str, str], ...] = ()
    may_be_double: bool = False

    @property
    def has_talked(self) -> bool:
        """Somebody of ours talked with the person about this lead."""
        return any(each.talked for each in self.tries)


def dossier_of(actor: Actor, lead_id: UUID, now: datetime) -> Dossier:
    """Return the lead, if the actor may see it, with its lists. Raises as `lead_for` does."""
    lead = lead_for(actor, lead_id)
    (read,) = _beside(lead_id=lead_id, member_id=actor.membership_id, now=now, yesterday=now - timedelta(days=1))
    vars(lead).update(read)
    parties = sorted(read["party_rows"], key=lambda each: each["part"] != PartyPart.SOURCE)
    return Dossier(
        lead,
        {UUID(each["stage"]): datetime.fromisoformat(each["at"]) for each in read["spell_rows"]},
        tuple(_try(each) for each in reversed(read["try_rows"])),
        tuple((each["name"], each["part"]) for each in parties),
        tuple(read["request_rows"]),
        tuple(read["share_rows"]),
        read["is_booked"],
        read["has_alerts"],
        read["has_repeats"] and lead.owner_id is not None and lead.owner_id == actor.membership_id,
        read["attempts_today"],
        next(((datetime.fromisoformat(each["at"]), each["by"]) for each in read["verified_rows"]), None),
        next((each["answers"] for each in read["verified_rows"]), {}),
        tuple((each["role"], each["controls"]) for each in read["decider_rows"]),
        read["may_be_double"],
    )


@prepared(lead_id=UUID, member_id=UUID, now=datetime, yesterday=datetime)
def _beside(lead_id: UUID, member_id: UUID, now: datetime, yesterday: datetime) -> QuerySet[Lead, Any]:
    """Return what is read beside a lead: lists as JSON, and what a word tells."""
    alerts = Escalation.rows().filter(
        timer__lead=OuterRef("id"), member_id=member_id, done_at__isnull=False, seen_at__isnull=True
    )
    repeats = Touch.rows().filter(lead=OuterRef("id"), seen_at__isnull=True, verdict__in=REPEATS)
    tries = tries_since(yesterday).filter(lead__person_id=OuterRef("person_id"))
    since = Reopening.rows().filter(lead=OuterRef("lead"), reopened_at__gt=OuterRef("verified_at"))
    visits = Appointment.rows().filter(lead=OuterRef("id")).exclude(state="cancelled")
    started = CompletedVisit.rows().filter(person=OuterRef("person_id"), is_first=True)
    beside = {
        "spell_rows": _rows(StageSpell.rows().order_by("started_at", "id"), stage="stage_id", at="started_at"),
        "try_rows": _rows(
            Activity.rows().order_by("-started_at", "-id"),
            MOST_TRIES,
            at="started_at",
            kind="kind",
            outcome="outcome",
            direction="direction",
        ),
        "party_rows": _rows(LeadParty.rows().order_by("id"), name="party__name", part="part"),
        **_between_colleagues(now),
        "inferred_rows": _rows(
            InferredValue.rows().filter(ended_at__isnull=True).order_by("field"),
            field="field",
            rule="rule_id",
            version="version",
        ),
        "verified_rows": _rows(
            Verification.rows().filter(~Exists(since)).order_by("-verified_at", "-id"),
            1,
            at="verified_at",
            by="actor_label",
            answers="answers",
        ),
        "decider_rows": _rows(
            DecisionMaker.rows().filter(ended_at__isnull=True).order_by("controls"), role="role", controls="controls"
        ),
        "outside_rows": _told_outside(),
        **_hands(),
        **_visits(),
        "mapping_version": mapping_of_lead(),
        "is_booked": Exists(visits),
        "care_started_on": Subquery(started.values("care_started_on")[:1]),
        "has_alerts": Exists(alerts),
        "has_repeats": Exists(repeats),
        "may_be_double": Exists(open_pairs_of(OuterRef("person_id"))),
        "attempts_today": Coalesce(Subquery(tries.values("n")), 0),
        **looked_ahead(member_id, now),
    }
    return Lead.rows().filter(id=lead_id).values(**beside)


def _between_colleagues(now: datetime) -> dict[str, ArraySubquery]:
    """Return with whom the lead is shared by hand, and what colleagues asked of its owner."""
    return {
        "share_rows": _rows(
            LeadShare.rows().filter(ended_at__isnull=True, ends_at__gt=now).order_by("granted_at", "id"),
            team="team__name",
            member="member__user__name",
            contact="may_contact",
            download="may_download",
            ends_at="ends_at",
            reason="reason",
        ),
        "request_rows": _rows(
            ChangeRequest.rows().order_by("-created_at", "-id"),
            MOST_REQUESTS,
            task="task_id",
            field="field",
            proposed="proposed",
            reason="reason",
            asker="asker_id",
            asker_label="asker_label",
            state="state",
            answer="answer",
            due_at="task__due_at",
            team="task__team__name",
        ),
    }


def _hands() -> dict[str, ArraySubquery]:
    """Return what was handed on, and who owned it, the last first."""
    return {
        "handoff_rows": _rows(
            Handoff.rows().order_by("-offered_at", "-id"),
            MOST_HANDOFFS,
            id="id",
            name="type_name",
            state="state",
            by="offered_label",
            offered_at="offered_at",
            accept_by="accept_by",
            answered_by="answered_label",
            answered_at="answered_at",
            outreach_by="outreach_by",
            reason="reason",
            checklist="checklist",
            withheld="withheld",
            from_team="from_team_id",
            to_team="to_team_id",
            from_name="from_team__name",
            to_name="to_team__name",
        ),
        "owner_rows": _rows(
            Spell.rows().filter(kind="primary").order_by("-started_at", "-id"),
            MOST_OWNERS,
            team="team_id",
            trigger="trigger",
            at="started_at",
        ),
    }


def _visits() -> dict[str, ArraySubquery]:
    """Return the visits, the last first, and what became of them, first to last."""
    events = AppointmentEvent.rows().filter(appointment__lead=OuterRef("id")).order_by("at", "id")
    shown = shown_as_json(
        AppointmentEvent, visit="appointment_id", state="state", at="at", who="actor_label", note="note"
    )
    return {
        "visit_rows": _rows(
            Appointment.rows().order_by("-starts_at", "-id"),
            MOST_VISITS,
            id="id",
            state="state",
            starts_at="starts_at",
            office="location__name",
            provider="provider",
            how="confirmed_by",
            ref="external_ref",
        ),
        "visit_event_rows": ArraySubquery(events.values(row=shown)[:MOST_VISIT_EVENTS]),
    }


def _told_outside() -> ArraySubquery:
    """Return what outside systems were told of the lead's stages, the last first."""
    return _rows(
        OutsideUpdate.rows().order_by("-entered_at", "-id"),
        MOST_UPDATES,
        system="system__name",
        stage="stage__label",
        state="state",
        attempts="attempts",
        at="finished_at",
        next="next_at",
        problem="problem",
    )


def _rows(rows: QuerySet[Any], most: int = 200, **names: str) -> ArraySubquery:
    return ArraySubquery(rows.filter(lead=OuterRef("id")).values(row=shown_as_json(rows.model, **names))[:most])


def _try(row: Mapping[str, str]) -> Try:
    at = datetime.fromisoformat(row["at"])
    return Try(at, row["kind"], row["outcome"], row["direction"] == "outbound")
