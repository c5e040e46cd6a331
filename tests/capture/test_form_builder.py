"""The form builder: checks before publishing, frozen versions, options from the catalog (rows CP-04 to CP-06)."""

from datetime import timedelta

import pytest
from django.db import DatabaseError

from apps.capture.models import Form, FormVersion, Submission
from apps.catalog.actions import save_custom_field
from apps.catalog.models import Service
from apps.consent.models import ConsentEvent
from apps.leads.models import Lead
from apps.policies.actions import install
from apps.policies.queries import live_document
from apps.privacy.models import HealthDetail
from tests.capture.forms_made import DERM, form_of, open_form, publish_in_builder, question, save_in_builder, send_form
from tests.leads_made import TUESDAY_NINE

SENT = {
    "service": "dermatology",
    "location": "oak-park",
    "message": "A mole that changed",
    "best_time": "mornings",
    "patient_type": "new",
    "preferred_channel": "call",
    "consent_call": "on",
    "first_name": "Nora",
    "last_name": "Lind",
    "phone": "(312) 555-0163",
}


@pytest.fixture
def admin(client_as):
    return client_as("ada")


@pytest.fixture
def slug(harbor):
    return f"{harbor.slug}-newpatient"


@pytest.mark.row("CP-04")
def test_a_published_form_makes_a_lead_with_all_seven_values(harbor, admin, client, slug):
    assert save_in_builder(admin, harbor, slug, DERM, title="Derm-NewPatient").status_code == 302
    assert client.get(f"/f/{slug}/").status_code == 404
    assert "Derm-NewPatient is published." in publish_in_builder(admin, harbor, slug)
    page = open_form(client, f"/f/{slug}/")
    assert 'name="viewport"' in page and "ZIP" not in page
    assert send_form(client, f"/f/{slug}/", SENT).status_code == 303
    harbor.drain(TUESDAY_NINE + timedelta(minutes=1))
    with harbor.scope():
        lead = Lead.rows().select_related("service", "location").get()
        assert (lead.service.key, lead.location.key) == ("dermatology", "oak-park")
        assert (lead.best_time, lead.patient_type, lead.preferred_channel) == ("mornings", "new", "call")
        assert HealthDetail.rows().get(subject_id=lead.id).kind == "message"
        event = ConsentEvent.rows().get()
        assert (event.channel, event.value, event.wording_version) == ("call", "granted", "v4")
        row = Submission.rows().select_related("form_version").get()
        assert (row.form_version.number, row.state) == (1, "processed")


@pytest.mark.row("CP-05")
def test_a_question_without_a_purpose_is_warned_of_and_blocks_publishing(harbor, admin, client, slug):
    job = question("occupation", "short_text", "", label="Occupation", criterion="F-4")
    assert save_in_builder(admin, harbor, slug, [*DERM, job]).status_code == 302
    page = admin.get(f"/admin/capture/form/{form_of(harbor, slug).id}/change/").content.decode()
    sentence = "“Occupation” does not say why it is asked. Set its purpose or remove it."
    assert sentence in page
    assert sentence in publish_in_builder(admin, harbor, slug)
    assert client.get(f"/f/{slug}/").status_code == 404
    assert save_in_builder(admin, harbor, slug, [*DERM, {**job, "purpose": "eligibility"}]).status_code == 302
    assert sentence not in publish_in_builder(admin, harbor, slug)
    assert "Occupation" in open_form(client, f"/f/{slug}/")
    assert save_in_builder(admin, harbor, slug, [*DERM, job]).status_code == 302
    assert "Occupation" in open_form(client, f"/f/{slug}/"), "what is on the net stays"
    assert save_in_builder(admin, harbor, slug, DERM).status_code == 302
    publish_in_builder(admin, harbor, slug)
    assert "Occupation" not in open_form(client, f"/f/{slug}/")


@pytest.mark.row("CP-05")
def test_more_questions_than_the_cap_are_warned_of(harbor, admin, slug):
    save_in_builder(admin, harbor, slug, DERM, field_cap="7")
    page = publish_in_builder(admin, harbor, slug)
    assert "8 questions are more than the 7 that this form allows." in page
    assert "is published" in page


@pytest.mark.row("CP-06")
def test_a_question_is_bound_to_a_criterion_or_warned_of(harbor, admin, slug):
    with harbor.scope():
        card = live_document("scoring", TUESDAY_NINE)
        rule = {"id": "REF-1", "meaning": "Has a referral", "points": 10}
        card["fit"]["rules"].append(rule | {"when": {"field": "lead_class", "op": "is", "value": "referral"}})
        install(kind="scoring", document=card, actor=harbor.system, now=TUESDAY_NINE - timedelta(days=30))
    asked = question("referral", "choice", "eligibility", label="Have a referral?", choices="yes | Yes | Sí\nno | No")
    unbound = "“Have a referral?” is not bound to a criterion"
    save_in_builder(admin, harbor, slug, [*DERM, asked])
    page = publish_in_builder(admin, harbor, slug)
    assert unbound in page and "is published" in page
    save_in_builder(admin, harbor, slug, [*DERM, {**asked, "criterion": "REF-1"}])
    page = publish_in_builder(admin, harbor, slug)
    assert "not bound" not in page and "which no rule in force has" not in page
    save_in_builder(admin, harbor, slug, [*DERM, {**asked, "criterion": "REF-9"}])
    assert "names the criterion REF-9, which no rule in force has" in publish_in_builder(admin, harbor, slug)
    with harbor.scope():
        bound = FormVersion.rows().get(form__slug=slug, number=2).document["questions"][-1]
        assert (bound["criterion"], bound["purpose"]) == ("REF-1", "eligibility")


