"""Spam: what a machine sends waits in quarantine and is never lost (row VQ-08)."""

import base64
import json
from datetime import timedelta

import altcha
import pytest

from apps.audit.models import AuditEntry
from apps.capture.models import Submission
from apps.capture.screening import Proof, Sending, Sign, screen
from apps.leads.models import Lead
from apps.tenancy.clock import travelling
from tests.capture.forms_made import hidden, open_form
from tests.leads_made import TUESDAY_NINE

PERSON = {"last_name": "Brook", "service": "imaging", "location": "elm-st", "preferred_channel": "call"}


@pytest.fixture
def address(harbor):
    return f"/f/{harbor.slug}-contact/"


@pytest.fixture
def post(client, address):
    def send(number=0, at=10, sender="203.0.113.9", **changes):
        token = hidden(open_form(client, address), "token")
        values = {"first_name": "Ada", "phone": f"(312) 555-01{number:02d}", "consent_call": "on", **PERSON, **changes}
        with travelling(to=TUESDAY_NINE + timedelta(seconds=at)):
            return client.post(address, {"token": token, **values}, REMOTE_ADDR=sender)

    return send


def states(tenant):
    with tenant.scope():
        return list(Submission.rows().order_by("stored_at", "id").values_list("state", flat=True))


@pytest.mark.row("VQ-08")
def test_of_twenty_posts_a_minute_five_pass_and_a_restored_one_is_routed(harbor, post, client_as):
    for number in range(20):
        assert post(number, at=10 + number * 2).status_code == 303
    assert states(harbor) == ["received"] * 5 + ["quarantined"] * 15
    harbor.drain(TUESDAY_NINE + timedelta(minutes=2))
    with harbor.scope():
        assert Lead.rows().count() == 5
        row = Submission.rows().filter(state="quarantined").first()
    ewa = client_as("ewa")
    page = ewa.get("/quarantine/").content.decode()
    assert page.count("Let through<") == 15 and "more than 5 in a minute from one address" in page
    assert "Ada Brook, (312) 555-0119" in page
    answer = ewa.post(f"/quarantine/{row.id}/restore/", follow=True)
    assert "It goes the way of every inquiry" in answer.content.decode()
    harbor.drain(TUESDAY_NINE + timedelta(minutes=3))
    with harbor.scope():
        row.refresh_from_db()
        lead = Lead.rows().select_related("queue").get(id=row.lead_id)
        assert (row.state, row.verdict, lead.queue.key) == ("processed", "new", "elm-calls")
        assert AuditEntry.rows().filter(action="submission.restore", object_id=row.id).count() == 1
    again = ewa.post(f"/quarantine/{row.id}/restore/", follow=True).content.decode()
    assert "not in quarantine any more" in again and again.count("Let through<") == 14


@pytest.mark.row("VQ-08")
def test_another_address_and_the_next_minute_are_not_stopped(harbor, post):
    for number in range(6):
        post(number)
    post(7, sender="198.51.100.4")
    post(8, at=75)
    assert states(harbor) == ["received"] * 5 + ["quarantined", "received", "received"]
    with harbor.scope():
        assert "203.0.113.9" not in str(list(Submission.rows().values("sender_digest", "screening")))


def test_what_is_spam_is_put_aside_and_can_come_back(harbor, post, client_as):
    for number in range(3):
        post(number, website="x")
    with harbor.scope():
        ids = [str(each) for each in Submission.rows().order_by("stored_at", "id").values_list("id", flat=True)]
    ewa = client_as("ewa")
    assert "All 3 shown are spam" in ewa.get("/quarantine/").content.decode()
    page = ewa.post("/quarantine/dismiss/", {"id": ids[:2]}, follow=True).content.decode()
    assert "2 put aside as spam." in page and page.count("Let through<") == 1
    assert states(harbor) == ["dismissed", "dismissed", "quarantined"]
    assert ewa.get("/quarantine/?dismissed=1").content.decode().count("Let through<") == 2
    ewa.post(f"/quarantine/{ids[0]}/restore/")
    # What somebody let through meanwhile is not put aside by a page that still shows it.
    ewa.post("/quarantine/dismiss/", {"id": ids})
    assert states(harbor) == ["received", "dismissed", "dismissed"]
    assert ewa.post("/quarantine/dismiss/", {"id": "x"}).status_code == 404
    with harbor.scope():
        assert AuditEntry.rows().filter(action="submission.dismiss").count() == 3


