"""The lead page at work: what saving will do, two people at once, drafts, and fields that belong to others."""

import html
import re
from datetime import timedelta
from uuid import uuid4

import pytest

from apps.flows import calls
from apps.flows.notes import edit_lead
from apps.flows.transfer import Transfer, transfer_lead
from apps.leads.models import Draft, Task
from apps.outreach.models import Activity, Message
from apps.outreach.terms import ActivityKind, Outcome
from apps.ownership.queries import change_verdict
from apps.tenancy.clock import travelling
from tests.doors import ask
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import CHICAGO

SOON = TUESDAY_NINE + timedelta(minutes=2)
NIGHT = TUESDAY_NINE - timedelta(minutes=80)
NEXT = "2026-12-02T10:15"


@pytest.fixture
def lead(harbor):
    return make_lead(harbor)


@pytest.fixture
def ana(client_as):
    with travelling(to=SOON):
        yield client_as("ana")


def text_of(answer):
    return re.sub(r"\s+", " ", html.unescape(answer.content.decode()))


def send(client, tenant, lead, act, **values):
    filled = {"version": reload(tenant, lead.id).version, "idempotency_key": str(uuid4()), **values}
    return client.post(f"/leads/{lead.id}/{act}/", filled)


@pytest.mark.row("CN-19")
def test_the_tiles_say_yes_later_or_no_on_the_persons_own_clock(harbor, lead, client_as):
    with travelling(to=SOON):
        page = text_of(client_as("ana").get(f"/leads/{lead.id}/"))
    assert page.index("</header>") < page.index("Call: Yes now") < page.index('class="path"')
    assert "Text: No" in page and "Prefers: Call" in page
    with travelling(to=NIGHT):
        ana = client_as("ana")
        page = text_of(ana.get(f"/leads/{lead.id}/"))
        assert "Call: Later" in page
        assert "It is 07:40 in Chicago; opens 08:00 (20 min)." in page
        forced = ana.post(f"/leads/{lead.id}/call/")
        assert forced.status_code == 403 and "07:40" in text_of(forced)
        assert ask(ana, "POST", f"/leads/{lead.id}/calls", {"channel": "call"}).json()["code"] == "quiet_hours"


@pytest.mark.row("ST-03")
@pytest.mark.row("ST-04")
def test_the_path_names_what_the_next_stages_ask_for_with_the_forms_that_record_it(harbor, lead, ana):
    page = text_of(ana.get(f"/leads/{lead.id}/"))
    gate = re.search(r"<strong>Contacted</strong> needs <a href=\"([^\"]+)\">([^<]+)</a>", page)
    assert gate and gate[1] == f"/leads/{lead.id}/log-call/" and "call connected" in gate[2]
    refused = ask(ana, "POST", f"/leads/{lead.id}/stage", {"to": "contacted", "reason": ""})
    assert (refused.status_code, refused.json()["code"]) == (409, "event_missing")


@pytest.mark.parametrize("outcome", [*list(Outcome)[:7], Outcome.SOMEONE_ELSE])
def test_what_is_said_before_saving_is_what_saving_does(harbor, lead, ana, outcome):
    page = ana.get(f"/leads/{lead.id}/log-call/").content.decode()
    said = html.unescape(re.search(rf'data-effect-{outcome}="([^"]+)"', page)[1])
    with harbor.scope():
        foreseen = calls.effect_of(reload(harbor, lead.id), outcome, SOON)
    assert send(ana, harbor, lead, "log-call", kind="call", outcome=outcome, next_at=NEXT).status_code == 303
    after = reload(harbor, lead.id)
    assert after.attempts == foreseen.attempt == 1 and "Attempt 1 counted." in said
    assert after.stage.key == (foreseen.to_stage or lead.stage.key)
    assert (f"Moves to {after.stage.label}." in said) == bool(foreseen.to_stage)
    with harbor.scope():
        runs = calls.effect_of(after, Outcome.BUSY, SOON).clock_goes_on
    assert ("First-contact clock keeps running." in said) == (runs is True)
    at = foreseen.planned.at
    if at is not None:
        assert f"{at.astimezone(CHICAGO):%H:%M} their time." in said
    assert (at is None) == (outcome in (Outcome.CONNECTED, Outcome.CALL_BACK))
    assert ("tomorrow 10:15 their time." in said) == (outcome is Outcome.CONNECTED)