@pytest.mark.row("DD-12")
def test_a_question_that_is_nearly_a_field_is_warned_of_with_a_pointer(harbor, admin, slug):
    with harbor.scope():
        save_custom_field(actor=harbor.system, key="service_line", values={"label": "Line of service", "kind": "text"})

    def published_with(key, kind, label, **more):
        asked = question(key, kind, "eligibility", label=label, criterion="F-4", **more)
        assert save_in_builder(admin, harbor, slug, [*DERM, asked]).status_code == 302
        page = publish_in_builder(admin, harbor, slug)
        assert "is published" in page, "warned of, not blocked"
        return page

    near = "is nearly the field “Line of service” (service_line): ask for that one instead."
    assert f"“Service Line” {near}" in published_with("line", "short_text", "Service Line")
    assert f"“service-lines” {near}" in published_with("service-lines", "short_text", "Which line?")
    own = published_with("insurer", "short_text", "Patient types")
    assert "“Patient types” is nearly the field “Patient type” (patient_type)" in own
    assert "is nearly" not in published_with("service_line", "short_text", "Service Line")
    assert f"“service_line” {near}" in published_with("service_line", "choice", "Line", choices="a | A\nb | B")
    assert "is nearly" not in published_with("shoe-size", "short_text", "Shoe size")


@pytest.mark.row("CP-20")
def test_the_builder_blocks_what_people_must_be_told(harbor, admin, slug):
    save_in_builder(admin, harbor, slug, DERM[:-1], consent_version="v99")
    assert "add a consent block" in publish_in_builder(admin, harbor, slug)
    with harbor.scope():
        Form.rows().filter(slug=slug).update(what_happens_next=" ")
    page = publish_in_builder(admin, harbor, slug)
    assert "Say what happens next" in page and "is published" not in page


def test_a_version_is_frozen_and_renaming_a_service_changes_the_page(harbor, admin, client, slug):
    save_in_builder(admin, harbor, slug, DERM)
    publish_in_builder(admin, harbor, slug)
    publish_in_builder(admin, harbor, slug)
    with harbor.scope():
        version = FormVersion.rows().get(form__slug=slug)
        Service.rows().filter(key="dermatology").update(name="Skin care")
    assert "Skin care" in open_form(client, f"/f/{slug}/")
    for change in ({"number": 7}, None):
        with pytest.raises(DatabaseError), harbor.scope():
            rows = FormVersion.rows().filter(id=version.id)
            rows.delete() if change is None else rows.update(**change)


def test_questions_move_and_start_from_the_usual_ones(harbor, admin, slug):
    save_in_builder(admin, harbor, slug, [])
    path = f"/admin/capture/form/{form_of(harbor, slug).id}/"
    assert admin.post(f"{path}start/").status_code == 302

    def keys():
        with harbor.scope():
            return [(row.key, row.id) for row in Form.rows().get(slug=slug).questions.all()]

    first, second = keys()[:2]
    for to in ("down", "down", "up"):
        assert admin.post(f"{path}move/", {"question": str(first[1]), "to": to}).status_code == 302
    assert keys()[:2] == [second, first]
    assert admin.post(f"{path}start/").status_code == 409
    assert admin.post(f"{path}move/", {"question": "x"}).status_code == 404


def test_another_person_publishes_where_the_form_wants_it(harbor, admin, client_as, client, slug):
    cleo = client_as("cleo")
    save_in_builder(cleo, harbor, slug, DERM, needs_approval="on")
    path = f"/admin/capture/form/{form_of(harbor, slug).id}/publish/"
    refused = cleo.post(path)
    assert refused.status_code == 403 and "another person publishes it" in refused.content.decode()
    assert admin.post(path).status_code == 302
    assert client.get(f"/f/{slug}/").status_code == 200


def test_a_preview_shows_what_is_worked_on_and_sends_nothing(harbor, admin, client, slug):
    save_in_builder(admin, harbor, slug, DERM, title="Not yet")
    page = admin.get(f"/admin/capture/form/{form_of(harbor, slug).id}/change/").content.decode()
    address = page.partition(f"/f/{slug}/preview/")[2].partition('"')[0]
    shown = open_form(client, f"/f/{slug}/preview/{address}")
    assert "Not yet" in shown and "This is a preview" in shown and 'type="submit"' not in shown
    assert client.get(f"/f/{slug}/preview/forged/").status_code == 404
