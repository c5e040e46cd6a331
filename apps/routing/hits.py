"""How often each routing rule held lately, from the decisions as they were stored."""

from datetime import datetime, timedelta

from django.db import connection

from apps.tenancy.scope import organization_in_scope

HIT_DAYS = 30
_COUNT = """
SELECT step ->> 'rule_id', count(*)
FROM routing_routingdecision, jsonb_array_elements(verdict -> 'path') AS step
WHERE organization_id = %s AND decided_at >= %s AND step ->> 'rule_id' <> ''
GROUP BY 1
"""


def rule_hits(now: datetime) -> dict[str, int]:
    """Return for each rule how many leads it held for in the last 30 days, in one statement."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [organization_in_scope(), now - timedelta(days=HIT_DAYS)])
        return {str(rule_id): int(count) for rule_id, count in cursor.fetchall()}
