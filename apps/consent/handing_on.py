"""Hand lines of the ledger on to the person whose word they were; nothing in the ledger is changed or removed."""

from collections.abc import Sequence
from datetime import datetime

from apps.audit import ledger
from apps.consent.actions import store
from apps.consent.gate_lock import shut
from apps.consent.models import ConsentEvent, DoNotContact, SetAside
from apps.leads.models import Person
from apps.tenancy.actor import Actor
from apps.tenancy.ids import new_id
from apps.tenancy.writing import insert_now

SPLIT = "split"


def hand_on(
    lines: Sequence[ConsentEvent], *, to: Person, actor: Actor, reason: str, now: datetime
) -> list[ConsentEvent]:
    """Copy these lines to another person, with their evidence, and let the grants among them count there only.

    A refusal goes on holding for both until somebody records a newer grant with its proof: the narrower reading.
    A copied grant never reopens what the other person refused before (`terms.COPIES`).
    """
    copies = [_copy(line, to, actor, reason, now) for line in lines]
    store(copies, by="capture")
    shut({line.person_id for line in lines})
    insert_now(
        [
            SetAside(id=new_id(), line=line, handed_to=to, reason=reason[:300], set_by=actor.label[:200], set_at=now)
            for line in lines
        ]
    )
    _note(lines, to, actor)
    return copies


def share_refusals(
    lines: Sequence[ConsentEvent], *, to: Person, actor: Actor, reason: str, now: datetime
) -> list[ConsentEvent]:
    """Let refusals hold for another person as well: nobody can say which of the two said them."""
    copies = [_copy(line, to, actor, reason, now) for line in lines]
    store(copies, by="")
    _note(lines, to, actor)
    return copies


def share_bar(person: Person, other: Person, *, actor: Actor, reason: str, since: datetime, now: datetime) -> int:
    """Bar all contact with another person too where it was barred with this one since an instant; return how often."""
    rows = DoNotContact.rows().filter(kind="person", channel="", ended_at__isnull=True)
    if not rows.filter(value=str(person.id), added_at__gt=since).exists() or rows.filter(value=str(other.id)).exists():
        return 0
    bar = DoNotContact(
        id=new_id(), kind="person", value=str(other.id), reason=reason[:300], added_by=actor.label[:200], added_at=now
    )
    shut([other.id])
    insert_now([bar])
    ledger.record(actor=actor, action="do_not_contact.add", object_type="donotcontact", object_id=bar.id)
    return 1


def _copy(line: ConsentEvent, to: Person, actor: Actor, reason: str, now: datetime) -> ConsentEvent:
    return ConsentEvent(
        id=new_id(),
        person=to,
        contact_value=line.contact_value,
        channel=line.channel,
        purpose=line.purpose,
        value=line.value,
        recorded_at=now,
        captured_at=line.captured_at,
        source=SPLIT,
        recorded_by=actor.label[:200],
        reason=reason[:300],
        wording_version=line.wording_version,
        wording_digest=line.wording_digest,
        evidence_kind=line.evidence_kind,
        evidence_ref=line.evidence_ref,
        evidence=dict(line.evidence),
        submission_id=line.submission_id,
        only_lead_id=line.only_lead_id,
        this_inquiry_only=line.this_inquiry_only,
        expires_at=line.expires_at,
    )


def _note(lines: Sequence[ConsentEvent], to: Person, actor: Actor) -> None:
    for person_id in {to.id, *(line.person_id for line in lines)} if lines else ():
        ledger.record(
            actor=actor,
            action="consent.hand_on",
            object_type="person",
            object_id=person_id,
            fields=sorted({f"consent_{line.channel}" for line in lines}),
            detail={"to": str(to.id)},
        )
