"""One contact with a person as whoever made it says it, and its entry beside the owner's work.

Who does not own a lead adds to its story: that meets no clock and moves no stage, since those rest on what the owning
team did (row OW-10).
"""

from dataclasses import dataclass
from datetime import datetime

from apps.audit import ledger
from apps.consent.terms import Channel
from apps.flows.meetings import ended
from apps.flows.opt_out import record_opt_out
from apps.leads.actions import tell
from apps.leads.models import Lead
from apps.outreach.actions import log_activity
from apps.outreach.models import Activity
from apps.outreach.terms import ActivityKind, Direction, Outcome
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.ids import new_id


@dataclass(frozen=True, slots=True)
class Contact:
    """What a coordinator says of one contact. `next_at` is the next step's date, needed on an open lead.

    `script` marks the approved script that was shown, such as CALL-1@3 (row TN-03); "": the one in force.
    `agrees_to_calls` is what the person answered to the script on a connected call (row CN-12); None: not asked.
    """

    kind: ActivityKind
    outcome: Outcome
    started_at: datetime
    duration_seconds: int = 0
    direction: Direction = Direction.OUTBOUND
    note: str = ""
    next_at: datetime | None = None
    next_channel: str = ""
    dedup_key: str = ""
    stops: tuple[Channel, ...] = ()
    agrees_to_calls: bool | None = None
    script: str = ""

    @property
    def stopped(self) -> tuple[Channel, ...]:
        """What the person no longer wants: everything, unless they named channels."""
        return (self.stops or tuple(Channel)) if self.outcome is Outcome.DO_NOT_CONTACT else ()


def log_beside(lead: Lead, contact: Contact, *, by: str, actor: Actor, now: datetime) -> Activity:
    """Add a contact of somebody who does not own it to a locked lead's story. Who may, the caller has decided.

    "Do not contact" is an opt-out in the same transaction, also on a closed lead: whoever hears it records it (rows
    CN-04, CN-14). Refuses other contacts on closed leads, future contacts, and a second entry under one key.
    """
    if lead.closed_at is not None and not contact.stopped:
        raise Conflict("This lead is closed.", code="closed")
    if contact.started_at > now:
        sentence = "A contact cannot lie in the future."
        raise Invalid(sentence, (Problem("/started_at", "in_the_future", sentence),))
    event_id = new_id()
    row = log_activity(
        lead,
        kind=contact.kind,
        outcome=contact.outcome,
        direction=contact.direction,
        started_at=contact.started_at,
        duration_seconds=contact.duration_seconds,
        note=contact.note,
        actor=actor,
        event_id=event_id,
        now=now,
        dedup_key=contact.dedup_key or None,
    )
    words = ended(contact.kind, contact.outcome)
    tell(
        lead,
        kind="contact",
        sentence=f"{contact.kind.capitalize()} by {by}: {words}.",
        actor=actor,
        now=contact.started_at,
        event_id=event_id,
        note=contact.note,
    )
    ledger.record(
        actor=actor,
        action="lead.log_contact",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["activities"],
        detail={"kind": str(contact.kind), "outcome": str(contact.outcome)},
    )
    if contact.stopped:
        record_opt_out(lead, contact.stopped, actor=actor, reason=f"told {by} not to be contacted", now=now)
    return row
