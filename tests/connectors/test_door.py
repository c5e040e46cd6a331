"""The door of hooks: unknown addresses, wrong proofs, repeats, what cannot be read or mapped."""

import threading

import pytest
from django.db import connections
from django.test import Client

from apps.connectors.actions import read_again
from apps.connectors.addresses import add_secret, retire_secret
from apps.connectors.models import Connection, Hook
from apps.connectors.terms import HookState
from apps.consent.models import ConsentEvent
from apps.leads.models import Touch
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Conflict
from tests.cast import Tenant
from tests.connectors.senders import SECRET, Sender, connect, sample


@pytest.fixture
def google(harbor: Tenant) -> Sender:
    """Return Google's lead form, whose wording the tenant has named."""
    return connect(
        harbor, "google-lead-form", consent_version="v4", consent_channels=["call", "email"], source="imaging-spring"
    )


def lead(**changes: object) -> dict:
    """Return the sample with the connection's key in it."""
    return {**sample("google-lead-form", "lead"), "google_key": SECRET, **changes}


def test_an_unknown_address_and_one_of_another_provider_do_not_exist(google: Sender) -> None:
    assert (
        Client().post("/hooks/google-lead-form/nobody/", data="{}", content_type="application/json").status_code == 404
    )
    assert Client().post(google.path.replace("google-lead-form", "nobody")).status_code == 404
    assert google.hooks() == []


def test_an_address_that_was_switched_off_does_not_exist(google: Sender) -> None:
    with google.tenant.scope():
        Connection.rows().filter(id=google.connection.id).update(is_active=False)
    assert google.post(lead()).status_code == 404
    assert google.hooks() == []


@pytest.mark.parametrize("key", ["", "wrong-key-of-somebody", None])
def test_a_wrong_proof_leaves_nothing_but_a_count(google: Sender, key: str | None) -> None:
    assert google.post(lead(google_key=key)).status_code == 401
    assert google.hooks() == []
    with google.tenant.scope():
        row = Connection.rows().get(id=google.connection.id)
    assert (row.refused_count, row.last_refused_at is not None) == (1, True)


def test_a_lead_comes_with_source_campaign_consent_and_verdict(google: Sender) -> None:
    assert google.post(lead()).status_code == 200
    found = google.lead()
    assert (found.person.first_name, found.person.last_name) == ("Renée", "Alvarez")
    (submission,) = google.submissions()
    assert (submission.verdict, submission.source.key, submission.door) == ("new", "imaging-spring", "hook")
    assert found.campaign is not None
    with google.tenant.scope():
        assert Touch.rows().get(lead=found).attribution["gclid"] == "EAIaIQobChMI_EXAMPLE_gclid"
        states = dict(ConsentEvent.rows().filter(person=found.person).values_list("channel", "value"))
    assert states == {"call": "granted", "email": "granted"}


def test_the_same_event_again_changes_nothing(google: Sender) -> None:
    first = google.post(lead())
    again = [google.post(lead(api_version="1.1")) for _ in range(4)]
    assert {(each.status_code, each.content) for each in again} == {(first.status_code, first.content)}
    assert len(google.submissions()) == 1
    (kept,) = google.hooks()
    assert kept.repeats == 4


@pytest.mark.row("CP-08")
def test_five_at_once_are_one_lead(google: Sender) -> None:
    answers: list[tuple[int, bytes]] = []

    def push() -> None:
        try:
            answer = google.post(lead())
            answers.append((answer.status_code, answer.content))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=push) for _ in range(5)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert [status for status, _body in answers] == [200] * 5
    assert len({body for _status, body in answers}) == 1
    assert google.lead().person.last_name == "Alvarez"
    assert len(google.submissions()) == 1


def test_a_test_lead_is_kept_apart_from_the_real_one(google: Sender) -> None:
    google.post(lead(is_test=True))
    google.post(lead())
    found = google.submissions()
    assert [(each.is_test, each.verdict) for each in found] == [(True, "test"), (False, "new")]
    assert len({each.lead_id for each in found}) == 2


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"[1]", b"\xff\xfe\x00", b'{"a": NaN}', b"[" * 40 + b"]" * 40, b'{"google_key": 1e999}']
)
def test_what_is_not_the_senders_form_is_refused_whole(google: Sender, raw: bytes) -> None:
    assert google.post(raw).status_code in (400, 401)
    assert google.hooks() == []


def test_a_hook_that_cannot_be_mapped_is_kept_and_shown(google: Sender) -> None:
    assert google.post({"google_key": SECRET, "lead_id": "x-1"}).status_code == 200
    (kept,) = google.hooks()
    assert (kept.state, kept.problem) == (HookState.UNMAPPED, "The body has no user_column_data.")
    with google.tenant.scope():
        found = read_again(actor=google.tenant.system, hook=Hook.rows().get(id=kept.id), now=database_now())
    assert found.state is HookState.UNMAPPED


def test_two_secrets_may_be_active_and_a_retired_one_ends_at_once(google: Sender) -> None:
    with google.tenant.scope():
        add_secret(actor=google.tenant.system, row=google.connection, secret="the-next-secret", now=database_now())
        with pytest.raises(Conflict):
            add_secret(actor=google.tenant.system, row=google.connection, secret="one-too-many", now=database_now())
    assert google.post(lead()).status_code == 200
    with google.tenant.scope():
        old = google.connection.secrets.order_by("added_at").first()
        retire_secret(actor=google.tenant.system, row=google.connection, secret_id=old.id, now=database_now())
    assert google.post(lead(lead_id="another")).status_code == 401
    assert google.post(lead(lead_id="another", google_key="the-next-secret")).status_code == 200


def test_another_tenant_with_the_same_sender_hears_nothing(google: Sender, lakeside: Tenant) -> None:
    with lakeside.scope():
        assert Hook.rows().count() == 0
    google.post(lead())
    with lakeside.scope():
        assert Hook.rows().count() == 0
