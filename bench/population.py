"""A tenant of any size: a few leads go the whole way, then SQL copies them with everything that hangs on them.

Copies differ in ids, numbers, names, contact values and times, and stay true to every foreign key.
Sealed texts and the audit ledger are not copied: both are bound to the row they were written for.
"""

from collections.abc import Iterator

import psycopg
from psycopg import sql

from apps.capture.models import Submission
from apps.consent.models import ConsentEvent
from apps.identity.models import MatchDecision
from apps.leads.models import ContactPoint, Lead, LeadParty, Person, StageSpell, Task, TimelineEntry, Touch
from apps.outreach.models import Message
from apps.ownership.models import LeadTeamGrant, Spell
from apps.qualification.models import ScoreResult
from apps.routing.models import RoutingDecision
from apps.sla.models import Escalation, SlaTimer
from bench.ground import Ground
from tests.cast import Tenant
from tests.leads_made import inquiry, send_in

SEEDS, COPIES_PER_COMMIT, DAYS = 20, 50, 60
COPIED = (
    *(Person, ContactPoint, Submission, Lead, Touch, LeadParty, StageSpell, TimelineEntry, Task),
    *(Spell, LeadTeamGrant, SlaTimer, Escalation, ConsentEvent, MatchDecision, ScoreResult, RoutingDecision),
    Message,
)
#: Columns that name a copied row, and so follow it to its copy.
FOLLOWING = frozenset(
    (
        *("id", "lead_id", "person_id", "contact_person_id", "submission_id", "timer_id", "content_object_id"),
        *("contact_point_id", "event_id", "related_to_id", "shares_stream_with_id", "subject_id", "only_lead_id"),
    )
)
LAST_NAMES = (
    "{Abbott,Baker,Castillo,Dunn,Estrada,Fischer,Garza,Huang,Ivanov,Jensen,Kim,Lozano,Meyer,Nguyen,Ortiz,Patel,"
    "Quinn,Reyes,Sato,Turner,Ueda,Vargas,Walsh,Xu,Young,Zamora}"
)
_NAME = "(%(names)s::text[])[1 + n %% 26]"
_CONTACT = (
    "CASE left({0}, 1) WHEN '+' THEN '+1' || (2000000000 + (right({0}, 9)::bigint * 31 + n::bigint * 7919)"
    " %% 7999999999) ELSE CASE {0} WHEN '' THEN '' ELSE n || '.' || {0} END END"
)
OTHER = {
    ("leads_person", "last_name"): _NAME,
    ("leads_person", "name_key"): f"lower(first_name || ' ' || {_NAME})",
    ("leads_contactpoint", "value"): _CONTACT.format("value"),
    ("consent_consentevent", "contact_value"): _CONTACT.format("contact_value"),
    ("leads_lead", "number"): "number + n::bigint * %(seeds)s",
    ("capture_submission", "external_id"): "external_id || '-' || n",
    ("outreach_message", "dedup_key"): "dedup_key || '-' || n",
}


def populate(place: Ground, tenant: Tenant, size: int) -> int:
    """Fill a tenant with about `size` open leads; return how many there are."""
    for number in range(SEEDS):
        send_in(tenant, inquiry(source="imaging-spring", person__first_name=f"Name{number:02}"))
    tenant.drain()
    copies = max(size // SEEDS - 1, 0)
    with psycopg.connect(place.owner_url, autocommit=True) as connection:
        # The copied consent is what the capture took in; it says so, as the capture does.
        for name, value in (("organization_id", str(tenant.organization_id)), ("consent_by", "capture")):
            connection.execute("SELECT set_config(%s, %s, false)", [f"leadcrm.{name}", value])
        seeds = _ids(connection)
        statements = list(_statements(connection))
        for first in range(1, copies + 1, COPIES_PER_COMMIT):
            values = {
                "names": LAST_NAMES,
                "seeds": SEEDS,
                "step": f"{DAYS * 86400 / max(copies, 1)} seconds",
                "first": first,
                "last": min(first + COPIES_PER_COMMIT - 1, copies),
                **seeds,
            }
            with connection.transaction():
                for statement in statements:
                    connection.execute(statement, values)
        connection.execute("ANALYZE")
    with tenant.scope():
        count: int = Lead.rows().count()
        return count


def _ids(connection: "psycopg.Connection[tuple[object]]") -> dict[str, list[object]]:
    """Return the seeds' rows of each table, so that copies are never copied again."""
    return {
        model._meta.db_table: [
            row[0]
            for row in connection.execute(sql.SQL("SELECT id FROM {}").format(sql.Identifier(model._meta.db_table)))
        ]
        for model in COPIED
    }


def _statements(connection: "psycopg.Connection[tuple[object]]") -> Iterator[sql.Composed]:
    for model in COPIED:
        table = model._meta.db_table
        columns = connection.execute(
            "SELECT column_name, data_type FROM information_schema.columns"
            " WHERE table_schema = 'public' AND table_name = %s AND is_generated = 'NEVER'",
            [table],
        ).fetchall()
        names = [str(row[0]) for row in columns]
        values = [_value(table, str(name), str(kind)) for name, kind in columns]
        yield sql.SQL(
            "INSERT INTO {table} ({names}) SELECT {values} FROM {table}, generate_series(%(first)s::int, %(last)s) n"
            " WHERE id = ANY({ids})"
        ).format(
            table=sql.Identifier(table),
            names=sql.SQL(", ").join(map(sql.Identifier, names)),
            values=sql.SQL(", ").join(map(sql.SQL, values)),
            ids=sql.Placeholder(table),
        )


def _value(table: str, name: str, kind: str) -> str:
    if (table, name) in OTHER:
        return OTHER[table, name]
    if name in FOLLOWING and kind == "uuid":
        return f"md5(\"{name}\"::text || ':' || n)::uuid"
    if kind == "timestamp with time zone":
        return f'"{name}" - n * %(step)s::interval'
    return f'"{name}"'
