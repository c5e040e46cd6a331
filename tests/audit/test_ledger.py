"""The ledger cannot be changed by the product, and a change by anybody else is found."""

import io

import pytest
from django.core.management import call_command
from django.db import DatabaseError

from apps.audit import ledger
from apps.audit.chain import link
from apps.audit.models import AuditEntry
from apps.audit.verifying import verify_chain
from apps.tenancy.errors import Refused
from tests.broken import as_owner
from tests.cast import Tenant


def note(tenant: Tenant, times: int = 3) -> None:
    for number in range(times):
        with tenant.scope():
            ledger.record(
                actor=tenant.system, action="test.act", object_type="test", object_id=None, detail={"number": number}
            )


def verify(tenant: Tenant) -> tuple[int, str]:
    errors = io.StringIO()
    try:
        call_command("audit", "verify", tenant=tenant.slug, stdout=io.StringIO(), stderr=errors)
    except SystemExit as stop:
        return int(stop.code or 0), errors.getvalue()
    return 0, errors.getvalue()


@pytest.mark.row("AU-01")
def test_entries_cannot_be_changed_or_removed(harbor: Tenant) -> None:
    note(harbor)
    with pytest.raises(DatabaseError), harbor.scope():
        AuditEntry.rows().update(action="nothing")
    with pytest.raises(DatabaseError), harbor.scope():
        AuditEntry.rows().all().delete()


@pytest.mark.row("AU-02")
@pytest.mark.parametrize(
    ("statement", "word"),
    [
        ("UPDATE audit_auditentry SET action = 'other' WHERE seq = 5", "altered"),
        ("DELETE FROM audit_auditentry WHERE seq = 5", "missing"),
        (
            "UPDATE audit_auditentry SET seq = -seq WHERE seq IN (5, 6);"
            "UPDATE audit_auditentry SET seq = 11 + seq WHERE seq IN (-5, -6)",
            "follow",
        ),
        ("DELETE FROM audit_auditentry WHERE seq = (SELECT max(seq) FROM audit_auditentry)", "ends at"),
    ],
)
def test_verify_names_the_first_entry_that_does_not_hold(harbor: Tenant, statement: str, word: str) -> None:
    note(harbor, 6)
    assert verify(harbor) == (0, "")
    for part in statement.split(";"):
        as_owner(harbor, part)
    code, said = verify(harbor)
    assert code == 1
    assert word in said


def test_a_failed_scope_leaves_no_entry(harbor: Tenant) -> None:
    with harbor.scope():
        before = AuditEntry.rows().count()
    with pytest.raises(RuntimeError), harbor.scope():
        ledger.record(actor=harbor.system, action="test.act", object_type="test", object_id=None)
        raise RuntimeError
    with harbor.scope():
        assert AuditEntry.rows().count() == before
        assert verify_chain().found is None


def test_a_refusal_is_noted_after_its_rollback(harbor: Tenant) -> None:
    with harbor.scope():
        ana = harbor.actor("ana")
    ledger.acting(ana)
    with pytest.raises(Refused), harbor.scope():
        raise Refused("No.", action="test.try", object_type="test", fields=("status",))
    ledger.acting(None)
    with harbor.scope():
        entry = AuditEntry.rows().order_by("-seq").first()
        assert (entry.action, entry.actor_id, entry.fields) == ("refused:test.try", ana.id, ["status"])


@pytest.mark.row("AU-02")
def test_a_chain_that_was_rebuilt_is_found_by_its_anchor(harbor: Tenant, tmp_path, settings) -> None:
    note(harbor)
    settings.LEADCRM_ANCHOR_FILE = str(tmp_path / "anchors" / "ends.jsonl")
    call_command("audit", "anchor", stdout=io.StringIO())
    note(harbor, 1)
    assert verify(harbor) == (0, "")
    with harbor.scope():
        entries = list(AuditEntry.rows().order_by("seq"))
    before = entries[0].previous_hash
    entries[1].actor_label = "Somebody else"
    rebuilt = []
    for entry in entries:
        entry.previous_hash = before
        before = link(entry)
        label = entry.actor_label.replace("'", "''")
        changed = f"previous_hash = '{entry.previous_hash}', hash = '{before}', actor_label = '{label}'"
        rebuilt.append(f"UPDATE audit_auditentry SET {changed} WHERE seq = {entry.seq}")
    as_owner(harbor, "; ".join([*rebuilt, f"UPDATE audit_audithead SET hash = '{before}'"]))
    with harbor.scope():
        assert verify_chain().found is None
    code, said = verify(harbor)
    assert code == 1 and "is not what the chain ended with" in said
