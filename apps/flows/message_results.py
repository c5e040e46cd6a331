"""What messages came to: sent, delivered, opened, followed, answered, opted out, booked (row TN-17).

It is a count over any messages that a caller filters: of a template, a stage, a series. An opt-out and a booking count
once, for the last message that went to the person about the lead before it, within `COUNTS_FOR`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, DateTimeField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Least

from apps.appointments.models import Appointment
from apps.consent.models import ConsentEvent
from apps.outreach.models import DeliveryEvent, Engagement, Message, Reply
from apps.outreach.terms import OPT_OUT_CONFIRMATION, REFUSALS, DeliveryResult, EngagementKind, MessageState
from apps.ownership.queries import visible_leads
from apps.tenancy.actor import Actor

#: So long after a message what its person does counts for it.
COUNTS_FOR = timedelta(days=30)
#: What says that a message arrived: the sender's word, or whatever the person did with it.
_ARRIVED = (EngagementKind.DELIVERED, EngagementKind.OPENED, EngagementKind.CLICKED, EngagementKind.REPLIED)
_FOLLOWED = (EngagementKind.CLICKED, EngagementKind.SCHEDULING_LINK)


@dataclass(frozen=True, slots=True)
class Results:
    """How many messages went, arrived, and came to something; each message counts once in a column."""

    sent: int = 0
    delivered: int = 0
    opened: int = 0
    clicked: int = 0
    replied: int = 0
    opted_out: int = 0
    booked: int = 0

    def plus(self, other: "Results") -> "Results":
        """Return the sum of two."""
        return Results(*(getattr(self, each.name) + getattr(other, each.name) for each in fields(self)))


def results_of(rows: QuerySet[Message]) -> Results:
    """Return what some messages came to."""
    return next(iter(results_by(rows, ()).values()), Results())


def results_by(rows: QuerySet[Message], names: Sequence[str]) -> dict[tuple[Any, ...], Results]:
    """Return what some messages came to, by columns of theirs such as `template_key`."""
    marked = _marked(rows.filter(state=MessageState.SENT).exclude(purpose=OPT_OUT_CONFIRMATION).order_by())
    counts = {each.name: Count("id", filter=_condition(each.name)) for each in fields(Results)}
    if not names:
        return {(): Results(**marked.aggregate(**counts))}
    found = marked.values_list(*names).annotate(**counts)
    return {tuple(row[: len(names)]): Results(*row[len(names) :]) for row in found}


def results_since(actor: Actor, since: datetime) -> dict[tuple[Any, ...], Results]:
    """Return results by template, version and channel, of messages since an instant about leads that the actor sees."""
    leads = visible_leads(actor).filter(is_test=False)
    rows = Message.rows().filter(lead_id__in=leads.values("id"), finished_at__gte=since)
    return results_by(rows, ("template_key", "template_version", "channel"))


def _condition(name: str) -> Q:
    return Q() if name == "sent" else Q(**{f"was_{name}": True})


def _marked(rows: QuerySet[Message]) -> QuerySet[Message]:
    """Mark what became of each message."""
    told = DeliveryEvent.rows().filter(message_id=OuterRef("id"))
    did = Engagement.rows().filter(message_id=OuterRef("id"))
    later = Message.rows().filter(
        lead_id=OuterRef("lead_id"), state=MessageState.SENT, finished_at__gt=OuterRef("finished_at")
    )
    ends_at = ExpressionWrapper(F("finished_at") + COUNTS_FOR, output_field=DateTimeField())
    rows = rows.annotate(
        asked_person=Coalesce("lead__contact_person_id", "lead__person_id"),
        counts_until=Least(
            Coalesce(Subquery(later.order_by("finished_at").values("finished_at")[:1]), ends_at), ends_at
        ),
    )
    meanwhile = {"__gt": OuterRef("finished_at"), "__lte": OuterRef("counts_until")}
    refused = ConsentEvent.rows().filter(
        person_id=OuterRef("asked_person"),
        value__in=["denied", "withdrawn"],
        **{f"captured_at{way}": at for way, at in meanwhile.items()},
    )
    visits = Appointment.rows().filter(
        lead_id=OuterRef("lead_id"), **{f"created_at{way}": at for way, at in meanwhile.items()}
    )
    answers = Reply.rows().filter(message_id=OuterRef("id"))
    return rows.annotate(
        was_delivered=Exists(told.filter(result=DeliveryResult.DELIVERED)) | Exists(did.filter(kind__in=_ARRIVED)),
        was_opened=Exists(did.filter(kind=EngagementKind.OPENED)),
        was_clicked=Exists(did.filter(kind__in=_FOLLOWED)),
        was_replied=Exists(answers) | Exists(did.filter(kind=EngagementKind.REPLIED)),
        was_opted_out=Exists(told.filter(result__in=REFUSALS)) | Exists(refused),
        was_booked=Exists(visits),
    )
