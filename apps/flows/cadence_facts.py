"""What cadences and groups are chosen by: what is known of a lead, and what its person did with our mails."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.consent.queries import states_of_leads
from apps.flows.criteria import Beside, facts_for_criteria, look_at
from apps.leads.models import ContactPoint, Lead
from apps.outreach.models import Engagement
from apps.outreach.terms import EngagementKind
from apps.policies.terms import FieldKind, FieldSpec
from apps.qualification.criteria_document import criteria_fields

#: Facts of engagement (row TN-09), by the kinds of events that make them true.
ENGAGED: Mapping[str, tuple[EngagementKind, ...]] = {
    "opened": (EngagementKind.OPENED,),
    "clicked": (EngagementKind.CLICKED, EngagementKind.SCHEDULING_LINK),
    "answered": (EngagementKind.REPLIED,),
}
_LABELS = {
    "opened": "Opened a mail of ours",
    "clicked": "Followed a link of ours",
    "answered": "Answered a message of ours",
}


def cadence_fields(fields: Mapping[str, FieldSpec]) -> dict[str, FieldSpec]:
    """Return the fields that a cadence or a group may test."""
    own = {key: FieldSpec(key, label, FieldKind.FLAG) for key, label in _LABELS.items()}
    return criteria_fields(fields) | own


def facts_of(lead: Lead, now: datetime) -> Mapping[str, Any]:
    """Return the facts of one lead."""
    return dict(look_at(lead, now).facts) | engaged([lead])[lead.id]


def facts_of_many(leads: Sequence[Lead], now: datetime) -> dict[UUID, Mapping[str, Any]]:
    """Return the facts of many leads, in as many queries as for one; answers of a verification are not among them."""
    who = {lead.id: lead.contact_person_id or lead.person_id for lead in leads}
    states = states_of_leads(leads, now)
    points: dict[UUID, dict[str, str]] = {}
    rows = ContactPoint.rows().filter(person__in=set(who.values())).order_by("is_primary")
    for person_id, kind, validity in rows.values_list("person_id", "kind", "validity"):
        points.setdefault(person_id, {})[kind] = validity
    did = engaged(leads)
    found: dict[UUID, Mapping[str, Any]] = {}
    for lead in leads:
        consent = {str(channel): str(state.value) for channel, state in states[lead.id].items()}
        beside = Beside(consent=consent, validity=points.get(who[lead.id], {}))
        found[lead.id] = facts_for_criteria(lead, beside, now) | did[lead.id]
    return found


def engaged(leads: Sequence[Lead]) -> dict[UUID, dict[str, bool]]:
    """Return what the people of leads did with what we sent about them; one query."""
    rows = Engagement.rows().filter(lead__in=[lead.id for lead in leads]).order_by().distinct()
    heard: dict[UUID, set[str]] = {}
    for lead_id, kind in rows.values_list("lead_id", "kind"):
        heard.setdefault(lead_id, set()).add(kind)
    return {
        lead.id: {name: not heard.get(lead.id, set()).isdisjoint(map(str, kinds)) for name, kinds in ENGAGED.items()}
        for lead in leads
    }
