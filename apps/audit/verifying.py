"""Walk a tenant's chain from its first entry to its head."""

from dataclasses import dataclass

from apps.audit.chain import START, Break, first_break
from apps.audit.models import AuditEntry, AuditHead

CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Walk:
    """What a walk saw: how many entries, and the first place where the chain does not hold."""

    entries: int
    found: Break | None


def verify_chain() -> Walk:
    """Check the chain of the tenant in scope, as it stands in this transaction."""
    head = AuditHead.rows().first()
    last_seq, last_hash = (head.seq, head.hash) if head else (0, START)
    entries = AuditEntry.rows().filter(seq__lte=last_seq).order_by("seq").iterator(chunk_size=CHUNK)
    return Walk(last_seq, first_break(entries, last_seq, last_hash))