@pytest.mark.row("CN-04")
@pytest.mark.parametrize(("stops", "left"), [(["call", "text", "email"], []), (["call"], ["email"])])
def test_do_not_contact_stops_what_it_names_at_once(harbor, lead, ana, stops, left):
    with harbor.scope():
        Message.rows().filter(lead=lead).update(state="pending")
    values = {"kind": "call", "outcome": "do_not_contact"}
    assert send(ana, harbor, lead, "log-call", **values).status_code == 422
    assert send(ana, harbor, lead, "log-call", **values, stops=stops).status_code == 303
    page = text_of(ana.get(f"/leads/{lead.id}/"))
    assert "Call: No" in page
    assert ("Email: Yes now" in page) == ("email" in left)
    with harbor.scope():
        waiting = Message.rows().filter(lead=lead, state="pending", channel__in=stops).count()
        assert waiting == 0
        assert Activity.rows().get(lead=lead).outcome == "do_not_contact"
        assert Task.rows().filter(lead=lead, state="open").exists()


def test_an_older_version_shows_both_values_of_each_field_and_lets_one_take_either(harbor, lead, ana):
    old = reload(harbor, lead.id).version
    with harbor.scope():
        edit_lead(actor=harbor.actor("ewa"), lead_id=lead.id, changes={"payer": "Aetna"}, now=SOON)
    typed = {"payer": "Blue Cross", "initial-payer": "", "best_time": "mornings", "patient_type": "new"}
    clash = send(ana, harbor, lead, "edit", **typed, version=old)
    page = text_of(clash)
    assert clash.status_code == 409
    assert 'value="Blue Cross"' in page and "Aetna" in page and "Ewa Nowak, 09:02" in page
    api = ask(ana, "PATCH", f"/leads/{lead.id}", {"payer": "Blue Cross", "version": old})
    assert api.status_code == 409
    assert [{key: each[key] for key in ("field", "mine", "theirs", "by")} for each in api.json()["conflicts"]] == [
        {"field": "payer", "mine": "Blue Cross", "theirs": "Aetna", "by": "Ewa Nowak"}
    ]
    assert send(ana, harbor, lead, "edit", **typed, take_payer="theirs").status_code == 303
    after = reload(harbor, lead.id)
    assert (after.payer, after.best_time) == ("Aetna", "mornings")
    assert send(ana, harbor, lead, "edit", **typed, take_payer="mine").status_code == 303
    assert reload(harbor, lead.id).payer == "Blue Cross"


def test_a_draft_is_sealed_restored_and_gone_when_saved(harbor, lead, ana, client_as):
    words = "Fears needles; asks for Dr. Ngo"
    address = f"/leads/{lead.id}/drafts/add_note/"
    assert ana.post(address, {"text": "Fears"}).status_code == 204
    assert ana.post(address, {"text": words, "csrfmiddlewaretoken": "x", "other": "y"}).status_code == 204
    with harbor.scope():
        row = Draft.rows().get()
        assert words.encode() not in bytes(row.sealed)
    shown = ana.get(f"/leads/{lead.id}/note/")
    page = text_of(shown)
    assert "Draft from 09:02 restored." in page and words in page
    own = shown.content.decode().split('id="act"')[1].split("</form>")[0]
    buttons = [each for each in re.findall(r"<button[^>]*>", own) if 'form="' not in each]
    assert "button--primary" in buttons[0]  # what Enter in a field presses
    assert words not in text_of(client_as("ewa").get(f"/leads/{lead.id}/note/"))
    assert send(ana, harbor, lead, "note", text=words).status_code == 303
    with harbor.scope():
        assert not Draft.rows().exists()
    ana.post(address, {"text": words})
    assert ana.post(address, {"discard": "1"}).status_code == 303
    assert words not in text_of(ana.get(f"/leads/{lead.id}/note/"))
    assert ana.post(f"/leads/{lead.id}/drafts/nothing/", {"text": "x"}).status_code == 404
    assert ana.post(address, {"text": "x" * 30_000}).status_code == 422


def test_ownership_lost_while_typing_keeps_the_text_as_note_or_request(harbor, lead, client_as):
    words = "Wants the earliest slot, mother drives her"
    with travelling(to=SOON):
        ewa = client_as("ewa")  # sees every lead, owns none of this team
        lost = send(ewa, harbor, lead, "log-call", kind="call", outcome="no_answer", next_at=NEXT, note=words)
        page = text_of(lost)
        assert lost.status_code == 403 and words in page
        assert f'action="/leads/{lead.id}/note/"' in page and f'action="/leads/{lead.id}/ask/"' in page
        carried = text_of(ewa.post(f"/leads/{lead.id}/ask/", {"carried": "1", "reason": words}))
        assert words in carried and "There is a problem" not in carried
    with harbor.scope():
        assert not Activity.rows().filter(lead=lead).exists()
        assert not Task.rows().filter(lead=lead, kind="change_request").exists()


