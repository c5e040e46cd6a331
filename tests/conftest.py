"""Fixtures of the whole suite: the database as it is in production, tenants, and people at their doors."""

import gc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings as of_django
from django.db.backends.signals import connection_created
from django.test import Client
from django.test import client as of_clients
from hypothesis import settings

from apps.tenancy.models import Wakeup
from tests.cast import Tenant, new_tenant
from tests.doors import Api, sign_in

# Properties play the same examples at each run, so that a change is judged by the change.
# `--hypothesis-profile=search` looks for new ones; what it finds becomes an @example.
settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("search", max_examples=3_000, deadline=None)
settings.load_profile("steady")


# A test client of Django's is a web server of its own: each would read all static files before its first answer.
# Looked up when asked for, they are the same files; the servers of journeys read them at the start, as in production.
of_django.WHITENOISE_AUTOREFRESH = True


_store = of_clients.store_rendered_templates


def _store_the_first(store: dict[str, Any], *rendered: Any, **more: Any) -> None:
    """Keep the page's own template and context; of the hundred parts it includes no test asks for a copy of each."""
    if "context" not in store:
        _store(store, *rendered, **more)


of_clients.store_rendered_templates = _store_the_first


#: A suite asks far more kinds of statements than a server, which keeps a hundred of them prepared.
PREPARED = 1_000


def pytest_collection_finish(session: pytest.Session) -> None:
    """Look through what was imported for garbage once, not some twenty times: it is there until the end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def _keep_prepared(sender: object, connection: Any, **more: Any) -> None:
    connection.connection.prepared_max = PREPARED


connection_created.connect(_keep_prepared)


@pytest.fixture(scope="session", autouse=True)
def _database(django_db_blocker: Any) -> Iterator[None]:
    """Let tests use the database of this process: migrated, real commits, runtime role."""
    from apps.connectors import tasks as _connectors
    from apps.flows import tasks as _flows
    from apps.outreach import tasks as _outreach

    assert _connectors and _flows and _outreach
    with django_db_blocker.unblock():
        yield


@pytest.fixture
def django_db_setup() -> None:
    """There is nothing for pytest-django to create."""


@pytest.fixture
def harbor() -> Tenant:
    """A fresh Harbor Health, as in the cast, that no other test touches."""
    return new_tenant("harbor")


@pytest.fixture
def lakeside() -> Tenant:
    """A fresh Lakeside Clinic, the other tenant."""
    return new_tenant("lakeside")


@pytest.fixture
def client_as(harbor: Tenant) -> Callable[..., Client]:
    """Return a signed-in browser of a person of the cast: `client_as("ana")`."""

    def open_browser(name: str, tenant: Tenant | None = None) -> Client:
        return sign_in((tenant or harbor).user(name))

    return open_browser


@pytest.fixture
def api(harbor: Tenant) -> Callable[..., Api]:
    """Return a program with an API key of the cast: `api("bp-1")`."""

    def open_program(name: str, tenant: Tenant | None = None) -> Api:
        return Api((tenant or harbor).keys[name])

    return open_program


@pytest.fixture
def drain(harbor: Tenant) -> Callable[..., int]:
    """Do what a worker would do now for the tenant; return how many wake-ups ran."""
    return harbor.drain


@pytest.fixture
def only_harbor(harbor: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the sweeper see one tenant: what other tests have left costs a second for each look."""
    monkeypatch.setattr("apps.flows.sweeps.organization_ids", lambda: [harbor.organization_id])


@pytest.fixture
def nothing_in_line() -> None:
    """Forget what other tests left to do: a worker whose clock is days ahead would do all of it first."""
    Wakeup.objects.all().delete()
