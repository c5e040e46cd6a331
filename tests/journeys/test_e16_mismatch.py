"""E-16: what was taken for dermatology is a cosmetic consult: handed over with all that is known, returned, taken."""

from datetime import datetime, timedelta

import pytest
from django.http import HttpResponse
from django.test import Client

from apps.accounts.models import Notice
from apps.audit.models import AuditEntry
from apps.catalog.models import Location, Offering, Service
from apps.handoffs.models import Mismatch
from apps.leads.models import Lead, Task
from apps.policies.models import Review
from apps.sla.models import SlaTimer
from apps.tenancy.clock import travelling
from tests.capture.forms_made import send_form
from tests.cast import Tenant
from tests.journeys.test_e08_good_lead import FORM, MINUTE, words
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import OpenBrowser, ask, page, set_availability

LINES = "Lines around my eyes. What can you do about them?"


def fill_in(browser: Client, tenant: Tenant, lead: Lead, form: str, at: datetime, **values: str) -> HttpResponse:
    """Fill in one of the lead's forms."""
    sent = {"version": reload(tenant, lead.id).version, "idempotency_key": f"{at:%H%M%S}{form}{values}"[:60], **values}
    with travelling(to=at):
        answer: HttpResponse = browser.post(f"/leads/{lead.id}/{form}/", sent)
    return answer


def hand_over(browser: Client, tenant: Tenant, lead: Lead, at: datetime, **form: str) -> HttpResponse:
    """Fill in the form Transfer."""
    return fill_in(browser, tenant, lead, "transfer", at, **form)


