"""A form that asks one thing at a time, without JavaScript: saved pages, Back, one lead, two languages."""

import re
from datetime import timedelta

import pytest

from apps.capture.drafts import purge_expired
from apps.capture.models import FormDraft, Submission
from apps.consent.models import ConsentEvent
from apps.flows.sweeps import sweep
from apps.leads.models import Lead, Touch
from apps.tenancy.clock import travelling
from tests.capture.forms_made import hidden
from tests.leads_made import TUESDAY_NINE

ANSWERS = {
    "need": {"service": "orthopedics", "timeframe": "within_week"},
    "where": {"location": "elm-st", "postal_code": "60614"},
    "visit": {"patient_type": "new"},
    "contact": {"first_name": "Sol", "last_name": "Reyes", "phone": "(312) 555-0177", "who": ""},
    "reach": {"preferred_channel": "call", "best_time": "mornings", "consent_call": "on"},
}
CLICKS = "lp=IMG-02&utm_source=google&utm_campaign=imaging-spring&ad_group=MRI-north&keyword=mri+near+me"
IDS = {name: f"{name}-1" for name in ("gclid", "msclkid", "fbclid", "wbraid", "gbraid")}


class Visit:
    """A browser without JavaScript that fills in one page after the other."""

    def __init__(self, client, slug):
        self.client, self.home, self.url, self.page, self.seconds = client, f"/f/{slug}/", "", "", 0

    def get(self, url="", **headers):
        with travelling(to=TUESDAY_NINE + timedelta(seconds=self.seconds)):
            answer = self.client.get(url or self.url, headers=headers, follow=True)
        self.url = answer.redirect_chain[-1][0] if answer.redirect_chain else (url or self.url)
        self.page = answer.content.decode()
        return answer

    def post(self, seconds=10, **values):
        self.seconds += seconds
        action = re.search(r'<form class="sheet" method="post" action="([^"]+)"', self.page)[1]
        body = {name: hidden(self.page, name) for name in ("token", "lang", "from") if hidden(self.page, name)}
        with travelling(to=TUESDAY_NINE + timedelta(seconds=self.seconds)):
            answer = self.client.post(action, {**body, **values})
        if answer.status_code == 303:
            self.get(answer["Location"])
        else:
            self.page = answer.content.decode()
        return answer

    def fill(self, answers=ANSWERS):
        for values in answers.values():
            assert self.post(**values).status_code == 303, self.page
        return self


@pytest.fixture
def visit(client, harbor):
    return Visit(client, f"{harbor.slug}-visit")


def the_only(tenant, model):
    with tenant.scope():
        return model.rows().get()


@pytest.mark.row("CP-21")
def test_page_by_page_to_one_lead_with_where_the_person_came_from(visit, harbor):
    query = CLICKS + "".join(f"&{name}={value}" for name, value in IDS.items())
    visit.get(f"{visit.home}?{query}", referer="https://ads.example/page?secret=1")
    assert visit.page.index("Not for emergencies") < visit.page.index("What is it about?")
    assert "Step 1 of 6" in visit.page and "So that the right office calls you." in visit.page
    visit.fill()
    assert "Check your answers" in visit.page and visit.page.index("What happens next") < visit.page.index(
        ">\n        Send"
    )
    last = visit.page
    assert visit.post().status_code == 303
    assert "Thank you. We have received your request." in visit.page
    thanked, visit.page = re.search(r'class="reference">([^<]+)', visit.page)[1], last
    visit.post()
    assert re.search(r'class="reference">([^<]+)', visit.page)[1] == thanked
    harbor.drain(TUESDAY_NINE + timedelta(minutes=5))
    touch = the_only(harbor, Touch).attribution
    wanted = {"landing_page": "IMG-02", "ad_group": "MRI-north", "keyword": "mri near me", **IDS}
    assert wanted.items() <= touch.items()
    assert (touch["utm_campaign"], touch["referrer"]) == ("imaging-spring", "https://ads.example/page")
    with harbor.scope():
        lead = Lead.rows().select_related("service", "location").get()
        assert (lead.service.key, lead.location.key, lead.timeframe) == ("orthopedics", "elm-st", "within_week")
        draft = FormDraft.rows().get()
        assert draft.submission_id == Submission.rows().get().id
        assert b"Reyes" not in bytes(draft.sealed)


