"""Where each chain ended, kept outside the database: who rebuilds a chain cannot rebuild what is written down.

A line a tenant and time goes to a file that is only appended to (best on storage that cannot be rewritten), and the
same to the log, which leaves the machine with the other logs.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import structlog

from apps.audit.chain import Break
from apps.audit.models import AuditEntry, AuditHead
from apps.tenancy.clock import database_now
from apps.tenancy.organizations import organization_ids
from apps.tenancy.scope import tenant_scope

log = structlog.get_logger("audit")


@dataclass(frozen=True, slots=True)
class Anchor:
    """The end of a tenant's chain at an instant (UTC, ISO 8601)."""

    tenant: str
    seq: int
    hash: str
    at: str


def drop_anchors(path: Path | None) -> int:
    """Write down where the chain of each tenant ends, into the log and, where one is named, a file; return how many."""
    anchors = [each for organization_id in organization_ids() for each in _head_of(organization_id)]
    for each in anchors:
        log.info("audit_head", tenant=each.tenant, seq=each.seq, hash=each.hash)
    if path is not None and anchors:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a", encoding="utf-8") as file:
            file.writelines(f"{json.dumps(asdict(each), sort_keys=True)}\n" for each in anchors)
    return len(anchors)


def anchors_in(path: Path, organization_id: UUID) -> Iterator[Anchor]:
    """Yield a tenant's anchors from a file; raises ValueError for a line that is none."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            anchor = Anchor(**json.loads(line))
        except (TypeError, ValueError) as error:
            raise ValueError(f"line {number} of {path} is no anchor") from error
        if anchor.tenant == str(organization_id):
            yield anchor


def first_lost(anchors: Iterable[Anchor]) -> Break | None:
    """Return the first anchor whose entry is not in the chain of the tenant in scope any more, or None."""
    wanted = sorted(anchors, key=lambda each: each.seq)
    held = dict(AuditEntry.rows().filter(seq__in=[each.seq for each in wanted]).values_list("seq", "hash"))
    return first_unlike(wanted, held)


def first_unlike(anchors: Iterable[Anchor], held: dict[int, str]) -> Break | None:
    """Return the first anchor that the hashes of a chain, by number, do not hold."""
    for each in anchors:
        if each.seq and held.get(each.seq) != each.hash:
            return Break(each.seq, "", f"is not what the chain ended with at {each.at}")
    return None


def _head_of(organization_id: UUID) -> Iterator[Anchor]:
    with tenant_scope(organization_id):
        head = AuditHead.rows().first()
        if head is not None:
            at: datetime = database_now()
            yield Anchor(str(organization_id), head.seq, head.hash, at.astimezone(UTC).isoformat(timespec="seconds"))
