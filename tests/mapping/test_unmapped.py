"""Words nobody knows: the lead waits as an exception, one task is raised, and a meaning lets all that wait go on."""

from typing import Any

import pytest

from apps.capture.models import Submission
from apps.catalog.models import Service, UnmappedWord, WaitingLead
from apps.catalog.terms import WordState
from apps.flows.unmapped import ignore_word, map_name, map_word
from apps.leads.models import Task, TimelineEntry
from apps.policies import actions as rules
from apps.routing.models import RoutingDecision
from apps.tenancy.clock import database_now, travelling
from apps.tenancy.errors import Refused
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, processed, reload, send_in
from tests.mapping.test_mapping import SVC, asked, rule_mapping


def arrive(tenant: Tenant, word: str = "orthapedics", **more: Any) -> Submission:
    """Let BrightPath send a service under its own name; return the submission."""
    return processed(tenant, send_in(tenant, asked(word, **more), at=TUESDAY_NINE), at=TUESDAY_NINE)


@pytest.mark.row("DD-04")
def test_a_misspelt_service_waits_and_the_synonym_reroutes_it(harbor: Tenant) -> None:
    with travelling(to=TUESDAY_NINE):
        rule_mapping(harbor, SVC)
    first, second = arrive(harbor), arrive(harbor, "Orthapedics")
    lead = reload(harbor, first.lead_id)
    assert (lead.exception, lead.service, lead.stage.key) == ("unmapped_value", None, "new")
    assert first.reasons[0]["code"] == "unmapped_value"
    assert "“orthapedics” means for service (sent as “svc_interest”)" in first.reasons[0]["detail"]
    with harbor.scope():
        (word,) = UnmappedWord.rows().select_related("team", "source")
        assert (word.source.key, word.field, word.typed, word.name) == (
            "imaging-spring",
            "service",
            "orthapedics",
            "svc_interest",
        )
        assert word.team.key == "central-intake"
        assert WaitingLead.rows().filter(word=word).count() == 2
        repair = Task.rows().get(lead=lead, state="open", channel="")
        assert repair.title == "Find out what “orthapedics” means for service"
        map_word(actor=harbor.actor("cleo"), word_id=word.id, means="orthopedics", where="catalog", now=database_now())
    harbor.drain(TUESDAY_NINE)
    for submission in (first, second):
        lead = reload(harbor, submission.lead_id)
        assert (lead.exception, lead.service.key, lead.stage.key) == ("", "orthopedics", "routed")
    with harbor.scope():
        assert UnmappedWord.rows().get().state == WordState.MAPPED
        causes = RoutingDecision.rows().filter(lead=lead).values_list("cause", flat=True)
        assert sorted(causes) == ["arrival", "release"]
        story = [each.sentence for each in TimelineEntry.rows().filter(lead=lead)]
    assert "“orthapedics” means orthopedics by the catalog: the value is filled in." in story


@pytest.mark.row("DD-04")
def test_a_meaning_for_one_source_is_a_draft_that_another_person_approves(harbor: Tenant) -> None:
    with travelling(to=TUESDAY_NINE):
        rule_mapping(harbor, SVC)
    submission = arrive(harbor)
    with travelling(to=TUESDAY_NINE), harbor.scope():
        now, word = database_now(), UnmappedWord.rows().get()
        cleo = harbor.actor("cleo")
        draft = map_word(actor=cleo, word_id=word.id, means="orthopedics", where="source", now=now)
        assert draft is not None
        assert draft.document["fields"] == SVC["fields"]
        with pytest.raises(Refused):
            rules.approve(actor=cleo, version_id=draft.id, now=now)
    harbor.drain(TUESDAY_NINE)
    assert reload(harbor, submission.lead_id).exception == "unmapped_value"
    with travelling(to=TUESDAY_NINE), harbor.scope():
        rules.approve(actor=harbor.actor("dev"), version_id=draft.id, now=database_now())
    harbor.drain(TUESDAY_NINE)
    lead = reload(harbor, submission.lead_id)
    assert (lead.exception, lead.service.key) == ("", "orthopedics")
    with harbor.scope():
        assert UnmappedWord.rows().get().version == 2
        assert "orthapedics" not in Service.rows().get(key="orthopedics").synonyms


def test_a_new_name_opens_a_task_and_holds_nobody_up(harbor: Tenant) -> None:
    with travelling(to=TUESDAY_NINE):
        rule_mapping(harbor, SVC)
    body = asked("ortho")
    body["answers"].append({"key": "office_wish", "values": ["Elm"]})
    submission = processed(harbor, send_in(harbor, body, at=TUESDAY_NINE), at=TUESDAY_NINE)
    assert reload(harbor, submission.lead_id).exception == ""
    with travelling(to=TUESDAY_NINE), harbor.scope():
        word = UnmappedWord.rows().get()
        assert (word.field, word.name, word.typed) == ("", "office_wish", "")
        now = database_now()
        draft = map_name(actor=harbor.actor("cleo"), word_id=word.id, target="request.location", transform="", now=now)
        rules.approve(actor=harbor.actor("dev"), version_id=draft.id, now=now)
    harbor.drain(TUESDAY_NINE)
    with harbor.scope():
        assert UnmappedWord.rows().get().means == "request.location"


def test_a_word_that_means_nothing_lets_its_leads_go_on(harbor: Tenant) -> None:
    with travelling(to=TUESDAY_NINE):
        rule_mapping(harbor, SVC)
    submission = arrive(harbor, "n/a")
    with harbor.scope():
        word = UnmappedWord.rows().get()
        with pytest.raises(Refused):
            ignore_word(actor=harbor.actor("ana"), word_id=word.id, now=database_now())
        ignore_word(actor=harbor.actor("cleo"), word_id=word.id, now=database_now())
    harbor.drain(TUESDAY_NINE)
    lead = reload(harbor, submission.lead_id)
    assert (lead.exception, lead.service) == ("", None)
    assert reload(harbor, arrive(harbor, "N/A").lead_id).exception == ""


def test_words_of_test_leads_open_no_task(harbor: Tenant) -> None:
    row = arrive(harbor, is_test=True, request={"service": "orthapedics", "preferred_channel": "call"})
    assert row.is_test or row.verdict == "test"
    with harbor.scope():
        assert UnmappedWord.rows().count() == 0
