"""The public doors from outside, with the standard library only: the agency API and the public forms."""

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookiejar import CookieJar
from typing import Any

SECONDS = 15.0


class ServerAway(Exception):
    """Nobody answers, or the server asks us to come again later."""

    def __init__(self, reason: str, retry_after: float = 0.0) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door answered."""

    status: int
    text: str = ""

    @property
    def is_good(self) -> bool:
        """True for an answer that took the inquiry."""
        return self.status < 400


@dataclass(slots=True)
class FormField:
    """A field of a form: its name, kind, value and what can be chosen."""

    name: str
    kind: str
    value: str = ""
    choices: list[str] = field(default_factory=list)
    is_hidden: bool = False


def deliver(base_url: str, secret: str, body: dict[str, Any], idempotency_key: str) -> Answer:
    """Post one lead as an agency's program does."""
    request = urllib.request.Request(  # noqa: S310 - the address is the operator's own setting
        f"{base_url.rstrip('/')}/api/v1/leads",
        data=json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {secret}",
            "Content-Type": "application/json",
            "Idempotency-Key": idempotency_key,
        },
        method="POST",
    )
    return _open(urllib.request.build_opener(), request)


class FormVisit:
    """One person's visit to a public form: opened once, sent once, with the cookies of a browser."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self._fields: list[FormField] = []
        self._target = url

    def open(self) -> Answer:
        """Load the page and learn its fields, the hidden ones included."""
        answer = _open(self._opener, urllib.request.Request(self.url))  # noqa: S310
        page = _FormReader()
        page.feed(answer.text)
        self._fields = page.fields
        self._target = urllib.parse.urljoin(self.url, page.action or self.url)
        return answer

    def send(self, answers: dict[str, str]) -> Answer:
        """Fill in the fields that the page has and send it; what the page does not ask is left out."""
        pairs = [pair for each in self._fields if (pair := _filled_in(each, answers))]
        request = urllib.request.Request(  # noqa: S310
            self._target,
            data=urllib.parse.urlencode(list(dict.fromkeys(pairs))).encode(),
            headers={"Content-Type": "application/x-www-form-urlencoded", "Referer": self.url},
            method="POST",
        )
        return _open(self._opener, request)


def _filled_in(field: FormField, answers: dict[str, str]) -> tuple[str, str] | None:
    if field.is_hidden:
        return field.name, field.value
    answer = answers.get(field.name, "")
    if field.kind in {"checkbox", "radio"}:
        is_meant = answer == field.value or (field.kind == "checkbox" and answer == "on")
        return (field.name, field.value or "on") if is_meant else None
    if field.choices and answer not in field.choices:
        answer = field.choices[0] if "" not in field.choices else ""
    return field.name, answer


class _FormReader(HTMLParser):
    """Reads the fields of the page's form that is posted."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: list[FormField] = []
        self.action = ""
        self._is_inside = False
        self._select: FormField | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note forms, inputs, text areas and choices."""
        values = {name: value or "" for name, value in attrs}
        if tag == "form" and values.get("method", "").lower() == "post":
            self._is_inside, self.action = True, values.get("action", "")
        if not self._is_inside:
            return
        if tag == "option" and self._select is not None:
            self._select.choices.append(values.get("value", ""))
        elif tag in {"input", "textarea", "select", "button"} and values.get("name"):
            self._note(tag, values)

    def handle_endtag(self, tag: str) -> None:
        """Leave a form or a choice."""
        if tag == "form":
            self._is_inside = False
        elif tag == "select":
            self._select = None

    def _note(self, tag: str, values: dict[str, str]) -> None:
        kind = values.get("type", "text") if tag == "input" else tag
        if kind in {"submit", "image", "reset", "file"}:
            return
        is_hidden = kind in {"hidden", "button"}
        found = FormField(values["name"], kind, values.get("value", ""), is_hidden=is_hidden)
        self.fields.append(found)
        if tag == "select":
            self._select = found


def _open(opener: urllib.request.OpenerDirector, request: urllib.request.Request) -> Answer:
    try:
        with opener.open(request, timeout=SECONDS) as response:
            return Answer(response.status, response.read(1_000_000).decode("utf-8", "replace"))
    except urllib.error.HTTPError as error:
        with error:
            if error.code in {429, 502, 503, 504}:
                raise ServerAway(f"status {error.code}", _seconds(error.headers.get("Retry-After"))) from error
            return Answer(error.code, error.read(100_000).decode("utf-8", "replace"))
    except OSError as error:
        raise ServerAway(type(error).__name__) from error


def _seconds(text: str | None) -> float:
    return float(text) if text and text.isdigit() else 0.0
