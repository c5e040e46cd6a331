"""Show a lead to somebody who does not own it: by the lead of the owning team, with a reason and an end (row TA-04)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from apps.accounts.models import Membership, Team, TeamMembership
from apps.leads.actions import lock_lead, tell
from apps.leads.models import Lead
from apps.ownership import actions as ownership
from apps.ownership.models import LeadShare
from apps.ownership.queries import lead_to_change, require_change
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused

LONGEST = timedelta(days=90)
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Share:
    """With whom a lead is shared (a team's key or a member's id), what for, until when, and why."""

    reason: str
    ends_at: datetime
    team_key: str = ""
    member_id: UUID | None = None
    contact: bool = False
    download: bool = False


def share_lead(*, actor: Actor, lead_id: UUID, wanted: Share, now: datetime) -> LeadShare:
    """Let a team or a person look at a lead until an instant; contact and download are given apart.

    Refuses who does not lead the owning team, a share without a reason or longer than 90 days, one with nobody or
    with the owners, and people of agencies. What the receiver's role lacks, the share does not give.
    """
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    _require_supervisor(actor, lead, now, "lead.share")
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Reopen it before you share it.", code="closed")
    team, member = _receiver(lead, wanted)
    problems = []
    if not wanted.reason.strip() or len(wanted.reason) > LONGEST_REASON:
        sentence = f"Say why, in {LONGEST_REASON} characters."
        problems.append(Problem("/reason", "reason_missing", sentence))
    if not now < wanted.ends_at <= now + LONGEST:
        problems.append(Problem("/ends_at", "bad_end", f"A share ends within {LONGEST.days} days."))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))
    row = ownership.share(
        lead,
        team=team,
        member=member,
        contact=wanted.contact,
        download=wanted.download,
        reason=wanted.reason.strip(),
        ends_at=wanted.ends_at,
        actor=actor,
        now=now,
    )
    name = team.name if team else member.user.name if member else ""
    tell(lead, kind="shared", sentence=f"Shared with {name}.", actor=actor, now=now, note=row.reason)
    return row


def end_share(*, actor: Actor, lead_id: UUID, share_id: UUID, now: datetime) -> LeadShare:
    """Take a share back. Refuses who does not lead the owning team; one that ended already is a Conflict."""
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    _require_supervisor(actor, lead, now, "lead.unshare")
    row = LeadShare.rows().select_related("team", "member__user", "lead").filter(lead=lead, id=share_id).first()
    if row is None:
        raise NotFound
    if row.ended_at is not None or row.ends_at <= now:
        raise Conflict("This share has ended already.", code="ended")
    ownership.end_share(row, because=f"by {actor.label}", actor=actor, now=now)
    tell(lead, kind="shared", sentence="No longer shared.", actor=actor, now=now)
    return row


def may_share(actor: Actor, lead: Lead) -> bool:
    """Say whether the actor leads the team that owns the lead."""
    if actor.membership_id is None or lead.owner_team_id not in actor.team_ids:
        return False
    rows = TeamMembership.rows().filter(team_id=lead.owner_team_id, membership_id=actor.membership_id, is_lead=True)
    return rows.exists()


def _require_supervisor(actor: Actor, lead: Lead, now: datetime, action: str) -> None:
    require_change(actor, lead, ("owner_team",), now=now, action=action)
    if not may_share(actor, lead):
        team = lead.owner_team.name if lead.owner_team else "the owning team"
        raise Refused(
            f"Only who leads {team} shares its leads. Ask them.",
            code="not_supervisor",
            action=action,
            object_type="lead",
            object_id=lead.id,
        )


def _receiver(lead: Lead, wanted: Share) -> tuple[Team | None, Membership | None]:
    """Return the team or the person; Invalid for neither, both, nobody we know, the owners, and agencies."""
    if bool(wanted.team_key) == (wanted.member_id is not None):
        sentence = "Name one team or one person."
        raise Invalid(sentence, (Problem("/team", "missing", sentence),))
    if wanted.team_key:
        team = Team.rows().filter(key=wanted.team_key, is_active=True).first()
        if team is None or team.id == lead.owner_team_id:
            sentence = "Name another team of ours."
            raise Invalid(sentence, (Problem("/team", "unknown_team", sentence),))
        return team, None
    people = Membership.rows().select_related("user").filter(is_active=True, party__isnull=True)
    member = people.filter(id__in=[wanted.member_id]).first()
    if member is None:
        sentence = "Name a colleague."
        raise Invalid(sentence, (Problem("/member", "unknown_member", sentence),))
    return None, member
