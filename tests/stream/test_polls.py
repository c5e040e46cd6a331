"""A page that asks for itself: the same page costs 304, shows nobody anything, and keeps nobody signed in."""

import pytest

from apps.audit.models import AuditEntry
from apps.leads.models import Lead
from tests.leads_made import make_lead

POLL = {"X-Leadcrm-Poll": "1"}


def reads(tenant) -> int:
    with tenant.scope():
        return AuditEntry.rows().filter(action="lead.read").count()


@pytest.mark.parametrize("path", ["/", "/queue/", "/leads/{id}/"])
def test_the_same_page_is_not_sent_and_not_noted_again(harbor, client_as, path: str) -> None:
    lead, browser = make_lead(harbor), client_as("ana")
    with harbor.scope():
        Lead.rows().filter(id=lead.id).update(due_at=None)
    path = path.format(id=lead.id)
    first = browser.get(path, headers=POLL)
    assert first.status_code == 200
    noted = reads(harbor)
    again = browser.get(path, headers=POLL | {"If-None-Match": first["ETag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again["Cache-Control"] == "no-store"
    assert reads(harbor) == noted
    other = browser.get(path)
    assert other.status_code == 200 and "ETag" not in other


def test_a_changed_page_is_sent(harbor, client_as) -> None:
    lead, browser = make_lead(harbor), client_as("ana")
    tag = browser.get("/queue/", headers=POLL)["ETag"]
    make_lead(harbor)
    again = browser.get("/queue/", headers=POLL | {"If-None-Match": tag})
    assert again.status_code == 200
    assert f"lead-{lead.ref}" in again.content.decode()


def test_what_the_last_action_said_is_kept_for_the_person(harbor, client_as) -> None:
    lead, browser = make_lead(harbor), client_as("ana")
    answer = browser.post(f"/leads/{lead.id}/note/", {"text": "Prefers Tuesdays"})
    if answer.status_code == 422:
        pytest.fail(answer.content.decode()[:500])
    assert 'class="message' not in browser.get("/", headers=POLL).content.decode()
    assert 'class="message' in browser.get("/").content.decode()
