"""Give a lead an owner: the spell, the columns and the grants change together or not at all."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.accounts.models import Membership, Team
from apps.audit import ledger
from apps.catalog.models import Queue
from apps.leads.guards import acting_as_system
from apps.leads.models import Lead
from apps.ownership.models import LeadShare, LeadTeamGrant, LeadUserGrant, Spell
from apps.ownership.queries import permission_id
from apps.ownership.terms import Role
from apps.policies.models import RuleSetVersion
from apps.tenancy.actor import Actor
from apps.tenancy.writing import insert

#: What a part in a lead beside its owner brings.
ROLE_GRANTS: Mapping[Role, tuple[str, ...]] = {
    Role.DELIVERY: ("view_lead",),
    Role.OUTCOME: ("view_lead", "contact_lead"),
    Role.OUTREACH: ("view_lead", "contact_lead"),
}
OWNER_GRANTS = ("view_lead", "change_lead", "contact_lead", "download_lead")
OWNER_COLUMNS = ("owner_team", "owner", "queue", "owner_since", "ownership_started_at", "version")


@dataclass(frozen=True, slots=True)
class Ruled:
    """The ownership policy that decided, and the version of the rules that it stands in; "" where none did."""

    policy: str = ""
    version: RuleSetVersion | None = None


NOT_RULED = Ruled()


def assign(
    lead: Lead,
    *,
    team: Team,
    member: Membership | None,
    queue: Queue | None,
    trigger: str,
    actor: Actor,
    now: datetime,
    reason: str = "",
    event_id: UUID | None = None,
    started_at: datetime | None = None,
    keeps_view: bool = False,
    ruling: Ruled = NOT_RULED,
) -> Spell:
    """Make a team, and a member of it if one is named, the lead's only owner.

    The open spell ends at the instant the new one begins. The old team's grants go in the same transaction;
    `keeps_view` leaves it the right to look, and who answers for the outcome keeps its own. With the team ends the part
    of who was to make the first contact. `ruling` is the policy that decided. Whether the actor may do this was decided
    before (`queries.require_change`, or a step of the product). `started_at` is the channel's start event for the first
    owner (row CP-03).
    """
    old_team_id, is_new = lead.owner_team_id, lead._state.adding
    instant = started_at or now if is_new else _end_spell(lead, started_at or now)
    told = _Told(trigger, reason, actor.label, event_id, ruling)
    spell = _spell(lead, "primary", team, member, instant, told)
    insert(spell)
    lead.owner_team, lead.owner, lead.owner_since = team, member, instant
    if queue is not None:
        lead.queue = queue
    if lead.ownership_started_at is None:
        lead.ownership_started_at = instant
    if not is_new:
        lead.version += 1
        with acting_as_system():
            lead.save(update_fields=OWNER_COLUMNS)
    if is_new:
        insert(*_grants(lead, team))
    elif old_team_id != team.id:
        end_role(lead, Role.OUTREACH, now=now)
        _end_grants(lead, keeps_view=keeps_view, now=now)
        LeadTeamGrant.objects.bulk_create(_grants(lead, team), ignore_conflicts=True)
    ledger.record(
        actor=actor,
        action="lead.assign",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["owner_team", "owner", "queue"],
        detail={"team": str(team.id), "member": str(member.id) if member else None, "trigger": trigger},
    )
    return spell


@dataclass(frozen=True, slots=True)
class Part:
    """A part in a lead that a team, and somebody of it if named, is to take beside its owner."""

    role: Role
    team: Team
    member: Membership | None = None


def take_parts(
    lead: Lead,
    parts: Sequence[Part],
    *,
    viewers: Iterable[Team] = (),
    reason: str,
    actor: Actor,
    now: datetime,
    event_id: UUID | None = None,
    ruling: Ruled = NOT_RULED,
) -> None:
    """Give teams their parts in a lead beside its owner; whoever had such a part has it no more.

    Who delivered sees the lead, and so do `viewers`; who answers for the outcome or makes the first contact may contact
    the person too. None of them changes a key field by it (assumption A-36).
    """
    for part in parts:
        end_role(lead, part.role, now=now)
    told = _Told("policy", reason, actor.label, event_id, ruling)
    spells = [_spell(lead, str(part.role), part.team, part.member, now, told) for part in parts]
    wanted = {(part.team, codename) for part in parts for codename in ROLE_GRANTS[part.role]}
    wanted |= {(team, "view_lead") for team in viewers}
    grants = [_grant(lead, team, codename) for team, codename in wanted if team.id != lead.owner_team_id]
    if lead._state.adding:
        insert(*spells, *grants)
    elif spells or grants:
        insert(*spells)
        LeadTeamGrant.objects.bulk_create(grants, ignore_conflicts=True)


def end_role(lead: Lead, role: Role, *, now: datetime) -> bool:
    """End a part in a lead, if somebody has it; the right to contact the person goes with the part of the first one."""
    if lead._state.adding:
        return False
    spell = Spell.rows().filter(lead=lead, kind=str(role), ended_at__isnull=True).select_related("team").first()
    if spell is None:
        return False
    spell.ended_at = max(now, spell.started_at)
    spell.save(update_fields=["ended_at"])
    if role is Role.OUTREACH and spell.team_id != lead.owner_team_id:
        still = Spell.rows().filter(lead=lead, team_id=spell.team_id, kind=Role.OUTCOME, ended_at__isnull=True)
        if not still.exists():
            held = LeadTeamGrant.rows().filter(content_object=lead, group_id=spell.team.group_id)
            held.filter(permission_id=permission_id("contact_lead")).delete()
    return True


@dataclass(frozen=True, slots=True)
class _Told:
    """What a spell says of how it began."""

    trigger: str
    reason: str
    actor_label: str
    event_id: UUID | None
    ruling: Ruled


def _spell(lead: Lead, kind: str, team: Team, member: Membership | None, started_at: datetime, told: _Told) -> Spell:
    return Spell(
        lead=lead,
        kind=kind,
        team=team,
        membership=member,
        started_at=started_at,
        trigger=told.trigger,
        reason=told.reason[:300],
        actor_label=told.actor_label,
        event_id=told.event_id,
        policy=told.ruling.policy,
        version=told.ruling.version,
    )


def _end_spell(lead: Lead, instant: datetime) -> datetime:
    """End the open spell at this instant, or at its own start if that is later; return when it ended."""
    for spell in Spell.rows().filter(lead=lead, kind="primary", ended_at__isnull=True):
        spell.ended_at = instant = max(instant, spell.started_at)
        spell.save(update_fields=["ended_at"])
    return instant


def share(
    lead: Lead,
    *,
    team: Team | None,
    member: Membership | None,
    contact: bool,
    download: bool,
    reason: str,
    ends_at: datetime,
    actor: Actor,
    now: datetime,
) -> LeadShare:
    """Let a team or a person look at a lead until an instant, and contact or download it if said so.

    Whether the actor may do this was decided before. A grant that the receiver holds without an end stays as it is.
    """
    row = LeadShare(
        lead=lead,
        team=team,
        member=member,
        may_contact=contact,
        may_download=download,
        reason=reason,
        granted_by=actor.label,
        granted_at=now,
        ends_at=ends_at,
    )
    insert(row)
    names = ["view_lead", *(["contact_lead"] if contact else []), *(["download_lead"] if download else [])]
    _end_dated(lead, row)
    for name in names:
        given = {"content_object": lead, "permission_id": permission_id(name), "ends_at": ends_at}
        if team is not None:
            LeadTeamGrant.objects.bulk_create([LeadTeamGrant(group_id=team.group_id, **given)], ignore_conflicts=True)
        elif member is not None:
            LeadUserGrant.objects.bulk_create([LeadUserGrant(user_id=member.user_id, **given)], ignore_conflicts=True)
    _note_share(row, "lead.share", actor)
    return row


def end_share(row: LeadShare, *, because: str, actor: Actor, now: datetime) -> None:
    """Take back at once what was shared by hand."""
    _end_dated(row.lead, row)
    row.ended_at, row.ended_because = now, because[:200]
    row.save(update_fields=["ended_at", "ended_because"])
    _note_share(row, "lead.unshare", actor)


def _note_share(row: LeadShare, action: str, actor: Actor) -> None:
    with_whom = {"team": str(row.team_id)} if row.team_id else {"member": str(row.member_id)}
    rights = {"contact": row.may_contact, "download": row.may_download, "ends_at": row.ends_at.isoformat()}
    detail = {"share": str(row.id), **with_whom, **rights}
    ledger.record(actor=actor, action=action, object_type="lead", object_id=row.lead_id, detail=detail)


def _end_dated(lead: Lead, row: LeadShare) -> None:
    """End the dated grants of whom a share is with; the newest share of one receiver is the one that holds."""
    dated: dict[str, object] = {"content_object": lead, "ends_at__isnull": False}
    if row.team is not None:
        LeadTeamGrant.rows().filter(group_id=row.team.group_id, **dated).delete()
    elif row.member is not None:
        LeadUserGrant.rows().filter(user_id=row.member.user_id, **dated).delete()
    earlier = LeadShare.rows().filter(lead=lead, team=row.team, member=row.member, ended_at__isnull=True)
    earlier.exclude(id=row.id).update(ended_at=row.granted_at, ended_because="replaced")


def _end_grants(lead: Lead, *, keeps_view: bool, now: datetime) -> None:
    """End what the old team held, and what it had shared by hand."""
    parts = Spell.rows().filter(lead=lead, kind=Role.OUTCOME, ended_at__isnull=True)
    old = LeadTeamGrant.rows().filter(content_object=lead).exclude(group_id__in=parts.values("team__group_id"))
    LeadShare.rows().filter(lead=lead, ended_at__isnull=True).update(ended_at=now, ended_because="another team owns it")
    LeadUserGrant.rows().filter(content_object=lead, ends_at__isnull=False).delete()
    old.filter(ends_at__isnull=False).delete()
    if keeps_view:
        old = old.exclude(permission_id=permission_id("view_lead"))
    old.delete()


def _grants(lead: Lead, team: Team) -> list[LeadTeamGrant]:
    return [_grant(lead, team, codename) for codename in OWNER_GRANTS]


def _grant(lead: Lead, team: Team, codename: str) -> LeadTeamGrant:
    return LeadTeamGrant(content_object=lead, group_id=team.group_id, permission_id=permission_id(codename))
