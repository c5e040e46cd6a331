"""QL-17 and ST-14 in the report: the reasons sum to the disqualified total, missing data is counted by reason."""

import re
from datetime import timedelta

import pytest

from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.arranging import ask, page

LATER = TUESDAY_NINE + timedelta(hours=2)
PERIOD = "?since=2026-12-01&until=2026-12-02"


@pytest.mark.row("QL-17")
@pytest.mark.row("ST-14")
def test_the_reasons_sum_to_the_disqualified_total_and_missing_data_has_its_own_table(harbor, client_as):
    ends = [
        ("close", {"reason": "spam", "note": "Sells links.", "outcome": "not_qualified"}),
        ("close", {"reason": "wrong_contact", "note": "A shop.", "outcome": "not_qualified"}),
        ("close", {"reason": "booked_elsewhere", "note": "To the partner.", "missing_data": "ehr_not_received"}),
        *(("qualification", {"verdict": "disqualified", "reason": "No office near her location"}) for _ in range(2)),
    ]
    for number, (part, body) in enumerate(ends):
        lead = make_lead(harbor, at=TUESDAY_NINE + timedelta(minutes=number))
        sent = body | ({"disqualification": "out_of_area"} if part == "qualification" else {})
        owner = client_as(lead.owner.user.email.partition("@")[0])
        answer = ask(owner, "POST", f"/leads/{lead.id}/{part}", sent, at=LATER)
        assert answer.status_code == 200, answer.content
    make_lead(harbor)
    lena = client_as("lena")
    shown = page(lena, f"/reports/endings/{PERIOD}", at=LATER)
    rows = dict(re.findall(r"<th scope=\"row\">([^<]+)</th>\s*(?:<td[^>]*>[^<]*</td>\s*)*<td[^>]*>(\d+)</td>", shown))
    reasons = {name: int(count) for name, count in rows.items() if name != "Disqualified in all"}
    assert (reasons["Out of area"], reasons["Spam"], reasons["Wrong contact"]) == (2, 1, 1)
    assert rows["EHR result not received"] == "1"
    del reasons["EHR result not received"]
    assert sum(reasons.values()) == int(rows["Disqualified in all"]) == 4
    assert "Disqualified: 4 of 5 leads that ended." in shown
    file = lena.get(f"/reports/endings.csv{PERIOD}").content.decode("utf-8-sig")
    assert "Out of area,out_of_area,2" in file and "Disqualified in all,,4" in file
