"""The hours at which people may be called: their own wall clock, to the second, also when the clocks change."""

import html
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.leads.models import Person
from apps.tenancy.clock import travelling
from tests.doors import ask
from tests.leads_made import make_lead

SECOND = timedelta(seconds=1)
DAYS = [
    pytest.param("America/New_York", "2026-12-02", id="New York"),
    pytest.param("America/Phoenix", "2026-12-02", id="Phoenix"),
    pytest.param("America/Los_Angeles", "2026-12-02", id="Los Angeles"),
    pytest.param("America/Chicago", "2026-10-31", id="Chicago, the evening before the clocks go back"),
    pytest.param("America/Chicago", "2027-03-13", id="Chicago, the evening before the clocks go forward"),
]


def local(day, clock, zone, days=0):
    """Return the instant at which a wall clock of a zone shows a time, some days after a day."""
    wall = datetime.fromisoformat(f"{day}T{clock}").replace(tzinfo=ZoneInfo(zone)) + timedelta(days=days)
    return wall.astimezone(UTC)


def text_of(answer):
    return re.sub(r"\s+", " ", html.unescape(answer.content.decode()))


def is_open(client, lead, at):
    """Ask page, form and API whether a call may begin at an instant; all must say the same. Return page and verdict."""
    with travelling(to=at):
        page = text_of(client.get(f"/leads/{lead.id}/"))
        by_form = client.post(f"/leads/{lead.id}/call/")
        by_api = ask(client, "POST", f"/leads/{lead.id}/calls", {"channel": "call"})
    if by_api.status_code == 200:
        assert by_form.status_code == 303 and "Call: Yes now" in page
        return True, page
    said = by_api.json()
    assert (by_api.status_code, said["code"], by_form.status_code) == (403, "quiet_hours", 403)
    assert said["detail"] in text_of(by_form)
    assert "Call: Later" in page
    return False, page


@pytest.mark.row("CN-18")
@pytest.mark.parametrize(("zone", "day"), DAYS)
@pytest.mark.ux(6)
def test_the_tile_turns_at_nine_in_the_evening_and_eight_in_the_morning_of_the_person(harbor, client_as, zone, day):
    nine, eight = local(day, "21:00", zone), local(day, "08:00", zone, days=1)
    lead = make_lead(harbor, at=nine - timedelta(hours=5))
    with harbor.scope():
        Person.rows().filter(id=lead.person_id).update(zone=zone, zone_by="zip", city="")
    owner, city = client_as(lead.owner.user.email.partition("@")[0]), zone.rpartition("/")[2].replace("_", " ")

    allowed, page = is_open(owner, lead, nine - SECOND)
    assert allowed and f'data-live-at="{nine:%Y-%m-%dT%H:%M:%S}' in as_utc(page)
    allowed, page = is_open(owner, lead, nine)
    assert not allowed and f"It is 21:00 in {city}; opens" in page
    assert f'data-live-at="{eight:%Y-%m-%dT%H:%M:%S}' in as_utc(page)
    allowed, page = is_open(owner, lead, eight - SECOND)
    assert not allowed and f"It is 07:59 in {city}; opens 08:00 (1 min)." in page
    assert is_open(owner, lead, eight)[0]


def as_utc(page):
    """Return a page with the instant of the next turn written in UTC."""
    found = re.search(r'data-live-at="([^"]+)"', page)
    assert found, "the tiles do not say when they turn"
    return page.replace(found[1], datetime.fromisoformat(found[1]).astimezone(UTC).isoformat())
