"""Hostile texts in every field of every door for inquiries: never a failure, nothing half stored, nothing that runs.

A usual run sends every other text to a door, and each text to every other one; `make matrix` sends all to all.
The doors of machines have their own test (`tests/connectors/test_hostile.py`).
"""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.capture.models import Submission
from apps.leads.models import Lead
from apps.tenancy.clock import travelling
from tests.capture.forms_made import send_form
from tests.capture.test_form_steps import ANSWERS, Visit
from tests.chat.test_chat import Visitor
from tests.hostile import LONG, TEXTS
from tests.imports.test_imports import BASIS
from tests.leads_made import TUESDAY_NINE, consent
from tests.matrix.world import FULL
from tests.partners.agency import hidden
from tests.partners.test_submit import PAPER, REFERRAL
from tests.workspace.test_manual_entry import TOLD

GOOD_ENDS = range(200, 500)
#: The texts with their numbers: a turn for the doors of each test.
ALL = list(enumerate(TEXTS))
FIRST, SECOND, THIRD = (ALL, ALL, ALL) if FULL else (ALL[::3], ALL[1::3], ALL[2::3])
#: What a browser would run or obey, were it to stand in a page as it was sent.
LIVE = ("<script>alert", "<img src=x", "<svg/onload", "<a href=javascript", "</textarea><script>")


def at(number: int) -> travelling:
    """Let each text come in a minute of its own, so that no quota hides what it would do."""
    return travelling(to=TUESDAY_NINE + timedelta(minutes=number))


def everything_settles(harbor, browsers) -> int:
    """Let the worker judge all of it; look at lists and every eighth lead as people do; return the number of leads."""
    when = TUESDAY_NINE + timedelta(hours=4)
    harbor.drain(when)
    with harbor.scope():
        assert not Submission.rows().exclude(state__in=["processed", "quarantined"]).exists()
        leads = list(Lead.rows().values_list("id", flat=True))
    with travelling(to=when):
        for path in ("/queue/", "/quality/", "/reports/", *(f"/leads/{each}/" for each in leads[::8])):
            answers = [browser.get(path) for browser in browsers]
            assert any(each.status_code == 200 for each in answers), path
            for answer in answers:
                assert not any(each in answer.content.decode() for each in LIVE), path
    return len(leads)


@pytest.fixture
def people(client_as):
    """Return a coordinator and marketing ops."""
    return [client_as("ewa"), client_as("ada")]


@pytest.mark.row("CP-04")
def test_a_form_of_one_page(harbor, people):
    address, ends = f"/f/{harbor.slug}-contact/", set()
    for number, text in FIRST:
        named = dict.fromkeys(("first_name", "last_name", "phone", "email", "postal_code", "service", "location"), text)
        for values in (named, {**named, "service": "imaging", "location": "", "phone": "(312) 555-0163", "email": ""}):
            values |= {"message": text, "consent_call": text}
            at_minute = TUESDAY_NINE + timedelta(minutes=2 * number)
            ends.add(
                send_form(Client(), f"{address}?lp={text[:60]}&utm_source={text[:60]}", values, at_minute).status_code
            )
    assert ends <= set(GOOD_ENDS) and 422 in ends
    assert everything_settles(harbor, people) > 5


@pytest.mark.row("CP-04")
def test_a_form_page_by_page(harbor, people, client):
    for number, text in enumerate(TEXTS[::3]):
        visit = Visit(Client(), f"{harbor.slug}-visit")
        visit.seconds = 60 * number
        visit.get(visit.home)
        for values in ANSWERS.values():
            assert visit.post(**dict.fromkeys(values, text)).status_code in GOOD_ENDS
            typed = {name: text for name in values if name.endswith("_name")}
            assert visit.post(**{**values, **typed}).status_code in GOOD_ENDS
        assert visit.post().status_code in GOOD_ENDS
    assert everything_settles(harbor, people) > 5


@pytest.mark.row("CP-12")
def test_a_chat(harbor, people, client_as):
    mia = client_as("mia")
    for number, text in SECOND:
        with at(number * 4):
            visitor = Visitor(harbor)
            assert visitor.send(text=text).status_code in GOOD_ENDS
            assert visitor.send(act="contact", name=text, phone=text, email=text).status_code in GOOD_ENDS
            assert not any(each in visitor.text for each in LIVE)
    with travelling(to=TUESDAY_NINE + timedelta(hours=4)):
        page = mia.get("/chats/")
    assert page.status_code == 200 and not any(each in page.content.decode() for each in LIVE)


