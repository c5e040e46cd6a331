"""Read ownership: which leads an actor may see, and what of them they may change."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Permission as ModelPermission
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import Exact

from apps.accounts.models import Team
from apps.accounts.queries import teams_by_id
from apps.accounts.terms import Permission
from apps.catalog.queries import campaigns_by_key, sources_by_key
from apps.leads.models import Lead, Touch
from apps.leads.queries import pipelines_by_key, stages_by_key
from apps.ownership.decisions import may_change
from apps.ownership.models import LeadShare, LeadTeamGrant, LeadUserGrant, Spell
from apps.ownership.policy import may_log_beside, number_of, policy_for, read_policies
from apps.ownership.terms import (
    ActorFacts,
    ChangeCode,
    ChangeVerdict,
    Keeper,
    LeadFacts,
    Logs,
    Policies,
    Policy,
    Role,
    Where,
)
from apps.policies.compiling import compiled
from apps.policies.decisions.documents import as_document, as_text
from apps.policies.queries import documents_so_far, live_document, ruled_since, versions_in_force
from apps.tenancy.actor import Actor
from apps.tenancy.clock import scope_opened_at
from apps.tenancy.errors import NotFound, Refused
from apps.tenancy.organizations import current_organization
from apps.tenancy.stamps import settings_read

_permission_ids: dict[str, int] = {}


class HiddenLead(Refused):
    """A lead of the tenant that the asker may not even know of: answered like an absent one, but audited."""

    code, status = "not_found", 404

    def __init__(self, lead_id: UUID) -> None:
        super().__init__("Not found.", action="lead.read", object_type="lead", object_id=lead_id)


def permission_id(codename: str) -> int:
    """Return the id of a lead permission (`view_lead`, `change_lead`, `contact_lead`, `download_lead`)."""
    if codename not in _permission_ids:
        found = ModelPermission.objects.get(
            content_type__app_label="leads", content_type__model="lead", codename=codename
        )
        _permission_ids[codename] = found.id
    return _permission_ids[codename]


def visible_leads(actor: Actor) -> QuerySet[Lead]:
    """Return the leads an actor may see: all with `lead:view_all`, else those its teams hold a grant on.

    Nobody sees a lead without `lead:view`; an agency's view of its own deliveries is `partners`'.
    """
    if not actor.may(Permission.LEAD_VIEW) or actor.is_agency:
        return Lead.rows().none()
    if actor.may(Permission.LEAD_VIEW_ALL):
        return Lead.rows()
    return Lead.rows().filter(_granted(actor, "view_lead"))


def downloadable(actor: Actor, rows: QuerySet[Lead]) -> QuerySet[Lead]:
    """Return those of some leads that the actor, or a team of theirs, holds the download grant on."""
    return rows.filter(_granted(actor, "download_lead"))


def lead_for(actor: Actor, lead_id: UUID, *, also: Mapping[str, Any] | None = None) -> Lead:
    """Return a lead the actor may see; `also` names expressions to read with it, in the same statement.

    A stranger (another tenant, an agency that did not deliver it) gets NotFound, as for an id that
    does not exist. A colleague gets Refused with who owns the lead and how to ask; it is audited.
    """
    if actor.is_agency or not actor.may(Permission.LEAD_VIEW):
        lead = None
    else:
        lead = _with_relations(visible_leads(actor)).annotate(**(also or {})).filter(id=lead_id).first()
    if lead is not None:
        return lead
    lead = _reachable(actor, lead_id, Lead.rows().select_related("owner_team"))
    raise Refused(
        _seen_by_others(lead), code="no_view_grant", action="lead.view", object_type="lead", object_id=lead.id
    )


def lead_to_change(actor: Actor, lead_id: UUID) -> Lead:
    """Return a lead that the actor may try to change, so that a refusal can say why.

    Colleagues reach every lead of the tenant this way, an agency those it delivered; `require_change`
    then decides. Raises NotFound for all others.
    """
    return _reachable(actor, lead_id, _with_relations(Lead.rows()))


def leads_to_change(actor: Actor, lead_ids: Iterable[UUID]) -> list[Lead]:
    """Return those of many leads that a colleague may try to change, in one query; an agency none."""
    if actor.is_agency or not (actor.is_system or actor.may(Permission.LEAD_VIEW)):
        return []
    return list(_with_relations(Lead.rows()).filter(id__in=list(lead_ids)))


def _reachable(actor: Actor, lead_id: UUID, rows: QuerySet[Lead]) -> Lead:
    """Return the lead if the actor may know that it exists; the attempt of one who may not is audited."""
    if actor.is_agency:
        known = Touch.rows().filter(lead_id=lead_id, party=actor.party_id).exists()
    else:
        known = actor.is_system or actor.may(Permission.LEAD_VIEW)
    if not known and Lead.rows().filter(id=lead_id).exists():
        raise HiddenLead(lead_id)
    lead = rows.filter(id=lead_id).first() if known else None
    if lead is None:
        raise NotFound
    return lead


def _with_relations(rows: QuerySet[Lead]) -> QuerySet[Lead]:
    return rows.select_related(
        "person",
        "contact_person",
        "stage",
        "pipeline",
        "owner_team",
        "owner__user",
        "leased_by__user",
        "queue",
        "source",
        "service",
        "location",
        "campaign",
    )


def _seen_by_others(lead: Lead) -> str:
    team = lead.owner_team.name if lead.owner_team else "nobody"
    return f"{lead.ref} belongs to {team}; your teams hold no view of it. Ask them, or ask for a transfer."


def holds_grant(actor: Actor, lead_id: UUID, codename: str) -> bool:
    """Say whether a team of the actor, or the actor alone, holds an object grant on a lead."""
    return Lead.rows().filter(_granted(actor, codename), id=lead_id).exists()


def change_verdict(actor: Actor, lead: Lead, field: str, *, now: datetime) -> ChangeVerdict:
    """Say whether the actor may change a field of a lead, and why not, in the one sentence of all doors."""
    return verdicts(actor, lead, (field,), now=now)[field]


def verdicts(actor: Actor, lead: Lead, fields: tuple[str, ...], *, now: datetime) -> dict[str, ChangeVerdict]:
    """Return the verdict for each field."""
    document = live_document("ownership", now)
    zone = current_organization().zone
    asking = replace(actor_facts(actor), edits_lead=_edits(actor, lead))
    asked = lead_facts(lead)
    keeper = keeper_of_consent(now) if any(field.startswith("consent") for field in fields) else None
    known: dict[str, Any] = {"actor": asking, "lead": asked, "document": document, "zone": zone, "keeper": keeper}
    return {field: may_change(field=field, **known) for field in fields}


def consent_team(now: datetime) -> Team | None:
    """Return the team that maintains consent by the rules in force; None where they name none that is there."""
    key = _consent_key(live_document("ownership", now))
    return next((team for team in teams_by_id().values() if team.key == key), None) if key else None


def keeper_of_consent(now: datetime) -> Keeper | None:
    """Return how the team that maintains consent is called, and since when the rules name it."""
    team = consent_team(now)
    return Keeper(team.name, ruled_since("ownership", now, _consent_key)) if team else None


def _consent_key(document: Mapping[str, Any]) -> str:
    return as_text(as_document(document.get("consent")).get("team"))


def require_change(actor: Actor, lead: Lead, fields: tuple[str, ...], *, now: datetime, action: str) -> None:
    """Raise Refused with the sentence for the first field that the actor may not change; it is audited."""
    for field, verdict in verdicts(actor, lead, fields, now=now).items():
        refuse(verdict, lead, action=action, field=field)


def actor_facts(actor: Actor) -> ActorFacts:
    """Return what the decision must know of an actor."""
    every = _team_keys() if actor.team_ids else {}
    keys = [every[each] for each in actor.team_ids if each in every]
    return ActorFacts(
        actor.label,
        frozenset(keys),
        actor.is_system,
        actor.is_agency,
        actor.permissions,
        fixed_groups=actor.fixed_fields,
    )


@settings_read
def _team_keys() -> dict[UUID, str]:
    return dict(Team.rows().values_list("id", "key"))


def _groups_of(actor: Actor) -> list[int]:
    """Return the groups of the actor's teams, so that a grant is found by its index alone."""
    every = _group_ids() if actor.team_ids else {}
    return [every[each] for each in actor.team_ids if each in every]


