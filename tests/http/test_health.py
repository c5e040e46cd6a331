"""Probes say what works and tell nobody else."""

from dataclasses import replace
from uuid import UUID

import pytest
from redis import ConnectionError as NoBroker

from apps.tenancy.actor import Actor, ActorKind
from leadcrm.http import health
from leadcrm.http.context import ways_of
from leadcrm.http.health import Outbox, may_scrape, readiness
from leadcrm.http.metrics import OutboxCollector, observe


def test_alive_asks_no_database(visitor):
    answer = visitor.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "alive"})


@pytest.mark.parametrize(
    ("outbox", "broker", "status", "worker"),
    [
        (Outbox(0.0, 0, 0), True, "ready", "ok"),
        (Outbox(60.0, 3, 1), True, "ready", "ok"),
        (Outbox(61.0, 3, 1), True, "down", "late"),
        (Outbox(1.0, 1, 0), False, "degraded", "ok"),
        (None, True, "down", "unknown"),
    ],
)
def test_readiness(outbox, broker, status, worker):
    body = readiness(lambda: outbox, lambda: broker)
    assert (body["status"], body["worker"]) == (status, worker)
    assert body["broker"] == ("ok" if broker else "failed")
    assert body["parked"] == (outbox.parked if outbox else None)


def test_a_dead_broker_is_an_answer(monkeypatch):
    class Dead:
        closed = False

        def ping(self):
            raise NoBroker

        def close(self):
            self.closed = True

    dead = Dead()
    monkeypatch.setattr(health.redis.Redis, "from_url", lambda *args, **limits: dead)
    assert health.ping_broker() is False
    assert dead.closed


@pytest.mark.parametrize(
    ("token", "headers", "address", "may"),
    [
        ("", {}, "127.0.0.1", True),
        ("", {}, "::1", True),
        ("", {}, "203.0.113.9", False),
        ("", {"X-Forwarded-For": "203.0.113.9"}, "127.0.0.1", False),
        ("", {"Authorization": "Bearer "}, "203.0.113.9", False),
        ("s3cret", {"Authorization": "Bearer s3cret"}, "203.0.113.9", True),
        ("s3cret", {"Authorization": "Bearer wrong"}, "203.0.113.9", False),
        ("s3cret", {"Authorization": "s3cret"}, "203.0.113.9", False),
    ],
)
def test_who_may_scrape(rf, settings, token, headers, address, may):
    settings.LEADCRM_METRICS_TOKEN = token
    assert may_scrape(rf.get("/metrics", headers=headers, REMOTE_ADDR=address)) is may


def test_others_see_no_metrics_page(visitor):
    assert visitor.get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404


def test_the_scrape_counts_by_route_and_never_shows_an_address(visitor, monkeypatch):
    monkeypatch.setattr(OutboxCollector, "collect", lambda self: iter(()))
    visitor.get("/f/open/?phone=3125550142")
    visitor.get("/nowhere/3125550142")
    observe(method="BREW", route="pot", status=418, seconds=0.2)
    text = visitor.get("/metrics").content.decode()
    assert 'leadcrm_requests_total{method="GET",route="open",status="200"}' in text
    assert 'route="unmatched",status="404"' in text
    assert 'leadcrm_requests_total{method="other",route="pot",status="418"} 1.0' in text
    assert "3125550142" not in text


def test_the_rail_shows_what_the_actor_may_use():
    ana = Actor(ActorKind.USER, UUID(int=1), "Ana", permissions=frozenset({"lead:view"}))
    found = ways_of(ana, "/queue/mine/")
    assert {each["url"] for each in found} - {"/playbook/"} == {"/", "/queue/", "/forms/"}
    leader = replace(ana, permissions=frozenset({"lead:view", "report:read"}))
    assert {"/board/", "/reports/"} <= {each["url"] for each in ways_of(leader, "/")}
    assert [each["url"] for each in found if each["current"]] == ["/queue/"]
