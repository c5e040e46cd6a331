"""What stands out about how somebody reads is told to compliance once, and not what work looks like."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.accounts.models import Notice
from apps.audit import ledger
from apps.compliance.models import UnusualAccess
from apps.compliance.unusual import Opened, in_volume, look
from apps.leads.models import Person
from apps.tenancy.clock import travelling
from apps.tenancy.ids import new_id
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead

START = datetime(2026, 12, 1, 16, 0, tzinfo=UTC)


def opened(count: int, seconds: float, start: datetime = START) -> list[Opened]:
    who = new_id()
    return [Opened(who, "Ana", new_id(), start + timedelta(seconds=each * seconds)) for each in range(count)]


def test_the_densest_ten_minutes_count_wherever_they_begin() -> None:
    (found,) = in_volume(opened(300, 2.0), 300)
    assert (found.count, found.last_at - found.first_at) == (300, timedelta(seconds=598))
    assert list(in_volume(opened(299, 2.0), 300)) == []
    # As many over a quarter of an hour are no burst; two people's do not add up.
    assert list(in_volume(opened(400, 3.0), 300)) == []
    assert list(in_volume([*opened(200, 2.0), *opened(200, 2.0)], 300)) == []


@pytest.mark.row("AU-09")
def test_300_leads_in_ten_minutes_are_told_to_compliance_once(harbor: Tenant, client_as) -> None:
    lead = make_lead(harbor)
    nine = TUESDAY_NINE.astimezone(ZoneInfo("America/Chicago"))
    with harbor.scope():
        ana = harbor.actor("ana")
        Person.rows().filter(id=lead.person_id).update(last_name=ana.label.split()[-1])
    for minute in range(5):
        with travelling(to=nine + timedelta(minutes=minute)), harbor.scope():
            for each in range(60):
                what = lead.id if (minute, each) == (1, 7) else new_id()
                ledger.record_read(actor=ana, what="lead", object_ids=[what], fields=["name"])
            ledger.record_read(actor=ana, what="lead", object_ids=[new_id() for _each in range(40)])
    now = nine + timedelta(minutes=6)
    with travelling(to=now), harbor.scope():
        assert look(now) == 2
        assert look(now) == 0
        rows = {each.kind: each.count for each in UnusualAccess.rows()}
        told = [each.sentence for each in Notice.rows().filter(member=harbor.member("dev"), kind="unusual_access")]
        assert not Notice.rows().filter(member=harbor.member("lena"), kind="unusual_access").exists()
        waiting = UnusualAccess.rows().get(kind="volume")
    assert rows == {"volume": 300, "surname": 1}
    assert f"{ana.label} opened 300 leads within ten minutes (1 Dec 2026, 09:00–09:04)." in told
    dev = client_as("dev")
    assert "opened 300 leads" in dev.get("/compliance/unusual/").content.decode()
    address = f"/compliance/unusual/{waiting.id}/looked-at/"
    dev.post(address, {"note": " "})
    dev.post(address, {"note": "A cleaning of old leads, agreed with Lena"})
    with harbor.scope():
        waiting.refresh_from_db()
    assert (waiting.looked_by, waiting.note) == (harbor.user("dev").name, "A cleaning of old leads, agreed with Lena")
