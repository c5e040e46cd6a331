"""What may be offered together, and who takes a lead where the best match cannot (rows RT-06, RT-19, RT-22, HC-10)."""

import html
from datetime import timedelta

import pytest

from apps.capture.models import Submission
from apps.catalog.models import Offering
from tests.capture.test_form_steps import ANSWERS, Visit
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.rows.arranging import add_location_rules, ask, change_rules, is_, page, rule
from tests.rows.test_routing import decision_of, from_zip

SOON = TUESDAY_NINE + timedelta(minutes=4)
IMAGING_AT_ELM = {"request__service": "imaging", "request__location": "elm-st"}
NO_IMAGING = "Oak Park has no Imaging. It is offered at: Elm St, Evanston."


@pytest.mark.row("RT-19")
def test_booking_editing_and_typing_in_offer_no_office_without_the_service(harbor, client_as):
    lead, ana = make_lead(harbor, **IMAGING_AT_ELM), client_as("ana")
    called = {"kind": "call", "outcome": "connected", "next_action_at": "2026-12-02T16:00:00Z"}
    logged = ask(ana, "POST", f"/leads/{lead.id}/activities", called, at=SOON)
    assert logged.status_code == 201, logged.content.decode()
    picker = page(ana, f"/leads/{lead.id}/book/", at=SOON)
    assert 'value="elm-st"' in picker and 'value="evanston"' in picker and 'value="oak-park"' not in picker
    visit = {"starts_at": "2026-12-08T16:00:00Z", "location": "oak-park", "confirmed_by": "phone"}
    booked = ask(ana, "POST", f"/leads/{lead.id}/appointments", visit, at=SOON)
    assert (booked.status_code, booked.json()["errors"][0]["detail"]) == (422, NO_IMAGING)
    edited = ask(ana, "PATCH", f"/leads/{lead.id}", {"location": "oak-park"}, at=SOON)
    assert (edited.status_code, edited.json()["errors"][0]["pointer"]) == (422, "/location")
    wrong_service = ask(ana, "PATCH", f"/leads/{lead.id}", {"service": "dermatology"}, at=SOON)
    assert wrong_service.json()["errors"][0]["detail"].startswith("Elm St has no Dermatology. It is offered at:")
    both = ask(ana, "PATCH", f"/leads/{lead.id}", {"service": "dermatology", "location": "oak-park"}, at=SOON)
    assert both.status_code == 200 and reload(harbor, lead.id).location.key == "oak-park"
    typed = {
        "subject": "person", "lead_class": "patient", "first_name": "Vera", "phone": "312 555 0166",
        "service": "imaging", "location": "oak-park", "source": "call", "reason": "They called", "save": "1",
    }  # fmt: skip
    entered = ana.post("/leads/new/", typed)
    assert entered.status_code == 422 and NO_IMAGING in entered.content.decode()


@pytest.mark.row("RT-19")
def test_a_sender_is_heard_all_the_same_and_the_lead_goes_where_the_service_is(harbor):
    lead = make_lead(harbor, **{**IMAGING_AT_ELM, "request__location": "oak-park"})
    assert decision_of(harbor, lead).verdict["office_key"] == "elm-st" and lead.queue.key == "elm-calls"
    assert [each["check"] for each in lead.flags] == ["location_offer"]


@pytest.mark.row("RT-06")
def test_an_office_known_for_the_service_outranks_a_nearer_one_where_a_rule_says_so(harbor, client_as):
    cosmetic = make_lead(harbor, **from_zip("60302", "Oak Park", request__service="cosmetic"))
    assert cosmetic.location.key == "evanston"
    step = next(each for each in decision_of(harbor, cosmetic).verdict["path"] if each["layer"] == "location")
    assert "office Evanston (nearest, 19." in step["effect"], "though Oak Park is around the corner"
    derm = from_zip("60302", "Oak Park", request__service="dermatology")
    assert make_lead(harbor, **derm).location.key == "oak-park"
    prefer = rule("R-39", is_("service", "dermatology"), {"office": "requested_or_specialty", "queue_tag": "calls"})
    change_rules(harbor, client_as, "routing", add_location_rules(prefer))
    known = make_lead(harbor, **derm)
    assert (known.location.key, known.queue.key) == ("evanston", "evanston-calls")
    lost = {each["key"]: each["why_not"] for each in decision_of(harbor, known).verdict["alternatives"]}
    assert lost["oak-park"].endswith("km away; Evanston is known for the service")
    asked = make_lead(harbor, request__service="dermatology", request__location="oak-park")
    assert asked.location.key == "oak-park"