def test_back_keeps_what_was_typed_and_a_change_leads_back_to_the_answers(visit, harbor):
    visit.get(visit.home)
    visit.fill({name: ANSWERS[name] for name in ("need", "where", "visit", "contact")})
    back = re.search(r'<a href="([^"]+)">Back</a>', visit.page)[1]
    visit.get(back)
    assert 'value="Reyes"' in visit.page
    visit.post(**{**ANSWERS["contact"], "last_name": "Rey"})
    assert visit.post(**ANSWERS["reach"]).status_code == 303
    assert "Rey</dd>" in visit.page and "I am new here" in visit.page
    assert "Their first name" not in visit.page
    change = re.search(r'href="([^"#]+/where/\?from=check)', visit.page)[1]
    visit.get(change)
    assert '<option value="elm-st" selected>' in visit.page
    visit.post(location="oak-park", postal_code="60614")
    assert "Check your answers" in visit.page and "Oak Park" in visit.page


def test_what_does_not_fit_is_said_where_it_is(visit):
    visit.get(visit.home)
    visit.fill({name: ANSWERS[name] for name in ("need", "where", "visit")})
    assert visit.post(first_name="", last_name="", phone="12", email="").status_code == 422
    assert "<title>Error:" in visit.page and "There is a problem" in visit.page
    assert 'href="#id_first_name"' in visit.page and 'href="#id_phone"' in visit.page


def test_the_check_page_leads_to_the_page_that_lacks_something(visit):
    visit.get(visit.home)
    visit.fill({"need": ANSWERS["need"]})
    visit.get(visit.url.replace("/where/", "/check/"))
    assert visit.post().status_code == 422
    assert "About you" in visit.page and "Tell us your name." in visit.page


def test_a_draft_is_kept_for_a_day_and_then_forgotten(visit, harbor):
    visit.get(visit.home)
    visit.fill({"need": ANSWERS["need"]})
    with harbor.scope():
        assert purge_expired(TUESDAY_NINE + timedelta(hours=23)) == 0
        sweep(harbor.organization_id, TUESDAY_NINE + timedelta(hours=25))
        assert not FormDraft.rows().exists()
    visit.get()
    assert visit.url == visit.home and "Step 1 of 6" in visit.page


def test_another_form_does_not_open_the_draft(visit, harbor, client):
    visit.get(visit.home)
    visit.fill({"need": ANSWERS["need"]})
    other = visit.url.replace("-visit/", "-contact/")
    assert client.get(other)["Location"] == f"/f/{harbor.slug}-contact/"
    assert client.get(visit.url.replace("/where/", "/nowhere/")).status_code in (303, 404)


@pytest.mark.row("CP-25")
def test_a_son_asks_for_his_mother_and_calls_and_consent_are_his(visit, harbor, client_as):
    visit.get(visit.home)
    mother = {"who": "family", "who_first_name": "Rosa", "who_last_name": "Reyes"}
    visit.fill({**ANSWERS, "contact": {**ANSWERS["contact"], **mother}})
    visit.post()
    harbor.drain(TUESDAY_NINE + timedelta(minutes=5))
    with harbor.scope():
        lead = Lead.rows().select_related("person", "contact_person", "owner__user").get()
        assert (str(lead.person), str(lead.contact_person), lead.contact_relation) == (
            "Rosa Reyes",
            "Sol Reyes",
            "family",
        )
        event = ConsentEvent.rows().get()
        assert (event.person_id, event.contact_value) == (lead.contact_person_id, "+13125550177")
    page = client_as("ewa").get(f"/leads/{lead.id}/").content.decode()
    assert page.index("Sol Reyes") < page.index("Asked by family for Rosa Reyes")


def test_the_pages_speak_spanish_and_consent_in_spanish_is_kept(visit, harbor):
    visit.get(visit.home, accept_language="es-MX,es;q=0.9,en;q=0.5")
    assert '<html lang="es"' in visit.page and "Pida una cita" in visit.page
    assert "No es para emergencias" in visit.page and "Así le llama la oficina adecuada." in visit.page
    visit.get(f"{visit.home}?lang=en")
    assert '<html lang="en"' in visit.page
    visit.get(f"{visit.home}?lang=es")
    visit.fill({name: ANSWERS[name] for name in ("need", "where", "visit", "contact")})
    assert "Acepto que me llamen sobre mi solicitud." in visit.page and "checked" not in visit.page
    visit.fill({"reach": ANSWERS["reach"]})
    assert "Revise sus respuestas" in visit.page and "Es mi primera vez aquí" in visit.page
    visit.post()
    assert "Gracias. Hemos recibido su solicitud." in visit.page
    harbor.drain(TUESDAY_NINE + timedelta(minutes=5))
    assert the_only(harbor, ConsentEvent).wording_version == "v4"
    with harbor.scope():
        assert Lead.rows().select_related("person").get().person.language == "es"


def test_a_first_page_that_was_never_shown_keeps_nothing_and_says_so(client, harbor):
    answer = client.post(f"/f/{harbor.slug}-visit/", ANSWERS["need"])
    assert answer.status_code == 422 and "This page was open too long." in answer.content.decode()
    with harbor.scope():
        assert not FormDraft.rows().exists()