@settings_read
def _group_ids() -> dict[UUID, int]:
    return dict(Team.rows().values_list("id", "group_id"))


def _edits(actor: Actor, lead: Lead) -> bool:
    """Say whether the actor works on all leads, owns this one, or holds the grant to change it."""
    if actor.is_system or actor.may(Permission.LEAD_VIEW_ALL) or lead.owner_team_id in actor.team_ids:
        return True
    return holds_grant(actor, lead.id, "change_lead")


def lead_facts(lead: Lead) -> LeadFacts:
    """Return what the decision must know of a lead."""
    team = lead.owner_team
    return LeadFacts(
        ref=lead.ref,
        owner_team_key=team.key if team else "",
        owner_team_name=team.name if team else "",
        owner_name=lead.owner.user.name if lead.owner else "",
        owner_since=lead.owner_since,
        outreach_started_at=lead.outreach_started_at,
        is_closed=lead.closed_at is not None,
        stage_key=lead.stage.key,
    )


def policies_in_force(now: datetime) -> Policies:
    """Return the ownership policies in force; the document is read once a request and compiled once a version."""
    return compiled(versions_in_force(now).get("ownership"), read_policies)


def policy_of(lead: Lead, now: datetime) -> Policy:
    """Return the policy that rules a lead now. Without a policy of its own it is what the document says of all."""
    found = policies_in_force(now)
    return policy_for(found, where_of(lead)) if found.named else found.usual


