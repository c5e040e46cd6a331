"""The six digits of the second factor: how late they may arrive."""

import datetime as dt

import pytest
import time_machine
from allauth.mfa import app_settings
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from apps.onboarding.demo.second_factor import keep_second_factor
from tests.cast import Tenant
from tests.sign_in_page import PASSWORD

NOON = dt.datetime(2026, 11, 24, 12, 0, 5, tzinfo=dt.UTC)


@pytest.mark.parametrize(("steps_late", "lets_in"), [(0, True), (1, True), (2, False)])
def test_digits_read_at_the_end_of_their_half_minute_still_count(
    harbor: Tenant, steps_late: int, lets_in: bool
) -> None:
    ewa = harbor.user("ewa")
    secret = keep_second_factor(ewa)
    ewa.set_password(PASSWORD)
    ewa.save()
    with time_machine.travel(NOON, tick=False):
        counter = int(NOON.timestamp()) // app_settings.TOTP_PERIOD - steps_late
        code = format_hotp_value(hotp_value(secret, counter))
        browser = Client()
        browser.post("/accounts/login/", {"login": ewa.email, "password": PASSWORD})
        browser.post("/accounts/2fa/authenticate/", {"code": code})
        assert ("_auth_user_id" in browser.session) is lets_in
