"""The page after a form promises the hour that hours and service level give, and none that nobody keeps."""

import html
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from apps.sla.models import SlaTimer
from tests.capture.forms_made import open_form, send_form
from tests.leads_made import TUESDAY_NINE
from tests.rows.arranging import chicago

SENT = {"first_name": "Ines", "phone": "312 555 0163", "service": "dermatology", "consent_call": "on"}
NIGHT = chicago("2026-12-05 20:00")


def thanks(client, answer, at, tongue="en"):
    assert answer.status_code == 303, answer.content.decode()
    return html.unescape(open_form(client, answer["Location"].replace("lang=en", f"lang={tongue}"), at))


@pytest.mark.row("CP-19")
def test_the_hour_is_that_of_the_clock_before_and_after_the_inquiry_is_read(harbor, client):
    answer = send_form(client, f"/f/{harbor.slug}-derm/", SENT)
    at = TUESDAY_NINE + timedelta(seconds=15)
    assert "You will hear from us today by 09:30." in thanks(client, answer, at)
    assert "Le contactaremos hoy antes de las 09:30." in thanks(client, answer, at, "es")
    harbor.drain(at)
    with harbor.scope():
        due_at = SlaTimer.rows().get(kind="first_contact").due_at
    own = due_at.astimezone(ZoneInfo("America/Chicago"))
    assert f"You will hear from us today by {own:%H:%M}." in thanks(client, answer, at)
    assert "You will hear from us" not in thanks(client, answer, due_at + timedelta(minutes=1))


@pytest.mark.row("CP-19")
def test_at_night_it_is_the_next_opening_and_without_permission_or_a_wish_no_hour(harbor, client):
    path = f"/f/{harbor.slug}-derm/"
    at_night = send_form(client, path, SENT, NIGHT)
    assert "You will hear from us Monday from 08:00." in thanks(client, at_night, NIGHT + timedelta(seconds=15))
    for left_out in ("consent_call", "service"):
        silent = send_form(client, path, {name: value for name, value in SENT.items() if name != left_out})
        assert "You will hear from us" not in thanks(client, silent, TUESDAY_NINE + timedelta(seconds=15)), left_out
