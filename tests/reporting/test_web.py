"""Board, reports and downloads as people open them."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import Membership
from apps.audit.models import AuditEntry
from apps.catalog.models import Source
from apps.flows.calls import Contact, log_call
from apps.leads.models import Lead
from apps.outreach.terms import ActivityKind, Outcome
from apps.tenancy.clock import travelling
from tests.leads_made import TUESDAY_NINE, make_lead, reload

LATER = TUESDAY_NINE + timedelta(hours=2)
DAY = "since=2026-12-01&until=2026-12-01"


def page(client, path, at=LATER, status=200):
    with travelling(to=at):
        answer = client.get(path)
    assert answer.status_code == status, answer.content.decode()
    return answer.content.decode()


def table(client, path):
    with travelling(to=LATER):
        answer = client.get(path)
    assert answer.status_code == 200
    return answer, list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def call(tenant, lead, after, outcome):
    """Let the lead's owner log a call so many seconds after the capture."""
    at = lead.captured_at + timedelta(seconds=after)
    lead = reload(tenant, lead.id)
    name = lead.owner.user.email.partition("@")[0] if lead.owner else "lena"
    contact = Contact(ActivityKind.CALL, outcome, at, note="As told", next_at=at + timedelta(days=1))
    with travelling(to=at), tenant.scope():
        log_call(actor=tenant.actor(name), lead_id=lead.id, contact=contact, now=at)


def queries_of(client, path):
    client.get(path)
    with CaptureQueriesContext(connection) as asked:
        page(client, path)
    return len(asked)


def card(body, name):
    """Return the figures of a queue's card by label."""
    cards = re.findall(r'<li class="health__card[^"]*">(.*?)</li>', body, re.DOTALL)
    text = next(each for each in cards if f">{name}</a>" in each)
    return dict(re.findall(r"<dt>(.*?)</dt><dd>(.*?)</dd>", text))


