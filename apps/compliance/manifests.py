"""Files that leave compliance: CSV tables in a ZIP with a manifest that shows whether they are whole and ours.

The manifest names each file with its rows and digest, what was asked for, by whom and when, and where the ledger ended
then. Its signature is an HMAC under a key of the tenant: `manage.py manifest check` holds a file against it.
"""

import hashlib
import hmac
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from apps.audit import ledger
from apps.audit.models import AuditHead
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import current_organization_id
from apps.tenancy.sealing import blind_indexes
from leadcrm.http.csv_file import csv_text

MANIFEST = "manifest.json"
MOST_ROWS = 100_000
_LARGEST = 200_000_000


@dataclass(frozen=True, slots=True)
class Table:
    """A file of the package: its name, its head, its rows."""

    name: str
    head: Sequence[str]
    rows: Sequence[Sequence[object]]


def package(
    *,
    actor: Actor,
    what: str,
    tables: Sequence[Table],
    asked: Mapping[str, Any],
    now: datetime,
    files: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return the ZIP of the tables, and of `files`, with its signed manifest; noted as `compliance.export`.

    Refuses more than 100,000 rows in one table.
    """
    for table in tables:
        if len(table.rows) > MOST_ROWS:
            raise Invalid(f"At most {MOST_ROWS:,} rows in one file. Ask for a shorter time.")
    texts = {table.name: csv_text(table.head, table.rows).encode() for table in tables} | dict(files or {})
    counts = {table.name: len(table.rows) for table in tables}
    head = AuditHead.rows().first()
    package_id = new_id()
    told: dict[str, Any] = {
        "what": what,
        "package": str(package_id),
        "tenant": current_organization().slug,
        "made_at": now.astimezone(UTC).isoformat(timespec="seconds"),
        "made_by": actor.label,
        "asked": {name: str(value) for name, value in asked.items()},
        "files": [
            {"name": name, "rows": counts.get(name, 1), "sha256": hashlib.sha256(text).hexdigest()}
            for name, text in texts.items()
        ],
        "ledger": {"seq": head.seq if head else 0, "hash": head.hash if head else ""},
    }
    told["signature"] = {"algorithm": "HMAC-SHA-256", "value": signature_of(told)}
    ledger.record(
        actor=actor,
        action="compliance.export",
        object_type="export",
        object_id=package_id,
        fields=[each.name for each in tables],
        detail={"what": what, "rows": sum(len(each.rows) for each in tables), "asked": told["asked"]},
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        for name, text in texts.items():
            box.writestr(name, text)
        box.writestr(MANIFEST, json.dumps(told, indent=2, ensure_ascii=False))
    return out.getvalue()


def faults_of(content: bytes, organization_id: UUID) -> list[str]:
    """Return what is wrong with a package, in sentences; nothing: it is whole and this tenant made it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as box:
            if sum(each.file_size for each in box.infolist()) > _LARGEST:
                return ["The file is larger than any package of ours."]
            texts = {each.filename: box.read(each) for each in box.infolist()}
        told = json.loads(texts.pop(MANIFEST))
        signature = str(told.pop("signature")["value"])
        named = {str(each["name"]): str(each["sha256"]) for each in told["files"]}
    except (zipfile.BadZipFile, KeyError, TypeError, ValueError) as error:
        return [f"This is no package with a manifest: {type(error).__name__}."]
    faults = []
    if not any(hmac.compare_digest(signature, each) for each in _signatures(told, organization_id)):
        faults.append("The manifest was altered, or another tenant made it.")
    faults += [f"{name} is missing." for name in named if name not in texts]
    faults += [f"{name} is not in the manifest." for name in texts if name not in named]
    faults += [
        f"{name} was altered."
        for name, text in texts.items()
        if name in named and hashlib.sha256(text).hexdigest() != named[name]
    ]
    return faults


def signature_of(told: Mapping[str, Any]) -> str:
    """Return the signature of something told, under the newest key of the tenant in scope."""
    return _signatures(told, current_organization_id())[0]


def _signatures(told: Mapping[str, Any], organization_id: UUID) -> tuple[str, ...]:
    text = json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return blind_indexes(text, organization_id=organization_id, purpose="manifest")
