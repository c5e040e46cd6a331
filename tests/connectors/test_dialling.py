"""Calls that Twilio connects: asked for once, told of by callbacks, filled into the form; and who calls us now."""

import html
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest
from django.test import Client

from apps.connectors import dialling
from apps.connectors.addresses import change_connection
from apps.leads.models import ContactPoint, Lead
from apps.outreach.models import LiveAttempt
from apps.tenancy.clock import database_now, travelling
from apps.tenancy.errors import Invalid
from tests.cast import Tenant
from tests.connectors.senders import SECRET, Sender, connect, raw_of, sample
from tests.connectors.signing import SIGNING, push
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.arranging import ask, page

OpenBrowser = Callable[..., Client]
FORM = "application/x-www-form-urlencoded"
ACCOUNT, LINE, DESK = f"AC{'0' * 32}", "+13125550190", "+13125550111"
AT = TUESDAY_NINE + timedelta(minutes=2)


class Twilio:
    """A server that keeps what it was asked and answers as it is told; without an answer it hangs up."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, list[str]], str]] = []
        self.answer: tuple[int, bytes] | None = (201, b'{"sid": "CA1"}')
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
def twilio(monkeypatch: pytest.MonkeyPatch) -> Iterator[Twilio]:
    """Twilio, reached without TLS."""
    made = Twilio()
    near = lambda host, timeout: HTTPConnection(*made.server.server_address, timeout=timeout)  # noqa: E731
    monkeypatch.setattr(dialling, "HTTPSConnection", near)
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def lead(harbor: Tenant) -> Lead:
    """Return a lead that may be called."""
    return make_lead(harbor)


@pytest.fixture
def desk(harbor: Tenant, lead: Lead) -> Sender:
    """Return the connection that rings the telephone of the lead's owner."""
    agents = {lead.owner.user.email: DESK}
    settings = {"dials": True, "line": LINE, "account_sid": ACCOUNT, "agents": agents}
    return connect(harbor, "twilio-voice", source="call", settings=settings)


def owner_of(lead: Lead, client_as: OpenBrowser) -> Client:
    """Return the browser of the lead's owner."""
    return client_as(lead.owner.user.email.partition("@")[0])


def begun(harbor: Tenant, lead: Lead, client: Client) -> LiveAttempt:
    """Begin a call on the page, let the worker ask for it, and return it."""
    with travelling(to=AT):
        answer = client.post(f"/leads/{lead.id}/call/")
    assert answer.status_code == 303, answer.content.decode()
    harbor.drain(AT)
    with harbor.scope():
        return LiveAttempt.rows().get(lead=lead)


def tell(desk: Sender, attempt: LiveAttempt, status: str, *, at: Any = AT, **more: str) -> None:
    """Let Twilio tell how the person's leg of a call goes."""
    fields = {"AccountSid": ACCOUNT, "CallSid": "CA2", "ParentCallSid": "CA1", "CallStatus": status, **more}
    raw = raw_of({**fields, "CallbackSource": "call-progress-events", "To": "+13125550142"}, FORM)
    with travelling(to=at):
        url = f"http://testserver{desk.path}{attempt.id}/"
        headers = SIGNING["twilio-voice"](raw, SECRET, database_now(), url)
        assert desk.post(raw, headers=headers, content_type=FORM, part=str(attempt.id)).status_code == 200
    desk.tenant.drain(at)


def test_a_call_rings_our_colleague_then_the_person_and_fills_in_its_form(
    harbor: Tenant, twilio: Twilio, desk: Sender, lead: Lead, client_as: OpenBrowser
) -> None:
    owner = owner_of(lead, client_as)
    attempt = begun(harbor, lead, owner)
    ((path, fields, proof),) = twilio.asked
    assert path == f"/2010-04-01/Accounts/{ACCOUNT}/Calls.json" and proof.startswith("Basic ")
    assert (fields["To"], fields["From"]) == ([DESK], [LINE])
    with harbor.scope():
        number = ContactPoint.rows().get(person=lead.person_id, kind="phone").value
    assert f">{number}</Number>" in fields["Twiml"][0] and f'callerId="{LINE}"' in fields["Twiml"][0]
    assert fields["StatusCallback"][0].endswith(f"{desk.path}{attempt.id}/")
    assert (attempt.provider_ref, attempt.call_state) == ("CA1", "ringing")
    form = f"/leads/{lead.id}/log-call/"
    assert "Pick up your telephone: it connects you." in page(owner, form, at=AT)
    tell(desk, attempt, "in-progress")
    assert "You are connected." in page(owner, form, at=AT + timedelta(minutes=20))
    ended = AT + timedelta(minutes=20)
    tell(desk, attempt, "completed", at=ended, CallDuration="92")
    # Callbacks come in any order, and twice: what has ended stays as it ended.
    tell(desk, attempt, "ringing", at=ended)
    shown = html.unescape(page(owner, form, at=ended))
    assert "The call has ended. Say how, and save." in shown
    assert 'name="minutes" value="1"' in shown and 'name="seconds" value="32"' in shown
    assert 'value="connected" id="id_outcome_0"' in shown and "checked" in shown[shown.index("id_outcome_0") :][:200]
    with harbor.scope():
        kept = LiveAttempt.rows().get(lead=lead)
    assert (kept.call_state, kept.duration_seconds) == ("completed", 92)
    # Logging it ends the attempt; nothing was logged before.
    call = {"kind": "call", "outcome": "no_answer", "duration_seconds": 92}
    assert ask(owner, "POST", f"/leads/{lead.id}/activities", call, at=ended).status_code == 201
    with harbor.scope():
        assert LiveAttempt.rows().get(lead=lead).ended_at == ended


