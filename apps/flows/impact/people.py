"""Who could take a lead at its time: the people of each team, and what they held from when to when. Reads only.

Teams, caps, skills and shifts are today's, for nobody keeps how they were; what somebody held at an instant is counted
from the ownership of each lead and from its end.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from uuid import UUID

from django.db import connection

from apps.catalog.queries import all_hours, shifts
from apps.flows.impact.history import Window
from apps.flows.impact.terms import Colleague
from apps.tenancy.scope import current_organization_id

_PEOPLE = """
SELECT t.key, m.id, m.open_lead_cap, m.skills
FROM accounts_teammembership tm
JOIN accounts_team t ON t.organization_id = tm.organization_id AND t.id = tm.team_id
JOIN accounts_membership m ON m.organization_id = tm.organization_id AND m.id = tm.membership_id
JOIN accounts_user u ON u.id = m.user_id
WHERE tm.organization_id = %s AND m.is_active AND u.is_active
"""
#: What somebody held within a window. A lead that was opened again ended more than once: each spell has its own end.
_WORK = """
SELECT s.membership_id, array_agg(s.started_at ORDER BY s.started_at), array_agg(e.at ORDER BY e.at)
FROM ownership_spell s
JOIN leads_lead l ON l.organization_id = s.organization_id AND l.id = s.lead_id AND NOT l.is_test
CROSS JOIN LATERAL (
    SELECT least(s.ended_at, CASE WHEN EXISTS (
        SELECT 1 FROM leads_reopening r WHERE r.organization_id = l.organization_id AND r.lead_id = l.id
    ) THEN (
        SELECT min(c.closed_at) FROM leads_closure c
        WHERE c.organization_id = l.organization_id AND c.lead_id = l.id AND c.closed_at >= s.started_at
    ) ELSE l.closed_at END) AS at
) e
WHERE s.organization_id = %(tenant)s AND s.kind = 'primary' AND s.membership_id IS NOT NULL
AND s.started_at < %(until)s AND (s.ended_at IS NULL OR s.ended_at > %(since)s)
AND (l.closed_at IS NULL OR l.closed_at > %(since)s) AND (e.at IS NULL OR e.at > %(since)s)
GROUP BY s.membership_id
"""


@lru_cache(maxsize=1)
def teams_within(run_id: UUID, window: Window) -> Mapping[str, tuple[Colleague, ...]]:
    """Return the people of each team, by its key, with what they held within the window of a run.

    The parts of a run that one process plays read it once: what lies behind does not change meanwhile.
    """
    tenant = current_organization_id()
    with connection.cursor() as cursor:
        cursor.execute(_WORK, {"tenant": tenant, "since": window.since, "until": window.until})
        work: dict[UUID, tuple[list[datetime], list[datetime | None]]] = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(_PEOPLE, [tenant])
        people = cursor.fetchall()
    hours, by_shift = all_hours(), shifts()
    found: dict[str, list[Colleague]] = {}
    for team, member_id, cap, skills in people:
        took, left = work.get(member_id, ([], []))
        shift = hours[by_shift[member_id]] if member_id in by_shift else None
        ended = tuple(at for at in left if at is not None)
        found.setdefault(team, []).append(Colleague(member_id, cap, frozenset(skills), shift, tuple(took), ended))
    return {team: tuple(colleagues) for team, colleagues in found.items()}
