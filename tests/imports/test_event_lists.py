"""Lists of an event: each badge keeps the event, the time at which it was scanned and what its person agreed to."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client

from apps.capture.models import Submission
from apps.consent.models import ConsentEvent
from apps.imports.decisions.check_ins import read_check_in
from apps.imports.models import ImportRow
from apps.leads.models import Lead, Touch
from apps.outreach.models import Message
from apps.privacy import details
from apps.tenancy.clock import travelling
from tests.cast import Tenant
from tests.imports.test_imports import BASIS, file_of, opened
from tests.imports.test_workbooks import workbook
from tests.partners.agency import words

HEADER = ["Name", "Mail", "Phone", "Scanned at"]
FAIR = {
    "column_0": "person.full_name",
    "column_1": "person.email",
    "column_2": "person.phone",
    "column_3": "checked_in_at",
    "basis": "on",
    "event": "Health Fair 5 Oct",
    **BASIS,
    "channels": ["email"],
    "evidence": "Consent cards of the fair, box 3",
}
#: 14:15 in Chicago.
DOORS_OPEN = datetime(2026, 10, 5, 19, 15, tzinfo=UTC)
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def badges(count: int) -> list[list[str]]:
    """Return badges that were scanned a minute apart, as a scanner's app writes them."""
    return [
        [f"Nora Quinn{n}", f"badge{n}@example.com", "", f"10/5/2026 {2 + (15 + n) // 60}:{(15 + n) % 60:02d} PM"]
        for n in range(count)
    ]


@pytest.fixture
def ops(client_as: Callable[[str], Client]) -> Client:
    """Return marketing ops' browser."""
    return client_as("ada")


@pytest.mark.row("CP-14")
def test_thirty_badges_are_28_leads_with_event_time_and_consent_and_2_row_errors(harbor: Tenant, ops: Client) -> None:
    rows = [*badges(28), ["Nobody", "", "", "10/5/2026 2:50 PM"], ["Late", "late@example.com", "", "10/5/2026"]]
    page = opened(ops, file_of(rows, HEADER), "event")
    first = words(ops.get(page))
    assert "checked in at Mon 5 Oct 2026, 14:15 CDT · person: email badge0@example.com" in first
    assert ops.post(f"{page}plan/", FAIR).status_code == 303
    harbor.drain()
    shown = words(ops.get(page))
    assert "28 new, 0 duplicate, 2 refused" in shown
    assert "Row 29: Neither a phone nor an e-mail" in shown
    assert "Row 30: The check-in says the day and not the time." in shown
    ops.post(f"{page}confirm/")
    harbor.drain()
    with harbor.scope():
        leads = list(Lead.rows().select_related("person").order_by("captured_at"))
        assert len(leads) == 28
        for minute, lead in enumerate(leads):
            at = DOORS_OPEN + timedelta(minutes=minute)
            assert (lead.person.last_name, lead.captured_at, lead.capture_method) == (f"Quinn{minute}", at, "event")
            assert Touch.rows().get(lead=lead).at == at
            agreed = ConsentEvent.rows().get(person=lead.person)
            assert (agreed.channel, agreed.value, agreed.captured_at) == ("email", "granted", at)
            assert (agreed.wording_version, agreed.evidence_kind) == ("v4", "import")
            assert agreed.evidence_ref == "Consent cards of the fair, box 3"
        assert set(Submission.rows().values_list("event_at", flat=True)) == {each.captured_at for each in leads}
        kept = {each.kind: each.text for each in details.read(actor=harbor.actor("ana"), subject_id=leads[0].id)}
        assert "Event: Health Fair 5 Oct" in kept["answers"]


def test_a_workbooks_own_times_are_read_whatever_their_format_shows(harbor: Tenant, ops: Client) -> None:
    at = datetime(2026, 10, 5, 14, 15, 30)  # noqa: DTZ001 - a workbook knows no zone
    rows = [["Ana", "a@example.com", "", at], ["Bo", "b@example.com", "", at], ["Cy", "c@example.com", "", 46300.59375]]
    raw = workbook({"Badges": [HEADER, *rows]}, {"D2": "h:mm AM/PM", "D3": "dd/mm/yy hh:mm", "D4": "General"})
    page = opened(ops, raw, "event")
    ops.post(f"{page}plan/", FAIR)
    harbor.drain()
    ops.post(f"{page}confirm/")
    harbor.drain()
    with harbor.scope():
        found = dict(Lead.rows().values_list("person__first_name", "captured_at"))
    exact = DOORS_OPEN + timedelta(seconds=30)
    assert found == {"Ana": exact, "Bo": exact, "Cy": DOORS_OPEN}


