"""What became of a sender's inquiry, for tests to look at."""

from typing import Any

from apps.capture.actions import payload_of
from apps.capture.models import Submission
from apps.consent.models import ConsentEvent
from apps.leads.models import ContactPoint
from tests.connectors.senders import Sender


def payloads(sender: Sender) -> list[dict[str, Any]]:
    """Return the inquiries as they were handed to capture, oldest first."""
    ids = [each.id for each in sender.submissions()]
    with sender.tenant.scope():
        return [payload_of(Submission.rows().get(id=each)) for each in ids]


def answers(payload: dict[str, Any]) -> dict[str, list[str]]:
    """Return the answers of an inquiry by name."""
    return {each["key"]: each["values"] for each in payload.get("answers", ())}


def points(sender: Sender) -> set[str]:
    """Return what the one lead's person can be reached by."""
    person = sender.lead().person
    with sender.tenant.scope():
        return set(ContactPoint.rows().filter(person=person).values_list("value", flat=True))


def permissions(sender: Sender) -> dict[str, str]:
    """Return the one lead's permissions by channel."""
    person = sender.lead().person
    with sender.tenant.scope():
        return dict(ConsentEvent.rows().filter(person=person).values_list("channel", "value"))
