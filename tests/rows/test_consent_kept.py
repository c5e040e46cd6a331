"""The ledger of consent is only added to, and goes with the person (rows CN-07, CN-09, CN-13)."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, connection

from apps.accounts.models import User
from apps.consent.models import ConsentEvent
from apps.identity.models import Merge
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, consent, make_lead
from tests.rows.arranging import ask, page
from tests.rows.test_consent import owner_name, plain_text
from tests.workspace.test_web_duplicates import only_pair, send

SOON = TUESDAY_NINE + timedelta(minutes=30)
PROOF = {"state": "granted", "evidence_kind": "recording", "evidence_ref": "call 7"}


def changed(harbor, client_as):
    """Return a lead whose consent Ewa changed three times, with the changes."""
    lead = make_lead(harbor, consent=[consent("call"), consent("email")])
    ewa, said = client_as("ewa"), ("said so by phone", "asked for texts", "by letter")
    changes = (
        {"channel": "call", "state": "withdrawn", "reason": said[0]},
        {"channel": "text", "reason": said[1], **PROOF},
        {"channel": "email", "state": "denied", "reason": said[2]},
    )
    for minutes, each in enumerate(changes):
        at = SOON + timedelta(minutes=minutes)
        assert ask(ewa, "POST", f"/leads/{lead.id}/consents", each, at=at).status_code == 201
    return lead, said


@pytest.mark.row("CN-09")
def test_three_changes_are_three_rows_that_no_door_removes(harbor, client_as):
    lead, said = changed(harbor, client_as)
    ewa, path = client_as("ewa"), f"/leads/{lead.id}/consents"
    history = ask(ewa, "GET", path, at=SOON + timedelta(hours=1)).json()["history"]
    assert [each["reason"] for each in history[:3]] == list(reversed(said))
    assert all(each["recorded_by"].startswith("Ewa") and each["recorded_at"] for each in history[:3])
    shown = page(ewa, f"/leads/{lead.id}/consent/", at=SOON + timedelta(hours=1))
    assert all(each in plain_text(shown) for each in said)
    main = shown.partition("<main")[2].partition("</main>")[0]
    assert 'method="post"' not in main and "delete" not in main.lower()
    with harbor.scope():
        kept = list(ConsentEvent.rows().values_list("id", "value").order_by("id"))
        line = ConsentEvent.rows().get(value="withdrawn", channel="call")
    for method in ("DELETE", "PUT", "PATCH"):
        assert ask(ewa, method, path, {"state": "granted"}, at=SOON).status_code == 405
        assert ask(ewa, method, f"{path}/{line.id}", {"state": "granted"}, at=SOON).status_code == 404
    for verb in ("DELETE FROM consent_consentevent", "UPDATE consent_consentevent SET value = 'granted'"):
        with pytest.raises(DatabaseError), harbor.scope(), connection.cursor() as cursor:
            cursor.execute(verb)
    with harbor.scope():
        assert list(ConsentEvent.rows().values_list("id", "value").order_by("id")) == kept


@pytest.mark.row("CN-07")
@pytest.mark.row("CN-09")
def test_a_superuser_outside_the_maintaining_team_only_reads_consent_in_the_admin(harbor, client_as):
    lead, _said = changed(harbor, client_as)
    with harbor.scope():
        line = ConsentEvent.rows().get(value="withdrawn", channel="call")
    register = "/admin/consent/consentevent/"
    for name in ("ana", "ada"):
        User.objects.filter(id=harbor.user(name).id).update(is_superuser=True, is_staff=True)
        browser = client_as(name)
        with travelling(to=SOON):
            listed, opened = browser.get(register), browser.get(f"{register}{line.id}/change/")
            assert listed.status_code == opened.status_code and opened.status_code in (200, 403)
            if opened.status_code == 200:
                form = opened.content.decode()
                assert 'name="value"' not in form and 'name="_save"' not in form and "delete" not in form.lower()
            for address in (f"{line.id}/change/", f"{line.id}/delete/", "add/"):
                answer = browser.post(f"{register}{address}", {"value": "granted", "post": "yes"})
                assert answer.status_code == 403, (name, address)
            bulk = {"action": "delete_selected", "_selected_action": [str(line.id)], "post": "yes"}
            browser.post(register, bulk)
        refused = ask(browser, "POST", f"/leads/{lead.id}/consents", PROOF | {"channel": "call"}, at=SOON)
        assert refused.status_code == 403
    with harbor.scope():
        assert ConsentEvent.rows().get(id=line.id).value == "withdrawn"
        assert not ConsentEvent.rows().filter(channel="call", value="granted", source="maintainer").exists()


@pytest.mark.row("CN-13")
def test_a_merge_carries_consent_with_the_narrower_answer_and_taking_it_back_parts_it_again(harbor, client_as):
    first = make_lead(harbor, person__first_name="Juana", consent=[consent("call"), consent("email")])
    second = make_lead(
        harbor,
        at=TUESDAY_NINE + timedelta(minutes=5),
        person__first_name="J.",
        consent=[consent("call", "denied"), consent("email")],
    )
    ewa, pair = client_as("ewa"), only_pair(harbor)

    def states(lead):
        return ask(ewa, "GET", f"/leads/{lead.id}/consents", at=SOON).json()["states"]

    assert (states(first)["call"], states(second)["call"]) == ("granted", "denied")
    assert send(ewa, pair, "merged", "Same voice").status_code == 303
    assert states(first) == states(second) == {"call": "denied", "text": "unknown", "email": "granted"}
    with travelling(to=SOON):
        dialled = ask(client_as(owner_name(first)), "POST", f"/leads/{first.id}/calls", {"channel": "call"}, at=SOON)
    assert (dialled.status_code, dialled.json()["code"]) == (403, "denied")
    with harbor.scope():
        merge, lines = Merge.rows().get(), ConsentEvent.rows().count()
    with travelling(to=SOON + timedelta(minutes=5)):
        assert ewa.post(f"/people/{first.person_id}/merges/{merge.id}/").status_code == 303
    assert (states(first)["call"], states(second)["call"]) == ("granted", "denied")
    with harbor.scope():
        assert ConsentEvent.rows().count() == lines
