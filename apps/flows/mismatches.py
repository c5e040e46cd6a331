"""Leads that were taken for one service and want another: noted, counted by month, and proposed as a change of rules.

Whoever transfers a lead with a corrected category says so on the way; a scheduler says it by a form of its own
(row QA-03). So many of one kind in a month open a review of the rules, once (rows QA-02, E-16).
"""

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.urls import reverse

from apps.accounts.notices import tell_people
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.catalog.models import Service
from apps.flows.notes import edit_lead
from apps.flows.routing_reviews import KIND, rules_naming
from apps.handoffs.actions import note_mismatch
from apps.handoffs.models import Mismatch
from apps.handoffs.queries import mismatches_between, rules_of
from apps.leads.actions import lock_lead, tell
from apps.leads.models import Lead
from apps.ownership.queries import lead_to_change
from apps.policies.queries import versions_in_force
from apps.policies.reviews import open_review
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.organizations import current_organization

DUE_AFTER = timedelta(days=7)
LONGEST_REASON = 300
REPORT = "report"


def report_mismatch(
    *, actor: Actor, lead_id: UUID, actual_key: str, reason: str, now: datetime, version: int | None = None
) -> Mismatch:
    """Say that a lead wants another service than the one it was taken for: it is corrected, and counted.

    The lead stays where it is. Refuses people who may not edit it, a missing reason, the service that it has already,
    and what `edit_lead` refuses: a service that its office does not have.
    """
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    if not reason.strip() or len(reason) > LONGEST_REASON:
        sentence = f"Say what showed it, in {LONGEST_REASON} characters."
        raise Invalid(sentence, (Problem("/reason", "reason_missing", sentence),))
    chosen = lead.service
    if chosen is not None and chosen.key == actual_key:
        raise Conflict(f"{lead.ref} says {chosen.name} already.", code="same_service")
    edit_lead(actor=actor, lead_id=lead_id, changes={"service": actual_key}, now=now, version=version)
    lead = lock_lead(lead_id)
    assert lead.service is not None
    row = count_mismatch(lead, chosen, lead.service, reason=reason, found_by=REPORT, actor=actor, now=now)
    was = chosen.name if chosen else "no service"
    sentence = f"Wrong category: {was} → {lead.service.name}. {reason.strip()}"
    tell(lead, kind="edit", sentence=sentence, actor=actor, now=now)
    ledger.record(
        actor=actor,
        action="lead.mismatch",
        object_type="lead",
        object_id=lead.id,
        fields=["service"],
        detail={"service": [chosen.key if chosen else "", lead.service.key]},
    )
    return row


def count_mismatch(
    lead: Lead, chosen: Service | None, actual: Service, *, reason: str, found_by: str, actor: Actor, now: datetime
) -> Mismatch:
    """Keep a mismatch; where it is the last of so many in its month, propose a change of the rules."""
    row = note_mismatch(lead, chosen=chosen, actual=actual, reason=reason, found_by=found_by, actor=actor, now=now)
    if chosen is not None and not lead.is_test:
        _propose(chosen, actual, now)
    return row


def month_of(now: datetime) -> tuple[datetime, datetime]:
    """Return the first instant of the organization's month and that of the next one."""
    zone = ZoneInfo(current_organization().zone)
    first = now.astimezone(zone).date().replace(day=1)
    following = (first + timedelta(days=32)).replace(day=1)
    begun, ended = (datetime.combine(day, time.min, zone) for day in (first, following))
    return begun, ended


def _propose(chosen: Service, actual: Service, now: datetime) -> None:
    """Open one review a month for leads of one service that want another, once there are enough of them."""
    version, (begun, ended) = versions_in_force(now).get(KIND), month_of(now)
    count = mismatches_between(begun, ended).filter(chosen=chosen, actual=actual).count()
    if version is None or count < rules_of(now).propose_after:
        return
    rules = rules_naming(version.document, {chosen.key}, part="when")
    looked_at = f"its rules are {', '.join(rules)}" if rules else "no rule looks at it"
    sentence = (
        f"{count} leads of {begun:%B %Y} were taken for {chosen.name} and want {actual.name}: {looked_at}. "
        "Should the category, a form or a rule tell them apart?"
    )
    key = f"{KIND}:mismatch:{chosen.key}:{actual.key}:{begun:%Y-%m}"
    due_on = now.astimezone(begun.tzinfo).date() + DUE_AFTER
    url = reverse("admin:policies_rulesetversion_change", args=[version.id])
    row = open_review(
        kind="category_mismatch",
        subject=chosen.key,
        sentence=sentence,
        dedup_key=key,
        due_on=due_on,
        now=now,
        rules=rules,
        url=url,
    )
    tell_people(
        kind="category_mismatch",
        sentence=f"{sentence} A review is due {due_on.day} {due_on:%b}.",
        dedup_key=key,
        now=now,
        permission=Permission.RULES_WRITE,
        url=reverse("admin:policies_review_change", args=[row.id]),
    )
