"""Calls by Twilio: ring our colleague's telephone, connect the person, heed how it went; and who calls us now.

A call is asked for once: before the request it is claimed in a transaction, and an answer that was lost is not asked
again, since somebody's telephone may ring already. The person's permission is judged once more right before.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from django.conf import settings as machine

from apps.accounts.models import Membership
from apps.capture.models import Submission
from apps.catalog.vendor_terms import UseKind
from apps.catalog.vendors import stopped
from apps.connectors.actions import POP
from apps.connectors.decisions.twilio import ACCOUNT
from apps.connectors.heeding import event_of
from apps.connectors.models import Connection, HookEvent
from apps.connectors.providers import twilio_voice
from apps.connectors.queries import secrets_of, token_of
from apps.consent.queries import reaches
from apps.consent.terms import Channel
from apps.leads.models import Lead
from apps.outreach.models import LiveAttempt
from apps.outreach.telephone import DIAL, end_inbound, note_inbound
from apps.outreach.terms import CallState
from apps.policies.queries import live_document
from apps.tenancy import outbox
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import tenant_scope

HOST, PATH = "api.twilio.com", "/2010-04-01/Accounts/{account}/Calls.json"
TIMEOUT_SECONDS, MOST_BYTES, RING_SECONDS = 10, 100_000, 25
#: A call that was not asked for within this time is not asked for any more: whoever began it has dialled by hand.
FRESH = timedelta(minutes=1)
#: So soon an inbound call is looked at again whose inquiry has not been read yet, and for so long.
SOON, LOOKS_FOR = timedelta(seconds=1), timedelta(minutes=2)


class CallRefused(Exception):
    """The service took no call; what it says is the reason, such as "21215"."""


class CallUnknown(Exception):
    """The service's answer was lost: a telephone may be ringing."""


@dataclass(frozen=True, slots=True)
class Order:
    """One call as the service is asked for it; never written down: it holds the account's token."""

    account: str
    token: str
    line: str
    agent: str
    to: str
    callback: str


