"""A link of ours in a message was followed: known when the person does something on its page, never by a picture.

Programs that look into mails open links too; that a page was only opened says nothing of the person.
"""

from datetime import datetime
from uuid import UUID

from apps.flows.engaging import note_message_engagement
from apps.outreach.models import Message
from apps.outreach.terms import EngagementKind
from apps.tenancy import outbox
from apps.tenancy.actor import system_actor
from apps.tenancy.scope import current_organization_id

FOLLOWED = "outreach.followed"


def note_followed(message_id: UUID | None) -> None:
    """Let it be noted that the link of a message was used; whoever notes it locks the lead."""
    if message_id is not None:
        outbox.enqueue(FOLLOWED, message_id)


@outbox.handler(FOLLOWED)
def keep_followed(message_id: UUID, now: datetime) -> None:
    """Keep that somebody followed the link of a message, once."""
    message = Message.rows().filter(id=message_id).first()
    if message is not None:
        actor = system_actor(current_organization_id(), "link page")
        note_message_engagement(message, EngagementKind.CLICKED, actor=actor, happened_at=now, now=now)
