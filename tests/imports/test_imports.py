"""Imports by page: checked row by row, nothing taken in before the confirmation, every row taken in once."""

import csv
import io
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

from apps.audit.models import AuditEntry
from apps.capture.models import Submission
from apps.consent.models import ConsentEvent
from apps.imports.models import ImportRow, ImportRun
from apps.leads.models import Lead
from apps.tenancy.clock import database_now
from tests.cast import Tenant
from tests.leads_made import inquiry, send_in

HEADER = ["First name", "Last name", "Phone", "E-mail", "ZIP", "Service", "Consent", "Shoe size"]
BASIS = {"channels": ["call"], "text_version": "v4", "evidence": "Cards of the spring campaign, box 3"}


def people(start: int, count: int, consent: str = "yes") -> list[list[str]]:
    """Return rows of new people."""
    return [
        ["Nora", f"Quinn{n}", f"(773) 555-{n:04d}", f"nora{n}@example.com", "60614", "Imaging", consent, "9"]
        for n in range(start, start + count)
    ]


def file_of(rows: list[list[str]], header: list[str] = HEADER) -> bytes:
    """Return rows as a CSV file."""
    text = io.StringIO()
    csv.writer(text).writerows([header, *rows])
    return text.getvalue().encode()


def bring(browser: Client, raw: bytes, kind: str = "import") -> HttpResponse:
    """Send a file to the first page."""
    file = SimpleUploadedFile("list.csv", raw, "text/csv")
    answer: HttpResponse = browser.post("/imports/", {"kind": kind, "source": "imaging-spring", "file": file})
    return answer


def opened(browser: Client, raw: bytes, kind: str = "import") -> str:
    """Bring a file and return its page."""
    answer = bring(browser, raw, kind)
    assert answer.status_code == 303, answer.content.decode()
    return str(answer["Location"])


def plan(header: list[str], **more: object) -> dict[str, object]:
    """Return the form of the columns as it was guessed."""
    targets = {
        "First name": "person.first_name",
        "Last name": "person.last_name",
        "Phone": "person.phone",
        "E-mail": "person.email",
        "ZIP": "person.postal_code",
        "Service": "request.service",
        "Consent": "-",
    }
    columns = {f"column_{place}": targets.get(name, "answer") for place, name in enumerate(header)}
    return {**columns, "basis_column": "Consent" if "Consent" in header else "", **BASIS, **more}


@pytest.fixture
def ops(client_as: Callable[[str], Client]) -> Client:
    """Return marketing ops' browser."""
    return client_as("ada")


@pytest.mark.row("CP-26")
def test_a_calling_list_is_checked_and_nothing_is_saved_before_the_confirmation(harbor: Tenant, ops: Client) -> None:
    for row in people(100, 8):
        send_in(harbor, inquiry(person__phone=row[2], person__email=row[3], person__last_name=row[1]))
    harbor.drain()
    with harbor.scope():
        before = Submission.rows().count()
    rows = [*people(200, 82), *people(100, 8), *people(200, 3), *people(300, 7, consent="")]
    page = opened(ops, file_of(rows))
    assert "100 rows" in ops.get(page).content.decode()
    assert ops.post(f"{page}plan/", plan(HEADER)).status_code == 303
    harbor.drain()
    shown = ops.get(page).content.decode()
    assert "82 new, 11 duplicate, 7 refused" in shown
    assert "7 × No consent basis." in shown
    with harbor.scope():
        assert Submission.rows().count() == before
    assert ops.post(f"{page}confirm/").status_code == 303
    harbor.drain()
    with harbor.scope():
        run = ImportRun.rows().get()
        assert (run.state, run.file) == ("done", None)
        assert Submission.rows().filter(external_id__startswith="import:").count() == 82
        assert ImportRow.rows().filter(state="left").count() == 11
    assert "82 rows were taken in" in ops.get(page).content.decode()


def test_a_row_becomes_a_lead_with_its_consent_and_its_other_columns(harbor: Tenant, ops: Client) -> None:
    page = opened(ops, file_of(people(400, 1)))
    ops.post(f"{page}plan/", plan(HEADER))
    harbor.drain()
    ops.post(f"{page}confirm/")
    harbor.drain()
    with harbor.scope():
        lead = Lead.rows().select_related("person", "service", "campaign").get()
        assert (lead.person.first_name, lead.service.key, lead.campaign.key) == ("Nora", "imaging", "imaging-spring")
        event = ConsentEvent.rows().get(person=lead.person)
        assert (event.channel, event.value, event.wording_version) == ("call", "granted", "v4")


