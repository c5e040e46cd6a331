"""The public form: shown with what happens next, taken in once, never without wording."""

import re
from datetime import timedelta

import pytest

from apps.capture.forms import publish_form
from apps.capture.models import Form, Submission
from apps.consent.models import ConsentEvent
from apps.tenancy.clock import travelling
from apps.tenancy.errors import Invalid
from tests.leads_made import TUESDAY_NINE

FILLED = {
    "first_name": "Form",
    "last_name": "Person",
    "phone": "(312) 555-0163",
    "service": "imaging",
    "consent_call": "on",
    "message": "My knee",
}


@pytest.fixture
def address(harbor):
    return f"/f/{harbor.slug}-contact/"


@pytest.fixture
def send(client, address):
    """Open the form at nine and post it after some seconds."""
    with travelling(to=TUESDAY_NINE):
        page = client.get(f"{address}?utm_source=google&lp=IMG-02&gclid=%ff").content.decode()
    token = re.search(r'name="token" value="([^"]+)"', page)[1]

    def post(after=10, **changes):
        with travelling(to=TUESDAY_NINE + timedelta(seconds=after)):
            return client.post(address, {"token": token, **FILLED, **changes})

    return post


@pytest.mark.row("CP-20")
def test_the_form_says_what_happens_next_before_it_is_sent(client, address):
    page = client.get(address).content.decode()
    assert page.index("What happens next") < page.index('type="submit"')
    assert "Our intake team reads your request" in page
    assert "checked" not in page
    assert "I agree to be called about my request." in page


@pytest.mark.row("CP-20")
@pytest.mark.row("CN-02")
@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"what_happens_next": " "}, "next_steps_missing"),
        ({"consent_version": ""}, "consent_block_missing"),
        ({"consent_version": "v99"}, "consent_block_missing"),
    ],
)
def test_a_form_without_its_blocks_is_not_published(harbor, change, code):
    with harbor.scope():
        form = Form.rows().get(slug=f"{harbor.slug}-contact")
        Form.rows().filter(id=form.id).update(is_published=False, **change)
        with pytest.raises(Invalid) as refused:
            publish_form(actor=harbor.system, form_id=form.id, now=TUESDAY_NINE)
        assert [each.code for each in refused.value.problems] == [code]
        Form.rows().filter(id=form.id).update(what_happens_next="We call.", consent_version="v4")
        assert publish_form(actor=harbor.system, form_id=form.id, now=TUESDAY_NINE).is_published


def test_a_sent_form_is_one_lead_with_its_consent_and_origin(client, send, harbor, drain):
    first, again = send(), send(after=12)
    assert first.status_code == again.status_code == 303
    thanks = [client.get(each["Location"]).content.decode() for each in (first, again)]
    references = {re.search(r'class="reference">([^<]+)', page)[1] for page in thanks}
    assert len(references) == 1
    drain(TUESDAY_NINE + timedelta(minutes=1))
    with harbor.scope():
        row = Submission.rows().get()
        event = ConsentEvent.rows().get()
        assert (row.verdict, row.door, row.capture_method) == ("new", "form", "web_form")
        assert (event.channel, event.value, event.wording_version) == ("call", "granted", "v4")
        assert event.evidence["ip"] == "127.0.0.1"


MISFITS = [
    (1, {}),
    (7201, {}),
    (10, {"token": "forged"}),
    (10, {"first_name": "", "last_name": ""}),
    (10, {"phone": "", "email": ""}),
    (10, {"phone": "123"}),
    (10, {"service": "no-such"}),
    (10, {"first_name": "a\x00b"}),
    (10, {"first_name": "\ufffd"}),
]


def test_a_form_that_does_not_fit_is_shown_again_with_its_text(send, harbor):
    for after, changes in MISFITS:
        answer = send(after, **{"last_name": "O'Neil-Kept", **changes})
        assert answer.status_code == 422, changes
        page = answer.content.decode()
        assert "There is a problem" in page
        assert "last_name" in changes or "O&#x27;Neil-Kept" in page
    with harbor.scope():
        assert not Submission.rows().exists()


def test_a_machine_that_fills_the_decoy_is_thanked_and_waits_for_a_person(client, send, harbor, drain):
    answer = send(website="http://spam.example")
    assert answer.status_code == 303
    assert "Thank you" in client.get(answer["Location"]).content.decode()
    drain(TUESDAY_NINE + timedelta(minutes=1))
    with harbor.scope():
        row = Submission.rows().get()
        assert (row.state, row.lead_id) == ("quarantined", None)
        assert {"sign": "decoy_filled", "weight": 100} in row.screening["signs"]


def test_absent_and_unpublished_forms_look_alike(client, address, harbor):
    with harbor.scope():
        Form.rows().update(is_published=False)
    assert client.get(address).status_code == client.get("/f/no-such-form/").status_code == 404


def test_a_form_corrected_twice_loses_neither_correction_and_each_sent_twice_is_one(send, harbor):
    for changes in ({}, {"consent_call": ""}, {"consent_email": "on"}, {"message": "My hip"}):
        for _ in range(2):
            assert send(email="form@example.com", **changes).status_code == 303
    with harbor.scope():
        assert Submission.rows().count() == 4
