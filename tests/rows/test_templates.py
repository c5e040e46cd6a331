"""Words of messages: what may stand in them, who approves them, and which version goes (row PH-14)."""

import html
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction

from apps.audit.models import AuditEntry
from apps.catalog.actions import save_custom_field
from apps.catalog.terms import PrivacyClass
from apps.consent.terms import Purpose
from apps.flows.told_answers import answers_told
from apps.leads.models import TimelineEntry
from apps.onboarding.file.run import Run
from apps.onboarding.file.schema import TemplatePart
from apps.onboarding.file.sections.texts import apply_templates, export_templates
from apps.onboarding.terms import FileRefused
from apps.outreach.models import Message, Template, TemplateVersion
from apps.outreach.template_decisions import fill, places_of, template_problems
from apps.outreach.template_terms import BROUGHT, Place, Wording
from apps.tenancy.actor import Door, system_actor
from apps.tenancy.clock import database_now, travelling
from tests.leads_made import TUESDAY_NINE, make_lead

REGISTER = "/admin/outreach/template/"
SOON = TUESDAY_NINE - timedelta(hours=1)
PLACES = {**BROUGHT, "first_name": Place("First name"), "diagnosis": Place("Diagnosis", PrivacyClass.PHI)}


def field(tenant, key, privacy):
    with tenant.scope():
        values = {"label": key.replace("_", " ").capitalize(), "meaning": "", "kind": "text", "privacy": privacy}
        save_custom_field(actor=tenant.system, key=key, values={**values, "picklist": [], "origin": ""})


def write(browser, at, body, *, pk="", **more):
    """Save words in the register; return the template's id."""
    words = {"channel": "text", "language": "en", "purpose": "care_inquiry", "subject": "", "body": body, **more}
    with travelling(to=at):
        answer = browser.post(f"{REGISTER}{pk}/change/" if pk else f"{REGISTER}add/", words)
    assert answer.status_code == 302, html.unescape(answer.content.decode())
    return pk


def do(browser, at, tenant, key, verb, **more):
    """Do a deed to the newest version, as its page does; return status and what the page says then."""
    with tenant.scope():
        row = newest(key, more.pop("channel", "text"))
    with travelling(to=at):
        seen = browser.get(f"{REGISTER}{row.template_id}/change/")
        digest = seen.context.get("seen", "") if seen.context else ""
        posted = {"version": str(row.id), "seen": digest, **more}
        answer = browser.post(f"{REGISTER}{row.template_id}/{verb}/", posted, follow=True)
    return answer.status_code, html.unescape(answer.content.decode())


def newest(key, channel):
    rows = TemplateVersion.rows().filter(template__key=key, template__channel=channel, template__language="en")
    return rows.select_related("template").order_by("-number").first()


@pytest.mark.row("PH-14")
@pytest.mark.parametrize(
    ("wording", "codes"),
    [
        (Wording("x", "text", "", "Hi {{diagnosis}}. STOP", "care_inquiry", holds_phi=True), ["phi_by_text"]),
        (Wording("x", "text", "", "Hi {first_name}", "care_inquiry"), ["no_stop_line"]),
        (Wording("x", "email", "S", "Hi {diagnosis}", "care_inquiry"), ["phi_not_approved"]),
        (Wording("x", "email", "S", "Hi {diagnosis}", "care_inquiry", holds_phi=True), []),
        (Wording("x", "email", "{diagnosis}", "Hi", "care_inquiry", holds_phi=True), ["phi_in_subject"]),
        (Wording("x", "email", "S", "Hi {nickname}", "care_inquiry"), ["unknown_place"]),
        (Wording("x", "email", "S", "Hi {first_name", "care_inquiry"), ["open_place"]),
        (Wording("x", "email", "S", "Hi", Purpose.MARKETING), ["no_way_out", "no_address"]),
        (
            Wording("x", "email", "S", "{diagnosis} {preferences_link} 1 Elm Street, Chicago, IL 60601", "marketing"),
            ["phi_in_marketing"],
        ),
        (Wording("x", "email", "S", "{preferences_link} {postal_address}", "marketing"), ["no_address"]),
        (
            Wording("acknowledgement", "email", "S", "{preferences_link} PO Box 5, Elm, IL 60601", "marketing"),
            ["wrong_category"],
        ),
    ],
)
def test_what_keeps_words_from_being_approved(wording, codes):
    assert [each.code for each in template_problems(wording, PLACES, has_address=False)] == codes
    assert fill("{{ a }} {b} {c", {"a": "1", "b": "2"}) == "1 2 {c" and places_of("{{a}} {b}{a}") == ["a", "b"]


