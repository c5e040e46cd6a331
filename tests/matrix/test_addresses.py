"""Matrix S1: every address and method, for every asker, on what is theirs, another team's, another tenant's, nobody's.

The cells are generated from the resolver; tests/architecture/test_urls.py says what is answered.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from uuid import uuid4
from zlib import crc32

import pytest
from django.apps import apps

from apps.audit.models import AuditEntry
from apps.leads.models import Lead
from tests.architecture import test_urls as listed
from tests.architecture.test_urls import ADMIN, OF_STAFF
from tests.cast import Tenant
from tests.doors import sign_in
from tests.matrix import beside
from tests.matrix.report import note
from tests.matrix.statements import counted
from tests.matrix.world import (
    ASKERS,
    FOREIGN,
    FULL,
    NOWHERE,
    OTHER_TEAM,
    OWN,
    World,
    filled,
    send,
    taken_back,
    world,
)

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
#: A usual run asks these about what is ours, and one of the others for each address. Of what is another team's it asks
#: those two who change places; of what is nobody's here the owner, and of these one for each address: the others are
#: turned away before an id is looked up.
ALWAYS = ("anonymous", "agency", "outsider", "owner")
SWAPPED, IN_TURN = ("colleague", "owner"), ("colleague", "agency", "administrator")
#: Whoever may not open the admin pages, and who may; a usual run asks the owner, and of the managers one for each
#: address: one of another tenant about ours, or one of ours about another tenant's.
SHUT_OUT = ("bystander", "viewer", "colleague", "owner")
ADMINISTER = ("outsider", "marketing", "administrator")
MANAGERS_IN_TURN = ("outsider", "administrator")
#: What tells one answer from another although it says the same: ids, and tokens of forms.
_MARKS = re.compile(r'[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}|(?<=value=")[A-Za-z0-9]{64}(?=")')


def things_of(route: str) -> tuple[str, ...]:
    """Return what an address can be asked for."""
    if "_id>" not in route:
        return (OWN,)
    return (OWN, OTHER_TEAM, FOREIGN, NOWHERE) if ":lead_id>" in route else (OWN, FOREIGN, NOWHERE)


def turn(route: str, names: tuple[str, ...]) -> str:
    """Return whose turn it is at an address, at every run the same."""
    return names[crc32(route.encode()) % len(names)]


def askers_of(route: str, thing: str, *, full: bool = FULL) -> tuple[str, ...]:
    """Return who asks: what is another tenant's is at home for the one of that tenant."""
    if full:
        return tuple(name for name in ASKERS if thing != FOREIGN or name != "outsider")
    if thing == OWN:
        return (*ALWAYS, turn(route, tuple(name for name in ASKERS if name not in ALWAYS)))
    return SWAPPED if thing == OTHER_TEAM else ("owner", turn(route, IN_TURN))


def expected(method: str, route: str, answers: str, asker: str, thing: str) -> str:
    """Return the declared answer on a lead; another team's lead is to its own people what ours is to ours."""
    if thing == OTHER_TEAM and asker in (exceptions := beside.OF_OTHERS.get((method, route), {})):
        return str(exceptions[asker])
    theirs = {"owner": "colleague", "colleague": "owner"} if thing == OTHER_TEAM else {}
    said = dict(zip(ASKERS, answers.split(), strict=False))
    said |= beside.answers(method, route, said)
    return str(said[theirs.get(asker, asker)])


def undeclared() -> Iterator[tuple[str, str]]:
    """Yield the methods that an address does not have."""
    has = defaultdict(set)
    for method, route, _, _ in OF_STAFF:
        has[route].add(method)
    for route, methods in has.items():
        yield from ((method, route) for method in METHODS if method not in methods)


def cells() -> int:
    """Return how many questions the whole matrix has."""
    declared = sum(len(askers_of(route, thing, full=True)) for _, route, _, _ in OF_STAFF for thing in things_of(route))
    others = sum(len(ASKERS) for _ in undeclared())
    admin = sum(2 * (2 + len(SHUT_OUT)) for _ in ADMIN)
    return declared + others + admin + sum(2 * 2 * len(ADMINISTER) for route in ADMIN if "object_id" in route)


def same(text: str) -> str:
    """Return an answer without what differs from one request to the next."""
    return _MARKS.sub("-", text)


def locked(at: World, lead: Lead) -> dict[str, Any]:
    """Return the lead's row."""
    with at.harbor.scope():
        found: dict[str, Any] = Lead.rows().values().get(id=lead.id)
        return found


