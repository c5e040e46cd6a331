"""Who may change which field of a lead, and who owns it next.

One rule for every door (page, API, admin, import, bulk). The owning team alone changes the key fields and
the assignment; the maintaining team alone changes consent; an agency changes nothing; a step of the product
passes. There is no bypass for administrators. A document can lock more fields, never fewer.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from apps.accounts.terms import FieldGroup, Permission
from apps.ownership.policy import at_stage, policy_for, read_policies
from apps.ownership.policy_check import check_policies, check_stage
from apps.ownership.terms import (
    ADDED_FIELDS,
    ASSIGNMENT_FIELDS,
    FIELD_GROUPS,
    FIELD_WORDS,
    KEY_FIELDS,
    ActorFacts,
    ChangeCode,
    ChangeVerdict,
    Handover,
    Keeper,
    LeadFacts,
    Where,
)
from apps.ownership.visits import check_visits
from apps.policies.decisions.documents import as_document, as_items, as_text, as_texts, unknown_keys
from apps.policies.terms import FieldSpec, Known, Problem

EVERYWHERE = Where()
HOW_TO_ASK = "Use “Ask to change”, or ask for a transfer."
HOW_TO_ASK_CONSENT = "Use “Ask to change”: they answer with the proof, or say why not."
_PARTS = frozenset({"locked_fields", "consent", "after_outreach_locks", "stages", "how_to_ask", "policies", "visits"})


def may_change(
    *, field: str, actor: ActorFacts, lead: LeadFacts, document: object, zone: str, keeper: Keeper | None = None
) -> ChangeVerdict:
    """Say whether this actor may change this field of this lead, and if not, why and whom to ask.

    Asked in this order: agency, consent, owner, object permission, role's permission, role's groups of fields. So
    somebody who neither owns the lead nor may edit any learns who owns it. A team that gave the lead away and kept
    the view may read it and add a note, and changes nothing (row TA-08). `keeper` says how the team that maintains
    consent is called and since when it does.
    """
    rules = as_document(document)
    if actor.is_system:
        return ChangeVerdict(True, ChangeCode.OK, "A step of the product itself.")
    if actor.is_agency:
        sentence = f"{_word(field)} of {lead.ref} is changed by the care team, not by the agency."
        return ChangeVerdict(False, ChangeCode.AGENCY, sentence)
    if field == "consent" or field.startswith("consent_"):
        return _may_change_consent(actor, rules, keeper, zone)
    owns = lead.owner_team_key != "" and lead.owner_team_key in actor.team_keys
    fixed = ASSIGNMENT_FIELDS | set(as_texts(rules.get("after_outreach_locks")))
    if not owns and lead.outreach_started_at is not None and field in fixed:
        return ChangeVerdict(False, ChangeCode.OUTREACH_STARTED, _outreach_sentence(field, lead, rules, zone))
    if not owns and field in KEY_FIELDS | set(as_texts(rules.get("locked_fields"))):
        return ChangeVerdict(False, ChangeCode.LOCKED_BY_OWNER, _owner_sentence(field, lead, rules, zone))
    if not owns and not actor.edits_lead and field not in ADDED_FIELDS:
        return ChangeVerdict(False, ChangeCode.LOCKED_BY_OWNER, _owner_sentence(field, lead, rules, zone))
    if Permission.LEAD_EDIT not in actor.permissions:
        sentence = "Your role may look at leads, not change them. Ask an administrator for the right to edit."
        return ChangeVerdict(False, ChangeCode.NO_PERMISSION, sentence)
    group = FIELD_GROUPS.get(field)
    if group is not None and group in actor.fixed_groups:
        return _fixed(group)
    return ChangeVerdict(True, ChangeCode.OK, "The owning team changes it." if owns else "Open to all editors.")


def next_owner(stage_key: str, document: object, where: Where = EVERYWHERE) -> Handover | None:
    """Return the team that takes over at a stage by the policy in force there; None where the lead stays."""
    return at_stage(policy_for(read_policies(as_document(document)), where), stage_key)


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with an ownership document: unknown teams, stages and fields, missing parts."""
    rules = as_document(document)
    problems = unknown_keys(rules, _PARTS, "")
    for part in ("locked_fields", "after_outreach_locks"):
        for place, name in enumerate(as_texts(rules.get(part))):
            if name not in KEY_FIELDS and name not in fields:
                sentence = f"There is no field “{name}”."
                problems.append(Problem(f"/{part}/{place}", "unknown_field", sentence))
    team = as_text(as_document(rules.get("consent")).get("team"))
    if not team:
        problems.append(Problem("/consent/team", "team_missing", "Name the team that maintains consent."))
    elif team not in known.teams:
        problems.append(_unknown_team("/consent/team", team))
    seen: set[str] = set()
    for place, item in enumerate(as_items(rules.get("stages"))):
        problems += check_stage(item, f"/stages/{place}", known, seen)
    return [*problems, *check_visits(rules, known), *check_policies(rules, fields, known)]