@pytest.mark.parametrize(("status", "outcome"), [("busy", "busy"), ("no-answer", "no_answer")])
def test_how_the_call_ended_is_suggested(
    harbor: Tenant, twilio: Twilio, desk: Sender, lead: Lead, client_as: OpenBrowser, status: str, outcome: str
) -> None:
    owner = owner_of(lead, client_as)
    tell(desk, begun(harbor, lead, owner), status)
    shown = page(owner, f"/leads/{lead.id}/log-call/", at=AT)
    after = shown[shown.index(f'value="{outcome}"') :]
    assert "checked" in after[: after.index(">")]


@pytest.mark.parametrize(
    ("answer", "state"), [((400, b'{"code": 21215}'), "failed"), ((503, b""), "ringing"), (None, "ringing")]
)
def test_a_call_is_asked_for_once_whatever_the_answer(
    harbor: Tenant,
    twilio: Twilio,
    desk: Sender,
    lead: Lead,
    client_as: OpenBrowser,
    answer: tuple[int, bytes] | None,
    state: str,
) -> None:
    twilio.answer = answer
    attempt = begun(harbor, lead, owner_of(lead, client_as))
    assert attempt.call_state == state
    dialling.dial(harbor.organization_id, attempt.id, AT)
    assert len(twilio.asked) == 1


def test_who_stopped_calls_meanwhile_is_not_rung(
    harbor: Tenant, twilio: Twilio, desk: Sender, lead: Lead, client_as: OpenBrowser
) -> None:
    owner = owner_of(lead, client_as)
    with travelling(to=AT):
        assert owner.post(f"/leads/{lead.id}/call/").status_code == 303
    stop = {"channel": "call", "state": "withdrawn"}
    assert ask(owner, "POST", f"/leads/{lead.id}/consents", stop, at=AT).status_code == 201
    harbor.drain(AT)
    assert twilio.asked == []
    with harbor.scope():
        assert LiveAttempt.rows().get(lead=lead).call_state == "failed"


def test_without_a_telephone_of_ours_the_link_dials(
    harbor: Tenant, twilio: Twilio, lead: Lead, client_as: OpenBrowser
) -> None:
    owner = owner_of(lead, client_as)
    form = f"/leads/{lead.id}/log-call/"
    assert 'href="tel:' not in page(owner, form, at=AT), "nobody asked whether the call is allowed"
    attempt = begun(harbor, lead, owner)
    assert twilio.asked == [] and attempt.call_state == ""
    with harbor.scope():
        number = ContactPoint.rows().get(person=lead.person_id, kind="phone").value
    assert f'<a href="tel:{number}">' in page(owner, form, at=AT)


def test_settings_that_could_not_dial_are_refused(harbor: Tenant, desk: Sender) -> None:
    good = desk.connection.settings
    for wrong in ({"line": "here"}, {"agents": {"ana@harbor.example": "x"}}, {"agents": []}, {"account_sid": ""}):
        with harbor.scope(), pytest.raises(Invalid):
            change_connection(actor=harbor.system, row=desk.connection, values={"settings": {**good, **wrong}})


def test_an_inbound_call_pops_up_with_the_leads_of_its_number(
    harbor: Tenant, lead: Lead, client_as: OpenBrowser
) -> None:
    voice = connect(harbor, "twilio-voice", source="call")
    known = make_lead(harbor, person__phone="+13055550142", person__last_name="Alvarez")
    rings = sample("twilio-voice", "call") | {"From": "+13055550142"}
    with travelling(to=AT):
        assert push(voice, rings, FORM).status_code == 200
    for seconds in (1, 2, 3):
        harbor.drain(AT + timedelta(seconds=seconds))
    owner = client_as("lena")
    shown = html.unescape(page(owner, "/", at=AT + timedelta(seconds=4)))
    assert "Inbound call since 09:02" in shown
    card = shown[shown.index("Inbound call since") :][:400]
    assert known.ref in card or "Alvarez" in card
    over = rings | {"CallStatus": "completed", "CallDuration": "30", "CallbackSource": "call-progress-events"}
    with travelling(to=AT + timedelta(minutes=1)):
        assert push(voice, over, FORM).status_code == 200
    harbor.drain(AT + timedelta(minutes=1))
    assert "Inbound call since" not in page(owner, "/", at=AT + timedelta(minutes=1, seconds=1))