@pytest.mark.row("PH-14")
def test_a_text_with_a_diagnosis_cannot_be_approved_at_any_door(harbor, client_as):
    ada, dev, at = client_as("ada"), client_as("dev"), SOON
    field(harbor, "diagnosis", "phi")
    field(harbor, "nickname", "plain")
    write(ada, at, "Your {{diagnosis}} visit. STOP ends texts.", key="visit", holds_phi="on")
    why = "{diagnosis} holds protected health information (Diagnosis). Texts never carry health data: send it by mail."
    assert why in do(ada, at, harbor, "visit", "submit")[1]
    status, said = do(dev, at, harbor, "visit", "approve")
    assert status == 409 and "submit it first" in said
    with harbor.scope():
        assert newest("visit", "text").state == "draft"

    write(ada, at, "Hi {nickname}. STOP ends texts.", key="nick")
    assert "another person approves it" in do(ada, at, harbor, "nick", "submit")[1]
    field(harbor, "nickname", "health")
    assert "{nickname} holds a health field" in do(dev, at, harbor, "nick", "approve")[1]
    with harbor.scope():
        assert newest("nick", "text").state == "submitted"
        command = system_actor(harbor.organization_id, label="tenant file", door=Door.COMMAND)
        part = TemplatePart(key="visit", channel="text", body="{{diagnosis}} STOP", holds_phi=True)
        with pytest.raises(FileRefused) as refused:
            apply_templates(Run(command, database_now()), [part])
        assert refused.value.faults[0].path[:2] == ("templates", 0) and why in str(refused.value.faults[0].sentence)


@pytest.mark.row("PH-14")
def test_a_mail_goes_with_health_data_once_a_second_person_approved_it_and_keeps_its_version(harbor, client_as):
    ada, dev, key, mail = client_as("ada"), client_as("dev"), "acknowledgement", {"channel": "email"}
    field(harbor, "diagnosis", "phi")
    with harbor.scope():
        first = newest(key, "email")
        exported = {(each.key, each.channel, each.language) for each in export_templates()}
    assert (first.state, first.approver_label) == ("approved", "tenant file") and (key, "email", "es") in exported
    words = {"subject": "Received", "purpose": "care_inquiry", **mail}
    blocks = "We call {next_contact}, will ask about records"
    body = f"We have your request for {{{{service}}}} ({{diagnosis}}).\r\n{blocks}: {{preferences_link}}"
    write(ada, SOON, body, pk=str(first.template_id), **words)
    assert "not approved" not in do(ada, SOON, harbor, key, "submit", **mail)[1]
    with harbor.scope():
        assert newest(key, "email").state == "draft", "two health fields, and nobody asked for them"
    write(ada, SOON, body, pk=str(first.template_id), holds_phi="on", **words)
    do(ada, SOON, harbor, key, "submit", **mail)
    status, said = do(ada, SOON, harbor, key, "approve", **mail)
    assert status == 403 and "Nobody approves their own words" in said
    assert do(client_as("cleo"), SOON, harbor, key, "approve", **mail)[0] == 403
    ends = "2026-12-02T09:00"
    assert "goes out with these words" in do(dev, SOON, harbor, key, "approve", expires_at=ends, **mail)[1]

    told = [{"key": "diagnosis", "question": "What was found?", "values": ["E11.9"]}]
    lead = make_lead(harbor, answers=told)
    late = make_lead(harbor, at=TUESDAY_NINE + timedelta(days=2))
    with harbor.scope():
        sent = Message.rows().get(lead=lead, template_key=key)
        assert sent.template_version == first.number + 1 == 2
        assert "request for Imaging (E11.9).\nWe call " in sent.body
        assert answers_told(lead, ("diagnosis",)) == {"diagnosis": "E11.9"}, "for messages after the first"
        assert AuditEntry.rows().get(action="message.phi", object_id=lead.id).fields == ["diagnosis", "service"]
        story = [each.sentence for each in TimelineEntry.rows().filter(lead=late)]
        assert any("“acknowledgement” expired on 2026-12-02" in each for each in story)
        assert not Message.rows().filter(lead=late, template_key=key).exists()
        done = set(AuditEntry.rows().filter(object_id=first.template_id).values_list("action", flat=True))
        assert {"template.draft", "template.submit", "template.approve"} <= done
        with pytest.raises(DatabaseError), transaction.atomic():
            TemplateVersion.rows().filter(template_id=first.template_id, state="approved").update(body="Other")
        states = TemplateVersion.rows().filter(template_id=first.template_id).order_by("number")
        assert list(states.values_list("state", flat=True)) == ["retired", "approved"]
        assert Template.rows().filter(key=key, channel="email", language="en").count() == 1
