"""Transfer a lead to another team: with a reason, a follow-up task, and everything that belongs to it."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from apps.accounts.models import Membership, Team, TeamMembership
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.catalog.business_hours import NeverOpens, add_open_seconds
from apps.catalog.combinations import require_together, why_not_together
from apps.catalog.models import Location, Queue, Service
from apps.catalog.queries import hours_of, locations_by_key, service_to_use
from apps.exceptions.queries import has_open
from apps.exceptions.terms import Decision, ItemType
from apps.flows import exceptional
from apps.flows.clashes import lock_unchanged
from apps.flows.consistency import look_again
from apps.flows.halting import halt_if_ineligible
from apps.flows.handing_over import close_contact_tasks, hand_over, start_outreach
from apps.flows.inferring import unmark
from apps.flows.mismatches import count_mismatch
from apps.flows.streams import TAKE_OVER, carries, settle
from apps.flows.worklists import require_queue
from apps.leads.actions import open_task, refresh_next_action, save_lead, tell
from apps.leads.models import Lead
from apps.ownership.models import Spell
from apps.ownership.queries import lead_to_change, require_change
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem, Refused
from apps.tenancy.ids import new_id

FOLLOW_UP_SECONDS = 1800
_DONE = {"transfer": "Transferred", "return": "Returned"}
_CALLED = {"service": "Category", "location": "Office"}


@dataclass(frozen=True, slots=True)
class Transfer:
    """Where a lead goes and why. `service_key` and `location_key` correct what they ask for and where.

    `queue_key` is a queue of the team.
    """

    team_key: str
    reason: str
    member_id: UUID | None = None
    service_key: str = ""
    queue_key: str = ""
    location_key: str = ""


def transfer_lead(
    *,
    actor: Actor,
    lead_id: UUID,
    transfer: Transfer,
    now: datetime,
    version: int | None = None,
    trigger: str = "transfer",
) -> Spell:
    """Make another team the owner, in one transaction with grants, tasks and clocks.

    Refuses people who may not transfer or whose team does not own the lead, a missing reason, the
    team that owns it already, closed leads, and a corrected service that the office does not have. The new owner gets
    a follow-up task within 30 minutes of its opening hours (row OW-14); story, notes and permissions stay with the
    lead. So does the outreach to the person, where this lead carries it, and the wait for it, where another one does
    (row DU-07).
    """
    lead_to_change(actor, lead_id)
    lead = lock_unchanged(lead_id, version=version, mine={"owner_team": transfer.team_key})
    team, member = judge_transfer(actor, lead, transfer, now)
    event_id = new_id()
    queues = Queue.rows().filter(team=team, is_active=True).select_related("location").order_by("key")
    queue = queues.filter(key=transfer.queue_key).first() or queues.first()
    require_queue(lead, queue, now)
    taken_for, corrected = lead.service, _correct(lead, transfer, queue, actor, now)
    from_team = lead.owner_team.name if lead.owner_team else "nobody"
    spell = hand_over(
        lead,
        team=team,
        member=member,
        queue=queue,
        trigger=trigger,
        actor=actor,
        now=now,
        reason=transfer.reason,
        event_id=event_id,
        keeps_view=False,
    )
    _follow_up(lead, queue, transfer, from_team, event_id, now)
    settle(lead, actor=actor, event_id=event_id, now=now)
    if transfer.service_key or corrected:
        _judge_anew(lead, actor, now)
    if lead.service is not None and any(each.field == "service" for each in corrected):
        because = transfer.reason
        count_mismatch(lead, taken_for, lead.service, reason=because, found_by="transfer", actor=actor, now=now)
    moved = f"{_DONE.get(trigger, trigger)} from {from_team} to {team.name}: {transfer.reason}"
    _tell_moved(lead, moved, corrected, actor, event_id, now)
    return spell


def _tell_moved(
    lead: Lead, moved: str, corrected: "tuple[_Corrected, ...]", actor: Actor, event_id: UUID, now: datetime
) -> None:
    changes = "".join(f" {each.sentence}" for each in corrected)
    sentence = f"{moved}{'.' if changes else ''}{changes}"
    tell(lead, kind="transfer", sentence=sentence, actor=actor, now=now, event_id=event_id)
    ledger.record(
        actor=actor,
        action="lead.transfer",
        object_type="lead",
        object_id=lead.id,
        event_id=event_id,
        fields=["owner_team", "owner", "queue", *(each.field for each in corrected)],
        detail={"team": str(lead.owner_team_id), **{each.field: [each.was, each.key] for each in corrected}},
    )


def judge_transfer(actor: Actor, lead: Lead, transfer: Transfer, now: datetime) -> tuple[Team, Membership | None]:
    """Return the team and the person that would take a lead over; raise what `transfer_lead` refuses with."""
    require_change(actor, lead, ("owner_team",), now=now, action="lead.transfer")
    require_transfer_right(actor, lead)
    return _target(lead, transfer)


def require_transfer_right(actor: Actor, lead: Lead) -> None:
    """Raise Refused for roles that may not hand leads to others."""
    if not actor.may(Permission.LEAD_TRANSFER):
        raise Refused(
            "Your role may not transfer leads. Ask your team's lead.",
            action="lead.transfer",
            object_type="lead",
            object_id=lead.id,
        )


def due_in_opening_hours(queue: Queue | None, seconds: int, now: datetime) -> datetime:
    """Return the instant so many seconds of a queue's opening hours from now; by the clock where it never opens."""
    if queue is not None:
        with suppress(NeverOpens):
            return add_open_seconds(hours_of(queue.calendar_id), now, seconds)
    return now + timedelta(seconds=seconds)


