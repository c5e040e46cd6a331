"""Whether a person can still be reached: numbers and addresses that fail, the next way to try, and none left.

A bounce is a matter of the address and counts for everybody who has it; a wrong number is a matter of the person.
Where one way fails, the contact that was planned on it is planned on the next that consent allows (rows VQ-06,
VQ-16). Where none is left, the lead goes to those who look at exceptions, with a task to find another (row VQ-07).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from apps.audit import ledger
from apps.consent.queries import Reach, reaches, validity_for
from apps.consent.terms import Channel, ContactCode
from apps.exceptions.queries import has_open
from apps.exceptions.terms import NO_PERMITTED_CHANNEL, NO_VALID_CONTACT, ItemType
from apps.flows import exceptional
from apps.flows.channel_mix import first_try
from apps.flows.clocks import NO_CHANNEL_SENTENCE, queue_clock
from apps.flows.handing_over import CONTACT_TASKS, hand_over
from apps.flows.opt_out import leads_of
from apps.flows.owning import desk_of, ruling_of
from apps.flows.streams import end_channels, leave, plan_contact, settle
from apps.leads import contact_health as health
from apps.leads.actions import close_tasks, lock_people_of_leads, open_task, refresh_next_action, tell
from apps.leads.models import ContactPoint, Lead, Person, Task
from apps.outreach.actions import cancel_messages_to, confirm_address
from apps.outreach.queries import bounced_at
from apps.ownership.actions import NOT_RULED
from apps.ownership.policy import on_event
from apps.ownership.queries import lead_to_change, policy_of, require_change
from apps.ownership.terms import CONTACT_DATA
from apps.policies.queries import live_document, versions_in_force
from apps.policies.ruling import ruling_for
from apps.routing.actions import keep_decision, route
from apps.routing.queries import opening_of
from apps.sla import actions as sla
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.errors import NotFound
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import current_organization_id

FIND_CONTACT = "complete_contact"
NO_WAY_SENTENCE = "No number or address works."
FIND_TITLE = "Find another way to reach {who}: no number or address works"
CONTACT_WITHIN, FIND_WITHIN = timedelta(hours=4), timedelta(days=1)
#: Who may correct this field of a lead may say what works: both are found out on the phone.
JUDGED_WITH = "preferred_channel"
POINT_WORDS = {"phone": "Phone", "email": "E-mail address"}


def dialled_point(lead: Lead, now: datetime) -> ContactPoint | None:
    """Return the number that a call on this lead goes to."""
    return _reaches(lead, now)[Channel.CALL].point


def end_number(dialled: ContactPoint, *, reason: str, actor: Actor, now: datetime) -> None:
    """Make a number invalid for its person, because of how a call to it ended, and go on by another way."""
    point = ContactPoint.rows().select_for_update(of=("self",), no_key=True).select_related("person").get(id=dialled.id)
    give_up([point], reason=reason, actor=actor, now=now)


def give_up(points: Sequence[ContactPoint], *, reason: str, actor: Actor, now: datetime) -> None:
    """Make numbers or addresses invalid, stop what was on its way to them, and plan the next way on every lead."""
    changed = health.make_invalid(points, reason=reason, by=actor.label, now=now)
    if not changed:
        return
    cancel_messages_to(changed, reason=f"The address is invalid: {reason}.", now=now)
    for point in changed:
        event_id = new_id()
        for lead in leads_of(point.person):
            sentence = f"{POINT_WORDS[point.kind]} invalid: {reason}."
            tell(lead, kind="contact", sentence=sentence, actor=actor, now=now, event_id=event_id)
            if lead.closed_at is None:
                _next_way(lead, point.person, actor=actor, now=now)
        ledger.record(
            actor=actor,
            action="contact_point.invalid",
            object_type="person",
            object_id=point.person_id,
            event_id=event_id,
            fields=[point.kind],
            detail={"reason": reason},
        )


def no_texts(points: Sequence[ContactPoint], *, actor: Actor, now: datetime) -> None:
    """Stop texts to numbers that take none, and plan another channel; calls to them go on."""
    changed = health.make_textless(points)
    if not changed:
        return
    cancel_messages_to(changed, reason="The number takes no texts.", now=now)
    for point in changed:
        for lead in leads_of(point.person):
            tell(lead, kind="contact", sentence="Phone takes no texts; it can be called.", actor=actor, now=now)
            if lead.closed_at is None:
                _next_way(lead, point.person, actor=actor, now=now)


def judge_point(
    *, actor: Actor, lead_id: UUID, point_id: UUID, works: bool, reason: str, now: datetime
) -> ContactPoint:
    """Say that a number or address of the lead's person works, or that it does not; return it as it is then.

    Whoever may correct the lead and sees contact data may. Refuses everybody else (audited), and points of other
    people as not found.
    """
    lead = lead_to_change(actor, lead_id)
    require_change(actor, lead, (JUDGED_WITH, CONTACT_DATA), now=now, action="contact_point.judge")
    lock_people_of_leads([lead.id])
    person = lead.contact_person or lead.person
    rows = ContactPoint.rows().select_for_update(of=("self",), no_key=True).select_related("person")
    point = rows.filter(id=point_id, person=person).first()
    if point is None:
        raise NotFound
    if works:
        restore(point, reason=reason.strip() or "a colleague verified it", actor=actor, now=now)
    else:
        give_up([point], reason=reason.strip() or "a colleague found that it does not work", actor=actor, now=now)
    return ContactPoint.rows().get(id=point_id)


def restore(point: ContactPoint, *, reason: str, actor: Actor, now: datetime) -> None:
    """Let a number or address count again, because a person has verified it; an address leaves the bounced list."""
    health.make_usable(point, validity="valid", reason=reason, by=actor.label, now=now)
    if point.kind == "email" and bounced_at([point.value]):
        confirm_address(point.value, reason=f"{actor.label}: {reason}", now=now)
    ledger.record(
        actor=actor,
        action="contact_point.valid",
        object_type="person",
        object_id=point.person_id,
        fields=[point.kind],
        detail={"reason": reason},
    )
    reached_again(point.person, [point], actor=actor, now=now)


def heard_again(person: Person, values: Iterable[tuple[str, str]], *, actor: Actor, now: datetime) -> None:
    """Let what a newer inquiry brings count again, where it was found unusable before."""
    points = health.told_again(person, values, by=actor.label, now=now)
    if points:
        reached_again(person, points, actor=actor, now=now)


def reached_again(person: Person, points: Sequence[ContactPoint], *, actor: Actor, now: datetime) -> None:
    """Tell it on the person's leads, and plan a contact where none was possible."""
    for lead in leads_of(person):
        for point in points:
            sentence = f"{POINT_WORDS[point.kind]} counts again: {point.health_reason}."
            tell(lead, kind="contact", sentence=sentence, actor=actor, now=now)
        if lead.closed_at is not None or not has_open(lead, ItemType.WRONG_NUMBER):
            continue
        reason = "There is a way to reach them."
        exceptional.clear(lead, ItemType.WRONG_NUMBER, by=actor, reason=reason, now=now)
        close_tasks(lead, because="there is a way to reach them", now=now, kinds=[FIND_CONTACT])
        _plan(lead, person, _open_channel(lead, now), now + CONTACT_WITHIN, now)