@pytest.mark.journey("E-16")
@pytest.mark.row("OW-14")
@pytest.mark.row("HO-07")
@pytest.mark.row("QA-03")
def test_a_skin_lead_that_is_cosmetic_goes_to_evanston_with_its_story(harbor: Tenant, client_as: OpenBrowser) -> None:
    with harbor.scope():
        row = Service.rows().get(key="dermatology")
        Offering.rows().get_or_create(service=row, location=Location.rows().get(key="elm-st"))
    for name in ("eli", "lena"):
        set_availability(harbor, client_as, name, "away")
    asked = FORM | {"service": "dermatology", "message": LINES}
    assert send_form(Client(), f"/f/{harbor.slug}-derm/", asked).status_code == 303
    at = TUESDAY_NINE + MINUTE
    harbor.drain(at)
    with harbor.scope():
        lead = reload(harbor, Lead.rows().get().id)
    assert (lead.service.key, lead.location.key, lead.owner.user.name) == ("dermatology", "elm-st", "Ana Ruiz")
    ana, nina, path = client_as("ana"), client_as("nina"), f"/leads/{lead.id}"
    called = {"kind": "call", "outcome": "connected", "started_at": at.isoformat(), "notes": "Wants botox, no rash"}
    called |= {"next_action_at": (at + timedelta(hours=1)).isoformat()}
    assert ask(ana, "POST", f"{path}/activities", called, at=at).status_code == 201

    # 1. A reason is asked for, and an office that has it: what the lead is about stays until then.
    to = at + 9 * MINUTE
    form = page(ana, f"{path}/transfer/", at=to)
    assert "Wrong category? The right one is" in form and "Another office?" in form
    silent = hand_over(ana, harbor, lead, to, team="evanston-calls", service="cosmetic", reason=" ")
    nowhere = hand_over(ana, harbor, lead, to, team="oak-calls", service="cosmetic", reason="cosmetic consult")
    assert (silent.status_code, nowhere.status_code) == (422, 422)
    assert "Elm St has no Cosmetic. It is offered at: Evanston." in nowhere.content.decode()
    assert reload(harbor, lead.id).service.key == "dermatology"
    gone = hand_over(ana, harbor, lead, to, team="evanston-calls", service="cosmetic", reason="cosmetic consult")
    assert (gone.status_code, gone["Location"]) == (303, "/queue/")

    # 2. Category, office and owner are Evanston's now, with a dated follow-up and everything that was said so far.
    lead = reload(harbor, lead.id)
    assert (lead.service.key, lead.location.key, lead.owner_team.key, lead.queue.key, lead.stage.key) == (
        *("cosmetic", "evanston", "evanston-calls", "evanston-calls"),
        "contacted",
    )
    with harbor.scope():
        task = Task.rows().get(lead=lead, state="open")
        clock = SlaTimer.rows().get(lead=lead, kind="follow_up", met_at=None, cancelled_at=None)
        noted = AuditEntry.rows().get(action="lead.transfer", object_id=lead.id)
    half = to + timedelta(minutes=30)
    assert (task.kind, task.due_at, clock.due_at, task.team_id) == ("follow_up", half, half, lead.owner_team_id)
    assert (noted.detail["service"], noted.detail["location"]) == (["dermatology", "cosmetic"], ["elm-st", "evanston"])
    assert lead.ref in page(nina, "/queue/?queue=evanston-calls", at=to)
    opened = words(page(nina, f"{path}/", at=to))
    for told in (
        LINES,
        "Wants botox, no rash",
        "1 attempt, Connected",
        "Transferred from Elm Calls to Evanston Calls: cosmetic consult.",
        "Category: Dermatology → Cosmetic. Office: Elm St → Evanston.",
        "Take over from Elm Calls: cosmetic consult",
    ):
        assert told in opened, told
    seen = ask(nina, "GET", path, at=to).json()
    assert (seen["service"], seen["location"], seen["owner_team"]) == ("cosmetic", "evanston", "evanston-calls"), seen
    assert ask(ana, "POST", f"{path}/stage", {"to": "qualified", "reason": "x"}, at=to).status_code == 403

    # 3. Evanston returns it once, with a reason, to Ana; offered again it is taken.
    back, again, taken = (to + timedelta(minutes=each) for each in (5, 8, 10))
    assert f'href="{path}/return/"' in page(nina, f"{path}/", at=to)
    assert fill_in(nina, harbor, lead, "return", back, reason=" ").status_code == 422
    assert fill_in(nina, harbor, lead, "return", back, reason="no photo yet").status_code == 303
    assert "Take over from Evanston Calls: no photo yet" in page(ana, "/", at=back)
    assert reload(harbor, lead.id).owner.user.name == "Ana Ruiz"
    once_more = hand_over(ana, harbor, lead, again, team="evanston-calls", reason="photo is here")
    assert once_more.status_code == 303
    twice = ask(nina, "POST", f"{path}/transfers/return", {"reason": "no light"}, at=taken)
    assert (twice.status_code, twice.json()["code"]) == (409, "returned_already")
    with travelling(to=taken):
        assert nina.post(f"{path}/claim/").status_code == 303
    assert reload(harbor, lead.id).owner.user.name == "Nina Shah"
    why = words(page(nina, f"{path}/why/", at=taken))
    for told in ("Transfer: cosmetic consult", "Return: no photo yet", "Transfer: photo is here"):
        assert why.count(told) == 1, told

    # 4. The mismatch is counted with its category; the twelfth of the month proposes a change, once.
    with harbor.scope():
        first = Mismatch.rows().get()
        assert (first.chosen.key, first.actual.key, first.found_by) == ("dermatology", "cosmetic", "transfer")
        same = {"lead": first.lead, "chosen": first.chosen, "actual": first.actual, "reason": "Botox", "at": taken}
        Mismatch.objects.bulk_create(Mismatch(**same, found_by="report", reported_label="Sue") for _ in range(10))
        assert not Review.rows().filter(kind="category_mismatch").exists()
    other = make_lead(harbor, at=taken, request__service="dermatology", request__location="evanston")
    with harbor.scope():
        named = reload(harbor, other.id).owner_team.key
    sue = client_as({"evanston-calls": "nina"}.get(named, "ewa"))
    wrong = {"service": "cosmetic", "reason": "Asks for fillers"}
    for body, pointer in ((wrong | {"reason": ""}, "/reason"), (wrong | {"service": "nothing"}, "/service")):
        refused = ask(sue, "POST", f"/leads/{other.id}/mismatches", body, at=taken)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer), refused.content
    assert fill_in(sue, harbor, other, "mismatch", taken, **wrong).status_code == 303
    assert ask(sue, "POST", f"/leads/{other.id}/mismatches", wrong, at=taken).json()["code"] == "same_service"
    with harbor.scope():
        review = Review.rows().get(kind="category_mismatch")
        assert review.sentence.startswith("12 leads of December 2026 were taken for Dermatology and want Cosmetic:")
        assert Notice.rows().filter(kind="category_mismatch", member=harbor.member("cleo")).count() == 1
    assert (reload(harbor, other.id).service.key, reload(harbor, other.id).owner_team.key) == ("cosmetic", named)


@pytest.mark.row("OW-14")
def test_a_transfer_names_an_office_and_asks_whether_the_service_is_for_them(
    harbor: Tenant, client_as: OpenBrowser
) -> None:
    lead = make_lead(harbor, person__date_of_birth="2011-05-01", request__service="orthopedics")
    owner = client_as(lead.owner.user.email.partition("@")[0])
    at, path = TUESDAY_NINE + MINUTE, f"/leads/{lead.id}/transfers"
    wanted = {"team": "evanston-calls", "reason": "cosmetic consult", "service": "cosmetic"}
    for place, code in (("nowhere", "unknown_location"), ("oak-park", "not_offered_there")):
        refused = ask(owner, "POST", path, {**wanted, "location": place}, at=at)
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/location"), refused.content
        assert refused.json()["errors"][0]["code"] == code
    assert ask(owner, "POST", path, {**wanted, "location": "evanston"}, at=at).status_code == 201
    lead = reload(harbor, lead.id)
    assert (lead.location.key, lead.exception) == ("evanston", "ineligible"), "Cosmetic is from 18"
    back = {"team": "oak-calls", "reason": "a knee after all", "service": "orthopedics", "location": "oak-park"}
    assert ask(client_as("nina"), "POST", path, back, at=at + MINUTE).status_code == 201
    lead = reload(harbor, lead.id)
    assert (lead.service.key, lead.location.key, lead.exception, lead.owner_team.key) == (
        *("orthopedics", "oak-park", "", "oak-calls"),
    )