def _target(lead: Lead, transfer: Transfer) -> tuple[Team, Membership | None]:
    if not transfer.reason.strip():
        raise Invalid(
            "Say why the lead is transferred.",
            (Problem("/reason", "reason_missing", "Say why the lead is transferred."),),
        )
    if lead.closed_at is not None:
        raise Conflict("This lead is closed. Reopen it before you transfer it.", code="closed")
    team = Team.rows().filter(key=transfer.team_key, is_active=True).first()
    if team is None:
        raise Invalid("Choose a team.", (Problem("/team", "unknown_team", "There is no such active team."),))
    if team.id == lead.owner_team_id and transfer.member_id is None:
        raise Conflict(f"{team.name} owns this lead already.", code="same_owner")
    member = None
    if transfer.member_id is not None:
        place = TeamMembership.rows().filter(team=team, membership_id=transfer.member_id)
        found = place.select_related("membership__user").first()
        if found is None:
            raise Invalid(
                "This person is not in that team.",
                (Problem("/member", "not_in_team", "This person is not in that team."),),
            )
        member = found.membership
    return team, member


@dataclass(frozen=True, slots=True)
class _Corrected:
    """A field that a transfer put right: its keys before and after, and the sentence that the story adds."""

    field: str
    was: str
    key: str
    sentence: str


def _correct(
    lead: Lead, transfer: Transfer, queue: Queue | None, actor: Actor, now: datetime
) -> tuple[_Corrected, ...]:
    """Put right what a lead asks for and where, as far as the transfer says so; return what is different now.

    Where the lead's office has no such service and nobody names another one, the office of the receiving queue takes
    its place, if that one has it (rows OW-14, RT-19).
    """
    here, asked = (row.key if row else "" for row in (lead.location, lead.service))
    service_key = transfer.service_key or asked
    location_key = transfer.location_key or here
    if (service_key, location_key) == (asked, here):
        return ()
    receiving = queue.location.key if queue and queue.location else ""
    if not transfer.location_key and receiving and why_not_together(service_key, here) is not None:
        location_key = here if why_not_together(service_key, receiving) else receiving
    wanted = {"service": service_key, "location": location_key}
    changed = [name for name, key in wanted.items() if key != {"service": asked, "location": here}[name]]
    rows = {"service": service_to_use(service_key) if "service" in changed else lead.service}
    rows["location"] = _office(location_key) if "location" in changed else lead.location
    require_together(service_key, location_key, "/location" if transfer.location_key else "/service")
    found = tuple(_corrected(lead, name, rows[name]) for name in changed)
    for name in changed:
        setattr(lead, name, rows[name])
    unmark(lead, changed, by=actor.label, now=now)
    save_lead(lead, changed)
    return found


def _judge_anew(lead: Lead, actor: Actor, now: datetime) -> None:
    """Look what a correction changes: flags, and whether the service is for this person; the owner stays (QL-13)."""
    look_again(lead, now=now)
    if not halt_if_ineligible(lead, now) and has_open(lead, ItemType.INELIGIBLE):
        because = "What they ask for was corrected."
        exceptional.clear(lead, ItemType.INELIGIBLE, by=actor, reason=because, now=now, decision=Decision.REDIRECT)


def _corrected(lead: Lead, name: str, row: Service | Location) -> _Corrected:
    was = getattr(lead, name)
    sentence = f"{_CALLED[name]}: {was.name if was else 'unknown'} → {row.name}."
    return _Corrected(name, was.key if was else "", row.key, sentence)


def _office(key: str) -> Location:
    row = locations_by_key().get(key)
    if row is None:
        sentence = "There is no such office."
        raise Invalid(sentence, (Problem("/location", "unknown_location", sentence),))
    return row


def _follow_up(
    lead: Lead, queue: Queue | None, transfer: Transfer, from_team: str, event_id: UUID, now: datetime
) -> None:
    due_at, channel = due_in_opening_hours(queue, FOLLOW_UP_SECONDS, now), carries(lead)
    close_contact_tasks(lead, because="transferred", now=now)
    open_task(
        lead,
        kind=TAKE_OVER,
        channel=channel,
        title=f"Take over from {from_team}: {transfer.reason}"[:200],
        due_at=due_at,
        now=now,
        event_id=event_id,
    )
    refresh_next_action(lead)
    start_outreach(lead, due_at, FOLLOW_UP_SECONDS, now, policy_id="transfer", name="Follow-up after transfer")