class TwilioTelephone:
    """Twilio's Calls API. It follows no redirection: the account's token goes to one host."""

    def dial(self, order: Order) -> str:
        """Ask for the call and return its SID. Raises CallRefused and CallUnknown."""
        proof = base64.b64encode(f"{order.account}:{order.token}".encode()).decode()
        headers = {
            "Authorization": f"Basic {proof}",
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        path = PATH.format(account=quote(order.account, safe=""))
        connection = HTTPSConnection(HOST, timeout=TIMEOUT_SECONDS)
        try:
            connection.connect()
        except OSError as error:
            raise CallRefused(type(error).__name__) from None
        try:
            connection.request("POST", path, urlencode(self.fields(order)), headers)
            answer = connection.getresponse()
            status, told = answer.status, _read(answer.read(MOST_BYTES))
        except (OSError, HTTPException) as error:
            raise CallUnknown(type(error).__name__) from None
        finally:
            connection.close()
        if status >= 500:
            raise CallUnknown(str(status))
        if not 200 <= status < 300:
            raise CallRefused(str(told.get("code") or status))
        return str(told.get("sid", ""))

    def fields(self, order: Order) -> list[tuple[str, str]]:
        """Return what is posted: our colleague is rung first, then the person, who sees the organization's line."""
        events = "initiated ringing answered completed"
        person = f'<Number statusCallback="{order.callback}" statusCallbackEvent="{events}">{order.to}</Number>'
        dial = f'<Dial callerId="{order.line}" answerOnBridge="true" timeout="{RING_SECONDS}">{person}</Dial>'
        return [
            ("To", order.agent),
            ("From", order.line),
            ("Twiml", f"<Response>{dial}</Response>"),
            ("Timeout", str(RING_SECONDS)),
            ("StatusCallback", order.callback),
            ("StatusCallbackEvent", "completed"),
        ]


def serves(member_id: UUID) -> bool:
    """Say whether a connection of the tenant can ring this member's telephone."""
    return _desk_of(member_id) is not None


@outbox.own_scope_handler(DIAL)
def dial(organization_id: UUID, attempt_id: UUID, now: datetime) -> None:
    """Ask for one call, once; what the service refuses is dialled by hand."""
    with tenant_scope(organization_id):
        order = _claimed(attempt_id, now)
    if order is None:
        return
    ref, state = "", CallState.RINGING
    try:
        ref = TwilioTelephone().dial(order)
    except CallRefused:
        state = CallState.FAILED
    except CallUnknown:
        pass
    with tenant_scope(organization_id):
        rows = LiveAttempt.rows().filter(id=attempt_id)
        rows.filter(provider_ref="").update(provider_ref=ref[:64])
        if state is CallState.FAILED:
            rows.filter(call_state=CallState.RINGING).update(call_state=state)


@outbox.handler(POP)
def pop(event_id: UUID, now: datetime) -> None:
    """Let open pages show who calls now, once the call's inquiry is read; or that the call has ended."""
    row = HookEvent.rows().select_related("hook__connection").get(id=event_id)
    event = event_of(row)
    if event is None:
        return
    if not event.opens_only:
        end_inbound(f"{row.connection_id}/{row.object_id}"[:80], now=now)
        return
    submission = Submission.rows().filter(id=row.submission_id).first() if row.submission_id else None
    if submission is not None and submission.lead_id is not None:
        note_inbound(Lead.rows().get(id=submission.lead_id), f"{row.connection_id}/{row.object_id}"[:80], now=now)
    elif submission is not None and submission.state != "processed" and now < row.taken_at + LOOKS_FOR:
        outbox.enqueue(POP, event_id, due_at=now + SOON)


def _desk_of(member_id: UUID) -> tuple[Connection, str] | None:
    """Return the connection that places calls for a member, and their own number."""
    rows = Connection.rows().filter(provider=twilio_voice.PROVIDER.key, is_active=True, settings__dials=True)
    connections = list(rows.order_by("key"))
    if not connections:
        return None
    email = Membership.rows().select_related("user").get(id=member_id).user.email
    for row in connections:
        agents = row.settings.get(twilio_voice.AGENTS)
        if isinstance(agents, Mapping) and email in agents:
            return row, str(agents[email])
    return None


def _claimed(attempt_id: UUID, now: datetime) -> Order | None:
    """Claim a call that is still wanted and permitted; None where it is not, and for one that was claimed before."""
    attempt = LiveAttempt.rows().select_for_update(of=("self",), no_key=True).get(id=attempt_id)
    if attempt.call_state != CallState.DIALLING:
        return None
    order = None if attempt.ended_at is not None or now > attempt.begun_at + FRESH else _order(attempt, now)
    attempt.call_state = CallState.RINGING if order is not None else CallState.FAILED
    attempt.save(update_fields=["call_state"])
    return order


def _order(attempt: LiveAttempt, now: datetime) -> Order | None:
    desk = _desk_of(attempt.member_id) if attempt.member_id is not None else None
    if desk is None or stopped(UseKind.CONNECTION, desk[0].key, now=now):
        return None
    row, agent = desk
    lead = Lead.rows().select_related("person", "contact_person").get(id=attempt.lead_id)
    found = reaches(lead, now=now, document=live_document("contact", now), default_zone=current_organization().zone)
    reach, tokens = found[Channel.CALL], secrets_of(row)
    if not reach.verdict.allowed or reach.point is None or not tokens:
        return None
    base = machine.LEADCRM_BASE_URL.rstrip("/")
    callback = f"{base}/hooks/{row.provider}/{token_of(row)}/{attempt.id}/"
    account, line = str(row.settings.get(ACCOUNT, "")), str(row.settings.get(twilio_voice.LINE, ""))
    return Order(account, tokens[-1], line, agent, str(reach.point.value), callback)


def _read(raw: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(raw)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