def _next_way(lead: Lead, person: Person, *, actor: Actor, now: datetime) -> None:
    """Plan on another channel what was planned on one that no longer works."""
    if not health.has_usable_point(person):
        _no_way_left(lead, person, actor=actor, now=now)
        return
    found = _reaches(lead, now)
    dead = [str(each) for each, reach in found.items() if reach.verdict.code is ContactCode.NO_VALID_POINT]
    dead += [
        str(each)
        for each, reach in found.items()
        if reach.point is None or validity_for(reach.point, each) == "invalid"
    ]
    planned = Task.rows().filter(lead=lead, state="open", channel__in=dead).order_by("due_at").first()
    if planned is None:
        return
    end_channels(lead, dead)
    close_tasks(lead, because="the number or address is invalid", now=now, kinds=set(dead), state="cancelled")
    _plan(lead, person, _open_channel(lead, now), planned.due_at, now)
    settle(lead, actor=actor, event_id=new_id(), now=now)


def _plan(lead: Lead, person: Person, channel: str, due_at: datetime, now: datetime) -> None:
    """Open the task that is left: a contact, or a look at a lead that no channel is permitted for."""
    if channel:
        title = f"Reach them by {channel} instead"
        plan_contact(
            lead,
            channel=channel,
            title=title,
            due_at=due_at,
            now=now,
            event_id=new_id(),
            actor=system_actor(current_organization_id()),
        )
    elif not Task.rows().filter(lead=lead, state="open").exists():
        exceptional.flag(lead, NO_PERMITTED_CHANNEL, detail=NO_CHANNEL_SENTENCE, now=now)
        title = "No channel is permitted: decide how to go on"
        open_task(lead, kind="review", title=title, due_at=now + FIND_WITHIN, now=now, event_id=new_id())
    refresh_next_action(lead)
    sla.refresh_due(lead)


