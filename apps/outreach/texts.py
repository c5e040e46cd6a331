"""Sending a text: into the local outbox of a machine without a provider, or through Twilio's Messages API.

`LEADCRM_TEXT_SENDER` names which of the two. The line that texts come from is the tenant's setting `text_line`.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any, ClassVar, Protocol
from urllib.parse import quote, urlencode

from django.conf import settings
from django.utils.module_loading import import_string

from apps.tenancy.organizations import current_organization

HOST, PATH = "api.twilio.com", "/2010-04-01/Accounts/{account}/Messages.json"
TIMEOUT_SECONDS, MOST_BYTES = 10, 100_000


class TextRefused(Exception):
    """The provider took no text; what it says is the reason, such as "21610"."""


class TextUnknown(Exception):
    """The provider's answer was lost: the text may have been sent."""


class TextSender(Protocol):
    """Somebody who sends one text, in three steps: reach the provider, begin the call, await the answer.

    Permission is asked for the last time between the first two, so that nothing is waited for after it. `is_own` says
    that texts stay with us; any other sender needs a vendor with an agreement (row PH-09).
    """

    is_own: bool

    def open(self) -> None:
        """Reach the provider. Raises OSError where it cannot be reached, TextRefused where nothing can be sent."""

    def start(self, *, key: str, sender: str, to: str, body: str) -> None:
        """Begin the call. `key` is the message's id. Raises TextRefused and TextUnknown."""

    def finish(self) -> str:
        """Await the answer and return the provider's id. Raises TextRefused and TextUnknown."""

    def close(self) -> None:
        """Leave the provider, whatever happened."""


class LocalTexts:
    """Writes each text as a file beside the mails, readable by its owner only."""

    is_own = True

    def open(self) -> None:
        """Make the folder."""
        Path(settings.EMAIL_OUTBOX_DIR).mkdir(mode=0o700, parents=True, exist_ok=True)

    def start(self, *, key: str, sender: str, to: str, body: str) -> None:
        """Write the text."""
        path = Path(settings.EMAIL_OUTBOX_DIR) / f"{key}.text"
        path.touch(mode=0o600)
        path.write_text(f"From: {sender}\nTo: {to}\n\n{body}\n", encoding="utf-8")
        self._key = key

    def finish(self) -> str:
        """Return the message's id: there is no other."""
        return self._key

    def close(self) -> None:
        """Nothing is open."""


@dataclass(frozen=True, slots=True)
class SentText:
    """A text as it was handed over."""

    sender: str
    to: str
    body: str


class NullTexts:
    """Sends nothing: it keeps in `sent` what was handed over, and fails as `failure` says. Stands in for a provider."""

    is_own = True
    sent: ClassVar[list[SentText]] = []
    failure: ClassVar[Exception | None] = None

    def open(self) -> None:
        """Reach nobody."""

    def start(self, *, key: str, sender: str, to: str, body: str) -> None:
        """Keep the text, or fail."""
        if NullTexts.failure is not None:
            raise NullTexts.failure
        NullTexts.sent.append(SentText(sender, to, body))
        self._key = key

    def finish(self) -> str:
        """Return the message's id."""
        return self._key

    def close(self) -> None:
        """Nothing is open."""


class TwilioTexts:
    """Twilio's Messages API, with the account of `LEADCRM_TWILIO_ACCOUNT` and `LEADCRM_TWILIO_TOKEN`.

    It follows no redirection: the account's token goes to one host.
    """

    is_own = False

    def __init__(self) -> None:
        self._connection: HTTPSConnection | None = None

    def open(self) -> None:
        """Connect, with TLS."""
        if not settings.TWILIO_ACCOUNT or not settings.TWILIO_TOKEN:
            raise TextRefused("no Twilio account is set")
        self._connection = HTTPSConnection(HOST, timeout=TIMEOUT_SECONDS)
        self._connection.connect()

    def start(self, *, key: str, sender: str, to: str, body: str) -> None:
        """Post the text."""
        account, token = settings.TWILIO_ACCOUNT, settings.TWILIO_TOKEN
        proof = base64.b64encode(f"{account}:{token}".encode()).decode()
        headers = {
            "Authorization": f"Basic {proof}",
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        fields = urlencode({"From": sender, "To": to, "Body": body})
        try:
            self._reached.request("POST", PATH.format(account=quote(account, safe="")), fields, headers)
        except (OSError, HTTPException) as error:
            raise TextUnknown(type(error).__name__) from None

    def finish(self) -> str:
        """Read what became of it; its SID comes back in the delivery callbacks."""
        try:
            answer = self._reached.getresponse()
            status, told = answer.status, _read(answer.read(MOST_BYTES))
        except (OSError, HTTPException) as error:
            raise TextUnknown(type(error).__name__) from None
        if status >= 500:
            raise TextUnknown(str(status))
        if not 200 <= status < 300:
            raise TextRefused(str(told.get("code") or status))
        return str(told.get("sid", ""))

    @property
    def _reached(self) -> HTTPSConnection:
        if self._connection is None:
            raise TextRefused("Twilio was not reached")
        return self._connection

    def close(self) -> None:
        """End the connection, where there is one."""
        if self._connection is not None:
            self._connection.close()


def text_line() -> str:
    """Return the number that the tenant texts from; "" where it has none, and texts nobody."""
    line = current_organization().settings.get("text_line")
    return line if isinstance(line, str) and line.startswith("+") and line[1:].isdigit() else ""


def text_sender() -> TextSender:
    """Return who sends a text on this machine."""
    made: TextSender = import_string(settings.TEXT_SENDER)()
    return made


def _read(raw: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