def test_every_field_that_is_offered_can_be_taken_in(harbor: Tenant, ops: Client) -> None:
    header = ["Phone", "Click", "Ad"]
    page = opened(ops, file_of([["(773) 555-0444", "tt-1", "ad-7"]], header))
    columns = {"column_0": "person.phone", "column_1": "attribution.ttclid", "column_2": "attribution.ad_id"}
    ops.post(f"{page}plan/", {**columns, "basis": "on", **BASIS})
    harbor.drain()
    assert "1 new, 0 duplicate, 0 refused" in ops.get(page).content.decode()


def test_what_a_refused_row_said_makes_no_later_row_a_repeat(
    harbor: Tenant, ops: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("apps.imports.actions.CHECK_ROWS", 2)
    agreed, other = people(700, 2)
    page = opened(ops, file_of([*people(700, 1, consent=""), other, agreed, agreed]))
    ops.post(f"{page}plan/", plan(HEADER))
    harbor.drain()
    with harbor.scope():
        states = list(ImportRow.rows().order_by("number").values_list("state", flat=True))
    assert states == ["refused", "ready", "ready", "duplicate"]


def test_a_confirmation_twice_takes_every_row_in_once(harbor: Tenant, ops: Client) -> None:
    page = opened(ops, file_of(people(500, 3)))
    ops.post(f"{page}plan/", plan(HEADER))
    harbor.drain()
    assert ops.post(f"{page}confirm/").status_code == 303
    assert ops.post(f"{page}confirm/").status_code == 409
    harbor.drain()
    with harbor.scope():
        assert Submission.rows().count() == 3


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"", "empty"),
        (b"Name,Phone\n", "no rows"),
        (b"\x00\x01\x02", "no CSV file"),
        (b"PK\x03\x04\x00\x00", "damaged"),
        (b"Name,Name\na,b\n", "there twice"),
        (b"Name,\na,b\n", "needs a name"),
        (b'Name,Phone\n"a,b\n', "quotation mark"),
        (b"Name,Phone\na,b,c\n", "Row 2 has more cells"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused_with_its_reason(
    harbor: Tenant, ops: Client, raw: bytes, sentence: str
) -> None:
    answer = bring(ops, raw)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    with harbor.scope():
        assert ImportRun.rows().count() == 0


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"basis_column": ""}, "A calling list needs a consent basis"),
        ({"evidence": ""}, "where the proof is kept"),
        ({"column_2": "answer", "column_3": "answer"}, "Say which column holds the phone or the e-mail"),
        ({"column_1": "person.first_name"}, "cannot both be person.first_name"),
    ],
)
def test_a_plan_with_a_gap_is_not_checked(harbor: Tenant, ops: Client, changes: dict, sentence: str) -> None:
    page = opened(ops, file_of(people(600, 1)))
    answer = ops.post(f"{page}plan/", plan(HEADER, **changes))
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    with harbor.scope():
        assert ImportRun.rows().get().state == "open"


def test_a_file_that_nobody_confirms_is_forgotten_after_a_day(harbor: Tenant, ops: Client) -> None:
    opened(ops, file_of(people(700, 1)))
    harbor.drain()
    with harbor.scope():
        assert ImportRun.rows().get().state == "open"
    harbor.drain(database_now() + timedelta(hours=25))
    with harbor.scope():
        run = ImportRun.rows().get()
        assert (run.state, run.file) == ("discarded", None)


def test_who_may_not_import_is_refused_and_another_tenant_finds_nothing(
    harbor: Tenant, lakeside: Tenant, ops: Client, client_as: Callable[..., Client]
) -> None:
    page = opened(ops, file_of(people(800, 1)))
    ewa = client_as("ewa")
    assert ewa.get("/imports/").status_code == 403
    assert ewa.post(f"{page}confirm/").status_code == 403
    assert client_as("max", lakeside).get(page).status_code in (403, 404)
    with harbor.scope():
        assert AuditEntry.rows().filter(action="refused:import.open").exists()
        assert ImportRun.rows().get(id=UUID(page.split("/")[2])).state == "open"
