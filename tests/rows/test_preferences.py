"""Rows of consent at the doors that anybody opens by a link of ours: the page of preferences and the one click."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client

from apps.consent.models import ConsentEvent, DoNotContact, PreferenceLink
from apps.consent.queries import states_of
from apps.flows.opt_out import opt_out_of_value
from apps.leads.models import Lead, Task
from apps.outreach.actions import intend_message
from apps.outreach.models import Message
from apps.patients.web import limits
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, consent, make_lead, reload
from tests.links import follow, text_of

MINUTE = timedelta(minutes=1)
ALL = [consent("call"), consent("text"), consent("email")]
LINK = re.compile(r"https?://[^/\s]+(/p/[\w-]+/)")


@pytest.fixture(autouse=True)
def _nothing_before() -> None:
    mail.outbox.clear()
    limits._misses.clear()


def link_mailed(address: str) -> str:
    """Return the link of the last mail to an address, as a path."""
    return [LINK.findall(str(each.body))[-1] for each in mail.outbox if address in each.to][-1]


def standing(tenant: Tenant, lead: Lead) -> dict[str, str]:
    """Return what holds for each channel of a lead's person."""
    with tenant.scope():
        return {str(each): str(state.value) for each, state in states_of([lead.person_id])[lead.person_id].items()}


def waiting(tenant: Tenant, lead: Lead, kind: str, key: str, now: Any) -> Message:
    """Return a message that is to go in five seconds."""
    with travelling(to=now), tenant.scope():
        point = lead.person.contact_points.get(kind=kind)
        found = intend_message(
            lead,
            purpose="reminder",
            template_key="acknowledgement",
            contact_point=point,
            words={},
            language="en",
            dedup_key=key,
            now=now,
            due_at=now + timedelta(seconds=5),
            channel="email" if kind == "email" else "text",
        )
    assert found is not None
    return found


@pytest.mark.row("CN-04")
@pytest.mark.row("CN-01")
def test_a_mail_brings_a_page_that_narrows_widens_and_stops_by_the_persons_own_word(harbor: Tenant) -> None:
    one, two = TUESDAY_NINE + MINUTE, TUESDAY_NINE + 2 * MINUTE
    lead = make_lead(harbor, person__email="pia@example.com", person__phone="+13125550171", consent=ALL)
    second = make_lead(
        harbor,
        person__email="pia@example.com",
        person__phone="+13125550171",
        request__service="bariatrics",
        request__location="oak-park",
    )
    link, before = link_mailed("pia@example.com"), standing(harbor, lead)
    assert second.person_id == lead.person_id and set(before.values()) == {"granted"}

    # Opening it shows what holds and does nothing, whoever looks: scanners of mails open every link.
    page = text_of(follow(link, one))
    assert "Stop all contact" in page and "<script" not in page and "…0171" in page and "p…@example.com" in page
    assert "pia" not in page.lower().replace("p…@example.com", "") and len(page.encode()) < 60_000
    with travelling(to=one):
        assert Client().head(link).status_code == 200
    assert "Detener todo contacto" in text_of(follow(f"{link}?lang=es", one))
    assert standing(harbor, lead) == before

    # One purpose less, a time and a language: nothing else changes.
    said = {"text_care_inquiry": "no", "was_text_care_inquiry": "yes", "best_time": "mornings", "language": "es"}
    text_later = waiting(harbor, lead, "phone", "pref-1", one)
    saved = follow(link, one, {**said, "was_best_time": "", "was_language": "en"})
    assert saved.status_code == 303 and "Guardado" in text_of(follow(saved.url, one))
    after = reload(harbor, lead.id)
    assert standing(harbor, lead) == {"call": "granted", "text": "withdrawn", "email": "granted"}
    assert (after.best_time, after.person.language) == ("mornings", "es")
    with harbor.scope():
        assert Message.rows().get(id=text_later.id).state == "blocked"

    # Everything, in one press, on both leads, with what is on its way.
    mail_later = waiting(harbor, second, "email", "pref-2", two)
    with travelling(to=two):
        assert follow(link, two, {"stop": "all"}).status_code == 303
    harbor.drain(two + MINUTE)
    assert set(standing(harbor, lead).values()) == {"withdrawn"}
    with harbor.scope():
        message = Message.rows().get(id=mail_later.id)
        assert (message.state, message.reason) == ("blocked", "stopped by their preference link")
        kinds = Task.rows().filter(lead__in=[lead.id, second.id], state="open").values_list("kind", flat=True)
        assert set(kinds) & {"call", "text", "email"} == set()
        assert set(Lead.rows().values_list("exception", flat=True)) == {"no_permitted_channel"}
        lines = ConsentEvent.rows().count()
    assert follow(link, two, {"stop": "all"}).status_code == 303
    with harbor.scope():
        assert ConsentEvent.rows().count() == lines, "said twice, written once"

    # Their later word opens mail again, by the wording that they read; a page of before opens nothing.
    stale = {"call_care_inquiry": "yes", "was_call_care_inquiry": "yes"}
    three = two + MINUTE
    follow(link, three, {"email_care_inquiry": "yes", "was_email_care_inquiry": "no", **stale})
    assert standing(harbor, lead) == {"call": "withdrawn", "text": "withdrawn", "email": "granted"}
    with harbor.scope():
        row = ConsentEvent.rows().get(source="preference_page", value="granted")
        kept = (row.wording_version, row.evidence_kind, row.contact_value, len(row.wording_digest))
        assert kept == ("page-v1", "preference_page", "pia@example.com", 64)
        assert row.evidence["text"].startswith("Sí, envíenme correo") and "message" in row.evidence_ref
        assert not DoNotContact.rows().filter(value="pia@example.com", ended_at__isnull=True).exists()
        assert reload(harbor, lead.id).exception == ""


