"""What a lead's last inquiry says for fields of the tenant's own, for messages that name one (row PH-14).

Details keep answers under the words of the question; the inquiry keeps them by key.
"""

from collections.abc import Mapping

from apps.flows.arrival import open_case
from apps.flows.facts import last_inquiry
from apps.leads.models import Lead
from apps.tenancy.clock import database_now


def answers_told(lead: Lead, keys: tuple[str, ...]) -> Mapping[str, str]:
    """Return the answers by key; what was not asked is missing."""
    row = last_inquiry(lead)
    if row is None:
        return {}
    answers = open_case(row, database_now()).draft.answers
    return {each.key: ", ".join(each.values) for each in answers if each.key in keys}
