"""Meta Lead Ads: the handshake, signed notices, and the lead read from the Graph API after the commit."""

import io
import json
import urllib.request
from collections.abc import Callable
from email.message import Message
from typing import Any
from urllib.error import HTTPError

import pytest
from django.http import HttpResponse
from django.test import Client

from apps.connectors import tasks
from apps.connectors.actions import read_again
from apps.connectors.addresses import add_secret
from apps.connectors.decisions.proofs import hex_digest
from apps.connectors.fetching import NOTHING_TO_ASK_WITH
from apps.connectors.graph import GraphRefused, GraphUnavailable, HttpGraph, NullGraph, asking, failure_of
from apps.connectors.models import Connection, ConnectionSecret, Hook
from apps.connectors.providers.meta_lead_ads import PROVIDER
from apps.connectors.terms import HookRequest, HookState, Proof
from apps.consent.models import ConsentEvent
from apps.leads.models import Touch
from apps.privacy import details
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Conflict, Invalid
from apps.tenancy.models import Wakeup
from tests.cast import Tenant
from tests.connectors.senders import SECRET, Sender, connect, sample

VERIFY, TOKEN = "verify-me-please", "page-token-of-nobody"
LEAD_ID = "2387654321098765"
VECTOR = "sha256=076bb2ca025915824e7ed43fee4167fc232e4153bad48529637271d57b4ff793"
assert tasks.fetching


@pytest.fixture
def meta(harbor: Tenant) -> Sender:
    """Return a page's connection with its three secrets; one box of its form asks for calls."""
    settings = {"graph_version": "v23.0", "consent_fields": {"contact_consent_v3": "call"}}
    sender = connect(harbor, "meta-lead-ads", source="imaging-spring", consent_version="v4", settings=settings)
    give(sender, VERIFY, "verify")
    give(sender, TOKEN, "api")
    return sender


def give(sender: Sender, secret: str, purpose: str) -> None:
    """Add a secret of a purpose."""
    with sender.tenant.scope():
        row, now = sender.connection, database_now()
        add_secret(actor=sender.tenant.system, row=row, secret=secret, now=now, purpose=purpose)