def ask(at: World, asker: str, method: str, route: str, thing: str, body: Any = None) -> tuple[str, str, list[str]]:
    """Ask once and take it back; return status, text, and the shapes of the statements that it took."""
    path = filled(route, at.values(route, thing))
    with taken_back():
        answer, read = counted(lambda: send(at.clients[asker], method, path, body))
    note("addresses", method, route, asker, thing, answer.status_code, len(read))
    return str(answer.status_code), answer.content.decode("utf-8", "replace"), read


@pytest.mark.row("TA-01")
@pytest.mark.parametrize(("method", "route", "body", "answers"), OF_STAFF, ids=lambda value: str(value)[:60])
def test_who_gets_what(method: str, route: str, body: Any, answers: str) -> None:
    at, wrong = world(), {}
    own = {name: expected(method, route, answers, name, OWN) for name in ASKERS}
    found: dict[tuple[str, str], tuple[str, str, list[str]]] = {}
    for thing in things_of(route):
        for name in askers_of(route, thing):
            status, text, _ = found[name, thing] = ask(at, name, method, route, thing, body)
            if name == "outsider":
                assert "Lopez" not in text
            else:
                assert "Quillfeather" not in text
            if thing in (OWN, OTHER_TEAM):
                if status != (wanted := expected(method, route, answers, name, thing)):
                    wrong[name, thing] = f"{status}, not {wanted}"
            elif status != "404" and not (status == own[name] and status in ("302", "401", "403")):
                wrong[name, thing] = f"{status}, as if it were there"
    assert not wrong
    for name in ASKERS:
        if (name, FOREIGN) in found and (name, NOWHERE) in found:
            there, nowhere = found[name, FOREIGN], found[name, NOWHERE]
            assert (there[0], same(there[1])) == (nowhere[0], same(nowhere[1])), (name, "an id of another tenant shows")
            # Settings that were read by the first are not read by the second: asked again, it takes the same ones.
            if there[2] != nowhere[2]:
                there = ask(at, name, method, route, FOREIGN, body)
            assert there[2] == nowhere[2], (name, "an id of another tenant takes other statements")


@pytest.mark.row("TA-01")
@pytest.mark.parametrize("method", METHODS)
def test_a_method_that_an_address_does_not_have_does_nothing(method: str) -> None:
    at, wrong = world(), []
    before = locked(at, at.own)
    for other, route in undeclared():
        if other == method and (FULL or turn(route, METHODS[:2]) == "GET"):
            for name in ASKERS if FULL else ("anonymous", "owner"):
                status, _, _ = ask(at, name, method, route, OWN)
                if status not in ("302", "401", "403", "404", "405"):
                    wrong.append((route, name, status))
    assert not wrong
    assert locked(at, at.own) == before


@pytest.mark.row("TA-10")
def test_what_an_agencys_person_gets() -> None:
    """Own pages only: every other page is one that does not exist, and from the start one is led home."""
    at, wrong = world(), []
    people = {name: sign_in(at.harbor.user(name)) for name in ("bea", "noa", "cleo", "dev")}
    nothing = people["bea"].get("/there/is/no/such/page/")
    delivered = at.delivered()
    for method, route, body, _ in OF_STAFF:
        if route.startswith("api/"):
            continue
        path = filled(route, defaultdict(uuid4, delivered))
        answers = {}
        wanted = listed.OF_AGENCIES.get((method, route))
        for name in people if wanted else ("bea",):
            with taken_back():
                answers[name] = send(people[name], method, path, body)
            note("addresses", method, route, name, "delivered", answers[name].status_code)
        if wanted:
            if " ".join(str(each.status_code) for each in answers.values()) != wanted:
                wrong.append((method, route, wanted))
        elif route == "":
            assert answers["bea"]["Location"] == "/partner/"
        elif (answers["bea"].status_code, answers["bea"].content) != (404, nothing.content):
            wrong.append((method, route, answers["bea"].status_code))
    assert not wrong


@pytest.mark.usefixtures("nothing_in_line")
@pytest.mark.parametrize("route", listed.PUBLIC)
def test_what_is_open_to_everybody(route: str) -> None:
    at = world()
    path = filled(route, {"slug": f"{at.harbor.slug}-imaging"})
    for name in ("anonymous", "outsider"):
        assert at.clients[name].get(path).status_code == 200