def test_a_person_who_lost_sight_of_the_lead_still_has_the_text(harbor, lead, ana):
    words = "Rang twice, then a voicemail"
    with harbor.scope():
        elsewhere = Transfer(team_key="ortho-intake", reason="knee")
        transfer_lead(actor=harbor.actor("ana"), lead_id=lead.id, transfer=elsewhere, now=SOON)
    assert ana.post(f"/leads/{lead.id}/drafts/log_call/", {"note": words}).status_code == 204
    lost = send(ana, harbor, lead, "log-call", kind="call", outcome="no_answer", next_at=NEXT, note=words)
    assert lost.status_code == 403 and words in text_of(lost)
    assert "Lopez" not in text_of(lost) and "Ortho Intake" in text_of(lost)
    again = ana.get(f"/leads/{lead.id}/log-call/")
    assert again.status_code == 403 and words in text_of(again)
    with harbor.scope():
        assert Draft.rows().filter(member=harbor.member("ana"), form="log_call").exists()


@pytest.mark.parametrize(
    ("act", "field", "api"),
    [
        ("move", "stage", ("POST", "stage", {"to": "nurture", "reason": "Later"})),
        ("transfer", "owner_team", ("POST", "transfers", {"team": "oak-calls", "reason": "Near"})),
        (
            "close",
            "closure_reason",
            ("POST", "close", {"reason": "not_interested", "note": "So", "outcome": "not_qualified"}),
        ),
    ],
)
@pytest.mark.ux(8)
def test_page_and_api_give_one_verdict_on_a_locked_field(harbor, lead, client_as, act, field, api):
    with harbor.scope():
        wanted = change_verdict(harbor.actor("ewa"), reload(harbor, lead.id), field, now=SOON)
    with travelling(to=SOON):
        ewa = client_as("ewa")
        page = send(ewa, harbor, lead, act, reason="mine", stage="nurture", team="oak-calls")
        method, path, body = api
        answer = ask(ewa, method, f"/leads/{lead.id}/{path}", body)
    assert page.status_code == answer.status_code == 403
    assert wanted.sentence in text_of(page)
    assert (answer.json()["code"], answer.json()["detail"]) == (str(wanted.code), wanted.sentence)
    assert reload(harbor, lead.id).version == lead.version


def test_a_locked_field_says_owner_reason_and_how_to_ask_in_its_name(harbor, lead, client_as):
    with travelling(to=SOON):
        page = text_of(client_as("ewa").get(f"/leads/{lead.id}/"))
    names = re.findall(r'<div class="locked" tabindex="0" role="group" aria-label="([^"]+)"', page)
    assert len(names) == 2
    for name in names:
        assert "Elm Calls" in name and "because" in name and "Ask to change" in name


@pytest.mark.row("RT-16")
@pytest.mark.ux(11)
def test_why_says_rule_version_what_was_seen_and_who_else_was_considered(harbor, lead, ana):
    page = text_of(ana.get(f"/leads/{lead.id}/why/"))
    assert 'class="route"' in page and "R-43" in page and "Routing rules, version 1" in page
    assert "Considered, and why not" in page and "What was seen" in page


@pytest.mark.ux(25)
def test_tries_are_drawn_on_their_clock_with_a_table_of_equal_numbers(harbor, lead, ana):
    with harbor.scope():
        for hours in (0, 0, 5):
            contact = calls.Contact(
                ActivityKind.CALL,
                Outcome.NO_ANSWER,
                TUESDAY_NINE + timedelta(hours=hours),
                next_at=SOON + timedelta(days=1),
            )
            calls.log_call(actor=harbor.actor("ana"), lead_id=lead.id, contact=contact, now=SOON + timedelta(hours=6))
    page = text_of(ana.get(f"/leads/{lead.id}/"))
    picture = page.partition('<svg class="tries"')[2].partition("</svg>")[0]
    assert picture.count("<circle") == 3
    assert "3 attempts, at 09–10, 14–15 their time. Not tried yet: evenings." in page
    assert len(re.findall(r"<td>[^<]+</td><td>09:00</td>", page)) == 2
    assert len(re.findall(r"<td>[^<]+</td><td>14:00</td>", page)) == 1