def push(sender: Sender, body: Any, *, secret: str = SECRET) -> HttpResponse:
    """Push a notice as Meta signs it."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return sender.post(raw, headers={"X-Hub-Signature-256": f"sha256={hex_digest(secret, raw)}"})


def notice(*lead_ids: str | int) -> dict[str, Any]:
    """Return a post with an entry for each lead."""
    body = sample("meta-lead-ads", "notice")
    (entry,) = body["entry"]
    (change,) = entry["changes"]
    changes = [change | {"value": {**change["value"], "leadgen_id": each}} for each in lead_ids]
    return body | {"entry": [entry | {"changes": [each]} for each in changes]}


def lead(**changes: Any) -> dict[str, Any]:
    """Return the lead as the Graph API gives it."""
    return {**sample("meta-lead-ads", "lead"), **changes}


def test_the_handshake_answers_the_challenge_and_nobody_else(meta: Sender) -> None:
    right = meta.get(f"?hub.mode=subscribe&hub.verify_token={VERIFY}&hub.challenge=1158201444")
    assert (right.status_code, right.content, right["Content-Type"]) == (200, b"1158201444", "text/plain")
    for query in (
        "?hub.mode=subscribe&hub.verify_token=wrong&hub.challenge=1",
        f"?hub.mode=subscribe&hub.verify_token={SECRET}&hub.challenge=1",
        f"?hub.mode=subscribe&hub.verify_token={VERIFY}&hub.challenge=<b>",
        "",
    ):
        assert meta.get(query).status_code == 403
    with meta.tenant.scope():
        assert Connection.rows().get(id=meta.connection.id).refused_count == 4


def test_metas_own_signature_is_good() -> None:
    raw = json.dumps(sample("meta-lead-ads", "notice"), separators=(",", ":")).encode()
    request = HookRequest("POST", "", {"x-hub-signature-256": VECTOR}, {}, raw)
    assert PROVIDER.prove(request, ["demo-app-secret"], database_now()) is Proof.GOOD
    assert PROVIDER.prove(request, [SECRET], database_now()) is Proof.WRONG


def test_what_is_not_signed_with_the_app_secret_is_refused(meta: Sender) -> None:
    old = {"X-Hub-Signature": "sha1=" + hex_digest(SECRET, json.dumps(notice(LEAD_ID)).encode(), "sha1")}
    assert meta.post(notice(LEAD_ID), headers=old).status_code == 403
    for secret in ("somebody-else", VERIFY, TOKEN):
        assert push(meta, notice(LEAD_ID), secret=secret).status_code == 403
    assert meta.hooks() == []


def test_a_notice_becomes_the_lead_that_the_graph_tells(meta: Sender) -> None:
    graph = NullGraph({LEAD_ID: lead()})
    assert push(meta, notice(int(LEAD_ID))).status_code == 200
    assert [each.state for each in meta.hooks()] == [HookState.WAITING]
    assert graph.asked == []
    with asking(graph):
        found = meta.lead()
    assert (found.person.first_name, found.person.last_name) == ("Zoë", "O'Neill")
    assert [each.partition("?")[0] for each in graph.asked] == [f"v23.0/{LEAD_ID}"]
    assert graph.tokens == [TOKEN]
    assert [each.state for each in meta.hooks()] == [HookState.TAKEN]
    with meta.tenant.scope():
        told = Touch.rows().get(lead=found).attribution
        states = list(ConsentEvent.rows().filter(person=found.person).values_list("channel", "value", "evidence_ref"))
        answers = "\n".join(each.text for each in details.read(actor=meta.tenant.actor("ewa"), subject_id=found.id))
        points = {each.value for each in found.person.contact_points.all()}
    assert points == {"+13055550117", "zoe.oneill@example.com"}
    assert (told["campaign_id"], told["ad_group"], told["platform"]) == ("120201234567890001", "Miami 45+", "ig")
    assert states == [("call", "granted", "Meta lead 2387654321098765, form 7712345678901234")]
    assert "which joint hurts the most?: Knee, Hip" in answers


def test_several_notices_in_one_post_are_several_leads_and_again_none(meta: Sender) -> None:
    ids = ("1111111111", "2222222222")
    people = {
        each: lead(id=each, field_data=[{"name": "email", "values": [f"{each}@example.com"]}], is_organic=True)
        for each in ids
    }
    with asking(NullGraph(people)):
        answers = [push(meta, notice(*ids)).content for _ in range(3)]
        assert len({each.lead_id for each in meta.submissions()}) == 2
    assert len(set(answers)) == 1
    (kept,) = meta.hooks()
    assert (kept.state, kept.repeats) == (HookState.TAKEN, 2)


def test_a_box_that_is_not_ticked_permits_nothing(meta: Sender) -> None:
    boxes = [{"checkbox_key": "contact_consent_v3", "is_checked": "0"}]
    push(meta, notice(LEAD_ID))
    with asking(NullGraph({LEAD_ID: lead(custom_disclaimer_responses=boxes)})):
        found = meta.lead()
    with meta.tenant.scope():
        assert not ConsentEvent.rows().filter(person=found.person).exists()


def test_the_testing_tools_filler_is_a_test(meta: Sender) -> None:
    filler = [{"name": "full_name", "values": ["<test lead: dummy data for full_name>"]}]
    push(meta, notice(LEAD_ID))
    with asking(NullGraph({LEAD_ID: lead(field_data=filler)})):
        assert [each.is_test for each in meta.submissions()] == [True]
    assert meta.hooks()[0].is_test


def test_no_answer_is_asked_for_again(meta: Sender) -> None:
    push(meta, notice(LEAD_ID))
    with asking(NullGraph({LEAD_ID: GraphUnavailable("status 503")})):
        assert meta.submissions() == []
    (kept,) = meta.hooks()
    assert (kept.state, kept.problem) == (HookState.WAITING, "No answer yet (status 503). It is asked again.")
    wakeup = Wakeup.objects.get(kind="connectors.fetch", organization_id=meta.tenant.organization_id)
    with asking(NullGraph({LEAD_ID: lead()})):
        meta.tenant.drain(wakeup.due_at)
        assert meta.lead().person.first_name == "Zoë"
    assert meta.hooks()[0].problem == ""


def test_a_refusal_stays_with_its_reason_until_somebody_reads_again(
    meta: Sender, client_as: Callable[[str], Client]
) -> None:
    push(meta, notice(LEAD_ID))
    with asking(NullGraph({LEAD_ID: GraphRefused("deleted, or no permission")})):
        assert meta.submissions() == []
    (kept,) = meta.hooks()
    assert (kept.state, kept.problem) == (HookState.UNMAPPED, "deleted, or no permission")
    assert client_as("ada").post(f"/admin/connectors/hook/{kept.id}/read-again/").status_code == 302
    with asking(NullGraph({LEAD_ID: lead()})):
        assert meta.lead().person.first_name == "Zoë"
    assert [each.state for each in meta.hooks()] == [HookState.TAKEN]


def test_without_a_page_token_the_notice_waits_and_says_so(harbor: Tenant) -> None:
    sender, graph = connect(harbor, "meta-lead-ads"), NullGraph({LEAD_ID: lead()})
    push(sender, notice(LEAD_ID))
    with asking(graph):
        assert sender.submissions() == []
        assert graph.asked == []
        (kept,) = sender.hooks()
        assert (kept.state, kept.problem) == (HookState.WAITING, NOTHING_TO_ASK_WITH)
        give(sender, TOKEN, "api")
        with harbor.scope():
            read_again(actor=harbor.system, hook=Hook.rows().get(), now=database_now())
        assert sender.lead().person.first_name == "Zoë"


def test_an_answer_without_fields_is_shown_as_unmapped(meta: Sender) -> None:
    push(meta, notice(LEAD_ID))
    with asking(NullGraph({LEAD_ID: {"id": LEAD_ID}})):
        assert meta.submissions() == []
    assert meta.hooks()[0].problem == "The Graph API's answer has no field_data."


def test_other_changes_of_the_page_open_nothing(meta: Sender) -> None:
    body = {"object": "page", "entry": [{"id": "1", "time": 5, "changes": [{"field": "feed", "value": {}}]}]}
    assert push(meta, body).status_code == 200
    assert [each.state for each in meta.hooks()] == [HookState.IGNORED]
    assert meta.submissions() == []


@pytest.mark.parametrize(
    ("body", "status"),
    [({"object": "page"}, 200), ({"entry": []}, 200), (notice(""), 200), ({"entry": [1]}, 400), (b"{", 400)],
)
def test_odd_bodies(meta: Sender, body: Any, status: int) -> None:
    assert push(meta, body).status_code == status
    assert [each.state for each in meta.hooks()] == ([HookState.UNMAPPED] if status == 200 else [])


def test_secrets_are_kept_apart_by_purpose_and_shown_by_their_end(
    meta: Sender, client_as: Callable[[str], Client]
) -> None:
    ada, page = client_as("ada"), f"/admin/connectors/connection/{meta.connection.id}/"
    assert ada.post(f"{page}add-secret/", {"secret": "another-page-token", "purpose": "api"}).status_code == 302
    shown = ada.get(f"{page}change/").content.decode()
    assert "Page access token" in shown
    assert "Verify token" in shown
    assert TOKEN not in shown
    with meta.tenant.scope():
        assert sorted(ConnectionSecret.rows().values_list("purpose", flat=True)) == ["api", "api", "proof", "verify"]
    with pytest.raises(Conflict):
        give(meta, "a-third-page-token", "api")
    with pytest.raises(Invalid):
        give(meta, "for-something-else", "pincode")


def test_the_test_button_sends_a_lead_of_its_own(meta: Sender, client_as: Callable[[str], Client]) -> None:
    client_as("ada").post(f"/admin/connectors/connection/{meta.connection.id}/try-sample/")
    assert [each.verdict for each in meta.submissions()] == ["test"]


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (500, b"", GraphUnavailable),
        (429, b"[]", GraphUnavailable),
        (302, b"", GraphUnavailable),
        (400, b'{"error": {"code": 4}}', GraphUnavailable),
        (400, b'{"error": {"code": 100, "is_transient": true}}', GraphUnavailable),
        (400, b'{"error": {"code": 190}}', GraphRefused),
        (400, b'{"error": {"code": 100, "message": "Renee Alvarez"}}', GraphRefused),
        (404, b"<html>", GraphRefused),
    ],
)
def test_failures_that_pass_are_told_from_those_that_stay(status: int, body: bytes, kind: type[Exception]) -> None:
    found = failure_of(status, body)
    assert type(found) is kind
    assert "Renee" not in str(found)


def test_the_token_travels_in_a_header_and_in_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[urllib.request.Request] = []
    answers: list[Any] = [
        io.BytesIO(b'{"id": "1"}'),
        io.BytesIO(b"[]"),
        HTTPError("", 400, "Bad Request", Message(), io.BytesIO(b'{"error": {"code": 190}}')),
        TimeoutError(),
    ]

    def open_(self: Any, request: urllib.request.Request, *args: Any, **more: Any) -> Any:
        sent.append(request)
        if isinstance(answer := answers.pop(0), Exception):
            raise answer
        return answer

    monkeypatch.setattr(urllib.request.OpenerDirector, "open", open_)
    assert HttpGraph().read("v23.0/1?fields=id", TOKEN) == {"id": "1"}
    failures = (GraphUnavailable, GraphRefused, GraphUnavailable)
    for kind in failures:
        with pytest.raises(kind) as failure:
            HttpGraph().read("v23.0/1", TOKEN)
        assert TOKEN not in repr(failure.value)
    assert sent[0].full_url == "https://graph.facebook.com/v23.0/1?fields=id"
    assert sent[0].get_header("Authorization") == f"Bearer {TOKEN}"
