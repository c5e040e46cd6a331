"""E-06: the number that was dialled tells the advertisement; who wants another service is taken over."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.catalog.actions import save_tracking_number
from apps.catalog.models import Campaign, Location
from apps.leads.models import Lead, Task, TimelineEntry, Touch
from apps.tenancy.clock import travelling
from leadcrm.http.csv_file import STARTERS
from tests.cast import Tenant
from tests.connectors.senders import Sender, connect, sample
from tests.connectors.signing import push
from tests.leads_made import TUESDAY_NINE, reload
from tests.words import saying, words_of

ELM, LATER = "+13125550900", TUESDAY_NINE + timedelta(minutes=10)
DAY = "since=2026-12-01&until=2026-12-01"


@pytest.fixture
def line(harbor: Tenant) -> Sender:
    """The Elm number of the advertisement Knee-Ad-3; callers choose a service in its menu, which becomes a tag."""
    with harbor.scope():
        values = {"label": "Knee-Ad-3", "keyword": "knee pain elm"}
        values |= {"campaign": Campaign.rows().get(key="ortho-new"), "location": Location.rows().get(key="elm-st")}
        save_tracking_number(actor=harbor.system, number=ELM, values=values)
    return connect(harbor, "callrail", source="call", mapping={"tags": "request.service"})


def called(line: Sender, number: int, service: str) -> Lead:
    """Let somebody call the line on Tuesday at nine and choose a service; return the lead."""
    at = TUESDAY_NINE.isoformat()
    said: dict[str, Any] = {"id": f"CAL{number}", "customer_phone_number": f"+1312555014{number}", "tags": [service]}
    said |= {"start_time": at, "created_at": at, "timestamp": at, "tracking_phone_number": ELM, "utm_campaign": None}
    said |= {"answered": True, "voicemail": False, "duration": "184", "customer_name": f"CALLER {number}"}
    with travelling(to=TUESDAY_NINE + timedelta(minutes=4)):
        for _ in range(2):  # the provider tells of every call twice
            assert push(line, sample("callrail", "post_call") | said).status_code == 200
    line.tenant.drain(TUESDAY_NINE + timedelta(minutes=4))
    with line.tenant.scope():
        (lead,) = Lead.rows().filter(person__contact_points__value=f"+1312555014{number}")
    return reload(line.tenant, lead.id)


@pytest.mark.journey("E-06")
@pytest.mark.row("RT-18")
@pytest.mark.row("RP-03")
@pytest.mark.row("AT-03")
def test_calls_on_one_number_and_what_they_wanted(
    line: Sender, harbor: Tenant, client_as: Callable[[str], Client]
) -> None:
    # 1. and 2. The line's own service: campaign, advertisement, office, call times; Elm's call queue, a task for Ana.
    knee = called(line, 1, "Orthopedics")
    assert (knee.service.key, knee.location.key, knee.queue.key) == ("orthopedics", "elm-st", "elm-calls")
    with harbor.scope():
        touch = Touch.rows().select_related("campaign").get(lead=knee)
        task = Task.rows().select_related("assignee__user").get(lead=knee, state="open")
        assert (touch.campaign.key, touch.attribution["ad_group"]) == ("ortho-new", "Knee-Ad-3")
        assert (task.kind, task.assignee.user.email.partition("@")[0]) == ("call", "ana")
    assert knee.captured_at == TUESDAY_NINE

    # 3. Another caller on the same line wants Cardiology.
    heart = called(line, 2, "Cardiology")
    assert (heart.service.key, heart.queue.key, heart.owner_team.key) == (
        "cardiology",
        "general-intake",
        "central-intake",
    )
    with harbor.scope():
        told = list(words_of(TimelineEntry.rows().filter(lead=heart), "sentence"))
        assert not saying(TimelineEntry.rows().filter(lead=knee), sentence__contains="Caller asked")
    note = "Caller asked for Cardiology; the line Knee-Ad-3 is for Orthopedics."
    assert note in told
    with travelling(to=LATER):
        page = client_as("ewa").get(f"/leads/{heart.id}/").content.decode()
    assert note in page
    assert "Device type: Mobile\n" in page and "device_type" not in page, "the sender's own names of fields"

    # 4. The provider told of each call twice: one lead each.
    with harbor.scope():
        assert Lead.rows().count() == Touch.rows().count() == 2
    assert sorted(each.repeats for each in line.hooks()) == [1, 1]

    # 5. The report by call number.
    lena = client_as("lena")
    with travelling(to=LATER):
        page = lena.get(f"/reports/lines/?{DAY}").content.decode()
        file = lena.get(f"/reports/lines.csv?{DAY}").content.decode("utf-8-sig")
        before = lena.get("/reports/lines.csv?since=2026-11-01&until=2026-11-30").content.decode("utf-8-sig")
    assert "Calls: 2. Matched: 1. Mismatched: 1. Not known: 0." in page
    assert "2 calls: 1 matched, 1 mismatched" in page and "n = 2 calls" in page and "Matched: the lead asks" in page
    head, row, *others = csv.reader(io.StringIO(file))
    quiet = next(each for each in others if each[1] == "Heart-Ad-1")
    assert head == [
        "Number",
        "Advertisement",
        "Campaign",
        *["Calls", "Matched", "Mismatched"],
        "Not known",
        "Scheduled",
    ]
    assert row == [f"'{ELM}", "Knee-Ad-3", "Ortho-New", "2", "1", "1", "0", "0"]
    assert quiet[1:2] + quiet[3:] == ["Heart-Ad-1", "0", "0", "0", "0", "0"]
    assert not any(cell.startswith(STARTERS) for cell in row)
    assert [*csv.reader(io.StringIO(before))][1][3:] == ["0"] * 5


def test_a_caller_who_calls_again_counts_twice_and_a_later_word_on_the_call_does_not(
    line: Sender, harbor: Tenant, client_as: Callable[[str], Client]
) -> None:
    called(line, 1, "Orthopedics")
    at = TUESDAY_NINE.isoformat()
    changed = {"id": "CAL1", "customer_phone_number": "+13125550141", "tags": ["Orthopedics"], "note": "wants Tuesday"}
    changed |= {"start_time": at, "timestamp": at, "tracking_phone_number": ELM, "changes": ["note"]}
    again = {**changed, "id": "CAL9", "note": "", "changes": None}
    with travelling(to=TUESDAY_NINE + timedelta(minutes=6)):
        for each in (changed, again):
            assert push(line, sample("callrail", "post_call") | each).status_code == 200
    harbor.drain(TUESDAY_NINE + timedelta(minutes=6))
    with travelling(to=LATER):
        file = client_as("lena").get(f"/reports/lines.csv?{DAY}").content.decode("utf-8-sig")
    assert [*csv.reader(io.StringIO(file))][1][3:5] == ["2", "2"]


def test_a_text_to_the_number_is_no_call(line: Sender, harbor: Tenant, client_as: Callable[[str], Client]) -> None:
    texts = connect(harbor, "twilio-sms", source="call")
    said = sample("twilio-sms", "text") | {"Body": "Do you take new patients?", "To": ELM}
    with travelling(to=TUESDAY_NINE):
        assert push(texts, said, "application/x-www-form-urlencoded").status_code == 200
    harbor.drain(TUESDAY_NINE)
    with harbor.scope():
        assert Touch.rows().get().attribution["tracking_number"] == ELM
    with travelling(to=LATER):
        file = client_as("lena").get(f"/reports/lines.csv?{DAY}").content.decode("utf-8-sig")
    assert [*csv.reader(io.StringIO(file))][1][3] == "0"


def test_small_counts_are_withheld_from_who_reads_no_health_data(
    line: Sender, client_as: Callable[[str], Client]
) -> None:
    called(line, 1, "Orthopedics")
    with travelling(to=LATER):
        answer = client_as("cleo").get(f"/reports/lines.csv?{DAY}")
    assert answer.status_code == 200
    assert [*csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))][1][3:5] == ["< 5", "< 5"]
