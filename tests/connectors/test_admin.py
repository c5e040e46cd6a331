"""Connections in admin: opened by hand, given a secret, tried, shown with what came last; by who may only."""

from collections.abc import Callable

import pytest
from django.test import Client

from apps.catalog.models import Source
from apps.connectors.models import Connection, ConnectionSecret, Hook
from tests.cast import Tenant
from tests.connectors.senders import SECRET, connect, sample

REGISTER = "/admin/connectors/connection/"


def filled(harbor: Tenant, **changes: str) -> dict[str, str]:
    """Return the form of a new connection."""
    with harbor.scope():
        source = Source.rows().get(key="imaging-spring")
    fields = {
        "name": "Google, spring",
        "key": "google-spring",
        "provider": "google-lead-form",
        "source": str(source.id),
    }
    return {**fields, "mapping": "{}", "settings": "{}", "consent_version": "v4", "is_active": "on", **changes}


def test_a_connection_is_opened_given_a_secret_and_tried(harbor: Tenant, client_as: Callable[[str], Client]) -> None:
    ada = client_as("ada")
    assert ada.post(f"{REGISTER}add/", filled(harbor)).status_code == 302
    with harbor.scope():
        row = Connection.rows().get(key="google-spring")
    page = f"{REGISTER}{row.id}/"
    assert ada.post(f"{page}add-secret/", {"secret": SECRET}).status_code == 302
    assert ada.post(f"{page}try-sample/").status_code == 302
    harbor.drain()
    shown = ada.get(f"{page}change/").content.decode()
    assert f"/hooks/{row.provider}/" in shown
    assert "lead: test" in shown
    assert SECRET not in shown
    with harbor.scope():
        assert Hook.rows().get().is_test is True
        secret = ConnectionSecret.rows().get()
    ada.post(f"{page}retire-secret/", {"secret_id": str(secret.id)})
    with harbor.scope():
        assert ConnectionSecret.rows().get().retired_at is not None


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"mapping": '{"x": "person.shoe_size"}'}, "there is no field “person.shoe_size”"),
        ({"mapping": "[1]"}, "Write a JSON object."),
        ({"provider": "nobody"}, "nobody is not one of the available choices"),
    ],
)
def test_a_connection_that_cannot_work_is_not_saved(
    harbor: Tenant, client_as: Callable[[str], Client], changes: dict[str, str], sentence: str
) -> None:
    answer = client_as("ada").post(f"{REGISTER}add/", filled(harbor, **changes))
    assert sentence in answer.content.decode()
    with harbor.scope():
        assert not Connection.rows().filter(name="Google, spring").exists()


def test_what_could_not_be_read_is_read_again_by_hand(harbor: Tenant, client_as: Callable[[str], Client]) -> None:
    sender = connect(harbor, "google-lead-form", source="imaging-spring")
    sender.post({**sample("google-lead-form", "lead"), "google_key": SECRET, "lead_id": ""})
    (hook,) = sender.hooks()
    page = f"/admin/connectors/hook/{hook.id}/"
    ada = client_as("ada")
    assert "The body has no lead_id." in ada.get(f"{page}change/").content.decode()
    assert ada.post(f"{page}read-again/").status_code == 302


def test_who_may_not_change_settings_opens_nothing(harbor: Tenant, client_as: Callable[[str], Client]) -> None:
    sender = connect(harbor, "google-lead-form")
    ewa = client_as("ewa")
    assert ewa.get(REGISTER).status_code == 403
    assert ewa.post(f"{REGISTER}{sender.connection.id}/try-sample/").status_code == 403
    assert sender.hooks() == []
