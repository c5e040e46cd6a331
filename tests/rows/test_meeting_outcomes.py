"""Meetings end in one vocabulary, of patients and of groups: on the page, by API and in the report (row TK-13)."""

import re
from datetime import timedelta

import pytest

from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.arranging import ask, page

SOON, LATER = TUESDAY_NINE + timedelta(minutes=12), TUESDAY_NINE + timedelta(hours=2)
PERIOD = "?since=2026-12-01&until=2026-12-02"
NEXT = "2026-12-10T16:00:00Z"


@pytest.mark.row("TK-13")
def test_patients_and_groups_share_the_words_of_how_a_meeting_ended(harbor, client_as):
    patient = make_lead(harbor)
    group = make_lead(harbor, source="landing-pages", lead_class="partnership", request__service="")
    owners = [client_as(patient.owner.user.email.partition("@")[0]), client_as("pia")]
    for lead, owner, words in zip((patient, group), owners, (["meeting_completed"], ["no_response"]), strict=True):
        for word in words:
            body = {"kind": "meeting", "outcome": word, "notes": "As agreed.", "next_action_at": NEXT}
            said = ask(owner, "POST", f"/leads/{lead.id}/activities", body, at=SOON)
            assert said.status_code == 201, said.content
            assert said.json()["meeting_outcome"] == word
    old = {"kind": "visit", "outcome": "held", "notes": "As agreed.", "next_action_at": NEXT}
    assert ask(owners[0], "POST", f"/leads/{patient.id}/activities", old, at=SOON).json()["meeting_outcome"] == (
        "meeting_completed"
    )
    call = {"kind": "call", "outcome": "no_answer", "next_action_at": NEXT}
    assert ask(owners[1], "POST", f"/leads/{group.id}/activities", call, at=SOON).json()["meeting_outcome"] is None
    odd = ask(owners[0], "POST", f"/leads/{patient.id}/activities", call | {"outcome": "meeting_completed"}, at=SOON)
    assert odd.status_code == 422
    assert "Meeting: meeting completed." in page(owners[0], f"/leads/{patient.id}/", at=LATER)
    assert "Meeting: no response." in page(owners[1], f"/leads/{group.id}/", at=LATER)
    assert "Meeting completed" in page(owners[0], f"/leads/{patient.id}/log-call/", at=LATER)

    shown = page(client_as("lena"), f"/reports/endings/{PERIOD}", at=LATER)
    rows = {
        name: (int(ours), int(others))
        for name, ours, others in re.findall(
            r"<th scope=\"row\">([^<]+)</th>\s*<td[^>]*>(\d+)</td>\s*<td[^>]*>(\d+)</td>", shown
        )
    }
    assert (rows["Meeting completed"], rows["No response"]) == ((2, 0), (0, 1))
