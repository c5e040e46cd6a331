"""What must hold on the live database, whatever failed before: each check names the rows that break it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import connection

from apps.audit.verifying import verify_chain
from apps.tenancy.scope import current_organization_id

SAMPLE = 20


@dataclass(frozen=True, slots=True)
class Breach:
    """A check that does not hold, with ids of rows that break it."""

    check: str
    sentence: str
    rows: tuple[str, ...]


#: Open leads through which somebody reaches out now, as `streams` counts them: row DU-07.
_LIVE = """
        WITH live AS (SELECT l.id, l.person_id AS patient, coalesce(l.contact_person_id, l.person_id) AS reached
          FROM leads_lead l WHERE l.organization_id = %(org)s AND l.closed_at IS NULL AND EXISTS (
            SELECT FROM leads_task t WHERE t.lead_id = l.id AND t.state = 'open' AND (
              t.kind IN ('call', 'text', 'email') OR (t.kind = 'follow_up' AND t.channel <> ''))))"""

#: Checks of one tenant in SQL; each must return no row. %(org)s is the tenant, {live} names who is reached out to.
_CHECKS: tuple[tuple[str, str, str], ...] = (
    (
        "I1 outcome",
        "a submission is neither waiting nor brought to an outcome",
        """
        SELECT s.id FROM capture_submission s WHERE s.organization_id = %(org)s AND (
          (s.state = 'received' AND NOT EXISTS (SELECT 1 FROM tenancy_wakeup w
             WHERE w.organization_id = s.organization_id AND w.kind = 'intake.process' AND w.row_id = s.id))
          OR (s.state = 'processed' AND s.verdict = '')
          OR (s.state = 'processed' AND s.verdict <> 'rejected' AND NOT EXISTS (
             SELECT 1 FROM leads_lead l WHERE l.id = s.lead_id)))""",
    ),
    (
        "I2 once",
        "one capture event was stored twice",
        """
        SELECT min(id::text) FROM capture_submission WHERE organization_id = %(org)s AND external_id IS NOT NULL
        GROUP BY source_id, party_id, external_id HAVING count(*) > 1""",
    ),
    (
        "I2 touch",
        "a submission that joined a lead has not exactly one touch",
        """
        SELECT s.id FROM capture_submission s LEFT JOIN leads_touch t ON t.submission_id = s.id
        WHERE s.organization_id = %(org)s AND s.lead_id IS NOT NULL GROUP BY s.id HAVING count(t.id) <> 1""",
    ),
    (
        "I2 inquiry",
        "a lead has no inquiry behind it",
        """
        SELECT l.id FROM leads_lead l WHERE l.organization_id = %(org)s
          AND NOT EXISTS (SELECT 1 FROM leads_touch t WHERE t.lead_id = l.id)""",
    ),
    (
        "I3 owner",
        "an open lead has not exactly one current spell that names its owner",
        """
        SELECT l.id FROM leads_lead l LEFT JOIN ownership_spell p
          ON p.lead_id = l.id AND p.kind = 'primary' AND p.ended_at IS NULL
        WHERE l.organization_id = %(org)s AND l.closed_at IS NULL GROUP BY l.id
        HAVING count(p.id) <> 1 OR bool_or(p.team_id IS DISTINCT FROM l.owner_team_id
               OR p.membership_id IS DISTINCT FROM l.owner_id)""",
    ),
    (
        "I4 history",
        "the ownership history has a gap or an overlap",
        """
        SELECT id FROM (SELECT id, started_at, lag(ended_at) OVER w AS before, row_number() OVER w AS n
          FROM ownership_spell WHERE organization_id = %(org)s AND kind = 'primary'
          WINDOW w AS (PARTITION BY lead_id ORDER BY started_at, id)) x
        WHERE n > 1 AND before IS DISTINCT FROM started_at""",
    ),
    (
        "I5 clocks",
        "a lead has two running clocks of a kind, or a closed lead has one",
        """
        SELECT t.lead_id FROM sla_slatimer t JOIN leads_lead l ON l.id = t.lead_id
        WHERE t.organization_id = %(org)s AND t.met_at IS NULL AND t.cancelled_at IS NULL
        GROUP BY t.lead_id, t.kind HAVING count(*) > 1 OR bool_or(l.closed_at IS NOT NULL)""",
    ),
    (
        "I6 acknowledgement",
        "a lead was acknowledged twice",
        """
        SELECT lead_id FROM outreach_message WHERE organization_id = %(org)s AND purpose = 'acknowledgement'
        GROUP BY lead_id HAVING count(*) > 1""",
    ),
    (
        "I7 consent",
        "a message was sent after the person took the permission back",
        """
        SELECT m.id FROM outreach_message m JOIN leads_lead l ON l.id = m.lead_id
        JOIN consent_consentevent c ON c.person_id = coalesce(l.contact_person_id, l.person_id)
        WHERE m.organization_id = %(org)s AND m.state IN ('sent', 'sending') AND c.channel = m.channel
          AND c.value = 'withdrawn' AND c.recorded_at < m.sending_at AND NOT EXISTS (
            SELECT 1 FROM consent_consentevent g WHERE g.person_id = c.person_id AND g.channel = c.channel
              AND g.value = 'granted' AND g.captured_at > c.captured_at AND g.recorded_at < m.sending_at)""",
    ),
    (
        "I9 outbox",
        "a wake-up is late by more than five minutes",
        """
        SELECT id::text FROM tenancy_wakeup WHERE organization_id = %(org)s AND parked_at IS NULL
          AND due_at < now() - interval '5 minutes'""",
    ),
    (
        "I10 tenant",
        "a lead's child row belongs to another tenant",
        """
        SELECT t.id FROM leads_task t JOIN leads_lead l ON l.id = t.lead_id
        WHERE t.organization_id = %(org)s AND l.organization_id <> t.organization_id""",
    ),
    (
        "I14 raw",
        "a submission lost its raw payload",
        """
        SELECT id FROM capture_submission WHERE organization_id = %(org)s AND (length(raw) = 0 OR raw_digest = '')""",
    ),
    (
        "R17 next action",
        "an open lead has no dated next action",
        """
        SELECT l.id FROM leads_lead l WHERE l.organization_id = %(org)s AND l.closed_at IS NULL
          AND NOT EXISTS (SELECT 1 FROM leads_task t WHERE t.lead_id = l.id AND t.state = 'open')""",
    ),
    (
        "R17 agreement",
        "owner, queue and task of a lead name different teams",
        """
        SELECT DISTINCT l.id FROM leads_lead l LEFT JOIN catalog_queue q ON q.id = l.queue_id
        LEFT JOIN leads_task t ON t.lead_id = l.id AND t.state = 'open' AND NOT t.first_outreach
        WHERE l.organization_id = %(org)s AND l.closed_at IS NULL
          AND (q.team_id IS DISTINCT FROM l.owner_team_id
               OR (t.id IS NOT NULL AND t.team_id IS DISTINCT FROM l.owner_team_id))""",
    ),
    (
        "DU-07 one outreach",
        "two open leads reach out to one person",
        """
        {live} SELECT DISTINCT a.id FROM live a JOIN live b
          ON b.id <> a.id AND (b.patient = a.patient OR b.reached = a.reached)""",
    ),
    (
        "DU-07 waiting",
        "a lead waits for one through which nobody reaches out",
        """
        {live} SELECT l.id FROM leads_lead l WHERE l.organization_id = %(org)s AND l.closed_at IS NULL
          AND (l.shares_stream_with_id IS NOT NULL OR EXISTS (
            SELECT FROM leads_task t WHERE t.lead_id = l.id AND t.state = 'suppressed'))
          AND NOT EXISTS (SELECT FROM live WHERE live.id = l.shares_stream_with_id)""",
    ),
    (
        "R8 grants",
        "the owning team does not hold the grants on its lead",
        """
        SELECT l.id FROM leads_lead l JOIN accounts_team m ON m.id = l.owner_team_id
        LEFT JOIN ownership_leadteamgrant g ON g.content_object_id = l.id AND g.group_id = m.group_id
        WHERE l.organization_id = %(org)s GROUP BY l.id HAVING count(g.id) < 4""",
    ),
)


def breaches() -> Iterable[Breach]:
    """Yield what does not hold for the tenant in scope."""
    for name, sentence, statement in _CHECKS:
        rows = _rows(statement.replace("{live}", _LIVE))
        if rows:
            yield Breach(name, sentence, rows)
    for check in _FURTHER:
        yield from check()


def _rows(statement: str) -> tuple[str, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"org": current_organization_id()})
        return tuple(str(row[0]) for row in cursor.fetchmany(SAMPLE))


def _chain() -> Iterable[Breach]:
    found = verify_chain().found
    if found is not None:
        yield Breach("I8 audit", f"the audit chain breaks at entry {found.seq}: {found.what}", (found.entry_id,))


_FURTHER: tuple[Callable[[], Iterable[Breach]], ...] = (_chain,)
