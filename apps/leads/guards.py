"""The last wall around a lead's locked columns: a trigger that asks in whose name the change comes.

Actions announce themselves with `acting_for`: the teams they act for, or the product's own step.
A change of owner, stage, status, outcome or closure without that, or in the name of a team that
does not own the lead, is refused by the database itself, whatever code path it came by.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

import pgtrigger

from apps.tenancy.scope import get_local, set_local

#: Columns that only the owning team (or a step of the product) may change.
LOCKED_COLUMNS = (
    "owner_team_id",
    "owner_id",
    "queue_id",
    "stage_id",
    "status",
    "outcome",
    "closure_reason",
    "closed_at",
)

_CHANGED = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in LOCKED_COLUMNS)

lead_lock = pgtrigger.Trigger(
    name="owning_team_only",
    when=pgtrigger.Before,
    operation=pgtrigger.Update,
    declare=[("acting", "text")],
    func=f"""
        IF NOT ({_CHANGED}) THEN RETURN NEW; END IF;
        acting := coalesce(current_setting('leadcrm.acting_for', true), '');
        IF acting = 'system' THEN RETURN NEW; END IF;
        IF OLD.owner_team_id IS NOT NULL
           AND OLD.owner_team_id::text = ANY (string_to_array(acting, ',')) THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'leadcrm: only the owning team changes owner, stage, status and outcome'
            USING ERRCODE = 'insufficient_privilege';
    """,
)


@contextmanager
def acting_for(team_ids: Iterable[UUID]) -> Iterator[None]:
    """Change leads in the name of these teams inside the block."""
    yield from _announced(",".join(str(each) for each in team_ids))


@contextmanager
def acting_as_system() -> Iterator[None]:
    """Change leads as a step of the product itself (routing, hand-over, escalation), decided before."""
    yield from _announced("system")


def _announced(text: str) -> Iterator[None]:
    before = get_local("leadcrm.acting_for")
    set_local("leadcrm.acting_for", text)
    yield
    # After an error the transaction is lost and its variables with it.
    set_local("leadcrm.acting_for", before)
