"""Write consent: claims that came with an inquiry, opt-outs by anybody, grants by the maintaining team."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from apps.audit import ledger
from apps.consent.decisions import may_record
from apps.consent.gate_lock import shut
from apps.consent.models import ConsentEvent, ConsentWording, DoNotContact
from apps.consent.terms import EVERY_PURPOSE, STOPS, Channel, ConsentValue, RecordVerdict
from apps.leads.models import Lead, Person
from apps.tenancy import outbox
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, Problem, Refused
from apps.tenancy.ids import new_id
from apps.tenancy.scope import set_local
from apps.tenancy.writing import insert_now

#: Wakes what rests on a permission when that ends.
EXPIRED = "consent.expired"


@dataclass(frozen=True, slots=True)
class Claim:
    """A permission as an inquiry states it, with what proves it."""

    channel: str
    value: str
    contact_value: str
    captured_at: datetime
    purpose: str = "care_inquiry"
    text: str = ""
    text_version: str = ""
    evidence_kind: str = ""
    evidence_ref: str = ""
    evidence: dict[str, str] = field(default_factory=dict)
    this_inquiry_only: bool = False
    expires_at: datetime | None = None


def record_claims(
    person: Person, claims: Sequence[Claim], *, submission_id: UUID | None, source: str, by: str, now: datetime
) -> list[ConsentEvent]:
    """Store what an inquiry says of consent, or a person on a call. Wording texts are kept once per version."""
    rows = [
        ConsentEvent(
            id=new_id(),
            person=person,
            contact_value=claim.contact_value,
            channel=claim.channel,
            purpose=claim.purpose,
            value=claim.value,
            recorded_at=now,
            captured_at=min(claim.captured_at, now),
            source=source[:40],
            recorded_by=by[:200],
            wording_version=claim.text_version[:20],
            wording_digest=hashlib.sha256(claim.text.encode()).hexdigest() if claim.text else "",
            evidence_kind=claim.evidence_kind[:30],
            evidence_ref=claim.evidence_ref[:500],
            evidence={**claim.evidence, "text": claim.text} if claim.text else dict(claim.evidence),
            submission_id=submission_id,
            this_inquiry_only=claim.this_inquiry_only and claim.value == ConsentValue.GRANTED,
            expires_at=claim.expires_at if claim.value == ConsentValue.GRANTED else None,
        )
        for claim in claims
    ]
    store(rows, by="capture")
    return rows


def narrow(
    *,
    actor: Actor,
    person: Person,
    channels: Sequence[Channel],
    reason: str,
    source: str,
    now: datetime,
    contact_value: str = "",
    evidence: str = "",
    said_at: datetime | None = None,
    purpose: str = EVERY_PURPOSE,
) -> list[ConsentEvent]:
    """Record that the person no longer wants contact on these channels. Open to all who can see the lead.

    `said_at` is when they said so, if that was before now; `purpose` narrows what they mean to one purpose.
    """
    rows = [
        ConsentEvent(
            id=new_id(),
            person=person,
            contact_value=contact_value,
            channel=channel,
            purpose=purpose,
            value=ConsentValue.WITHDRAWN,
            recorded_at=now,
            captured_at=said_at or now,
            source=source,
            reason=reason[:300],
            recorded_by=actor.label,
            evidence_kind="spoken" if not evidence else "message",
            evidence={"words": evidence} if evidence else {},
        )
        for channel in channels
    ]
    store(rows, by="")
    ledger.record(
        actor=actor,
        action="consent.narrow",
        object_type="person",
        object_id=person.id,
        fields=[f"consent_{each}" for each in channels],
        detail={"source": source},
    )
    return rows


def widen(
    *,
    actor: Actor,
    person: Person,
    channel: Channel,
    evidence_kind: str,
    evidence_ref: str,
    reason: str,
    is_maintainer: bool,
    now: datetime,
    contact_value: str = "",
    wording_version: str = "",
    purpose: str = "care_inquiry",
    only_lead: Lead | None = None,
    expires_at: datetime | None = None,
) -> ConsentEvent:
    """Record a new grant. Only the maintaining team, and only with evidence (rows CN-07, CN-14).

    `only_lead` limits it to one inquiry, `expires_at` to a time (row CN-11).
    Raises Refused for everybody else (audited) and Invalid without evidence.
    """
    verdict = may_record(
        value=ConsentValue.GRANTED,
        is_maintainer=is_maintainer,
        is_capture=False,
        has_evidence=bool(evidence_kind and evidence_ref),
    )
    _refuse(verdict, is_maintainer, person.id, channel)
    row = ConsentEvent(
        id=new_id(),
        person=person,
        contact_value=contact_value,
        channel=channel,
        purpose=purpose,
        value=ConsentValue.GRANTED,
        recorded_at=now,
        captured_at=now,
        source="maintainer",
        reason=reason[:300],
        recorded_by=actor.label,
        wording_version=wording_version[:20],
        evidence_kind=evidence_kind[:30],
        evidence_ref=evidence_ref[:500],
        only_lead=only_lead,
        expires_at=expires_at,
    )
    store([row], by="maintainer")
    ledger.record(
        actor=actor,
        action="consent.widen",
        object_type="person",
        object_id=person.id,
        fields=[f"consent_{channel}"],
        detail={"evidence_kind": evidence_kind},
    )
    return row


def readmit(
    *,
    person: Person,
    channel: Channel,
    contact_value: str,
    words: str,
    reference: str,
    now: datetime,
    actor: Actor,
) -> ConsentEvent:
    """Record that a person who had opted out by a message asked by a message to be written to again ("START").

    The person's own word is the evidence, as it was of the opt-out; it covers the number it came from only.
    """
    row = ConsentEvent(
        id=new_id(),
        person=person,
        contact_value=contact_value,
        channel=channel,
        purpose="care_inquiry",
        value=ConsentValue.GRANTED,
        recorded_at=now,
        captured_at=now,
        source="message",
        reason="asked to be written to again",
        recorded_by=actor.label,
        evidence_kind="message",
        evidence_ref=reference[:500],
        evidence={"words": words},
    )
    store([row], by="capture")
    ledger.record(
        actor=actor,
        action="consent.readmit",
        object_type="person",
        object_id=person.id,
        fields=[f"consent_{channel}"],
        detail={"evidence_ref": reference},
    )
    return row


def say_no_by(*, actor: Actor, channel: Channel, kind: str, value: str, reason: str, now: datetime) -> None:
    """Keep that a number or an address said no to a channel, whoever has it; said twice, the later time counts."""
    if not value:
        return
    shut((), [value])
    DoNotContact.objects.bulk_create(
        [
            DoNotContact(
                id=new_id(),
                kind=kind,
                value=value,
                channel=channel,
                reason=reason[:300],
                added_by=actor.label,
                added_at=now,
            )
        ],
        ignore_conflicts=True,
    )
    open_rows = DoNotContact.rows().filter(kind=kind, value=value, channel=channel, ended_at__isnull=True)
    open_rows.update(added_at=now)
    own_id = open_rows.values_list("id", flat=True).first()
    detail = {"channel": channel}
    ledger.record(actor=actor, action="do_not_contact.add", object_type="donotcontact", object_id=own_id, detail=detail)


def take_back(*, actor: Actor, channel: Channel, value: str, now: datetime) -> int:
    """End what a number or an address said against a channel; return how many entries ended."""
    rows = DoNotContact.rows().filter(value=value, channel=channel, ended_at__isnull=True)
    ids = list(rows.values_list("id", flat=True))
    for own_id in ids:
        detail = {"channel": channel}
        ledger.record(
            actor=actor, action="do_not_contact.end", object_type="donotcontact", object_id=own_id, detail=detail
        )
    return DoNotContact.rows().filter(id__in=ids).update(ended_at=now) if ids else 0


def keep_wording(*, channel: str, version: str, text: str, language: str = "en", purpose: str = "care_inquiry") -> None:
    """Keep a wording under its version; a version once kept never gets another text."""
    ConsentWording.objects.bulk_create(
        [ConsentWording(channel=channel, version=version, language=language, purpose=purpose, text=text)],
        ignore_conflicts=True,
    )
    kept = ConsentWording.rows().get(channel=channel, version=version, language=language, purpose=purpose)
    if kept.text != text:
        raise Invalid(f"The wording {channel} {version} exists with another text. Give the new text a new version.")


def facts_of(rows: Sequence[ConsentEvent]) -> list[dict[str, str]]:
    """Return what timelines and answers say of new ledger lines."""
    return [{"channel": row.channel, "value": row.value} for row in rows]


def store(rows: Sequence[ConsentEvent], *, by: str) -> None:
    """Add lines to the ledger in the name of the capture, the maintaining team, or nobody who may widen.

    Before a line that stops contact is written, the gate is shut: no message begins after the line is kept. Where a
    permission ends, what rests on it is looked at then (`EXPIRED`).
    """
    stops = [row for row in rows if row.value in STOPS]
    if stops:
        shut({row.person_id for row in stops})
    set_local("leadcrm.consent_by", by)
    insert_now(rows)
    if by:
        set_local("leadcrm.consent_by", "")
    outbox.enqueue_at(EXPIRED, [(row.id, row.expires_at) for row in rows if row.expires_at is not None])


def _refuse(verdict: RecordVerdict, is_maintainer: bool, person_id: UUID, channel: str) -> None:
    if verdict.allowed:
        return
    if not is_maintainer:
        raise Refused(
            verdict.sentence,
            code="consent_maintainer",
            action="consent.widen",
            object_type="person",
            object_id=person_id,
            fields=(f"consent_{channel}",),
        )
    raise Invalid(verdict.sentence, (Problem("/evidence_ref", verdict.code, verdict.sentence),), code=verdict.code)
