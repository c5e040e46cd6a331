"""Sending a text: into the local outbox of a machine without a provider, or through Twilio's Messages API.

`LEADCRM_TEXT_SENDER` names which of the two. The line that texts come from is the tenant's setting `text_line`.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from typing import Any, ClassVar, Protocol
from urllib.error import HTTPError
from urllib.parse import quote, urlencode
from urllib.request import HTTPRedirectHandler, Request, build_opener

from django.conf import settings
from django.utils.module_loading import import_string

from apps.tenancy.organizations import current_organization

ADDRESS = "https://api.twilio.com/2010-04-01/Accounts/{account}/Messages.json"
TIMEOUT_SECONDS, MOST_BYTES = 10, 100_000


class TextRefused(Exception):
    """The provider took no text; what it says is the reason, such as "21610"."""


class TextUnknown(Exception):
    """The provider's answer was lost: the text may have been sent."""


class TextSender(Protocol):
    """Somebody who sends a text."""

    def send(self, *, key: str, sender: str, to: str, body: str) -> str:
        """Send it and return the provider's id. Raises TextRefused and TextUnknown. `key` is the message's id."""


class LocalTexts:
    """Writes each text as a file beside the mails, readable by its owner only."""

    def send(self, *, key: str, sender: str, to: str, body: str) -> str:
        """Write the text."""
        folder = Path(settings.EMAIL_OUTBOX_DIR)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = folder / f"{key}.text"
        path.touch(mode=0o600)
        path.write_text(f"From: {sender}\nTo: {to}\n\n{body}\n", encoding="utf-8")
        return key


@dataclass(frozen=True, slots=True)
class SentText:
    """A text as it was handed over."""

    sender: str
    to: str
    body: str


class NullTexts:
    """Sends nothing: it keeps in `sent` what was handed over, and fails as `failure` says. Stands in for a provider."""

    sent: ClassVar[list[SentText]] = []
    failure: ClassVar[Exception | None] = None

    def send(self, *, key: str, sender: str, to: str, body: str) -> str:
        """Keep the text, or fail."""
        if NullTexts.failure is not None:
            raise NullTexts.failure
        NullTexts.sent.append(SentText(sender, to, body))
        return key


class TwilioTexts:
    """Twilio's Messages API, with the account of `LEADCRM_TWILIO_ACCOUNT` and `LEADCRM_TWILIO_TOKEN`."""

    def send(self, *, key: str, sender: str, to: str, body: str) -> str:
        """Post the text; its SID comes back in the delivery callbacks."""
        account, token = settings.TWILIO_ACCOUNT, settings.TWILIO_TOKEN
        if not account or not token:
            raise TextRefused("no Twilio account is set")
        proof = base64.b64encode(f"{account}:{token}".encode()).decode()
        request = Request(  # noqa: S310 - the host is a constant, over https
            ADDRESS.format(account=quote(account, safe="")),
            data=urlencode({"From": sender, "To": to, "Body": body}).encode(),
            headers={"Authorization": f"Basic {proof}", "Accept": "application/json"},
        )
        try:
            with build_opener(_NoRedirection).open(request, timeout=TIMEOUT_SECONDS) as answer:
                return str(_read(answer.read(MOST_BYTES)).get("sid", ""))
        except HTTPError as error:
            with error:
                if error.code >= 500:
                    raise TextUnknown(str(error.code)) from None
                raise TextRefused(str(_read(error.read(MOST_BYTES)).get("code") or error.code)) from None
        except (OSError, HTTPException) as error:
            raise TextUnknown(type(error).__name__) from None


class _NoRedirection(HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Follow nobody: the account's token goes to one host."""


def text_line() -> str:
    """Return the number that the tenant texts from; "" where it has none, and texts nobody."""
    line = current_organization().settings.get("text_line")
    return line if isinstance(line, str) and line.startswith("+") and line[1:].isdigit() else ""


def text_sender() -> TextSender:
    """Return who sends texts on this machine."""
    made: TextSender = import_string(settings.TEXT_SENDER)()
    return made


def _read(raw: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
