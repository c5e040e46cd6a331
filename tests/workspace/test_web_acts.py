"""The forms of one lead: carried out once, refused with the sentence of every door, text kept."""

from datetime import timedelta
from uuid import uuid4

import pytest

from apps.audit.models import AuditEntry
from apps.leads.models import Lead, TimelineEntry
from apps.outreach.models import Activity
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, make_lead

SOON = TUESDAY_NINE + timedelta(minutes=2)
CALL = {"kind": "call", "outcome": "no_answer", "next_at": "2026-12-02T10:15", "note": "Rang ten times"}


@pytest.fixture
def lead(harbor):
    return make_lead(harbor)


@pytest.fixture
def ana(client_as):
    with travelling(to=SOON):
        yield client_as("ana")


def fresh(tenant, lead):
    with tenant.scope():
        return Lead.rows().select_related("stage", "owner_team").get(id=lead.id)


def send(client, tenant, lead, act, data, **more):
    values = {"version": fresh(tenant, lead).version, "idempotency_key": str(uuid4()), **data, **more}
    return client.post(f"/leads/{lead.id}/{act}/", values)


def test_a_logged_call_moves_the_lead_and_counts_once(harbor, lead, ana):
    key = str(uuid4())
    first = send(ana, harbor, lead, "log-call", CALL, idempotency_key=key)
    assert (first.status_code, first["Location"]) == (303, f"/leads/{lead.id}/")
    again = send(ana, harbor, lead, "log-call", CALL, idempotency_key=key)
    assert again.status_code == 303
    assert "saved already" in ana.get(again["Location"]).content.decode()
    with harbor.scope():
        assert Activity.rows().filter(lead=lead).count() == 1
    assert fresh(harbor, lead).stage.key == "attempting"


