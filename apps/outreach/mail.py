"""A mail backend for a machine without a mail server: each mail becomes a file that can be opened."""

from collections.abc import Sequence
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend


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
