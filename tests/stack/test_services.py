"""Real PostgreSQL and Valkey of a test run: the two roles have what they need and no more."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import redis

from leadcrm.stack import testing
from leadcrm.stack.places import StackError
from leadcrm.stack.ports import free_port, is_free
from leadcrm.stack.testing import TestStack, start_test_stack

NAMES = (testing.OWNER_NAME, testing.RUNTIME_NAME, testing.REDIS_NAME)
ROLE = "SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = user"


@pytest.fixture(scope="module")
def stack() -> Iterator[TestStack]:
    """Services of this file's own, whatever the run around it uses."""
    with pytest.MonkeyPatch.context() as patch:
        for name in NAMES:
            patch.delenv(name, raising=False)
        started = start_test_stack()
    yield started
    started.stop()


def test_the_runtime_role_is_held_by_row_level_security(stack: TestStack) -> None:
    with psycopg.connect(stack.runtime_url) as connection:
        assert connection.execute("SELECT current_user").fetchone() == ("leadcrm_app",)
        assert connection.execute(ROLE).fetchone() == (False, False, False, False)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE mine (id int)")


def test_the_owner_is_no_superuser_and_can_make_what_migrations_need(stack: TestStack) -> None:
    with psycopg.connect(stack.owner_url, autocommit=True) as connection:
        assert connection.execute(ROLE).fetchone() == (False, False, False, True)
        connection.execute("CREATE EXTENSION btree_gist")
        connection.execute("CREATE EXTENSION pg_trgm")
        connection.execute("CREATE DATABASE another")
        found = connection.execute("SELECT show_trgm('é') <> '{}', lower('É') = 'é'").fetchone()
        assert found == (True, True)


def test_a_wrong_password_is_refused_by_both_services(stack: TestStack) -> None:
    with pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(stack.runtime_url.replace("leadcrm_app:", "leadcrm_app:x")).close()
    with (
        redis.Redis.from_url(stack.redis_url.replace("redis://:", "redis://:x")) as client,
        pytest.raises(redis.AuthenticationError),
    ):
        client.ping()


def test_the_broker_keeps_what_it_is_told(stack: TestStack) -> None:
    with redis.Redis.from_url(stack.redis_url, decode_responses=True) as client:
        assert client.config_get("appendonly") == {"appendonly": "yes"}


@pytest.fixture
def place() -> Iterator[Path]:
    """A temporary folder that the services' account can enter; pytest's own are private."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        Path(name).chmod(0o711)
        yield Path(name)


def test_a_stopped_stack_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch, place: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(place))
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    stack = start_test_stack()
    assert len(list(place.iterdir())) == 1
    with psycopg.connect(stack.runtime_url) as connection:
        (port,) = connection.execute("SHOW port").fetchone() or ("",)
    stack.stop()
    assert is_free(int(port))
    assert list(place.iterdir()) == []


def test_half_a_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(testing.OWNER_NAME, "postgresql://owner@127.0.0.1/x")
    monkeypatch.delenv(testing.RUNTIME_NAME, raising=False)
    with pytest.raises(StackError, match="both"):
        start_test_stack()


def test_named_services_are_used_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    named = ("postgresql://owner@127.0.0.1/x", "postgresql://app@127.0.0.1/x", "redis://127.0.0.1/0")
    for name, address in zip((testing.OWNER_NAME, testing.RUNTIME_NAME, testing.REDIS_NAME), named, strict=True):
        monkeypatch.setenv(name, address)
    stack = start_test_stack()
    assert (stack.owner_url, stack.runtime_url, stack.redis_url) == named
    stack.stop()


def test_a_remembered_port_is_taken_again_unless_somebody_has_it() -> None:
    port = free_port()
    assert free_port(port) == port
