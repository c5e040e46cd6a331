"""What goes, and sending a mail; with a backend for a machine without a mail server: a mail becomes a file to open.

Each mail names how its receiver stops them in one press (RFC 2369 and RFC 8058): by a link of theirs, and by a mail to
the tenant's setting `unsubscribe_address`. Whoever signs mails (DKIM) signs both headers.
"""

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from email.utils import make_msgid
from pathlib import Path
from threading import Event
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage, EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from apps.consent.preference_links import make_link
from apps.consent.terms import Channel
from apps.outreach import scheduling_links
from apps.outreach.actions import PREFERENCES_PLACE, SCHEDULING_PLACE
from apps.outreach.models import Message
from apps.tenancy.organizations import current_organization

ONE_CLICK = "List-Unsubscribe=One-Click"
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Whole:
    """A message's text with all that is filled in when it goes, and the headers of a mail."""

    body: str
    headers: Mapping[str, str]


def whole_of(message: Message, body: str, person_id: UUID, now: datetime) -> Whole:
    """Return what goes of a claimed message. A mail, and a text that has room for it, gets a link of preferences.

    A link to book a visit by is made where the text has a place for it.
    """
    if SCHEDULING_PLACE in body:
        body = body.replace(SCHEDULING_PLACE, scheduling_links.make_link(message, message.lead, now))
    if message.channel != Channel.EMAIL and PREFERENCES_PLACE not in body:
        return Whole(body, {})
    channel, value = Channel(message.channel), message.contact_point.value
    link = make_link(person_id=person_id, contact_value=value, channel=channel, message_id=message.id, now=now)
    ways = [f"<{link}one-click/>"]
    address = current_organization().settings.get("unsubscribe_address")
    if isinstance(address, str) and _ADDRESS.fullmatch(address):
        ways.append(f"<mailto:{address}?subject=unsubscribe>")
    headers = {"List-Unsubscribe": ", ".join(ways), "List-Unsubscribe-Post": ONE_CLICK}
    return Whole(body.replace(PREFERENCES_PLACE, link), headers)


def mail_of(message: Message, whole: Whole) -> EmailMultiAlternatives:
    """Return a message as a mail."""
    return EmailMultiAlternatives(
        subject=message.subject,
        body=whole.body,
        from_email=settings.DEFAULT_FROM_EMAIL,
        to=[message.contact_point.value],
        headers={
            "Message-ID": make_msgid(idstring=message.id.hex, domain="leadcrm.example"),
            "Auto-Submitted": "auto-generated",
            **whole.headers,
        },
    )


class MailCall:
    """One mail on its way, in the steps of `texts.TextSender`."""

    def __init__(self) -> None:
        self._connection: BaseEmailBackend = get_connection()

    def open(self) -> None:
        """Reach the mail server and sign in. Raises OSError where that fails."""
        self._connection.open()

    def start(self, mail: EmailMessage) -> None:
        """Begin to hand the mail over. The server's answers are awaited beside: they may take seconds."""
        begun, helper = Event(), ThreadPoolExecutor(max_workers=1)

        def call() -> None:
            begun.set()
            self._connection.send_messages([mail])

        self._mail, self._answer = mail, helper.submit(call)
        helper.shutdown(wait=False)
        begun.wait()

    def finish(self) -> str:
        """Await the answer; return the mail's id. Raises OSError where it was not taken."""
        self._answer.result()
        return str(self._mail.extra_headers["Message-ID"])

    def close(self) -> None:
        """Leave the mail server."""
        self._connection.close()


class LocalOutboxBackend(BaseEmailBackend):
    """Write each mail as an .eml file under `EMAIL_OUTBOX_DIR`, readable by its owner only."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Write the mails; return how many."""
        folder = Path(settings.EMAIL_OUTBOX_DIR)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            content = message.message()
            name = str(content["Message-ID"]).strip("<>").partition("@")[0].replace("/", "_")
            path = folder / f"{name}.eml"
            path.touch(mode=0o600)
            path.write_bytes(content.as_bytes())
        return len(email_messages)