@pytest.mark.row("CN-04")
def test_what_never_reopens_stays_closed_and_presses_without_end_are_stopped(harbor: Tenant) -> None:
    lead = make_lead(harbor, person__email="rui@example.com", person__phone="+13125550172", consent=ALL)
    link, one = link_mailed("rui@example.com"), TUESDAY_NINE + MINUTE
    with travelling(to=one), harbor.scope():
        opt_out_of_value(actor=harbor.actor("ewa"), channel="text", value="+13125550172", words="STOP", now=one)
        DoNotContact(kind="phone", value="+13125550179", reason="x", added_by="x", added_at=one).save()
    page = text_of(follow(link, one))
    assert "write START from there" in page and 'id="text_care_inquiry_yes"' not in page
    follow(link, one, {"text_care_inquiry": "yes", "was_text_care_inquiry": "no"})
    assert standing(harbor, lead)["text"] == "withdrawn"

    flips = [("no", "yes"), ("yes", "no")] * 10
    answers = [
        follow(link, one, {"email_care_inquiry": said, "was_email_care_inquiry": was}).status_code
        for said, was in flips
    ]
    assert answers == [303] * 19 + [429]
    # A stop is taken always.
    assert follow(link, one, {"stop": "all"}).status_code == 303
    assert set(standing(harbor, lead).values()) == {"withdrawn"}


@pytest.mark.row("CN-04")
def test_one_click_unsubscribes_by_the_post_of_the_standard_alone(harbor: Tenant) -> None:
    lead = make_lead(harbor, person__email="ola@example.com")
    spouse = make_lead(harbor, person__email="ola@example.com", person__first_name="Jan", person__last_name="Novak")
    (sent, *_rest) = [each for each in mail.outbox if "ola@example.com" in each.to]
    headers = sent.message()
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    ways = str(headers["List-Unsubscribe"])
    assert re.search(r"<mailto:unsubscribe@[^>]+[?]subject=unsubscribe>", ways)
    (path,) = re.findall(r"<https?://[^/]+(/p/[\w-]+/one-click/)>", ways)
    one = TUESDAY_NINE + MINUTE
    for answer in (follow(path, one), follow(path, one, {}), follow(path, one, {"List-Unsubscribe": "no"})):
        assert 'value="One-Click"' in text_of(answer)
    assert standing(harbor, lead)["email"] == "granted"
    done = follow(path, one, {"List-Unsubscribe": "One-Click"})
    assert done.status_code == 200 and "We send no more e-mail to this address." in text_of(done)
    assert standing(harbor, lead)["email"] == standing(harbor, spouse)["email"] == "withdrawn"
    assert standing(harbor, lead)["call"] == "granted"


@pytest.mark.row("CN-04")
def test_links_that_never_were_and_links_that_are_too_old_look_alike(harbor: Tenant) -> None:
    make_lead(harbor, person__email="uma@example.com")
    link = link_mailed("uma@example.com")
    with harbor.scope():
        assert PreferenceLink.rows().get().token_digest not in link
    late, made_up = TUESDAY_NINE + timedelta(days=181), f"/p/{'x' * 32}/"
    pages = {(each.status_code, each.content) for path in (link, made_up) for each in (follow(path, late),)}
    pages |= {(each.status_code, each.content) for each in (follow(link, late, {"stop": "all"}),)}
    pages |= {(each.status_code, each.content) for each in (follow(f"{made_up}one-click/", late),)}
    assert len(pages) == 1 and next(iter(pages))[0] == 404
    assert b"Harbor" not in next(iter(pages))[1]
    for _ in range(limits.MOST_MISSES):
        last = follow(made_up, TUESDAY_NINE)
    assert last.status_code == 429
