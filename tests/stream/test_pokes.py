"""What pokes and what does not, whatever the door; and a broker that is gone."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import redis
from django.apps import apps
from django.conf import settings

from apps.leads.actions import lock_lead, save_lead, tell
from apps.leads.models import Lead
from apps.tenancy import pokes
from apps.tenancy.broker import broker
from apps.tenancy.clock import database_now
from apps.tenancy.models import TenantModel
from tests.leads_made import inquiry, make_lead


@pytest.fixture
def heard(harbor, lakeside) -> Iterator[Callable[[], list[tuple[str, dict[str, Any]]]]]:
    """Return what both tenants' channels said since the last look, without waiting for more."""
    client = redis.Redis.from_url(settings.CELERY_BROKER_URL)
    channels = client.pubsub()
    names = {pokes.channel_of(each.organization_id): each.slug for each in (harbor, lakeside)}
    channels.subscribe(*names, "leadcrm:test-end")

    def look() -> list[tuple[str, dict[str, Any]]]:
        client.publish("leadcrm:test-end", "")
        found = []
        while True:
            message = channels.get_message(timeout=5)
            assert message is not None
            if message["type"] == "message":
                if message["channel"] == b"leadcrm:test-end":
                    return found
                found.append((names[message["channel"].decode()], json.loads(message["data"])))

    look()
    yield look
    channels.close()
    client.close()


def test_a_change_pokes_once_per_transaction_and_names_the_lead(harbor, heard) -> None:
    lead = make_lead(harbor)
    heard()
    with harbor.scope():
        found = lock_lead(lead.id)
        for sentence in ("One", "Two"):
            tell(found, kind="note", sentence=sentence, actor=harbor.system, now=database_now(), note="Maria says no")
        found.payer = "Blue"
        save_lead(found, ["payer"])
    said = heard()
    assert [(slug, poke["ids"]) for slug, poke in said] == [(harbor.slug, [str(lead.id)])]
    assert "Maria" not in json.dumps(said)


def test_every_door_pokes(harbor, heard, client_as, api) -> None:
    """The door does not matter, since the statement pokes: the API, a worker, a page, a bulk update."""
    heard()
    assert api("bp-1").post("/leads", inquiry(source="imaging-spring")).status_code == 202
    assert heard() == []  # accepted; no lead yet
    harbor.drain()
    with harbor.scope():
        lead = Lead.rows().order_by("-number").first()
    named = {each for _, poke in heard() for each in poke["ids"] or ()}
    assert {str(lead.id), str(lead.person_id)} <= named
    with harbor.scope():
        assert Lead.rows().filter(id__in=[lead.id]).update(payer="Blue") == 1
    assert [poke["ids"] for _, poke in heard()] == [[str(lead.id)]]
    with harbor.scope():
        assert Lead.rows().filter(number=lead.number).update(payer="Green") == 1
    assert [poke["ids"] for _, poke in heard()] == [None]  # which lead, the statement does not say: any


def test_reads_refusals_and_what_changed_nothing_do_not_poke(harbor, heard, client_as) -> None:
    lead = make_lead(harbor)
    browser = client_as("ana")
    heard()
    for path in ("/", "/queue/", f"/leads/{lead.id}/"):
        browser.get(path)
    with harbor.scope():
        assert Lead.rows().filter(id=harbor.organization_id).update(payer="Nobody") == 0
    with pytest.raises(RuntimeError), harbor.scope():
        Lead.rows().filter(id=lead.id).update(payer="Undone")
        raise RuntimeError
    assert heard() == []


def test_every_table_of_a_lead_is_watched() -> None:
    watched = pokes._columns()
    for model in apps.get_models():
        columns = {field.column for field in model._meta.concrete_fields}
        if issubclass(model, TenantModel) and "lead_id" in columns:
            assert watched[model._meta.db_table] == "lead_id"
    assert watched["leads_lead"] == watched["leads_person"] == "id"


def test_a_dead_broker_neither_breaks_nor_slows_the_work(harbor, api, monkeypatch) -> None:
    tried = []

    class Dead:
        def publish(self, channel: str, message: str) -> None:
            tried.append(channel)
            raise redis.ConnectionError("refused")

    monkeypatch.setattr(pokes, "broker", Dead)
    monkeypatch.setattr(pokes, "_quiet_until", 0.0)
    for _ in range(3):
        make_lead(harbor)
    assert len(tried) == 1
    monkeypatch.setattr(pokes, "_quiet_until", 0.0)
    assert api("bp-1").post("/leads", inquiry(source="imaging-spring")).status_code == 202
    assert harbor.drain() >= 1
    assert len(tried) == 2


def test_a_real_broker_that_is_gone_costs_one_refused_connection(monkeypatch, harbor) -> None:
    monkeypatch.setattr(settings, "CELERY_BROKER_URL", "redis://127.0.0.1:1/0")
    broker.cache_clear()
    monkeypatch.setattr(pokes, "_quiet_until", 0.0)
    try:
        make_lead(harbor)
    finally:
        broker.cache_clear()
        monkeypatch.setattr(pokes, "_quiet_until", 0.0)
