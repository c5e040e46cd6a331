"""Sending a mail, and a backend for a machine without a mail server: each mail becomes a file that can be opened."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend


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