@pytest.mark.row("RT-22")
def test_words_for_a_program_and_the_number_of_a_line_lead_to_their_people(harbor):
    unnamed = {"request__service": "", "request__location": ""}
    asks = "I think about weight surgery"
    words = make_lead(harbor, source="landing-pages", request__message=asks, **unnamed)
    typed = make_lead(harbor, **{**unnamed, "request__service": "weight surgery"})
    assert [each.queue.key for each in (words, typed)] == ["bariatrics", "bariatrics"]
    assert (typed.service.key, words.location.key) == ("bariatrics", "oak-park")
    line = {"capture_method": "call", "attribution": {"tracking_number": "+13125550902"}}
    heart = make_lead(harbor, **line, request__service="cardiology", request__location="")
    other = make_lead(harbor, **line, request__service="dermatology", request__location="")
    assert (heart.queue.key, other.queue.key) == ("cardiology-line", "general-intake")
    knee = make_lead(harbor, source="web-ortho", request__service="orthopedics", request__location="elm-st")
    assert knee.queue.key == "ortho-elm"


@pytest.mark.row("HC-10")
def test_an_office_closed_for_repair_is_stood_in_for_and_the_decision_says_so(harbor, client_as):
    cleo, asked = client_as("cleo"), {"request__service": "orthopedics", "request__location": "elm-st"}
    with harbor.scope():
        elm, oak = (Offering.rows().filter(location__key=key).first().location for key in ("elm-st", "oak-park"))
    form = cleo.get(f"/admin/catalog/location/{elm.id}/change/").context["adminform"].form
    held = {name: form.initial.get(name) for name in form.fields} | {"synonyms": ",".join(elm.synonyms)}
    sent = {name: value for name, value in held.items() if value is not None and name != "is_available"}
    shut = sent | {"unavailable_because": "closed for repair", "fallback": str(oak.id)}
    assert cleo.post(f"/admin/catalog/location/{elm.id}/change/", shut).status_code == 302
    lead = make_lead(harbor, **asked)
    verdict = decision_of(harbor, lead).verdict
    assert (lead.queue.key, verdict["office_key"], verdict["fallback_for"]) == ("oak-calls", "oak-park", "elm-st")
    shown = page(client_as("ben"), f"/leads/{lead.id}/why/", at=SOON)
    assert "Oak Park is the fallback office for Elm St" in shown
    assert "fallback: Elm St is not available (closed for repair); it takes its leads" in shown


@pytest.mark.row("RT-19")
def test_public_forms_offer_and_take_only_offices_that_have_the_service(harbor, client):
    steps = Visit(client, f"{harbor.slug}-visit")
    steps.get(steps.home)
    assert steps.post(service="dermatology", timeframe="within_week").status_code == 303
    assert 'value="oak-park"' in steps.page and 'value="elm-st"' not in steps.page
    assert steps.post(location="elm-st", postal_code="60614").status_code == 422
    steps.get()
    assert steps.post(location="oak-park", postal_code="60614").status_code == 303
    for answers in list(ANSWERS.values())[2:]:
        steps.post(**answers)
    check = steps.url
    steps.get(check.replace("/check/", "/need/") + "?from=check")
    assert steps.post(service="imaging", timeframe="within_week").status_code == 303
    assert steps.post().status_code == 422
    assert "This office has no Imaging. Choose another one." in steps.page
    whole = Visit(client, f"{harbor.slug}-contact")
    whole.get(whole.home)
    person = {"first_name": "Sol", "last_name": "Reyes", "phone": "(312) 555-0177", "consent_call": "on"}
    assert whole.post(service="imaging", location="oak-park", **person).status_code == 422
    assert "Oak Park has no Imaging. Choose from: Elm St, Evanston." in html.unescape(whole.page)
    assert 'value="Reyes"' in whole.page
    with harbor.scope():
        assert not Submission.rows().exists()


@pytest.mark.row("RT-11")
def test_of_two_of_the_same_second_the_appointment_stands_before_the_question(harbor, client_as):
    asks = {"source": "landing-pages", "request__service": "", "request__location": "", "request__timeframe": ""}
    question = make_lead(harbor, request__message="Tell me more about your clinic", **asks)
    visit = make_lead(harbor, request__timeframe="later", request__service="dermatology", request__location="oak-park")
    assert question.captured_at == visit.captured_at and question.id < visit.id
    assert (question.workflow, question.priority) == ("information", "P3")
    shown = page(client_as("ewa"), "/queue/?view=all", at=SOON)
    assert shown.index(f"lead-{visit.ref}") < shown.index(f"lead-{question.ref}")
