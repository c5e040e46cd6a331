"""Reading one object from the API of a sender whose notices hold ids only (Meta's Graph API).

The real adapter speaks https with the page's token in a header, follows no redirection and logs nothing. The
recording one stands for it in tests.
"""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from http.client import HTTPException
from typing import Any, Protocol
from urllib.error import HTTPError
from urllib.request import HTTPRedirectHandler, Request, build_opener

ADDRESS = "https://graph.facebook.com/"
TIMEOUT_SECONDS, MOST_BYTES = 10, 1_000_000
#: Codes that mean "later": unknown, service, too many calls, application and page limits, blocked for a while.
LATER = frozenset({1, 2, 4, 17, 32, 341, 368, 613})


class GraphUnavailable(Exception):
    """No answer now; the same question may be answered later."""


class GraphRefused(Exception):
    """The API says no, and will say no again until a person changes something; the text says why."""


class Graph(Protocol):
    """Somebody who can be asked for an object."""

    def read(self, path: str, token: str) -> Mapping[str, Any]:
        """Return the object. Raises GraphUnavailable or GraphRefused."""


class HttpGraph:
    """The Graph API itself."""

    def read(self, path: str, token: str) -> Mapping[str, Any]:
        """Ask over https; the token travels in a header, never in the address."""
        headers = {"Authorization": f"Bearer {token}", "Accept": "application/json"}
        request = Request(ADDRESS + path, headers=headers)  # noqa: S310 - the host is a constant, over https
        try:
            with build_opener(_NoRedirection).open(request, timeout=TIMEOUT_SECONDS) as answer:
                return document_of(answer.read(MOST_BYTES + 1))
        except HTTPError as error:
            with error:
                raise failure_of(error.code, error.read(MOST_BYTES)) from None
        except (OSError, HTTPException) as error:
            raise GraphUnavailable(type(error).__name__) from None


class NullGraph:
    """Asks nobody: it keeps what was asked for and gives what it was told to, an object or a failure."""

    def __init__(self, answers: Mapping[str, Mapping[str, Any] | Exception] | None = None) -> None:
        self.answers = dict(answers or {})
        self.asked: list[str] = []
        self.tokens: list[str] = []

    def read(self, path: str, token: str) -> Mapping[str, Any]:
        """Return the answer for the id that the path names."""
        self.asked.append(path)
        self.tokens.append(token)
        answer = self.answers.get(path.partition("?")[0].rpartition("/")[2], GraphUnavailable("nobody is asked"))
        if isinstance(answer, Exception):
            raise answer
        return answer


_graph: ContextVar[Graph | None] = ContextVar("graph", default=None)


def graph() -> Graph:
    """Return whom to ask."""
    return _graph.get() or HttpGraph()


@contextmanager
def asking(other: Graph) -> Iterator[None]:
    """Ask somebody else inside."""
    token = _graph.set(other)
    try:
        yield
    finally:
        _graph.reset(token)


def document_of(raw: bytes) -> Mapping[str, Any]:
    """Read an answer; one that is too long or no object is as good as none."""
    try:
        found = json.loads(raw) if len(raw) <= MOST_BYTES else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise GraphUnavailable("the answer is no object")
    return found


def failure_of(status: int, raw: bytes) -> Exception:
    """Tell a failure that passes from one that stays. The API's own text may name people, so its code is kept only."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        found = None
    error = found.get("error") if isinstance(found, dict) else None
    error = error if isinstance(error, dict) else {}
    code = error.get("code")
    passes = error.get("is_transient") is True or (isinstance(code, int) and code in LATER)
    if status >= 500 or status == 429 or 300 <= status < 400 or passes:
        return GraphUnavailable(f"status {status}")
    if code == 190:
        return GraphRefused("The page token has expired or was withdrawn. Add a new one and read again.")
    return GraphRefused(f"The Graph API refuses the lead (status {status}, code {code}): deleted, or no permission.")


class _NoRedirection(HTTPRedirectHandler):
    """Follows nothing: the token is for one host."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        """Leave the redirection as the answer, which is then an error."""
