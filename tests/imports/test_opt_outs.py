"""A file of opt-outs by page: nobody is contacted at its numbers and addresses, and nothing brings it back."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from apps.capture.models import Submission
from apps.consent.models import ConsentEvent, DoNotContact
from apps.consent.queries import states_of
from apps.imports.models import ImportRun
from apps.leads.models import Task
from apps.outreach.models import Message
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.imports.test_imports import file_of, opened
from tests.leads_made import TUESDAY_NINE, consent, make_lead
from tests.rows.arranging import ask
from tests.stop_races import intended

PHONE, LATER = "+13125550158", TUESDAY_NINE + timedelta(minutes=5)


@pytest.mark.row("CN-04")
def test_a_file_of_opt_outs_stops_all_leads_of_whom_it_names_and_holds_for_the_others(
    harbor: Tenant, client_as: Callable[[str], Client]
) -> None:
    all_three = [consent("call"), consent("text"), consent("email")]
    lead = make_lead(harbor, person__phone=PHONE, person__email="zoe@example.com", consent=all_three)
    ops = client_as("ada")
    rows = [["(312) 555-0158", ""], ["", "later@example.com"], ["12", "no"], ["+1 312 555 0158", ""]]
    with travelling(to=LATER):
        message_id = intended(harbor, lead, PHONE, "filed")
        page = opened(ops, file_of(rows, ["Phone", "E-mail"]), "opt_out")
        shown = ops.get(page).content.decode()
        assert "agreed" not in shown and ops.post(page, {}).status_code == 405
        planned = ops.post(f"{page}plan/", {"column_0": "person.phone", "column_1": "person.email"})
        assert planned.status_code == 303, planned.content.decode()
        harbor.drain(LATER)
        assert "2 new, 1 duplicate, 1 refused" in ops.get(page).content.decode()
        with harbor.scope():
            assert ConsentEvent.rows().filter(value="withdrawn").count() == 0, "nothing before the confirmation"
        assert ops.post(f"{page}confirm/", {}).status_code == 303
    harbor.drain(LATER)
    with harbor.scope():
        found = {str(each): str(state.value) for each, state in states_of([lead.person_id])[lead.person_id].items()}
        assert found == {"call": "withdrawn", "text": "withdrawn", "email": "granted"}
        message = Message.rows().get(id=message_id)
        assert (message.state, message.reason) == ("blocked", "opted out, told by import list.csv")
        kinds = set(Task.rows().filter(lead=lead, state="open").values_list("kind", flat=True))
        assert kinds & {"call", "text"} == set()
        assert DoNotContact.rows().filter(value="later@example.com", channel="email").count() == 1
        run = ImportRun.rows().get()
        assert (run.state, run.file, Submission.rows().filter(state="received").count()) == ("done", None, 0)
    # It narrows for good: the page offers no way back and the door refuses one.
    with travelling(to=LATER):
        assert "Take the whole import back" not in ops.get(page).content.decode()
        assert ops.post(f"{page}undo/", {}).status_code == 409
    later = make_lead(
        harbor,
        at=LATER + timedelta(minutes=1),
        person__email="later@example.com",
        consent=[consent("email", captured_at="2026-11-30T15:00:00Z"), consent("call")],
    )
    refused = ask(client_as("ewa"), "POST", f"/leads/{later.id}/calls", {"channel": "email"}, at=LATER)
    assert refused.status_code in (403, 422)
    with harbor.scope():
        assert states_of([later.person_id])[later.person_id]["email"].value == "withdrawn"
