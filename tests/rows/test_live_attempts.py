"""Row TK-09: while somebody is in contact with a person nobody else begins, on whichever lead and by whatever door."""

import html
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client

from apps.flows.calls import begin_call
from apps.leads.models import ContactPoint, Lead
from apps.outreach.actions import STAGE_MESSAGE, intend_message
from apps.outreach.models import LiveAttempt, Message
from apps.tenancy.clock import travelling
from apps.tenancy.errors import Conflict
from tests.cast import Tenant
from tests.leads_made import consent, make_lead
from tests.rows.arranging import ask, chicago, page

OpenBrowser = Callable[..., Client]
TEN = chicago("2026-12-01 10:00")
AT = chicago("2026-12-01 10:02")
LATER = AT + timedelta(minutes=3)


def two_of(lead: Lead) -> tuple[str, str]:
    """Return who owns the lead, and a colleague of the same team."""
    owner = lead.owner.user.email.partition("@")[0]
    return owner, next(each for each in ("ana", "eli", "lena") if each != owner)


@pytest.mark.row("TK-09")
def test_nobody_calls_while_a_colleague_does(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead = make_lead(harbor, at=TEN)
    first, second = two_of(lead)
    one, two = client_as(first), client_as(second)
    assert ask(one, "POST", f"/leads/{lead.id}/calls", {}, at=AT).status_code == 200
    refused = ask(two, "POST", f"/leads/{lead.id}/calls", {}, at=LATER)
    assert (refused.status_code, refused.json()["code"]) == (409, "attempt_live")
    said = f"{lead.owner.user.name} is on the phone with them since 10:02. It ends when they log it, by 10:12"
    assert said in refused.json()["detail"]
    for channel in ("email",):
        other = ask(two, "POST", f"/leads/{lead.id}/calls", {"channel": channel}, at=LATER)
        assert other.json()["code"] == "attempt_live"
    shown = html.unescape(page(two, f"/leads/{lead.id}/", at=LATER))
    assert said in shown and "Call: Later" in shown
    with travelling(to=LATER):
        clicked = two.post(f"/leads/{lead.id}/call/")
    assert clicked.status_code == 409 and said in html.unescape(clicked.content.decode())
    # Who is at it is not stopped by themselves.
    assert said not in html.unescape(page(one, f"/leads/{lead.id}/", at=LATER))
    assert ask(one, "POST", f"/leads/{lead.id}/calls", {}, at=LATER).status_code == 200
    # Logging it ends it.
    call = {"kind": "call", "outcome": "no_answer"}
    assert ask(one, "POST", f"/leads/{lead.id}/activities", call, at=LATER).status_code == 201
    assert ask(two, "POST", f"/leads/{lead.id}/calls", {}, at=LATER).status_code == 200


@pytest.mark.row("TK-09")
def test_what_nobody_logs_ends_by_itself(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead = make_lead(harbor, at=TEN)
    first, second = two_of(lead)
    assert ask(client_as(first), "POST", f"/leads/{lead.id}/calls", {}, at=AT).status_code == 200
    path, two = f"/leads/{lead.id}/calls", client_as(second)
    assert ask(two, "POST", path, {}, at=AT + timedelta(minutes=9, seconds=59)).status_code == 409
    assert ask(two, "POST", path, {}, at=AT + timedelta(minutes=10)).status_code == 200
    with harbor.scope():
        assert LiveAttempt.rows().filter(lead=lead, ended_at__isnull=True).count() == 1


@pytest.mark.row("TK-09")
def test_another_lead_of_the_same_person_waits_too(harbor: Tenant, client_as: OpenBrowser) -> None:
    same = {"person__email": "maria@example.com", "person__phone": "+13125550199"}
    lead = make_lead(harbor, at=TEN, **same)
    other = make_lead(harbor, at=TEN, source="web-derm", request__service="dermatology", **same)
    assert (lead.person_id, lead.id == other.id) == (other.person_id, False)
    first = client_as(two_of(lead)[0])
    assert ask(first, "POST", f"/leads/{lead.id}/calls", {}, at=AT).status_code == 200
    for name in ("ben", "otis"):
        answer = ask(client_as(name), "POST", f"/leads/{other.id}/calls", {}, at=LATER)
        if answer.json()["code"] != "no_contact_grant":
            assert answer.json()["code"] == "attempt_live"
            return
    raise AssertionError("somebody of the other team may contact the person")


@pytest.mark.row("TK-09")
def test_the_worker_waits_for_the_end_of_a_call(harbor: Tenant, client_as: OpenBrowser) -> None:
    lead = make_lead(harbor, at=TEN, consent=[consent("call"), consent("email")])
    owner = client_as(two_of(lead)[0])
    assert ask(owner, "POST", f"/leads/{lead.id}/calls", {}, at=AT).status_code == 200
    with travelling(to=LATER), harbor.scope():
        point = ContactPoint.rows().get(person=lead.person_id, kind="email")
        more = {"template_key": "acknowledgement-repeat", "contact_point": point, "words": {}, "language": "en"}
        sent = intend_message(lead, purpose=STAGE_MESSAGE, dedup_key="one", now=LATER, **more)
    assert sent is not None
    harbor.drain(LATER)
    with harbor.scope():
        assert Message.rows().get(id=sent.id).state == "pending"
    harbor.drain(AT + timedelta(minutes=11))
    with harbor.scope():
        assert Message.rows().get(id=sent.id).state == "sent"


@pytest.mark.row("TK-09")
def test_of_two_who_begin_at_once_one_does(harbor: Tenant) -> None:
    lead = make_lead(harbor, at=TEN)
    gate, results = Barrier(2), list[str]()

    def begin(name: str) -> None:
        try:
            with travelling(to=AT), harbor.scope():
                actor = harbor.actor(name)
                gate.wait(timeout=10)
                begin_call(actor=actor, lead_id=lead.id, now=AT)
            results.append("began")
        except Conflict as error:
            results.append(str(error.code))
        finally:
            connection.close()

    threads = [Thread(target=begin, args=(name,)) for name in two_of(lead)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=20)
    assert sorted(results) == ["attempt_live", "began"]
