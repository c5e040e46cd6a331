"""S15: whatever somebody with the owner's rights changes in the ledger is found: a sample here, 1,000 in `make matrix`.

Each tampering is made in SQL on the tenant's rows and taken back. The chain alone finds a change, a gap, a forged or a
moved entry and a cut end; a chain that was rebuilt from some entry on, head and all, is found by its anchors.
"""

import os
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row

from apps.audit import ledger
from apps.audit.anchors import Anchor, first_unlike
from apps.audit.chain import Break, first_break, link
from apps.audit.models import AuditEntry
from apps.tenancy.ids import new_id
from tests.cast import Tenant

TIMES = 1_000 if os.environ.get("LEADCRM_MATRIX") == "full" else 60
ENTRIES = 40
#: What may be written into a column instead of what stands there.
OTHER: dict[str, Callable[[], Any]] = {
    "at": lambda: "2020-01-01T00:00:00+00:00",
    "actor_kind": lambda: "other",
    "actor_id": new_id,
    "actor_label": lambda: "Somebody else",
    "party_id": new_id,
    "door": lambda: "other",
    "action": lambda: "other.act",
    "object_type": lambda: "other",
    "object_id": new_id,
    "fields": lambda: '["other"]',
    "detail": lambda: '{"other": 1}',
    "event_id": new_id,
    "request_id": lambda: "other",
    "previous_hash": lambda: "1" * 64,
    "hash": lambda: "2" * 64,
}


def walk(at: psycopg.Connection[Any], tenant: Tenant, anchors: list[Anchor]) -> Break | None:
    """Verify as the command does, from the rows as they stand."""
    with at.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute(
            "SELECT * FROM audit_auditentry WHERE organization_id = %s ORDER BY seq", [tenant.organization_id]
        ).fetchall()
        head = cursor.execute(
            "SELECT seq, hash FROM audit_audithead WHERE organization_id = %s", [tenant.organization_id]
        ).fetchone()
    assert head is not None
    found = first_break([AuditEntry(**row) for row in rows], head["seq"], head["hash"])
    return found or first_unlike(anchors, {row["seq"]: row["hash"] for row in rows})


def alter(at: psycopg.Connection[Any], seq: int, last: int, dice: random.Random) -> str:
    column = dice.choice(sorted(OTHER))
    at.execute(f"UPDATE audit_auditentry SET {column} = %s WHERE seq = %s", [OTHER[column](), seq])
    return f"alter {column}"


def remove(at: psycopg.Connection[Any], seq: int, last: int, dice: random.Random) -> str:
    at.execute("DELETE FROM audit_auditentry WHERE seq = %s", [seq])
    if dice.random() < 0.5:
        return "remove"
    at.execute("UPDATE audit_auditentry SET seq = -seq WHERE seq > %s", [seq])
    at.execute("UPDATE audit_auditentry SET seq = -seq - 1 WHERE seq < 0")
    at.execute("UPDATE audit_audithead SET seq = seq - 1")
    return "remove and renumber"


def insert(at: psycopg.Connection[Any], seq: int, last: int, dice: random.Random) -> str:
    at.execute("UPDATE audit_auditentry SET seq = -seq WHERE seq >= %s", [seq])
    at.execute("UPDATE audit_auditentry SET seq = 1 - seq WHERE seq < 0")
    columns = "organization_id, at, actor_kind, actor_id, actor_label, party_id, door, object_type, object_id, fields,"
    columns += " detail, event_id, request_id, previous_hash, hash"
    at.execute(
        f"INSERT INTO audit_auditentry (id, seq, action, {columns})"
        f" SELECT %s, %s, 'forged.act', {columns} FROM audit_auditentry WHERE seq = %s",
        [new_id(), seq, seq + 1],
    )
    at.execute("UPDATE audit_audithead SET seq = seq + 1")
    return "insert"


def swap(at: psycopg.Connection[Any], seq: int, last: int, dice: random.Random) -> str:
    other = seq % last + 1
    at.execute("UPDATE audit_auditentry SET seq = -seq WHERE seq IN (%s, %s)", [seq, other])
    at.execute("UPDATE audit_auditentry SET seq = %s + seq WHERE seq IN (%s, %s)", [seq + other, -seq, -other])
    return "swap"


def cut(at: psycopg.Connection[Any], seq: int, last: int, dice: random.Random) -> str:
    at.execute("DELETE FROM audit_auditentry WHERE seq >= %s", [seq])
    if dice.random() < 0.5:
        return "cut"
    at.execute(
        "UPDATE audit_audithead SET seq = %s,"
        " hash = coalesce((SELECT hash FROM audit_auditentry WHERE seq = %s), repeat('0', 64))",
        [seq - 1, seq - 1],
    )
    return "cut and mend the head"


def rebuild(at: psycopg.Connection[Any], seq: int, last: int, dice: random.Random) -> str:
    at.execute("UPDATE audit_auditentry SET actor_label = 'Somebody else' WHERE seq = %s", [seq])
    with at.cursor(row_factory=dict_row) as cursor:
        rows = cursor.execute("SELECT * FROM audit_auditentry ORDER BY seq").fetchall()
    before = "0" * 64
    for row in rows:
        entry = AuditEntry(**row)
        entry.previous_hash = before
        before = link(entry)
        if row["seq"] >= seq:
            at.execute(
                "UPDATE audit_auditentry SET previous_hash = %s, hash = %s WHERE id = %s",
                [entry.previous_hash, before, entry.id],
            )
    at.execute("UPDATE audit_audithead SET hash = %s", [before])
    return "rebuild"


WAYS = (alter, alter, remove, insert, swap, cut, rebuild)


@pytest.mark.row("AU-02")
def test_every_tampering_is_found(harbor: Tenant) -> None:
    for number in range(ENTRIES):
        with harbor.scope():
            ledger.record(
                actor=harbor.system,
                action="test.act",
                object_type="test",
                object_id=new_id(),
                fields=["a", "b"],
                detail={"number": number},
                event_id=new_id(),
            )
    dice, missed, made = random.Random(15), [], Counter[str]()
    with psycopg.connect(os.environ["DATABASE_OWNER_URL"]) as at:
        at.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER USER")
        at.execute("SELECT set_config('leadcrm.organization_id', %s, true)", [str(harbor.organization_id)])
        last, end = at.execute("SELECT seq, hash FROM audit_audithead").fetchone() or (0, "")
        anchors = [Anchor(str(harbor.organization_id), last, end, "now")]
        assert walk(at, harbor, anchors) is None
        for _each in range(TIMES):
            way, seq = dice.choice(WAYS), dice.randint(1, last)
            at.execute("SAVEPOINT whole")
            name = way(at, seq, last, dice)
            made[name.split(" ")[0]] += 1
            if walk(at, harbor, anchors) is None:
                missed.append((name, seq))
            if way is rebuild:
                assert walk(at, harbor, []) is None, "a chain that was rebuilt as a whole holds by itself"
            at.execute("ROLLBACK TO SAVEPOINT whole")
        at.rollback()
    assert missed == []
    assert set(made) == {each.__name__ for each in WAYS} and sum(made.values()) == TIMES