def _no_way_left(lead: Lead, person: Person, *, actor: Actor, now: datetime) -> None:
    """Hand the lead to the queue of exceptions; its stage stays, its contact tasks and clocks end."""
    if has_open(lead, ItemType.WRONG_NUMBER):
        return
    event_id = new_id()
    facts = {"stage": lead.stage.key, "has_phone": False, "has_email": False}
    about = facts | {"service": lead.service.key if lead.service else None, "channel": lead.capture_method}
    ruling = ruling_for("routing", lead_id=lead.id, facts=about, live=versions_in_force(now), now=now)
    routed = route(facts, ruling=ruling, place=None, now=now, exception=NO_VALID_CONTACT, holds=True, besides=lead.id)
    policy = policy_of(lead, now)
    handover = on_event(policy, NO_VALID_CONTACT)
    queue = desk_of(handover.team_key) if handover else None
    routed = replace(routed, queue=queue) if queue is not None else routed
    close_tasks(lead, because="no valid contact method", now=now, kinds=CONTACT_TASKS, state="cancelled")
    leave(lead)
    sla.cancel_all(lead, now=now, because="no valid contact method")
    hand_over(
        lead,
        team=routed.queue.team,
        member=None,
        queue=routed.queue,
        trigger=NO_VALID_CONTACT,
        actor=actor,
        now=now,
        reason="No valid contact method is left",
        event_id=event_id,
        keeps_view=handover.keeps_view if handover and queue else True,
        ruling=ruling_of(policy, now) if queue else NOT_RULED,
    )
    exceptional.flag(lead, NO_VALID_CONTACT, detail=NO_WAY_SENTENCE, now=now)
    keep_decision(lead, routed, facts=facts, cause="exception", now=now, exception=NO_VALID_CONTACT, heard=())
    clock = queue_clock(routed.verdict.max_wait_seconds, opening_of(routed.queue, now))
    sla.start_timers(lead, [clock], policy_id="queue", policy_name="queue", version=None)
    title = FIND_TITLE.format(who=person)[:200]
    open_task(lead, kind=FIND_CONTACT, title=title, due_at=clock.due_at, now=now, event_id=event_id)
    settle(lead, actor=actor, event_id=event_id, now=now)
    refresh_next_action(lead)
    sla.refresh_due(lead)
    sentence = f"No valid contact method: {routed.queue.team.name} look for another."
    tell(lead, kind="assigned", sentence=sentence, actor=actor, now=now, event_id=event_id)


def _reaches(lead: Lead, now: datetime) -> Mapping[Channel, Reach]:
    zone = current_organization().zone
    return reaches(lead, now=now, document=live_document("contact", now), default_zone=zone)


def _open_channel(lead: Lead, now: datetime) -> str:
    return first_try(lead, _reaches(lead, now), live_document("contact", now), now)
