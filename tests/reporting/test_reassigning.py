"""Leads given out from the board: the preview is what happens, by load and never over a limit."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.models import Membership
from apps.flows import bulk
from apps.leads.models import Lead
from apps.reporting.board_terms import Taker
from apps.reporting.decisions import spread
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead

LATER = TUESDAY_NINE + timedelta(minutes=5)
takers_ = st.lists(
    st.builds(Taker, st.uuids().map(str), st.text(max_size=4), st.integers(0, 30), st.integers(1, 30), st.booleans()),
    max_size=6,
)


@given(takers_, st.integers(0, 80))
def test_nobody_gets_more_than_fits_and_nobody_away_gets_any(takers: list[Taker], leads: int) -> None:
    shares = spread(leads, takers)
    room = sum(max(0, each.cap - each.open) for each in takers if each.is_available)
    assert sum(each.gets for each in shares) == min(leads, room)
    assert all(each.gets == 0 or each.after <= each.taker.cap for each in shares)
    assert all(each.gets == 0 for each in shares if not each.taker.is_available)
    full = [each for each in shares if each.gets]
    for one in full:
        for other in shares:
            if other.taker.is_available and other.after < other.taker.cap:
                assert (one.after - 1) / one.taker.cap <= other.after / other.taker.cap


@pytest.mark.parametrize(("origin", "moved"), [("person", 3), ("queue", 2)])
def test_the_preview_is_what_happens(harbor: Tenant, client_as: Callable[..., Client], origin: str, moved: int) -> None:
    with harbor.scope():
        others = [harbor.member(name).id for name in ("ana", "lena")]
        eli = harbor.member("eli")
        Membership.rows().filter(id__in=others).update(availability="away")
        if origin == "queue":
            Membership.rows().filter(id=eli.id).update(availability="away")
    leads = [make_lead(harbor) for _ in range(moved)]
    with harbor.scope():
        Membership.rows().filter(id__in=others).update(availability="available")
    client = client_as("lena")
    asked = f"person elm-calls {eli.id}" if origin == "person" else "queue elm-calls"
    with travelling(to=LATER):
        seen = unescape(
            client.get("/board/reassign/", {"origin": asked, "most": "10", "reason": "Lunch"}).content.decode()
        )
    plan = {line.split()[0]: line.split()[1:] for line in re.findall(r'name="gives" value="([^"]+)"', seen)}
    key = re.findall(r'name="idempotency_key" value="([^"]+)"', seen)[0]
    assert sorted(each for ids in plan.values() for each in ids) == sorted(str(lead.id) for lead in leads)
    assert set(plan) <= {str(each) for each in others}
    gives = [" ".join([member, *ids]) for member, ids in plan.items()]
    body = {"origin": asked, "most": "10", "reason": "Lunch", "idempotency_key": key, "gives": gives}
    for _ in range(2):
        with travelling(to=LATER):
            answer = client.post("/board/reassign/", body)
        assert answer.status_code == 200
        assert "take it back" in answer.content.decode()
    with harbor.scope():
        owners = dict(Lead.rows().filter(id__in=[lead.id for lead in leads]).values_list("id", "owner_id"))
    assert {str(lead): str(owner) for lead, owner in owners.items()} == {
        lead: member for member, ids in plan.items() for lead in ids
    }


def test_what_the_preview_did_not_show_is_not_given(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    with harbor.scope():
        eli, lena, ben = (harbor.member(name) for name in ("eli", "lena", "ben"))
        ana = harbor.member("ana")
        Membership.rows().filter(id__in=[ana.id, lena.id]).update(availability="away")
    elis = [make_lead(harbor) for _ in range(2)]
    with harbor.scope():
        Membership.rows().filter(id=eli.id).update(availability="away")
        Membership.rows().filter(id=ana.id).update(availability="available")
    other = make_lead(harbor)
    client, body = (
        client_as("lena"),
        {"origin": f"person elm-calls {eli.id}", "most": "10", "reason": "Ill", "idempotency_key": "k"},
    )

    def give(member: Membership, *leads: Lead) -> tuple[int, str]:
        with travelling(to=LATER):
            gives = " ".join([str(member.id), *(str(lead.id) for lead in leads)])
            answer = client.post("/board/reassign/", {**body, "gives": gives})
        return answer.status_code, unescape(answer.content.decode())

    assert give(ben, *elis)[0] == 409
    assert give(lena, *elis)[0] == 409
    with harbor.scope():
        Membership.rows().filter(id=lena.id).update(availability="on_call")
    assert give(lena, other)[0] == 409
    status, said = give(lena, elis[0], other)
    assert status == 200 and "1 given, 1 with others by now" in said
    with harbor.scope():
        owners = dict(Lead.rows().filter(id__in=[other.id, *(lead.id for lead in elis)]).values_list("id", "owner_id"))
    assert owners == {elis[0].id: lena.id, elis[1].id: eli.id, other.id: ana.id}


def test_only_own_teams_can_be_chosen(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    lead = make_lead(harbor)
    page = client_as("lena").get("/board/reassign/").content.decode()
    assert "Elm Calls" in page
    assert "Ben Okafor" not in page
    answer = client_as("ola").get("/board/reassign/", {"origin": "queue elm-calls", "most": "5"})
    assert answer.status_code == 422
    assert str(lead.id) not in answer.content.decode()
    assert client_as("dev").get("/board/reassign/").status_code == 403


def test_the_preview_names_deadlines_the_giver_and_the_middle_of_the_team(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    with harbor.scope():
        ana, eli, lena = (harbor.member(name) for name in ("ana", "eli", "lena"))
        Membership.rows().filter(id__in=[ana.id, lena.id]).update(availability="away")
    leads = [make_lead(harbor) for _ in range(3)]
    with harbor.scope():
        Membership.rows().filter(id__in=[ana.id, lena.id]).update(availability="available")
    client = client_as("lena")
    origin = f"person elm-calls {eli.id}"
    asked = {"origin": origin, "most": "10", "reason": "Ill", "to": f"person elm-calls {ana.id}"}

    def preview(**other: str) -> tuple[int, str]:
        with travelling(to=LATER - timedelta(minutes=1)):
            answer = client.get("/board/reassign/", asked | other)
        return answer.status_code, " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())

    # One person is chosen: the others get none, though they are available; the giver's row says what stays.
    _status, seen = preview()
    assert "Ana Ruiz 0 3 3 50" in seen and "Lena Hart 0 0 0 50" in seen
    assert "Elm Calls: Eli Stone (gives) 3 0" in seen
    assert "then Ana Ruiz holds most of those who get leads, 3; the middle of the team is 0." in seen
    assert "Deadlines go along: 0 late, 3 due within the hour." in seen
    # A lead that the rules refuse is not counted as got.
    refused = "Nobody but who began may have it."
    with pytest.MonkeyPatch.context() as patch:
        lines = [bulk.Line(leads[0].id, "L-1", done=False, sentence=refused)]
        patch.setattr("apps.reporting.reassigning.bulk.preview", lambda **_asked: lines)
        _status, seen = preview()
    assert "Ana Ruiz 0 2 2 50" in seen and "Elm Calls: Eli Stone (gives) 3 1" in seen and f"L-1: {refused}" in seen
    assert "Deadlines go along: 0 late, 2 due within the hour." in seen
    # Off shift is not available, here as in the board's alarms.
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("apps.reporting.reassigning.is_on_shift", lambda member, _now: member != ana.id)
        _status, seen = preview()
    assert "Ana Ruiz (not available) 0 0 0 50" in seen and "3 leads stay" in seen
    # Without a reason nothing is previewed; who has the leads, or is of another team, does not get them.
    assert preview(reason="")[0] == 422
    assert preview(to=origin)[0] == 422
    # The board leads here with the origin chosen, from the person and from the queue, by a link on every screen.
    with travelling(to=LATER):
        board = unescape(client.get("/board/").content.decode())
    link = re.findall(r'href="(/board/reassign/\?origin=person[^"]+)"', board)
    assert len(link) == 1 and f'value="{origin}" selected' in client.get(link[0]).content.decode()
