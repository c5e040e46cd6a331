"""Row PH-07: health words rest sealed, under a master key that can be replaced while the product writes."""

import base64
import os
import subprocess
import sys
from collections.abc import Callable
from uuid import UUID

import psycopg
import pytest
from django.core import mail
from django.db import connection
from django.test import Client

from apps.audit.models import AuditEntry
from apps.connectors.models import Connection
from apps.leads.models import TimelineEntry
from apps.privacy.models import HealthDetail
from apps.tenancy import rewrapping
from apps.tenancy.models import TenantKey
from apps.tenancy.sealing import seal, seal_by_master, unseal
from tests import canaries
from tests.broken import as_owner
from tests.cast import Tenant
from tests.doors import ask
from tests.leads_made import inquiry, make_lead, send_in


def key() -> str:
    """Return a new master key."""
    return base64.b64encode(os.urandom(32)).decode()


def manage(*words: str, ring: str) -> subprocess.Popen[str]:
    """Start a command of the operator with a ring of master keys."""
    environment = {**os.environ, "LEADCRM_MASTER_KEY": ring, "DJANGO_SETTINGS_MODULE": "leadcrm.settings.base"}
    command = [sys.executable, "manage.py", *words]
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.row("PH-07")
def test_a_new_master_key_seals_everything_anew_while_notes_are_written(
    harbor: Tenant, settings: object, client_as: Callable[[str], Client]
) -> None:
    old, new = settings.LEADCRM_MASTER_KEY.rpartition(":")[2], key()
    lead = make_lead(harbor, request__message="Her knee since June")
    ana = client_as("ana")
    said = [f"Note {n}: she takes metformin" for n in range(6)]
    for text in said[:3]:
        assert ask(ana, "POST", f"/leads/{lead.id}/notes", {"text": text}).status_code == 201
    many = [f"Line {n}: diabetes" for n in range(1000)]  # one of a hundred of what `make bench PART=keys` rotates
    with harbor.scope():
        line = {"lead": lead, "at": lead.created_at, "kind": "line", "actor_label": "Ana", "sentence": "Said."}
        TimelineEntry.objects.bulk_create([TimelineEntry(note=text, **line) for text in many])
    of_before = []
    with harbor.scope():  # two lines of before the tenant had a key of its own
        for each in TimelineEntry.rows().filter(lead=lead, kind="note")[:2]:
            at = {"organization_id": harbor.organization_id, "row_id": each.id}
            kept = seal_by_master(each.note.encode(), column="leads_timelineentry.note_sealed", **at).hex()
            of_before.append(
                f"UPDATE leads_timelineentry SET note_sealed = decode('{kept}', 'hex') WHERE id = '{each.id}'"
            )
    as_owner(harbor, ";".join(of_before))
    settings.LEADCRM_MASTER_KEY = f"2:{new},1:{old}"
    running = manage("keys", "rotate", "--tenant", harbor.slug, "--batch", "100", ring=settings.LEADCRM_MASTER_KEY)
    for text in said[3:]:
        assert ask(ana, "POST", f"/leads/{lead.id}/notes", {"text": text}).status_code == 201
    told, _ = running.communicate(timeout=120)
    assert running.returncode == 0 and "values sealed anew" in told, told
    assert "to seal anew" not in told and "leads_timelineentry.note_sealed: " in told, told
    settings.LEADCRM_MASTER_KEY = f"2:{new}"
    with harbor.scope():
        entries = [each.note for each in TimelineEntry.rows().filter(lead=lead, kind="note").order_by("id")]
        assert sorted(entries) == said, "nothing is lost, and nothing rests under the old key"
        assert {each.note for each in TimelineEntry.rows().filter(lead=lead, kind="line")} == set(many)
        for row in HealthDetail.rows().filter(subject_id=lead.id):
            at = {"organization_id": harbor.organization_id, "row_id": row.id, "column": "privacy_healthdetail.sealed"}
            assert unseal(row.sealed, **at)
        done = AuditEntry.rows().get(action="keys.rotate").detail
        assert done["generation"] == done["tenant_key"] == 2 and done["values"] >= 4
        assert all(each.wrapped.startswith("master:2:") and each.rotated_at for each in TenantKey.rows())
    gone = manage("keys", "status", "--tenant", harbor.slug, ring=f"3:{old}")
    assert "are not in the ring" in gone.communicate(timeout=120)[0] and gone.returncode != 0


@pytest.mark.row("PH-07")
def test_what_somebody_wrote_meanwhile_is_never_overwritten(
    harbor: Tenant, settings: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = ("connectors_connection", "sealed_token")
    settings.LEADCRM_MASTER_KEY = f"2:{key()},{settings.LEADCRM_MASTER_KEY}"

    def late(sealed: bytes, **at: object) -> bytes:
        with psycopg.connect(os.environ["DATABASE_URL"]) as other:
            other.execute("SELECT set_config('leadcrm.organization_id', %s, true)", [str(at["organization_id"])])
            anew = seal(b"written meanwhile", **at)
            other.execute("UPDATE connectors_connection SET sealed_token = %s WHERE id = %s", [anew, at["row_id"]])
        return unseal(sealed, **at)

    monkeypatch.setattr(rewrapping, "unseal", late)
    with harbor.scope(), connection.cursor() as cursor:
        done, last = rewrapping._batch(cursor, place, (harbor.organization_id, UUID(int=0), 50))
        assert (done, last) == (0, None)
    with harbor.scope():
        rows = list(Connection.rows())
        assert rows
        for row in rows:
            at = {"organization_id": harbor.organization_id, "row_id": row.id, "column": ".".join(place)}
            assert unseal(row.sealed_token, **at) == b"written meanwhile"


def test_every_sealed_column_is_known_to_the_rotation() -> None:
    known = {f"{table}.{column}" for table, column in rewrapping.sealed_columns()}
    assert {"privacy_healthdetail.sealed", "outreach_message.body_sealed", "capture_submission.raw"} <= known
    assert "capture_asset.data" not in known


@pytest.mark.row("PH-07")
def test_what_is_told_of_health_is_readable_nowhere_but_on_the_page(
    harbor: Tenant, client_as: Callable[[str], Client], caplog: pytest.LogCaptureFixture
) -> None:
    lead_id, said = canaries.tell(harbor, client_as)
    canaries.tell_on(harbor, client_as)
    for n in range(100):  # one of a hundred of what `make bench PART=canaries` takes through
        send_in(harbor, inquiry(request__message=f"{canaries.MARK}{n} diabetes"))
    harbor.drain()
    assert canaries.readable_in_tables(harbor) == [], "a dump of the tables shows none of it"
    assert "leads_person" in canaries.readable_in_tables(harbor, "lopez"), "what stands in the clear is found"
    assert canaries.readable_in_broker() == []
    assert canaries.MARK not in caplog.text
    assert all(canaries.MARK not in f"{each.subject} {each.body}" for each in mail.outbox)
    shown = client_as("sam").get(f"/leads/{lead_id}/?show=all").content.decode()
    assert all(each in shown for each in said[:3]), "who has the lead reads what was told"
    for path in (f"/leads/{lead_id}/", "/leads/"):
        shown = client_as("cleo").get(path).content.decode()
        assert canaries.MARK not in shown, shown[shown.index(canaries.MARK) - 400 :][:500]
