"""Playing the suite: each test lead is taken in as a live one, under a draft if one is tried, and then taken back.

A call and a web form come by the same two transactions as everybody's. Nothing is left: no person, no lead, no turn,
no message; not even the number that the lead had.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import DatabaseError

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.capture.actions import Envelope, receive
from apps.capture.models import Submission
from apps.capture.phone import example_phone
from apps.catalog.queries import sources_by_key
from apps.flows.intake import process_submission
from apps.flows.rehearsal import rehearse
from apps.flows.suite.decisions import DOORS, NO_CHANNEL, Played, TestLead, outcome_sentence, read_suite
from apps.flows.trying import TRIED, sunday_night, working_morning
from apps.leads.models import Lead, Task
from apps.leads.terms import SIDE_TASKS
from apps.outreach.models import Message
from apps.policies import schedule
from apps.policies.models import RuleSetVersion
from apps.policies.queries import live_document
from apps.policies.registry import NeededTest
from apps.policies.terms import Outcome
from apps.tenancy.actor import Actor, Door, system_actor
from apps.tenancy.errors import LeadcrmError, Refused
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import current_organization_id
from apps.tenancy.stamps import forget_reads

KIND = "suite"
#: The kinds of rules that a lead meets on its way in.
PLAYED = (*TRIED, "validity", "contact")
MOST_LINES = 20
_TEXT = "I agree to be contacted."


def play(now: datetime, version: RuleSetVersion | None = None) -> tuple[Played, ...]:
    """Play every test lead of the suite, under the rules of now or with a version in its kind's place."""
    is_suite = version is not None and version.rule_set.kind == KIND
    document = version.document if version is not None and is_suite else live_document(KIND, now)
    zone = ZoneInfo(current_organization().zone)
    times = {"day": working_morning(now.astimezone(zone)), "night": sunday_night(now.astimezone(zone))}
    tried = None if is_suite else version
    return tuple(_played(lead, times.get(lead.at, times["day"]), tried, now) for lead in read_suite(document))


def run_now(*, actor: Actor, now: datetime, version: RuleSetVersion | None = None) -> tuple[Played, ...]:
    """Play the suite because somebody asks for it. Refuses who may neither write nor approve rules."""
    if not (actor.may(Permission.RULES_WRITE) or actor.may(Permission.RULES_APPROVE)):
        raise Refused("Your role may not test rules.", action="rules.suite", object_type="rule_set")
    played = play(now, version)
    good = sum(each.passed for each in played)
    ledger.record(
        actor=actor,
        action="rules.suite",
        object_type="rule_version" if version else "rule_set",
        object_id=version.id if version else None,
        detail={"passed": good, "of": len(played)},
    )
    return played


def _played(lead: TestLead, at: datetime, version: RuleSetVersion | None, now: datetime) -> Played:
    try:
        return rehearse(lambda: _way(lead, at, version, now))
    except (LeadcrmError, DatabaseError) as error:
        said = str(error) if isinstance(error, LeadcrmError) else "the database refused it"
        return Played(lead, {}, f"did not arrive: {said}")
    finally:
        forget_reads()


def _way(lead: TestLead, at: datetime, version: RuleSetVersion | None, now: datetime) -> Played:
    actor = system_actor(current_organization_id(), "suite of test leads", Door.WORKER)
    if version is not None:
        tried = RuleSetVersion.rows().select_related("rule_set").get(id=version.id)
        schedule.let_rule(actor=actor, version=tried, now=now, effective_from=now)
    source = sources_by_key().get(lead.says.get("source", ""))
    if source is None:
        return Played(lead, {}, f"there is no source “{lead.says.get('source', '')}”")
    envelope = Envelope(
        source=source,
        source_typed=source.key,
        payload=_body(lead),
        capture_method=DOORS.get(lead.door, "web_form"),
        event_at=at,
        received_at=at,
        external_id=f"suite:{lead.id}",
        party_id=source.party_id,
    )
    receipt = receive(actor=actor, envelope=envelope, now=at)
    process_submission(receipt.submission_id, at)
    row = Submission.rows().get(id=receipt.submission_id)
    if row.lead_id is None:
        reasons = "; ".join(each.get("detail", "") for each in row.reasons)
        return Played(lead, {}, f"became no lead ({row.verdict}): {reasons}")
    return Played(lead, _found(Lead.rows().select_related("owner_team", "queue").get(id=row.lead_id)))


def _found(lead: Lead) -> Mapping[str, str]:
    task = Task.rows().filter(lead=lead, state="open").exclude(kind__in=SIDE_TASKS).order_by("due_at", "id").first()
    message = Message.rows().filter(lead=lead, state="pending").order_by("created_at", "id").first()
    return {
        "owner": lead.owner_team.key if lead.owner_team else "",
        "task": task.kind if task else "",
        "queue": lead.queue.key if lead.queue else "",
        "channel": message.channel if message else NO_CHANNEL,
    }


def _body(lead: TestLead) -> dict[str, Any]:
    says = dict(lead.says)
    source = says.pop("source", "")
    lead_class = says.pop("lead_class", "")
    where: dict[str, str] = {key: says.pop(key) for key in ("postal_code", "city", "region") if key in says}
    page = says.pop("landing_page", "")
    person: dict[str, str] = {
        "first_name": "Test",
        "last_name": lead.id,
        "email": "suite@example.com",
        "phone": example_phone(current_organization().region),
        "preferred_language": "en",
        **where,
    }
    body: dict[str, Any] = {
        "external_id": f"suite:{lead.id}",
        "source": source,
        "capture_method": DOORS.get(lead.door, "web_form"),
        "person": person,
        "request": says,
        "consent": [
            {"channel": each, "purpose": "care_inquiry", "state": "granted", "text": _TEXT, "text_version": "suite"}
            for each in lead.consents
        ],
        "attribution": {"landing_page": page} if page else {},
    }
    return body | ({"lead_class": lead_class} if lead_class else {})


def _run_needed(version: RuleSetVersion, now: datetime) -> Outcome:
    played = play(now, version)
    failed = [each for each in played if not each.passed]
    summary: dict[str, object] = {"leads": len(played), "failed": len(failed)}
    summary["faults"] = [f"{each.lead.name}: {line}" for each in failed for line in each.differences][:MOST_LINES]
    return Outcome(not failed, outcome_sentence(played), summary)


NEED = NeededTest(
    KIND,
    "Suite of test leads",
    "The suite of test leads was not played: run its tests first.",
    lambda version, actor, now: _run_needed(version, now),
)
