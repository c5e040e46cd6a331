"""One act on one lead, taken back at once by who did it: owner, tasks and values stand as before."""

import re
from datetime import timedelta

from apps.audit.models import AuditEntry
from apps.flows.bulk import UNDO_WITHIN
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, make_lead, reload
from tests.workspace.test_web_acts import send
from tests.workspace.test_web_leasing import unowned

SOON = TUESDAY_NINE + timedelta(minutes=2)


def way_back(page: str) -> str:
    """Return where the offered button posts to; "" where none is offered."""
    found = re.search(r'class="message__undo" method="post" action="([^"]+)"', page)
    return found.group(1) if found else ""


def undo(client, address, at=SOON + timedelta(seconds=8)):
    with travelling(to=at):
        answer = client.post(address, {"one": "1"})
        return answer, client.get(answer["Location"]).content.decode() if answer.status_code == 303 else ""


def test_a_claim_is_taken_back_and_the_lead_waits_for_somebody_again(harbor, client_as):
    lead, ewa = unowned(harbor), client_as("ewa")
    with travelling(to=SOON):
        shown = ewa.get(ewa.post(f"/leads/{lead.id}/claim/")["Location"]).content.decode()
    assert reload(harbor, lead.id).owner.user.name == "Ewa Nowak"
    answer, page = undo(ewa, way_back(shown))
    assert (answer.status_code, answer["Location"]) == (303, f"/leads/{lead.id}/") and "Taken back." in page
    after = reload(harbor, lead.id)
    assert after.owner is None and after.owner_team.key == "central-intake"
    with harbor.scope():
        assert AuditEntry.rows().filter(action="lead.undo", object_id=lead.id).count() == 1
        assert not after.tasks.filter(state="open", assignee__isnull=False).exists()


def test_a_correction_is_taken_back_whole_and_only_once(harbor, client_as):
    lead, ewa = make_lead(harbor), client_as("ewa")
    before = {"payer": lead.payer, "best_time": lead.best_time}
    with travelling(to=SOON):
        answer = send(ewa, harbor, lead, "edit", {"payer": "Aetna", "best_time": "after five"})
        shown = ewa.get(answer["Location"]).content.decode()
    assert reload(harbor, lead.id).payer == "Aetna"
    address = way_back(shown)
    undo(ewa, address)
    after = reload(harbor, lead.id)
    assert {name: getattr(after, name) for name in before} == before
    assert undo(ewa, address)[0].status_code == 409


def test_what_changed_since_stays_and_nobody_else_takes_it_back(harbor, client_as):
    lead, ewa = make_lead(harbor), client_as("ewa")
    with travelling(to=SOON):
        answer = send(ewa, harbor, lead, "edit", {"payer": "Aetna"})
        address = way_back(ewa.get(answer["Location"]).content.decode())
        send(client_as("lena"), harbor, lead, "edit", {"payer": "Aetna", "best_time": "after five"})
    assert undo(client_as("lena"), address)[0].status_code == 404
    assert "Changed since; left as it is." in undo(ewa, address)[1]
    assert reload(harbor, lead.id).payer == "Aetna"


def test_after_half_a_minute_it_is_too_late(harbor, client_as):
    lead, ewa = make_lead(harbor), client_as("ewa")
    with travelling(to=SOON):
        answer = send(ewa, harbor, lead, "edit", {"payer": "Aetna"})
        address = way_back(ewa.get(answer["Location"]).content.decode())
    assert undo(ewa, address, SOON + UNDO_WITHIN + timedelta(seconds=1))[0].status_code == 409
    assert reload(harbor, lead.id).payer == "Aetna"