@pytest.mark.row("CP-19")
@pytest.mark.parametrize(("days_ago", "receipts"), [(3, 0), (0, 1)])
def test_a_list_without_check_ins_states_when_the_event_was_and_old_contacts_get_no_receipt(
    harbor: Tenant, ops: Client, days_ago: int, receipts: int
) -> None:
    now = datetime(2026, 12, 1, 17, 0, tzinfo=UTC)
    local = (now - timedelta(days=days_ago, hours=6, minutes=5)).strftime("%Y-%m-%dT%H:%M")
    with travelling(to=now):
        page = opened(ops, file_of(badges(1), HEADER), "event")
        for wrong, said in (("", "say when the event was"), ("2027-01-05T10:00", "The event lies in the future.")):
            refused = ops.post(f"{page}plan/", {**FAIR, "column_3": "answer", "event_at": wrong})
            assert refused.status_code == 422 and said in words(refused)
        assert ops.post(f"{page}plan/", {**FAIR, "column_3": "answer", "event_at": local}).status_code == 303
        harbor.drain(now)
        ops.post(f"{page}confirm/")
    harbor.drain(now)
    with harbor.scope():
        row = ImportRow.rows().select_related("submission").get()
        assert row.submission.event_at == now - timedelta(days=days_ago, minutes=5)
        assert Message.rows().filter(lead__capture_method="event", purpose="acknowledgement").count() == receipts


def test_a_calling_list_has_no_check_ins(ops: Client) -> None:
    page = opened(ops, file_of(badges(1), HEADER))
    assert "checked_in_at" not in ops.get(page).content.decode()
    refused = ops.post(f"{page}plan/", {**FAIR, "event": ""})
    assert refused.status_code == 422 and "Select a valid choice" in words(refused)


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-10-05 14:15", "2026-10-05T19:15"),
        ("2026-10-05T14:15:00-07:00", "2026-10-05T21:15"),
        ("2026-10-05T19:15:00Z", "2026-10-05T19:15"),
        ("2026-10-05 19:15 +0000", "2026-10-05T19:15"),
        ("10/5/2026 2:15 PM", "2026-10-05T19:15"),
        ("10/05/26, 2:15pm", "2026-10-05T19:15"),
        ("5.10.2026 14:15", "2026-10-05T19:15"),
        ("2026/10/05 2 p.m.", "2026-10-05T19:00"),
        ("Mon, Oct 5, 2026 12:15 AM", "2026-10-05T05:15"),
        ("5th October 2026 14:15:59", "2026-10-05T19:15:59"),
        ("5-Oct-26 14:15", "2026-10-05T19:15"),
        ("46300.59375", "2026-10-05T19:15"),
        ("2025-11-02 01:30", "2025-11-02T06:30"),
        ("2026-11-22 00:03Z", "2026-11-22T00:03"),
    ],
)
def test_a_time_is_the_tenants_unless_it_has_an_offset(text: str, utc: str) -> None:
    assert read_check_in(text, zone="America/Chicago", region="US", now=NOW).at == datetime.fromisoformat(f"{utc}Z")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "no_check_in"),
        ("yes", "check_in_unreadable"),
        ("14:15", "check_in_unreadable"),
        ("13/5/2026 14:15", "check_in_unreadable"),
        ("10/5/2026 25:15", "check_in_unreadable"),
        ("10/5/2026 14:15 PM", "check_in_unreadable"),
        ("5 Octember 2026 14:15", "check_in_unreadable"),
        ("10/5/2026", "check_in_without_time"),
        ("46300", "check_in_without_time"),
        ("2026-03-08 02:30", "check_in_no_hour"),
        ("2026-11-22 00:06Z", "check_in_future"),
        ("10/5/2062 14:15", "check_in_future"),
        ("2019-10-05 14:15", "check_in_too_old"),
    ],
)
def test_what_names_no_possible_instant_says_why(text: str, code: str) -> None:
    found = read_check_in(text, zone="America/Chicago", region="US", now=NOW)
    assert (found.at, found.code) == (None, code) and found.detail


def test_elsewhere_the_day_comes_first() -> None:
    found = read_check_in("05/10/2026 14:15", zone="Europe/Berlin", region="DE", now=NOW)
    assert found.at == datetime(2026, 10, 5, 12, 15, tzinfo=UTC)