@pytest.mark.row("CP-24")
def test_a_colleague_types_in(harbor, people, client_as):
    ana, ends = client_as("ana"), set()
    for number, text in THIRD:
        free = dict.fromkeys(("first_name", "last_name", "message", "reason", "city", "referral_reason"), text)
        values = {**TOLD, **free} if number % 2 else dict.fromkeys([*TOLD, *free], text)
        told = {"save": "1", "idempotency_key": f"h{number}", **values}
        with at(number):
            ends.add(ana.post("/leads/new/", told).status_code)
            assert ana.get("/leads/new/", {"q": text, "phone": text}).status_code in GOOD_ENDS
    assert ends <= {303, 413, 422}
    assert everything_settles(harbor, people) > 5


@pytest.mark.row("CP-17")
def test_a_partner_submits(harbor, people, client_as):
    lou, ends = client_as("lou"), set()
    for number, text in FIRST:
        free = {name: text for name in REFERRAL if name.startswith(("referral_", "first_", "last_"))}
        values = {**REFERRAL, **free} if number % 2 else dict.fromkeys(REFERRAL, text)
        with at(number):
            once = hidden(lou.get("/partner/submit/"), "once")
            paper = SimpleUploadedFile(text[:80] or "x", PAPER)
            ends.add(lou.post("/partner/submit/", {"once": once, **values, "documents": [paper]}).status_code)
    assert ends <= {303, 413, 422}
    assert everything_settles(harbor, people) > 5


@pytest.mark.row("CP-26")
def test_a_calling_list(harbor, people):
    targets = [
        *("person.first_name", "person.last_name", "person.phone", "person.email", "person.city", "request.service"),
        *("request.location", "person.date_of_birth", "request.message", "answer", "attribution.landing_page"),
    ]
    rows = [[text] * len(targets) for text in TEXTS if text is not LONG]
    rows += [["Nora", text, f"(773) 555-{n:04d}", "", "", "", "", "", text, text, text] for n, text in enumerate(TEXTS)]
    text = io.StringIO()
    csv.writer(text).writerows([[f"Column {n}" for n in range(len(targets))], *rows])
    ops = people[1]
    with at(0):
        file = SimpleUploadedFile("list.csv", text.getvalue().replace("\x00", "").encode(), "text/csv")
        answer = ops.post("/imports/", {"kind": "import", "source": "imaging-spring", "file": file})
    assert answer.status_code == 303, answer.content.decode()
    page = answer["Location"]
    columns = {f"column_{n}": target for n, target in enumerate(targets)}
    for step, body in (("plan/", {**columns, "basis": "on", **BASIS}), ("confirm/", {})):
        with at(1):
            assert ops.post(f"{page}{step}", body).status_code == 303
        harbor.drain(TUESDAY_NINE + timedelta(minutes=2))
        with at(3):
            shown = ops.get(page)
        assert shown.status_code == 200 and not any(each in shown.content.decode() for each in LIVE)
    assert everything_settles(harbor, people) > 30


@pytest.mark.row("CP-07")
def test_a_program_posts(harbor, people, api):
    program, ends = api("bp-1"), set()
    for number, text in SECOND:
        body = {
            "external_id": f"h-{number}",
            "source": "imaging-spring",
            "person": {**dict.fromkeys(("first_name", "last_name", "city"), text[:100]), "postal_code": text[:20]},
            "request": {
                "service": "imaging",
                "message": text[:9_000],
                "best_time": text[:40],
                "preferred_channel": "call",
            },
            "attribution": {"landing_page": text[:500], "keyword": text[:200]},
            "answers": [{"key": "said", "question": text[:300], "values": [text[:1_000]]}],
            "consent": [consent("call", text=text[:4_000])],
        }
        body["person"]["phone"] = f"(773) 555-{number:04d}"
        with at(number):
            ends.add(program.post("/leads", body).status_code)
            ends.add(program.post("/leads", dict.fromkeys(body, text)).status_code)
    assert ends <= {202, 422}
    assert everything_settles(harbor, people) > len(SECOND) // 2