@pytest.mark.parametrize(("route", "status"), listed.CHAT.items())
def test_the_visitors_chat_is_open_to_everybody(route: str, status: int) -> None:
    at = world()
    path = filled(route, {"slug": f"{at.harbor.slug}-chat"})
    assert {client.get(path).status_code for client in at.clients.values()} == {status}


@pytest.mark.parametrize("route", listed.BY_TOKEN)
def test_without_the_token_there_is_nothing(route: str) -> None:
    at = world()
    path = filled(route, {"provider": "google-lead-form", "token": "nobody", "part": "post-call"})
    for name in ("anonymous", "outsider", "owner", "agency"):
        for method in ("GET", "POST"):
            assert send(at.clients[name], method, path, {}).status_code == 404


@pytest.mark.parametrize("route", listed.OF_FORMS)
def test_a_form_opens_nothing_to_a_made_up_text(route: str) -> None:
    at = world()
    path = filled(route, {"slug": f"{at.harbor.slug}-visit", "token": "nobody", "name": "nowhere"})
    for name in ("anonymous", "outsider"):
        assert at.clients[name].get(path).status_code == 404


@pytest.mark.parametrize("route", listed.SIGN_IN)
def test_the_pages_of_sign_in(route: str) -> None:
    at = world()
    path = "/accounts/password/reset/key/1-set-password/" if "^" in route else f"/{route}"
    answers = []
    for name in ("anonymous", "bystander"):
        with taken_back():
            answers.append(at.clients[name].get(path).status_code)
    assert tuple(answers) == listed.SIGN_IN[route]


@pytest.mark.row("TA-01")
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_the_registers(method: str) -> None:
    """Without `admin:use` nobody enters; a manager of another tenant finds no row of this one, nor of nowhere."""
    at = world()
    for route in ADMIN:
        if not FULL and method == "POST" and turn(route, METHODS[:2]) == "GET":
            continue
        path = _admin_path(at.harbor, route)
        for name in ("anonymous", "agency"):
            answer = _answer(at, name, method, path, route)
            assert answer.status_code == 302, (route, name)
            assert answer["Location"].startswith("/accounts/login/")
        if route in listed.TO_SIGN_IN:
            continue
        for name in SHUT_OUT if FULL else ("owner",):
            answer = _answer(at, name, method, path, route)
            assert answer.status_code == 403, (route, name, answer.status_code)
            assert "may not open the admin pages" in answer.content.decode()
        if "<path:object_id>" in route:
            _refuses_strangers(at, method, route)
        elif method == "GET":
            assert _answer(at, "outsider", method, path, route).status_code in (200, 403, 404, 405), route


def _refuses_strangers(at: World, method: str, route: str) -> None:
    """A row of another tenant is to the managers of this one what a row of nowhere is."""
    for name in ADMINISTER if FULL else (turn(route, MANAGERS_IN_TURN),):
        stranger = at.harbor if name == "outsider" else at.lakeside
        found = []
        for path in (_admin_path(stranger, route), _admin_path(None, route)):
            with taken_back():
                answer = send(at.clients[name], method, path, {})
                if answer.status_code == 302:
                    answer = at.clients[name].get(answer["Location"])
            note("addresses", method, route, name, path, answer.status_code)
            found.append((answer.status_code, same(answer.content.decode())))
            refused = {403, 404} if route.endswith(("/delete/", "/change/")) else {404, 405}
            if name != "outsider":
                refused.add(403)
            assert answer.status_code in refused, (method, route, name, answer.status_code)
            assert stranger.domain not in answer.content.decode()
        assert found[0][0] == found[1][0], (route, name, [status for status, _ in found])


def _answer(at: World, name: str, method: str, path: str, route: str) -> Any:
    with taken_back():
        answer = send(at.clients[name], method, path, {})
    note("addresses", method, route, name, OWN, answer.status_code)
    return answer


def _admin_path(tenant: Tenant | None, route: str) -> str:
    places = {"app_label": "leads", "url": "nowhere", "key": "landing-pages", "notice_id": uuid4()}
    return filled(route, {"object_id": _row_id(tenant, route), **places})


def _row_id(tenant: Tenant | None, route: str) -> Any:
    """Return the id of a row of the tenant in the register of this address."""
    parts = route.split("/")
    if tenant is None or len(parts) < 4 or "<path:object_id>" not in route:
        return uuid4()
    model = apps.get_model(parts[1], parts[2])
    with tenant.scope():
        if model is AuditEntry:
            return AuditEntry.rows().order_by("seq").first().id
        row = model.rows().order_by("id").first()
    return row.id if row is not None else uuid4()