def _unknown_team(path: str, team: str) -> Problem:
    return Problem(path, "unknown_team", f"There is no team “{team}”.")


def _may_change_consent(
    actor: ActorFacts, rules: Mapping[str, object], keeper: Keeper | None, zone: str
) -> ChangeVerdict:
    team = as_text(as_document(rules.get("consent")).get("team"))
    if team in actor.team_keys and Permission.CONSENT_WIDEN in actor.permissions:
        if FieldGroup.CONSENT in actor.fixed_groups:
            return _fixed(FieldGroup.CONSENT)
        return ChangeVerdict(True, ChangeCode.OK, "The maintaining team changes consent, with evidence.")
    anyone = "Anyone may record an opt-out; only they record a grant."
    if not team:
        sentence = f"Consent is maintained by nobody: no maintaining team is named. {anyone}"
        return ChangeVerdict(False, ChangeCode.CONSENT_MAINTAINER, sentence)
    who = keeper.name if keeper else f"the team “{team}”"
    since = f" since {spoken(keeper.since, zone)}" if keeper and keeper.since else ""
    because = "because the ownership rules name them"
    sentence = f"Consent is maintained by {who}{since}, {because}. {anyone} {HOW_TO_ASK_CONSENT}"
    return ChangeVerdict(False, ChangeCode.CONSENT_MAINTAINER, sentence)


def _fixed(group: FieldGroup) -> ChangeVerdict:
    sentence = f"Your role does not change fields of the group “{group}”. Ask a colleague whose role does."
    return ChangeVerdict(False, ChangeCode.FIELD_GROUP, sentence)


def _owner_sentence(field: str, lead: LeadFacts, rules: Mapping[str, object], zone: str) -> str:
    if not lead.owner_team_key:
        return f"Nobody owns {lead.ref} yet. Claim it first; then {_word(field).lower()} is yours to change."
    because = "they owned this lead when it was closed" if lead.is_closed else "they own this lead"
    since = f" since {spoken(lead.owner_since, zone)}" if lead.owner_since else ""
    sentence = f"{_word(field)} belongs to {lead.owner_team_name}{since}, because {because}."
    return f"{sentence} {as_text(rules.get('how_to_ask'), HOW_TO_ASK)}"


def _outreach_sentence(field: str, lead: LeadFacts, rules: Mapping[str, object], zone: str) -> str:
    began = f" at {spoken(lead.outreach_started_at, zone)}" if lead.outreach_started_at else ""
    owner, since, start = lead.owner_team_name, lead.owner_since, lead.outreach_started_at
    is_theirs = bool(owner) and (since is None or start is None or since <= start)
    who = owner if is_theirs else "another team"
    now_with = f" {owner} owns this lead since {spoken(since, zone)}." if owner and not is_theirs else ""
    sentence = f"{_word(field)} is fixed, because outreach started{began} by {who}.{now_with}"
    return f"{sentence} {as_text(rules.get('how_to_ask'), HOW_TO_ASK)}"


def _word(field: str) -> str:
    return FIELD_WORDS.get(field, field.replace("_", " ").capitalize())


def spoken(at: datetime | None, zone: str) -> str:
    """Return "20 Nov, 09:02" on the wall clock of a zone; in UTC, and said so, when the zone is unknown."""
    if at is None:
        return ""
    try:
        local, suffix = at.astimezone(ZoneInfo(zone)), ""
    except (ZoneInfoNotFoundError, ValueError, OSError):
        local, suffix = at.astimezone(UTC), " UTC"
    return f"{local.day} {local:%b}, {local:%H:%M}{suffix}"
