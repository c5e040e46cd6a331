"""Signing in as people do: e-mail, password, six digits."""

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from playwright.sync_api import Page

from apps.accounts.models import User
from apps.onboarding.demo.second_factor import code_of

PASSWORD = "correct horse battery staple 9"


def sign_in_by_hand(page: Page, user: User) -> None:
    """Fill in the sign-in pages."""
    Authenticator.objects.filter(user=user).delete()
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    user.set_password(PASSWORD)
    user.save()
    page.goto("/accounts/login/")
    page.fill("input[name=login]", user.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[type=submit]")
    page.fill("input[name=code]", code_of(secret))
    page.click("button[type=submit]")
    page.wait_for_url(lambda url: "/accounts/" not in url)
