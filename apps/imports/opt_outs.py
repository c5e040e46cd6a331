"""A file of people who opted out: each number and address of it is withdrawn, by parts (row CN-04).

It narrows only, so nothing of it is taken back: who wants contact again says so themselves.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from apps.consent.gate_lock import shut
from apps.flows.told_opt_outs import take_opt_out
from apps.imports.models import ImportRow
from apps.imports.terms import RowState
from apps.tenancy.actor import Actor

#: So many rows are withdrawn in one transaction: it shuts the gate for all whom they reach.
ROWS = 50


def withdraw(
    rows: Sequence[ImportRow],
    values: Mapping[int, Sequence[tuple[str, str]]],
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Withdraw every channel of the numbers and addresses of these rows, named by kind and value for each row."""
    # All at once and first, so that people are locked in the one order in which everybody locks them.
    shut((), [value for own in values.values() for _kind, value in own])
    for row in rows:
        for kind, value in values[row.number]:
            take_opt_out(actor=actor, kind=kind, typed=value, reason="", source="import", now=now)
        row.state = RowState.TAKEN
    ImportRow.objects.bulk_update(list(rows), ["state"])
