"""Make two people one, and take that back: who may, what is decided, what the ledger says."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from types import MappingProxyType
from uuid import UUID

from apps.accounts.terms import Permission
from apps.appointments.conversions import recount
from apps.audit import ledger
from apps.capture.models import Submission
from apps.consent.handing_on import hand_on, share_bar
from apps.flows.joined_streams import join_streams, part_from_strangers, part_streams
from apps.identity import merging, unmerging
from apps.identity.decisions.merging import obstacle_to_unmerge, theirs, unanswered
from apps.identity.models import Merge
from apps.identity.pairs import decide, reopen
from apps.identity.queries import merge_of, pair_of
from apps.leads.actions import tell
from apps.leads.models import Lead, Person
from apps.leads.queries import leads_of
from apps.outreach.actions import cancel_messages_astray
from apps.ownership.queries import visible_leads
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused


def may_decide(actor: Actor) -> bool:
    """Say whether the actor's role decides about duplicates: it reads arrivals and edits leads."""
    return actor.may(Permission.SUBMISSION_READ) and actor.may(Permission.LEAD_EDIT) and not actor.is_agency


def require_decider(actor: Actor, *, action: str, object_type: str, object_id: UUID) -> None:
    """Raise Refused for who may look at duplicates and not decide about them."""
    if not may_decide(actor):
        raise Refused(
            "Your role looks at duplicates. Ask central intake to decide about them.",
            action=action,
            object_type=object_type,
            object_id=object_id,
        )


def require_sight(actor: Actor, person_ids: Iterable[UUID], *, action: str) -> None:
    """Raise Refused unless the actor sees every lead of these people: a merge shows each to the other's readers."""
    for person_id in person_ids:
        ids = [each.id for each in leads_of(person_id)]
        if visible_leads(actor).filter(id__in=ids).count() != len(ids):
            raise Refused(
                "One of the two has leads of a team that you are not in. Ask central intake.",
                action=action,
                object_type="person",
                object_id=person_id,
            )


def reason_of(text: str) -> str:
    """Return the reason as given; raise Invalid without one."""
    if not text.strip():
        raise Invalid("Say why.", (Problem("/reason", "reason_missing", "Say why, in a few words."),))
    return text.strip()[:300]


def merge_people(
    *, actor: Actor, survivor_id: UUID, absorbed_id: UUID, picked: Iterable[str], reason: str, now: datetime
) -> Merge:
    """Merge one person into another: leads and contact values move, each field keeps the value said last.

    Permissions are not widened: what either refused holds. Of two outreaches one goes on.
    Refuses who may not decide or does not see both; raises Conflict when one was merged meanwhile, Invalid
    without a reason.
    """
    require_decider(actor, action="person.merge", object_type="person", object_id=survivor_id)
    require_sight(actor, (survivor_id, absorbed_id), action="person.merge")
    why = reason_of(reason)
    couple = merging.couple_of(survivor_id, absorbed_id, lock=True)
    row = merging.merge(couple, picked=picked, reason=why, by=actor.label, now=now)
    merging.keep_streams(row, join_streams(survivor_id, now))
    recount((survivor_id, absorbed_id))
    pair = pair_of(survivor_id, absorbed_id)
    if pair is not None:
        if pair.state == "separate":
            raise Conflict(f"{pair.decided_by} keeps these two apart: {pair.reason}", code="pair_decided")
        decide(pair, state="merged", reason=why, by=actor.label, now=now)
    _note(actor, row, "person.merge")
    return row


def unmerge_people(
    *, actor: Actor, person_id: UUID, merge_id: UUID, now: datetime, answers: Mapping[str, str] = MappingProxyType({})
) -> Merge:
    """Give both people back as they were before the merge; their pair is to be decided anew.

    `answers` says of everything that came since (`unmerging.since`) to whom it belongs: leads, numbers and values move,
    permissions count for whose they are, and a refusal among them, or a bar since, goes on holding for both.
    What waits to be sent to a number or an address that is the other person's again is stopped.
    Refuses who may not decide. Raises Conflict when it was taken back already, after a later merge, and when
    something came of which nobody has said whose it is; the sentence says so.
    """
    require_decider(actor, action="person.unmerge", object_type="person", object_id=person_id)
    require_sight(actor, (person_id,), action="person.unmerge")
    found = merge_of(person_id, merge_id)
    if found is None:
        raise NotFound
    merging.lock_people(found)
    row = merge_of(person_id, merge_id, lock=True)
    if row is None or row.undone_at is not None:
        raise Conflict("This merge was taken back already.", code="unmerged_already")
    since = unmerging.since(row)
    if obstacle := obstacle_to_unmerge(since):
        raise Conflict(obstacle, code="unmerge_unclear")
    if unanswered(since, answers):
        raise Conflict("Something came since the merge: say for each to whom it belongs.", code="unmerge_unclear")
    lines = unmerging.consents_since(row)
    leads = unmerging.unmerge(row, since, answers, by=actor.label, now=now)
    absorbed = Person.rows().get(id=row.absorbed_id)
    theirs_now = theirs(since, answers, "consent")
    hand_on(
        [line for line in lines if unmerging.consent_key(line) in theirs_now],
        to=absorbed,
        actor=actor,
        reason="the merge was taken back: said by the other of the two",
        now=now,
    )
    share_bar(
        Person.rows().get(id=row.survivor_id),
        absorbed,
        actor=actor,
        reason="the merge was taken back: barred while the two were one",
        since=row.merged_at,
        now=now,
    )
    recount((row.survivor_id, row.absorbed_id))
    cancel_messages_astray((row.survivor_id, row.absorbed_id), now=now)
    own = Lead.rows().filter(person=absorbed).values("id")
    Submission.rows().filter(lead_id__in=own, person_id=row.survivor_id).update(person_id=absorbed.id)
    part_streams(row.moved.get("streams", []))
    part_from_strangers([row.survivor_id, row.absorbed_id], now)
    pair = pair_of(row.survivor_id, row.absorbed_id)
    if pair is not None and pair.state == "merged":
        reopen(pair)
    _tell_shared_out(actor, leads, now)
    _note(actor, row, "person.unmerge", answers={key: answers[key] for key in since.questions})
    return row


def _tell_shared_out(actor: Actor, lead_ids: Iterable[UUID], now: datetime) -> None:
    for lead in Lead.rows().filter(id__in=list(lead_ids)).select_related("person"):
        sentence = "A merge was taken back: this lead is the other person's."
        tell(lead, kind="merged", sentence=sentence, actor=actor, now=now)


def _note(actor: Actor, row: Merge, action: str, answers: Mapping[str, str] = MappingProxyType({})) -> None:
    whose = {"whose": dict(answers)} if answers else {}
    for mine, other in ((row.survivor_id, row.absorbed_id), (row.absorbed_id, row.survivor_id)):
        ledger.record(
            actor=actor,
            action=action,
            object_type="person",
            object_id=mine,
            detail={"merge": str(row.id), "with": str(other), "survivor": str(row.survivor_id)} | whose,
            event_id=row.id,
        )
