"""Ways to send a text: a file of one's own, and Twilio's API, here a real server on this machine."""

from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs

import pytest

from apps.outreach import texts
from apps.outreach.texts import LocalTexts, TextRefused, TextSender, TextUnknown, TwilioTexts

PHONE, LINE = "+13125550142", "+13125550190"


class Twilio:
    """A server that keeps what it was asked and answers as it is told; without an answer it hangs up."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, list[str]], str]] = []
        self.answer: tuple[int, bytes] | None = None
        mine = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                mine.asked.append((self.path, parse_qs(body), self.headers["Authorization"]))
                if mine.answer is not None:
                    self.send_response(mine.answer[0])
                    self.end_headers()
                    self.wfile.write(mine.answer[1])

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def twilio(monkeypatch: pytest.MonkeyPatch, settings) -> Iterator[Twilio]:
    """Twilio, reached without TLS."""
    made = Twilio()
    settings.TWILIO_ACCOUNT, settings.TWILIO_TOKEN = "AC1", "secret"
    near = lambda host, timeout: HTTPConnection(*made.server.server_address, timeout=timeout)  # noqa: E731
    monkeypatch.setattr(texts, "HTTPSConnection", near)
    yield made
    made.server.shutdown()
    made.server.server_close()


def send(by: TextSender) -> str:
    """Send a text in all its steps."""
    try:
        by.open()
        by.start(key="a1", sender=LINE, to=PHONE, body="Hello & bye")
        return by.finish()
    finally:
        by.close()


def test_the_local_outbox_is_a_file_that_its_owner_reads(tmp_path, settings):
    settings.EMAIL_OUTBOX_DIR = tmp_path / "outbox"
    assert send(LocalTexts()) == "a1"
    path = tmp_path / "outbox" / "a1.text"
    assert (path.read_text(), path.stat().st_mode & 0o777) == (f"From: {LINE}\nTo: {PHONE}\n\nHello & bye\n", 0o600)


def test_twilio_is_asked_once_and_believed(twilio):
    twilio.answer = (201, b'{"sid": "SM1"}')
    assert send(TwilioTexts()) == "SM1"
    (asked,) = twilio.asked
    fields = {"From": [LINE], "To": [PHONE], "Body": ["Hello & bye"]}
    assert asked == ("/2010-04-01/Accounts/AC1/Messages.json", fields, "Basic QUMxOnNlY3JldA==")


@pytest.mark.parametrize(
    ("answer", "error", "why"),
    [
        ((400, b'{"code": 21610}'), TextRefused, "21610"),
        ((302, b""), TextRefused, "302"),
        ((503, b""), TextUnknown, "503"),
        (None, TextUnknown, "RemoteDisconnected"),
    ],
)
def test_what_twilio_refuses_or_leaves_open_is_told_apart(twilio, answer, error, why):
    twilio.answer = answer
    with pytest.raises(error, match=why):
        send(TwilioTexts())
    assert len(twilio.asked) == 1


def test_without_an_account_nobody_is_asked(twilio, settings):
    settings.TWILIO_TOKEN = ""
    with pytest.raises(TextRefused, match="account"):
        send(TwilioTexts())
    assert twilio.asked == []
