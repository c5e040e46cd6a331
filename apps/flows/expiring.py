"""What rests on a permission with an end stops when it ends, and its leads stay in sight (row CN-11)."""

from datetime import datetime
from uuid import UUID

from apps.consent.actions import EXPIRED
from apps.consent.models import ConsentEvent
from apps.consent.queries import states_of
from apps.consent.terms import Channel, ConsentValue
from apps.flows.opt_out import stop_contact
from apps.leads.models import Person
from apps.policies.queries import live_document
from apps.tenancy import outbox
from apps.tenancy.actor import system_actor
from apps.tenancy.scope import current_organization_id

#: What is found on a channel whose permission is gone by time, and not by a word of the person.
GONE = "expired"


@outbox.handler(EXPIRED)
def look_at_end(line_id: UUID, now: datetime) -> None:
    """Stop what waits on a channel whose permission has ended; a newer word of the person counts instead of it."""
    line = ConsentEvent.rows().select_related("person").get(id=line_id)
    person = line.person
    if person.merged_into_id is not None:
        person = Person.rows().get(id=person.merged_into_id)
    channel = Channel(line.channel)
    state = states_of([person.id], now)[person.id][channel]
    needed = live_document("contact", now).get("needs_consent", {}).get(str(channel)) is not False
    if not needed or (state.value, state.reason) != (ConsentValue.UNKNOWN, GONE):
        return
    actor = system_actor(current_organization_id())
    stop_contact(person, [channel], actor=actor, reason="ask for it anew", now=now, told="The permission ended for")