@pytest.mark.row("TK-04")
def test_a_call_without_its_next_step_is_shown_again_with_what_was_typed(harbor, lead, ana):
    answer = send(ana, harbor, lead, "log-call", CALL | {"next_at": "", "outcome": "connected"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "next follow-up date" in page
    assert "Rang ten times" in page
    with harbor.scope():
        assert not Activity.rows().filter(lead=lead).exists()


def test_an_older_version_keeps_the_text_and_shows_what_happened(harbor, lead, ana):
    old = fresh(harbor, lead).version
    assert send(ana, harbor, lead, "log-call", CALL).status_code == 303
    answer = send(ana, harbor, lead, "log-call", CALL | {"note": "My words"}, version=old)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "My words" in page
    assert "no answer" in page
    assert f'name="version" value="{fresh(harbor, lead).version}"' in page
    with harbor.scope():
        assert Activity.rows().filter(lead=lead).count() == 1


@pytest.mark.parametrize("act", ["log-call", "transfer", "book", "move", "close"])
def test_who_does_not_own_the_lead_is_refused_with_the_sentence(harbor, lead, client_as, act):
    ewa = client_as("ewa")
    for answer in (ewa.get(f"/leads/{lead.id}/{act}/"), send(ewa, harbor, lead, act, {"reason": "mine"})):
        assert answer.status_code == 403
        assert "Elm Calls" in answer.content.decode()
    with harbor.scope():
        refused = AuditEntry.rows().filter(action__startswith="refused:", object_id=lead.id)
        assert refused.count() == 2
    assert fresh(harbor, lead).version == lead.version


def test_who_does_not_see_the_lead_learns_whose_it_is_and_no_name(harbor, lead, client_as):
    for act in ("move", "note"):
        answer = client_as("raj").get(f"/leads/{lead.id}/{act}/")
        assert answer.status_code == 403
        assert "Elm Calls" in answer.content.decode()
        assert "Lopez" not in answer.content.decode()


@pytest.mark.row("OW-14")
def test_a_transfer_names_its_reason_or_nothing_happens(harbor, lead, ana):
    answer = send(ana, harbor, lead, "transfer", {"team": "ortho-intake", "reason": " "})
    assert answer.status_code == 422
    answer = send(
        ana,
        harbor,
        lead,
        "transfer",
        {"team": "ortho-intake", "reason": "Asks for a knee", "service": "orthopedics"},
    )
    assert (answer.status_code, answer["Location"]) == (303, "/queue/")
    assert fresh(harbor, lead).owner_team.key == "ortho-intake"
    with harbor.scope():
        task = lead.tasks.get(state="open")
        assert fresh(harbor, lead).service.key == "orthopedics"
        assert (task.kind, task.due_at) == ("follow_up", SOON + timedelta(minutes=30))
    assert ana.get(f"/leads/{lead.id}/").status_code == 403


@pytest.mark.row("AP-03")
def test_a_visit_is_booked_on_the_organizations_clock(harbor, lead, ana):
    visit = {"starts_at": "2026-12-03T10:00", "minutes": "30", "location": "elm-st"}
    early = send(ana, harbor, lead, "book", visit)
    assert early.status_code == 409 and "Nobody books at the stage Routed." in early.content.decode()
    send(ana, harbor, lead, "log-call", CALL | {"outcome": "connected"})
    missing = send(ana, harbor, lead, "book", visit)
    assert missing.status_code == 422
    assert "how it was confirmed" in missing.content.decode()
    answer = send(ana, harbor, lead, "book", visit | {"confirmed_by": "by phone"})
    assert answer.status_code == 303, answer.content.decode()
    with harbor.scope():
        assert f"{lead.appointments.get().starts_at:%H:%M}" == "16:00"


def test_a_stage_is_left_as_it_was_when_its_event_is_missing(harbor, lead, ana):
    answer = send(ana, harbor, lead, "move", {"stage": "contacted", "reason": "They will surely answer"})
    assert answer.status_code == 409
    assert "call connected" in answer.content.decode()
    assert "They will surely answer" in answer.content.decode()
    answer = send(ana, harbor, lead, "move", {"stage": "nurture", "reason": "Asks again in spring"})
    assert answer.status_code == 303
    assert fresh(harbor, lead).stage.key == "nurture"


@pytest.mark.row("CN-04")
def test_an_opt_out_stops_everything_at_once(harbor, lead, ana):
    answer = send(ana, harbor, lead, "opt-out", {"channels": ["call", "text", "email"], "source": "spoken"})
    assert answer.status_code == 303
    page = ana.get(f"/leads/{lead.id}/").content.decode()
    assert page.count(": No</h3>") == 3
    assert "Call: Yes now" not in page


@pytest.mark.row("CN-07")
def test_a_permission_needs_its_proof_and_the_team_that_maintains_consent(harbor, lead, ana, client_as):
    grant = {"channel": "text", "evidence_kind": "form", "evidence_ref": ""}
    assert send(ana, harbor, lead, "allow", grant).status_code == 403
    ewa = client_as("ewa")
    assert send(ewa, harbor, lead, "allow", grant).status_code == 422
    assert send(ewa, harbor, lead, "allow", grant | {"evidence_ref": "scan 7"}).status_code == 303
    assert "Text: Yes now" in ewa.get(f"/leads/{lead.id}/").content.decode()


def test_a_note_is_added_once_and_shown(harbor, lead, ana):
    key = str(uuid4())
    for _ in range(2):
        assert (
            send(ana, harbor, lead, "note", {"text": "Prefers <b>evenings</b>"}, idempotency_key=key).status_code == 303
        )
    with harbor.scope():
        assert TimelineEntry.rows().filter(lead=lead, kind="note").count() == 1
    page = ana.get(f"/leads/{lead.id}/").content.decode()
    assert "Prefers &lt;b&gt;evenings&lt;/b&gt;" in page
    assert send(ana, harbor, lead, "note", {"text": " "}).status_code == 422


@pytest.mark.row("ST-11")
def test_closing_names_each_missing_entry_and_then_closes_for_good(harbor, lead, ana):
    wrong = send(ana, harbor, lead, "close", {"reason": "no_response"})
    page = wrong.content.decode()
    assert wrong.status_code == 422
    for sentence in ("0 of 1 attempts, 0 of 1 days", "Write a note", "Record the outcome"):
        assert sentence in page
    closing = {"reason": "not_interested", "outcome": "not_qualified", "note": "Went elsewhere"}
    assert send(ana, harbor, lead, "close", closing).status_code == 303
    assert fresh(harbor, lead).closed_at is not None
    assert ana.get(f"/leads/{lead.id}/log-call/").status_code == 409
    assert "Closed: Not interested" in ana.get(f"/leads/{lead.id}/").content.decode()


@pytest.mark.row("HC-12")
def test_of_two_who_claim_one_gets_it_and_the_other_is_told_who(harbor, client_as):
    held = make_lead(harbor, consent=[], source="web-imaging")
    assert held.owner_id is None
    ewa, gus = client_as("ewa"), client_as("gus")
    assert ewa.post(f"/leads/{held.id}/claim/", {}).status_code == 303
    late = gus.post(f"/leads/{held.id}/claim/", {})
    assert late.status_code == 409
    assert "Ewa" in late.content.decode()
    assert client_as("ana").post(f"/leads/{held.id}/claim/", {}).status_code == 403


def test_a_clock_met_before_it_began_says_so(harbor, client_as):
    """On a Saturday evening the clock of acceptance begins on Monday; it once told of a day and a half it took."""
    saturday = TUESDAY_NINE + timedelta(days=4, hours=9)
    held = make_lead(harbor, at=saturday, request__preferred_channel=None)
    with travelling(to=saturday + timedelta(minutes=50)):
        ewa = client_as("ewa")
        assert ewa.post(f"/leads/{held.id}/claim/", {}).status_code == 303
        shown = ewa.get(f"/leads/{held.id}/").content.decode()
    assert "Met before it began" in shown and "Met in 1 d" not in shown


def test_a_form_is_not_carried_out_by_a_get(harbor, lead, ana):
    assert ana.get(f"/leads/{lead.id}/claim/").status_code == 405
    assert ana.put(f"/leads/{lead.id}/note/").status_code == 405


def test_a_call_is_judged_again_at_the_click(harbor, lead, ana):
    open_page = ana.get(f"/leads/{lead.id}/").content.decode()
    assert "Call now" in open_page
    begun = ana.post(f"/leads/{lead.id}/call/")
    assert (begun.status_code, begun["Location"]) == (303, f"/leads/{lead.id}/log-call/")
    send(ana, harbor, lead, "opt-out", {"channels": ["call"], "source": "spoken"})
    late = ana.post(f"/leads/{lead.id}/call/")
    assert late.status_code == 403
    assert "Opted out" in late.content.decode()


@pytest.mark.parametrize(
    "wrong",
    [
        {"next_at": "9999-12-31T23:59"},
        {"next_at": "soon"},
        {"outcome": "won"},
        {"kind": "pigeon"},
        {"note": "a\x00b"},
        {"minutes": "-1"},
    ],
)
def test_what_cannot_be_read_is_shown_again_and_nothing_is_stored(harbor, lead, ana, wrong):
    assert send(ana, harbor, lead, "log-call", CALL | wrong).status_code == 422
    assert send(ana, harbor, lead, "log-call", CALL, version="x", idempotency_key="k\x00").status_code == 409
    with harbor.scope():
        assert not Activity.rows().filter(lead=lead).exists()
