"""A breach case from the ledger: who is affected, the 60 days with their warnings, drafts that nobody sends."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime, timedelta

import pytest

from apps.accounts.models import Notice
from apps.audit import ledger
from apps.audit.models import AuditEntry
from apps.compliance import tasks
from apps.compliance.models import BreachCase, BreachPerson
from apps.leads.models import Lead, Person
from apps.outreach.models import Message
from apps.tenancy.clock import travelling
from apps.tenancy.ids import new_id
from tests.cast import Tenant
from tests.leads_made import make_lead

MAY = date(2026, 5, 1)


def at(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour + 5, tzinfo=UTC)


def people_read(harbor: Tenant, who: str, day: date, ids: list, what: str = "lead") -> None:
    with travelling(to=at(day)), harbor.scope():
        ledger.record_read(actor=harbor.actor(who), what=what, object_ids=ids, fields=["name", "contact"])


@pytest.mark.row("AU-04")
@pytest.mark.row("AU-05")
@pytest.mark.journey("E-13")
def test_41_persons_from_the_log_and_60_days_with_two_warnings(harbor: Tenant, client_as) -> None:
    assert tasks
    first = make_lead(harbor)
    with harbor.scope():
        people = Person.objects.bulk_create(
            [Person(id=new_id(), first_name="Ann", last_name=f"No{n}", created_at=at(MAY)) for n in range(44)]
        )
        ids = [each.id for each in people]
    # 3 to 5 May: lists, single pages, one person twice, one who was merged since, one of before and one of after.
    people_read(harbor, "ana", date(2026, 5, 3), ids[:30], "person")
    people_read(harbor, "ana", date(2026, 5, 4), [first.id])
    people_read(harbor, "ana", date(2026, 5, 5), ids[25:41], "person")
    people_read(harbor, "ana", date(2026, 5, 2), [ids[41]], "person")
    people_read(harbor, "ana", date(2026, 5, 6), [ids[42]], "person")
    people_read(harbor, "lena", date(2026, 5, 4), [ids[43]], "person")
    with harbor.scope():
        Person.rows().filter(id=ids[40]).update(merged_into=ids[0])
    with travelling(to=at(date(2026, 5, 20))):
        dev = client_as("dev")
        refused = dev.post("/compliance/breach/new/", {"what": "x", "discovered_on": "2026-05-21"})
        assert refused.status_code == 422
        opened = dev.post("/compliance/breach/new/", {"what": "Files sold", "discovered_on": "2026-05-01"})
        page = opened["Location"]
        asked = {"actors": [str(harbor.user("ana").id)], "since": "2026-05-03", "until": "2026-05-05"}
        assert dev.post(f"{page}affected/", asked).status_code == 303
        text = dev.get(page).content.decode()
    assert "41 persons" in text and "letters are due by 30 Jun 2026" in text and "Day 19 of 60" in text
    with harbor.scope():
        case = BreachCase.rows().get()
        assert (case.due_on, case.unassigned) == (date(2026, 6, 30), 0)
        assert set(BreachPerson.rows().values_list("person_id", flat=True)) == {*ids[:40], first.person_id}
    for day, warned in ((date(2026, 6, 14), 0), (date(2026, 6, 15), 1), (date(2026, 6, 25), 2), (date(2026, 6, 30), 3)):
        harbor.drain(at(day))
        with harbor.scope():
            told = Notice.rows().filter(kind="breach", member=harbor.member("dev")).order_by("made_at")
            assert len(told) == warned, day
    assert "day 45" in told[0].sentence and "15 days are left" in told[0].sentence and "day 55" in told[1].sentence


@pytest.mark.row("AU-04")
def test_who_read_only_what_was_written_to_somebody_is_found_too(harbor: Tenant, client_as) -> None:
    lead = make_lead(harbor)
    with harbor.scope():
        messages = list(Message.rows().filter(lead=lead).values_list("id", flat=True))
    people_read(harbor, "ana", date(2026, 5, 4), messages, "message")
    with travelling(to=at(date(2026, 5, 20))):
        dev = client_as("dev")
        log = dev.get(f"/compliance/access/?whose={lead.ref}&kind=read&since=2026-05-01").content.decode()
        assert f"On this page: {harbor.user('ana').name}" in log
        page = dev.post("/compliance/breach/new/", {"what": "Files sold", "discovered_on": "2026-05-01"})["Location"]
        asked = {"actors": [str(harbor.user("ana").id)], "since": "2026-05-03", "until": "2026-05-05"}
        dev.post(f"{page}affected/", asked)
        text = dev.get(page).content.decode()
    assert "1 person" in text and "lead to no person" not in text and "leads to no person" not in text


@pytest.mark.row("AU-04")
def test_a_case_is_assessed_drafted_and_closed_and_nothing_is_sent(harbor: Tenant, client_as) -> None:
    lead = make_lead(harbor)
    people_read(harbor, "ana", date(2026, 5, 3), [lead.id])
    with travelling(to=at(date(2026, 5, 20))):
        dev = client_as("dev")
        page = dev.post("/compliance/breach/new/", {"what": "A file", "discovered_on": "2026-05-02"})["Location"]
        dev.post(
            f"{page}affected/", {"actors": str(harbor.user("ana").id), "since": "2026-05-01", "until": "2026-05-09"}
        )
        closing = {"state": "no_breach", "because": "Returned unopened"}
        assert dev.post(f"{page}close/", closing).status_code == 422
        for step, answer in (
            ("data", {"data": "Names and phone numbers"}),
            ("contained", {"contained": "The account was closed"}),
            ("who", {"who": "A former colleague"}),
        ):
            assert dev.post(f"{page}{step}/", answer).status_code == 303
        factors = dict.fromkeys(("nature", "recipient", "acquired", "mitigated"), "low")
        assert dev.post(f"{page}risk/", factors).status_code == 422
        assert dev.post(f"{page}risk/", factors | {f"{each}_note": "As seen" for each in factors}).status_code == 303
        dev.post(f"{page}letters/person/", {"act": "draft"})
        letter = dev.get(f"{page}letters/person/").content.decode()
        assert "Names and phone numbers" in letter and "May 2, 2026" in letter and "Maria" not in letter
        with zipfile.ZipFile(io.BytesIO(dev.get(f"{page}persons/export/").content)) as box:
            rows = list(csv.DictReader(io.StringIO(box.read("persons.csv").decode("utf-8-sig"))))
        assert [(row["last name"], row["leads"]) for row in rows] == [("Lopez", lead.ref)]
        with harbor.scope():
            row = BreachPerson.rows().get()
        dev.post(f"{page}persons/leave-out/", {"person": str(row.id), "because": "A test person"})
        assert "0 persons" in dev.get(f"{page}persons/").content.decode()
        dev.post(f"{page}tasks/contain/", {})
        assert dev.post(f"{page}close/", closing).status_code == 303
        assert dev.post(f"{page}who/", {"who": "x"}).status_code == 422
    harbor.drain(at(date(2026, 6, 30)))
    with harbor.scope():
        assert not Notice.rows().filter(kind="breach").exists()
        assert not Message.rows().exclude(lead__in=Lead.rows().filter(id=lead.id)).exists()
        assert (
            not Message.rows()
            .filter(created_at__gt=at(date(2026, 5, 20)) - timedelta(days=1))
            .filter(created_at__lt=at(date(2026, 7, 1)))
            .exists()
        )
        acts = set(AuditEntry.rows().filter(object_type="breach_case").values_list("action", flat=True))
    assert acts >= {"breach.open", "breach.find", "breach.assess", "breach.draft", "breach.leave_out", "breach.close"}