def test_who_may_not_work_leads_restores_nothing(harbor, post, client_as):
    post(website="x")
    with harbor.scope():
        row = Submission.rows().get()
    dev = client_as("dev")
    shown = dev.get(f"/admin/capture/submission/{row.id}/change/").content.decode()
    assert "the hidden field was filled (100)" in shown
    assert dev.post(f"/admin/capture/submission/{row.id}/restore/").status_code == 403
    assert client_as("ana").get("/quarantine/").status_code == 403
    assert client_as("ana").post("/quarantine/dismiss/", {"id": str(row.id)}).status_code == 403
    assert states(harbor) == ["quarantined"]


def test_a_flood_is_told_to_wait_and_keeps_its_text(harbor, post, monkeypatch):
    monkeypatch.setattr("apps.capture.quarantine.STORED_FROM_ONE_ADDRESS", 2)
    post(1), post(2)
    refused = post(3, last_name="Kept")
    assert refused.status_code == 429 and "Kept" in refused.content.decode()
    assert "Too many requests" in refused.content.decode()
    assert len(states(harbor)) == 2


def solved(client, address):
    answer = client.get(f"{address}challenge/").json()
    made = altcha.Challenge.from_dict(answer)
    return altcha.Payload(made, altcha.solve_challenge(made)).to_base64()


def signs(tenant):
    with tenant.scope():
        rows = Submission.rows().order_by("stored_at", "id").values_list("screening", flat=True)
        return [{each["sign"] for each in row["signs"]} for row in rows]


def test_a_proof_of_work_counts_once_and_a_forged_one_against(harbor, client, address, post):
    proof = solved(client, address)
    post(1, altcha=proof)
    post(2, altcha=proof)
    forged = json.loads(base64.b64decode(proof))
    forged["solution"]["derivedKey"] = "00" * 32
    post(3, altcha=base64.b64encode(json.dumps(forged).encode()).decode())
    post(4, altcha="no base64")
    post(5)
    assert signs(harbor) == [set(), {"proof_replayed"}, {"proof_wrong"}, {"proof_wrong"}, {"proof_missing"}]
    assert states(harbor) == ["received", "quarantined", "quarantined", "quarantined", "received"]


def test_a_double_press_spends_one_proof_on_one_submission(harbor, client, address):
    token, proof = hidden(open_form(client, address), "token"), solved(client, address)
    body = {"token": token, "altcha": proof, "first_name": "Ada", "phone": "(312) 555-0142", **PERSON}
    with travelling(to=TUESDAY_NINE + timedelta(seconds=9)):
        assert {client.post(address, body).status_code for _ in range(2)} == {303}
    assert states(harbor) == ["received"]


@pytest.mark.parametrize(
    ("sending", "found"),
    [
        (Sending(texts=("My knee hurts since Monday.",), proof=Proof.SOLVED), set()),
        (Sending(texts=("See https://a.example and www.b.example",), proof=Proof.SOLVED), {Sign.LINKS}),
        (Sending(texts=("My blog: https://a.example",)), {Sign.LINKS, Sign.PROOF_MISSING}),
        (Sending(names=("http://win.example",), proof=Proof.SOLVED), {Sign.LINK_IN_NAME}),
        (Sending(texts=("buy " * 9 + "now please",), proof=Proof.SOLVED), {Sign.REPEATED_WORDS}),
        (Sending(texts=("xkcdqwrtzp lkjhgfdsq",)), {Sign.GIBBERISH, Sign.PROOF_MISSING}),
        (Sending(texts=("Krankenversicherung und Physiotherapie",), proof=Proof.SOLVED), set()),
        (Sending(names=("Wojciech", "Szczepański"), seconds_open=3, proof=Proof.SOLVED), {Sign.FAST}),
        (Sending(on_form=60, proof=Proof.SOLVED), {Sign.FORM_QUOTA}),
    ],
)
def test_signs_are_weighed(sending, found):
    verdict = screen(sending)
    assert {sign for sign, _ in verdict.signs} == found
    heavy = {Sign.LINK_IN_NAME, Sign.FORM_QUOTA}
    expected = bool(found & heavy) or found == {Sign.GIBBERISH, Sign.PROOF_MISSING} or verdict.score >= 60
    assert verdict.is_quarantined is expected
