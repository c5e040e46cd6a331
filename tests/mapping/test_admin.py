"""The inbox of unmapped values and the editor of mappings, as marketing operations use them."""

from collections.abc import Callable

import pytest
from django.test import Client

from apps.catalog.models import UnmappedWord
from apps.policies.models import RuleSetVersion
from tests.cast import Tenant
from tests.leads_made import processed, reload, send_in
from tests.mapping.test_mapping import SVC, asked, rule_mapping


@pytest.mark.row("DD-04")
def test_the_inbox_suggests_and_one_click_reroutes(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    rule_mapping(harbor, SVC)
    submission = processed(harbor, send_in(harbor, asked("orthapedics")))
    cleo = client_as("cleo")
    page = cleo.get("/admin/unmapped/").content.decode()
    assert "“orthapedics”" in page
    assert "Orthopedics (like “" in page
    with harbor.scope():
        word = UnmappedWord.rows().get()
    answer = cleo.post("/admin/unmapped/", {"word": str(word.id), "means": "orthopedics", "where": "catalog"})
    assert answer.status_code == 302
    harbor.drain()
    lead = reload(harbor, submission.lead_id)
    assert (lead.exception, lead.service.key) == ("", "orthopedics")
    assert "Nothing waits" in cleo.get("/admin/unmapped/").content.decode()


@pytest.mark.row("DD-03")
def test_the_editor_previews_the_last_inquiries_and_saves_a_draft(
    harbor: Tenant, client_as: Callable[..., Client]
) -> None:
    processed(harbor, send_in(harbor, asked("ortho")))
    cleo, path = client_as("cleo"), "/admin/mapping/imaging-spring/"
    before = cleo.get(path).content.decode()
    assert "svc_interest" in before
    assert "Maria" not in before
    rows = {"from-0": "svc_interest", "to-0": "request.service", "transform-0": "", "said-0": "", "means-0": ""}
    tried = cleo.post(path, {**rows, "act": "try"}).content.decode()
    assert "<td>orthopedics</td>" in tried
    with harbor.scope():
        assert RuleSetVersion.rows().filter(rule_set__key="imaging-spring").count() == 0
    words = {"said-0": "Knee clinic", "means-0": "service:orthopedics"}
    assert cleo.post(path, {**rows, **words, "act": "save", "reason": "New form"}).status_code == 302
    with harbor.scope():
        draft = RuleSetVersion.rows().get(rule_set__key="imaging-spring")
    assert draft.document == {**SVC, "values": {"service": {"Knee clinic": "orthopedics"}}}
    shown = client_as("dev").get(f"/admin/policies/rulesetversion/{draft.id}/change/").content.decode()
    assert "“svc_interest” fills service." in shown
    assert "For service, “Knee clinic” means Orthopedics." in shown
    wrong = cleo.post(path, {**rows, "to-0": "person.shoe_size", "act": "save"})
    assert wrong.status_code == 422
    assert "there is no field “person.shoe_size”" in wrong.content.decode()


def test_who_may_not_change_rules_reads_only(harbor: Tenant, client_as: Callable[..., Client]) -> None:
    dev = client_as("dev")
    assert dev.get("/admin/mapping/").status_code == 200
    assert dev.post("/admin/mapping/default/", {"act": "save", "from-0": "x", "to-0": "answer"}).status_code == 403
    assert client_as("ana").get("/admin/unmapped/").status_code == 403
