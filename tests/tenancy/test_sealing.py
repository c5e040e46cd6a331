"""Sealed values: each opens in its own column, row and tenant, under a key of the ring, and nowhere else."""

import base64
import os
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import connection, connections

from apps.flows.notes import add_note
from apps.leads.models import TimelineEntry
from apps.tenancy import sealing_rows
from apps.tenancy.sealed_fields import CannotCompare
from apps.tenancy.sealing import CannotUnseal, seal, seal_by_master, unseal
from leadcrm.settings.connections import database_config
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead

WORDS = "Type 2 diabetes, says her sister."


def test_a_sealed_value_opens_in_its_own_place_alone(harbor: Tenant, lakeside: Tenant) -> None:
    row, column = uuid4(), "leads_timelineentry.note_sealed"
    at = {"row_id": row, "column": column}
    mine, theirs = harbor.organization_id, lakeside.organization_id
    sealed = seal(WORDS.encode(), organization_id=mine, **at)
    derived = seal_by_master(WORDS.encode(), organization_id=mine, **at)
    first = seal_by_master(WORDS.encode(), organization_id=mine, row_id=row)
    assert sealed[:3] == b"\0\0\1" and derived[0] == 0x81 and first[0] == 1
    for value in (sealed, derived, first):
        assert WORDS.encode() not in value
        assert unseal(value, organization_id=mine, **at).decode() == WORDS
    relabelled = bytes([derived[0] & 0x7F]) + derived[1:]
    for value, owner, key, place in (
        (sealed, mine, row, "outreach_activity.note_sealed"),
        (sealed, mine, uuid4(), column),
        (sealed, theirs, row, column),
        (derived, mine, row, "outreach_activity.note_sealed"),
        (derived, theirs, row, column),
        (first, mine, uuid4(), column),
        (relabelled, mine, row, column),
        (b"\0\0\2" + sealed[3:], mine, row, column),
        (sealed[:-1] + bytes([sealed[-1] ^ 1]), mine, row, column),
        (sealed[:8], mine, row, column),
        (derived[:5], mine, row, column),
    ):
        with pytest.raises(CannotUnseal):
            unseal(value, organization_id=owner, row_id=key, column=place)


def test_an_old_generation_opens_until_its_key_is_gone(settings: object) -> None:
    old, new = (base64.b64encode(bytes([each]) * 32).decode() for each in (1, 2))
    place = {"organization_id": uuid4(), "row_id": uuid4(), "column": "a.b"}
    settings.LEADCRM_MASTER_KEY = f"1:{old}"
    sealed = seal_by_master(b"said", **place)
    settings.LEADCRM_MASTER_KEY = f"2:{new},1:{old}"
    assert unseal(sealed, **place) == b"said" and seal_by_master(b"said", **place)[0] == 0x82
    settings.LEADCRM_MASTER_KEY = f"2:{new}"
    with pytest.raises(CannotUnseal, match="master key 1"):
        unseal(sealed, **place)


def test_a_sealed_column_is_read_as_words_and_never_compared(harbor: Tenant) -> None:
    lead = make_lead(harbor)
    with harbor.scope():
        row = add_note(actor=harbor.actor("ana"), lead_id=lead.id, text=WORDS, now=TUESDAY_NINE)
    with harbor.scope(), connection.cursor() as cursor:
        cursor.execute("SELECT note_sealed FROM leads_timelineentry WHERE id = %s", [row.id])
        stored = bytes(cursor.fetchone()[0])
        entry = TimelineEntry.rows().get(id=row.id)
        late = TimelineEntry.rows().defer("note").get(id=row.id)
        assert WORDS.encode() not in stored and entry.note == late.note == WORDS
        assert entry._meta.get_field("note").pre_save(entry, False) == stored, "what nobody changed stays as it is"
        assert TimelineEntry.rows().filter(lead=lead, kind="captured").first().note == ""
        for asked in ({"note": WORDS}, {"note": ""}, {"note__contains": "diabetes"}):
            with pytest.raises(CannotCompare):
                TimelineEntry.rows().filter(**asked).exists()
        with pytest.raises(CannotCompare):
            TimelineEntry.rows().filter(id=row.id).update(note="other words")


def test_what_stood_in_the_clear_is_sealed_batch_by_batch(harbor: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    table, lead = "leads_timelineentry", make_lead(harbor)
    monkeypatch.setattr(sealing_rows, "BATCH", 2)
    monkeypatch.setitem(
        connections.databases,
        "owner",
        {**connections.databases["default"], **database_config(os.environ["DATABASE_OWNER_URL"])},
    )
    owner = connections["owner"]
    try:
        with sealing_rows.unguarded(owner, table, harbor.organization_id) as cursor:
            cursor.execute(f"ALTER TABLE {table} ADD COLUMN told text NULL, ADD COLUMN parts jsonb NULL")
        with sealing_rows.unguarded(owner, table, harbor.organization_id) as cursor:
            knee = '{"text": "knee"}'
            cursor.execute(f"UPDATE {table} SET note_sealed = NULL, told = actor_label, parts = %s", [knee])
            rows = cursor.rowcount
        sealing_rows.sealer(table, "told", "note_sealed")(None, SimpleNamespace(connection=owner))
        with harbor.scope():
            entries = list(TimelineEntry.rows().filter(lead=lead))
            assert rows >= len(entries) > 2 and all(each.note == each.actor_label for each in entries)
        with sealing_rows.unguarded(owner, table, harbor.organization_id) as cursor:
            cursor.execute(f"UPDATE {table} SET note_sealed = NULL")
        sealing_rows.sealer(table, "parts", "note_sealed")(None, SimpleNamespace(connection=owner))
        with harbor.scope():
            assert {each.note for each in TimelineEntry.rows()} == {'{"text": "knee"}'}
    finally:
        with owner.cursor() as cursor:
            cursor.execute(f"ALTER TABLE {table} DROP COLUMN IF EXISTS told, DROP COLUMN IF EXISTS parts")
        owner.close()
        del connections["owner"]