def where_of(lead: Lead) -> Where:
    """Return what a lead's policy is chosen by; read from the settings, not with the lead."""
    return Where(
        _key_of(pipelines_by_key(), lead.pipeline_id),
        _key_of(campaigns_by_key(), lead.campaign_id),
        _key_of(sources_by_key(), lead.source_id),
    )


def _key_of(rows: Mapping[str, Any], row_id: UUID | None) -> str:
    return next((key for key, row in rows.items() if row.id == row_id), "") if row_id else ""


def policy_number(policy_id: str, at: datetime) -> int:
    """Return which version of its own a policy was in at an instant; 0 for what the document says of all leads."""
    return number_of(policy_id, documents_so_far("ownership", at)) if policy_id else 0


def roles_of(lead: Lead) -> list[Spell]:
    """Return who delivered, who answers for the outcome and who makes the first contact, as it stands now."""
    rows = Spell.rows().filter(lead=lead, ended_at__isnull=True, kind__in=list(Role))
    return list(rows.select_related("team", "membership__user").order_by("kind"))


def log_verdict(actor: Actor, lead: Lead, now: datetime) -> tuple[ChangeVerdict, Logs]:
    """Say whether the actor may log a contact on a lead, and as what (rows OW-10, OW-12).

    Its owner may; so may the team that makes the first contact, until somebody reached the person, and while the lead
    is shared the teams that the policy names. These two change no key field.
    """
    verdict = change_verdict(actor, lead, "status", now=now)
    if verdict.allowed or actor.is_agency or not actor.may(Permission.LEAD_EDIT):
        return verdict, Logs.OWNER
    policy = policy_of(lead, now)
    if policy.first_outreach and holds_role(actor, lead, Role.OUTREACH):
        return ChangeVerdict(True, ChangeCode.OK, "Your team makes the first contact."), Logs.OUTREACH
    order, teams = tuple(stages_by_key(lead.pipeline_id)), actor_facts(actor).team_keys
    if may_log_beside(policy, lead.stage.key, order, teams):
        return ChangeVerdict(True, ChangeCode.OK, "Your team logs contacts while the lead is shared."), Logs.SHARED
    return verdict, Logs.OWNER


def holds_role(actor: Actor, lead: Lead, role: Role) -> bool:
    """Say whether a team of the actor has this part in the lead now."""
    rows = Spell.rows().filter(lead=lead, kind=role, ended_at__isnull=True, team_id__in=list(actor.team_ids))
    return rows.exists()


def refuse(verdict: ChangeVerdict, lead: Lead, *, action: str, field: str) -> None:
    """Raise Refused with a verdict's sentence, unless it allows; the refusal is audited."""
    if not verdict.allowed:
        raise Refused(
            verdict.sentence, code=verdict.code, action=action, object_type="lead", object_id=lead.id, fields=(field,)
        )


def shares_of(lead: Lead, now: datetime) -> list[LeadShare]:
    """Return with whom the lead is shared by hand now, first to last."""
    rows = LeadShare.rows().filter(lead=lead, ended_at__isnull=True, ends_at__gt=now)
    return list(rows.select_related("team", "member__user"))


def spells_of(lead: Lead) -> list[Spell]:
    """Return who owned the lead from when to when, first to last."""
    rows = Spell.rows().filter(lead=lead, kind="primary")
    return list(rows.select_related("team", "membership__user", "version"))


def _granted(actor: Actor, codename: str) -> Q:
    """Return the condition that a grant is held; it is looked up lead by lead, whichever leads are asked for.

    Asked by EXISTS, it may be planned as a walk over all grants of a team, and these grow with every lead ever owned.
    """
    wanted = permission_id(codename)
    holds = Q(ends_at__isnull=True) | Q(ends_at__gt=scope_opened_at())
    by_team = LeadTeamGrant.rows().filter(
        holds, content_object_id=OuterRef("id"), permission_id=wanted, group__in=_groups_of(actor)
    )
    held = Q(Exact(_one(by_team), wanted))
    if actor.id is None:
        return held
    alone = LeadUserGrant.rows().filter(holds, content_object_id=OuterRef("id"), permission_id=wanted, user_id=actor.id)
    return held | Q(Exact(_one(alone), wanted))


def _one(grants: "QuerySet[Any]") -> Subquery:
    return Subquery(grants.order_by().values("permission_id")[:1])


def summary(verdict: ChangeVerdict) -> dict[str, Any]:
    """Return a verdict as templates and answers show it."""
    return {"allowed": verdict.allowed, "code": str(verdict.code), "sentence": verdict.sentence}