@pytest.mark.ux(25)
def test_the_page_gives_each_panel_its_own_place(harbor, client_as):
    body = page(client_as("lena"), f"/reports/?{DAY}")
    for panel in ("funnel", "speed", "promises"):
        assert f'hx-get="/reports/{panel}/?since=2026-12-01&amp;until=2026-12-01"' in body
        assert f'href="/reports/{panel}/?since=2026-12-01&amp;until=2026-12-01"' in body
    client = client_as("lena")
    with travelling(to=LATER):
        part = client.get(f"/reports/funnel/?{DAY}", headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<section class="panel"')
    assert "<html" in page(client, f"/reports/funnel/?{DAY}")


def test_few_leads_are_said_to_be_too_few(harbor, client_as):
    for _ in range(7):
        make_lead(harbor)
    body = page(client_as("lena"), f"/reports/funnel/?{DAY}")
    assert "Not enough data (n = 7)" in body
    assert '<svg class="chart"' not in body
    _, rows = table(client_as("lena"), f"/reports/funnel.csv?{DAY}")
    assert rows[1][:3] == ["All", "Not enough data (n = 7)", ""]


def night_and_day(harbor):
    """Eleven leads of business hours reached after 370 s in the middle, eleven of the night after an hour."""
    for after in (200, 250, 300, 320, 340, 370, 400, 450, 500, 550, 600):
        lead = make_lead(harbor)
        with harbor.scope():
            Lead.rows().filter(id=lead.id).update(acknowledged_at=lead.captured_at + timedelta(seconds=20))
        call(harbor, lead, after, Outcome.CONNECTED)


@pytest.mark.row("RP-05")
def test_response_times_are_medians_and_ninetieths_of_people_and_of_the_machine(harbor, client_as):
    night_and_day(harbor)
    with harbor.scope():
        night = Lead.rows().get(id=make_lead(harbor).id)
        Lead.rows().filter(id=night.id).update(captured_at=night.captured_at - timedelta(hours=8))
    _, rows = table(client_as("lena"), f"/reports/speed.csv?{DAY}")
    assert rows[0] == ["Measure", "All", "Business hours", "After hours"]
    found = {row[0]: row[1:] for row in rows}
    assert found["Valid leads"] == ["12", "11", "1"]
    assert found["First contact, p50"] == ["6 min 10 s", "6 min 10 s", "Not enough data (n = 0)"]
    assert found["First contact, p90"][0] == "9 min 10 s"
    assert found["Acknowledgement, p50"][0] == "20 s"
    assert found["Reached within 5 min"][0] == "3 (27 %)"
    assert not [label for label in found if "mean" in label.lower() or "average" in label.lower()]
    body = page(client_as("lena"), f"/reports/speed/?{DAY}")
    assert "Business hours: p50 6 min 10 s, p90 9 min 10 s (n = 11)" in body
    assert "Acknowledged: p50 20 s" in body
    assert "After hours: Not enough data (n = 0)" in body
    assert "SLA" in body
    assert "first logged two-way conversation" in body


@pytest.mark.row("RP-07")
def test_a_queue_shows_its_wait_who_is_unanswered_and_who_was_never_tried(harbor, client_as):
    with harbor.scope():
        for name in ("ana", "eli", "lena"):
            Membership.rows().filter(id=harbor.member(name).id).update(availability="away")
    leads = [make_lead(harbor) for _ in range(6)]
    call(harbor, leads[0], 60, Outcome.CONNECTED)
    call(harbor, leads[1], 60, Outcome.NO_ANSWER)
    body = page(client_as("lena"), "/board/", at=TUESDAY_NINE + timedelta(minutes=14))
    figures = card(body, "Elm Calls")
    assert figures["Open"] == figures["Unassigned"] == figures["Arrived, last hour"] == "6"
    assert figures["Oldest wait"] == "14 min"
    assert figures["Handled, last hour"] == "2"
    assert figures["Never reached"] == "5"
    assert figures["Never attempted"] == "4 (67 %)"
    assert "nobody of Elm Calls is available, and 6 leads wait for an owner" in body
    assert "the limit is 15 min" not in body
    assert "waits 16 min; the limit is 15 min" in page(
        client_as("lena"), "/board/", at=TUESDAY_NINE + timedelta(minutes=16)
    )


def test_the_hours_say_when_leads_are_due_and_open_the_queue(harbor, client_as):
    for _ in range(3):
        make_lead(harbor)
    client = client_as("lena")
    body = page(client, "/board/", at=TUESDAY_NINE + timedelta(minutes=1))
    drawn = body.split('class="chart heat-map"')[1].split("</svg>")[0]
    address = "/queue/?queue=elm-calls&amp;due=2026-12-01T15"
    assert f'<a href="{address}" aria-label="Elm Calls, 09:00: 3">' in drawn and drawn.count("<a ") == 1
    heat = body.split('class="heat"')[1].split("</table>")[0]
    assert f'<a href="{address}">3</a>' in heat
    listed = page(client, address.replace("&amp;", "&"), at=TUESDAY_NINE + timedelta(minutes=1))
    assert listed.count('id="lead-L-') == 3 and "09:00–10:00" in listed
    none = page(client, "/queue/?queue=elm-calls&due=2026-12-01T16", at=TUESDAY_NINE + timedelta(minutes=1))
    assert 'id="lead-L-' not in none
    late = page(client, "/board/")
    assert "/queue/?queue=elm-calls&amp;view=late" in late
    _, rows = table(client, "/board/hours.csv")
    assert rows[1][:2] == ["Elm Calls", "3"]


def test_a_lead_of_a_team_sees_others_as_totals(harbor, client_as):
    make_lead(harbor, source="web-ortho", request__service="orthopedics")
    make_lead(harbor)
    body = page(client_as("lena"), "/board/")
    assert "Ana Ruiz" in body
    assert "Otis Grant" not in body
    others = body.split('id="others-title"')[1]
    assert "Ortho" in others
    assert "Otis Grant" in page(client_as("dev"), "/board/")


def test_the_board_names_people_with_what_they_carry(harbor, client_as):
    make_lead(harbor)
    body = page(client_as("lena"), "/board/")
    assert "Eli Stone" in body
    assert "1 of 50" in body
    _, rows = table(client_as("lena"), "/board/people.csv")
    assert sum(int(row[2]) for row in rows[1:]) == 1
    _, rows = table(client_as("lena"), "/board/queues.csv")
    assert ["Elm Calls", "Elm Calls", "1"] in [row[:3] for row in rows]


def test_filters_stand_in_the_address_and_narrow(harbor, client_as):
    for _ in range(11):
        make_lead(harbor)
    make_lead(harbor, source="web-ortho", request__service="orthopedics")
    client = client_as("lena")
    for query, count in (("service=imaging", "11"), ("location=elm-st", "12"), ("owner=elm-calls", "11")):
        _, rows = table(client, f"/reports/funnel.csv?{DAY}&{query}")
        assert rows[1][1] == count, query
    _, rows = table(client, "/reports/funnel.csv?since=2026-11-01&until=2026-11-30")
    assert rows[1][1] == "Not enough data (n = 0)"


@pytest.mark.parametrize(
    "query", ["since=2026-12-02&until=2026-12-01", "since=yesterday", "service=nothing", "since=2020-01-01", "by=name"]
)
def test_an_address_that_asks_nonsense_is_told_so(harbor, client_as, query):
    assert "field__error" in page(client_as("lena"), f"/reports/?{query}", status=422)


def test_a_download_is_noted_and_runs_no_formula(harbor, client_as):
    with harbor.scope():
        Source.rows().filter(key="web-imaging").update(name="=HYPERLINK(1)")
    for _ in range(11):
        make_lead(harbor)
    answer, rows = table(client_as("lena"), f"/reports/funnel.csv?{DAY}")
    assert rows[2][0] == "'=HYPERLINK(1)"
    assert answer["Content-Disposition"] == 'attachment; filename="funnel-2026-12-01.csv"'
    assert answer["Content-Type"].startswith("text/csv")
    with harbor.scope():
        noted = AuditEntry.rows().get(action="report.export")
        lena = harbor.user("lena").id
    assert noted.actor_id == lena
    asked = {"since": "2026-12-01", "until": "2026-12-01", "segments": {}}
    assert noted.detail == {"report": "funnel", "rows": 2, "by": "source", **asked}


@pytest.mark.parametrize(
    "path", ["/board/", f"/reports/?{DAY}", f"/reports/funnel/?{DAY}", "/board/queues.csv", f"/reports/speed.csv?{DAY}"]
)
@pytest.mark.ux(19)
def test_a_page_asks_as_often_for_three_leads_as_for_one(harbor, client_as, path):
    make_lead(harbor)
    client = client_as("lena")
    one = queries_of(client, path)
    make_lead(harbor)
    make_lead(harbor, source="web-ortho", request__service="orthopedics")
    assert queries_of(client, path) == one
    assert one <= 22


def test_another_tenant_counts_nothing_of_this_one(harbor, lakeside, client_as):
    for _ in range(5):
        make_lead(harbor)
    stranger = client_as("max", lakeside)
    assert "Elm Calls" not in page(stranger, "/board/")
    _, rows = table(stranger, f"/reports/funnel.csv?{DAY}")
    assert rows[1:] == [["All", "Not enough data (n = 0)", *[""] * 12]]


def test_who_may_not_read_figures_finds_no_way_to_them(harbor, client_as):
    ben = client_as("ben")
    home = page(ben, "/")
    assert 'href="/board/"' not in home
    assert 'href="/reports/"' not in home
    assert "Ask your team" in page(ben, "/reports/", status=403)
    lena = page(client_as("lena"), "/")
    assert 'href="/board/"' in lena
    assert 'href="/reports/"' in lena
    assert 'href="/compliance/"' not in lena
