"""What happens at the sign-in stands in the ledger of each tenant that the person may enter (row AU-01)."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client

from apps.accounts.keys import revoke_key
from apps.accounts.models import ApiKey
from apps.audit.models import AuditEntry
from apps.onboarding.demo.second_factor import code_of
from apps.tenancy.clock import database_now
from tests.cast import Tenant
from tests.doors import Api
from tests.sign_in_page import PASSWORD


def noted(tenant: Tenant, *kinds: str) -> list[tuple[str, str]]:
    with tenant.scope():
        rows = AuditEntry.rows().filter(object_type__in=kinds).order_by("seq")
        return [(each.action, each.detail.get("code", "")) for each in rows]


@pytest.mark.row("AU-01")
def test_who_came_in_who_was_kept_out_and_who_left(harbor: Tenant) -> None:
    user = harbor.user("ana")
    Authenticator.objects.filter(user=user).delete()
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    user.set_password(PASSWORD)
    user.save()
    browser, before = Client(), len(noted(harbor, "user"))
    browser.post("/accounts/login/", {"login": user.email, "password": "not it"})
    browser.post("/accounts/login/", {"login": user.email.upper(), "password": PASSWORD})
    browser.post("/accounts/2fa/authenticate/", {"code": "000000"})
    assert noted(harbor, "user")[before:] == [
        ("refused:session.open", "wrong_password"),
        ("refused:session.open", "second_factor"),
    ]
    browser.post("/accounts/2fa/authenticate/", {"code": code_of(secret)})
    browser.post("/accounts/logout/")
    assert noted(harbor, "user")[before + 2 :] == [("session.open", ""), ("session.close", "signed_out")]
    stranger = Client()
    codes = [
        stranger.post("/accounts/login/", {"login": user.email, "password": "a guess"}).status_code
        for _each in "1" * 12
    ]
    told = [code for _action, code in noted(harbor, "user")[before + 4 :]]
    assert codes == [200] * told.count("wrong_password") + [429] * told.count("locked_out") and "locked_out" in told
    # A colleague at the same address of the network is not locked out with her.
    assert stranger.post("/accounts/login/", {"login": harbor.user("lena").email, "password": "x"}).status_code == 200
    with harbor.scope():
        entry = AuditEntry.rows().filter(object_id=user.id).last()
        assert (entry.actor_label, entry.detail["address"]) == (user.name, "127.0.0.1")


@pytest.mark.row("AU-01")
def test_a_key_that_opens_no_more_is_noted(harbor: Tenant) -> None:
    with harbor.scope():
        key = ApiKey.rows().filter(party__isnull=False).first()
        name = next(each for each, secret in harbor.keys.items() if secret.startswith(key.prefix))
        revoke_key(actor=harbor.system, key_id=key.id, now=database_now())
    assert Api(harbor.keys[name]).get("/leads").status_code == 401
    assert noted(harbor, "api_key")[-1] == ("refused:key.use", "revoked")
    with harbor.scope():
        assert AuditEntry.rows().get(action="refused:key.use").party_id == key.party_id
