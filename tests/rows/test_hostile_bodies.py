"""Bodies that are no inquiry, and addresses and numbers of the world, at every door that takes inquiries.

Each ends in a clear 4xx with nothing stored, or in an inquiry that is stored whole, word for word.
"""

from datetime import timedelta

import pytest
from django.test import Client
from phonenumbers import SUPPORTED_REGIONS

from apps.capture.actions import payload_of
from apps.capture.email_address import read_email
from apps.capture.models import Submission
from apps.chat.models import Chat
from apps.imports.models import ImportRun
from apps.leads.models import ContactPoint, Lead
from apps.tenancy.clock import travelling
from tests.chat.test_chat import Visitor
from tests.hostile_bodies import ADDRESSES, BODIES, numbers
from tests.leads_made import TUESDAY_NINE, inquiry, processed, send_in
from tests.rows.test_hostile_texts import at

JSON = "application/json"
#: Nothing of ours failed, and the door is there.
CLEAR = (400, 409, 413, 415, 422)
PARTS = (
    (b"--edge", "multipart/form-data; boundary=edge"),
    (b"no parts", "multipart/form-data"),
    (b'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\n1', "multipart/form-data; boundary=edge"),
    (b"%00=%00&%ff=%fe&" * 50, "application/x-www-form-urlencoded"),
    (b"a=1&" * 3_000, "application/x-www-form-urlencoded"),
    (b"\xff\xfe\x00", "text/plain"),
)


def nothing_stored(harbor) -> bool:
    """Whether not one row of an inquiry is there."""
    with harbor.scope():
        return not (Submission.rows().exists() or Lead.rows().exists() or ImportRun.rows().exists())


@pytest.mark.row("CP-07")
@pytest.mark.parametrize("path", ["/leads", "/leads/batch"])
def test_a_program_is_told_what_is_wrong_with_a_body(harbor, api, path):
    program = api("bp-1")
    for number, body in enumerate(BODIES):
        with at(number):
            answer = program.post(path, body)
        if path == "/leads/batch" and answer.status_code == 202:
            # A list of inquiries is judged one by one; of this one each is refused.
            assert (answer.json()["received"], answer.json()["refused"]) == (0, 4), body
            continue
        assert answer.status_code in (400, 413, 422), (body[:40], answer.status_code)
        assert answer["Content-Type"] == "application/problem+json", body[:40]
        assert answer.json()["detail"], body[:40]
    harbor.drain(TUESDAY_NINE)
    assert nothing_stored(harbor)


def test_what_people_fill_in_refuses_bodies_that_are_no_form(harbor, client_as):
    doors = [
        (Client(), f"/f/{harbor.slug}-contact/"),
        (client_as("lou"), "/partner/submit/"),
        (client_as("ana"), "/leads/new/"),
        (client_as("ada"), "/imports/"),
    ]
    shapes = (*((body, JSON) for body in BODIES[::4]), *PARTS)
    for number, (body, kind) in enumerate(shapes):
        for browser, address in doors:
            with at(number):
                answer = browser.post(address, data=body, content_type=kind)
            assert answer.status_code in CLEAR, (address, body[:40], kind, answer.status_code)
            assert answer.content, (address, body[:40])
    harbor.drain(TUESDAY_NINE)
    assert nothing_stored(harbor)


def test_the_public_chat_refuses_bodies_that_are_no_form(harbor):
    for number, (body, kind) in enumerate((*((body, JSON) for body in BODIES[::4]), *PARTS)):
        with at(number):
            visitor = Visitor(harbor)
            answer = visitor.client.post(visitor.path, data=body, content_type=kind)
        assert answer.status_code in CLEAR, (body[:40], kind, answer.status_code)
    harbor.drain(TUESDAY_NINE)
    assert nothing_stored(harbor)
    with harbor.scope():
        assert not Chat.rows().exists()


@pytest.mark.row("VQ-05")
def test_addresses_are_taken_word_for_word_and_only_real_ones_can_be_written_to(harbor, api):
    program, taken = api("bp-1"), {}
    for number, typed in enumerate(ADDRESSES):
        body = inquiry(source="imaging-spring", external_id=f"e-{number}", person__email=typed)
        with at(number):
            answer = program.post("/leads", body)
        assert answer.status_code in (202, 422), (typed, answer.content)
        if answer.status_code == 202:
            taken[f"e-{number}"] = typed
    harbor.drain(TUESDAY_NINE + timedelta(hours=2))
    with harbor.scope():
        rows = Submission.rows().all()
        assert {each.external_id: payload_of(each)["person"]["email"] for each in rows} == taken
        assert {each.state for each in rows} == {"processed"}
        points = ContactPoint.rows().filter(kind="email")
        assert points.count() > 5 and all(read_email(each.value).address == each.value for each in points)
        assert not any(set(each.value) & set(" \r\n,;<>()") for each in points)


@pytest.mark.row("VQ-04")
def test_numbers_of_every_plan_of_the_world_are_taken_word_for_word(harbor):
    typed = numbers()
    assert len(typed) >= 300 and len(SUPPORTED_REGIONS) >= 60
    for number, each in enumerate(typed[::5]):
        body = inquiry(external_id=f"n-{number}", person__phone=each, person__email="")
        row = processed(harbor, send_in(harbor, body, at=TUESDAY_NINE), at=TUESDAY_NINE)
        assert row.state == "processed" and (row.lead_id or row.reasons), each
        with harbor.scope():
            assert payload_of(row)["person"]["phone"] == each
            values = ContactPoint.rows().filter(person=row.person_id, kind="phone").values_list("value", flat=True)
        assert all(value.startswith("+") and value[1:].isdigit() for value in values), each
    with travelling(to=TUESDAY_NINE), harbor.scope():
        assert ContactPoint.rows().filter(kind="phone").count() > 60
