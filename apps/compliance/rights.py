"""Requests of persons for their data: identity first, then a decision with its reason, then the answer (row PH-11).

A copy or an accounting is released as a signed package; an amendment stands in the story of each lead of the person; an
erasure becomes a run that a second person approves (`retention`). Each act is noted in the ledger.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.compliance import retention
from apps.compliance.due import leads_of_person
from apps.compliance.manifests import package
from apps.compliance.record import Record, record_of
from apps.compliance.record_page import as_json, as_page
from apps.compliance.rights_models import RightsRequest
from apps.compliance.rights_terms import ANSWER_WITHIN_DAYS, PUT_OFF_BY_DAYS, WITH_PACKAGE, Ask, AskState
from apps.leads.actions import next_number, tell
from apps.leads.models import Lead
from apps.privacy.disclosures import PERSON, Transfer, note_transfer
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused
from apps.tenancy.organizations import current_organization


def open_request(
    *, actor: Actor, lead_number: str, ask: Ask, words: str, received_on: date, now: datetime
) -> RightsRequest:
    """Keep that the person of a lead asked for something; it is due 30 days after it was received."""
    _require(actor)
    number = lead_number.strip().upper().removeprefix("L-")
    lead = Lead.rows().filter(number=int(number)).select_related("person").first() if number.isdigit() else None
    if lead is None:
        raise _wrong("lead", "There is no lead with this number.")
    if received_on > now.astimezone(ZoneInfo(current_organization().zone)).date():
        raise _wrong("received_on", "It cannot have come later than today.")
    if ask is Ask.AMENDMENT and not words.strip():
        raise _wrong("words", "Say what is to be amended, in the person's words.")
    row = RightsRequest(
        number=next_number("rights"),
        person_id=lead.person.merged_into_id or lead.person_id,
        lead=lead,
        ask=ask,
        words=words.strip(),
        received_on=received_on,
        due_on=received_on + timedelta(days=ANSWER_WITHIN_DAYS),
        opened_by=actor.label,
        opened_at=now,
    )
    row.save(force_insert=True)
    _note(actor, "rights.open", row, detail={"ask": ask.value, "due_on": str(row.due_on)})
    return row


def prove_identity(*, actor: Actor, row: RightsRequest, proof: str, now: datetime) -> None:
    """Note how the person was recognised; without it nothing is decided."""
    _require_open(actor, row)
    if not proof.strip():
        raise _wrong("proof", "Say how the person was recognised.")
    row.identity_proof, row.identity_by, row.identity_at = proof.strip()[:200], actor.label, now
    row.save(update_fields=["identity_proof", "identity_by", "identity_at"])
    _note(actor, "rights.identify", row)


def put_off(*, actor: Actor, row: RightsRequest, because: str) -> None:
    """Put the day off once, by 30 days, with the reason that the person is told."""
    _require_open(actor, row)
    if row.put_off_because:
        raise Conflict("It was put off once already.", code="put_off")
    if not because.strip():
        raise _wrong("because", "Say why, as the person is told.")
    row.put_off_because, row.due_on = because.strip()[:300], row.due_on + timedelta(days=PUT_OFF_BY_DAYS)
    row.save(update_fields=["put_off_because", "due_on"])
    _note(actor, "rights.put_off", row, detail={"due_on": str(row.due_on)})


def decide(*, actor: Actor, row: RightsRequest, grants: bool, because: str, now: datetime) -> None:
    """Approve or decline a request, with the reason. An amendment then stands on each lead of the person.

    An approved erasure proposes a run, which another person approves. Refuses without a proof of identity.
    """
    _require_open(actor, row)
    if not row.identity_proof:
        raise Conflict("Note first how the person was recognised.", code="identity_missing")
    if not because.strip():
        raise _wrong("because", "Say why.")
    if grants and row.ask == Ask.ERASURE:
        row.run = retention.propose_for_person(actor=actor, person_id=row.person_id, now=now)
    row.state = AskState.APPROVED if grants else AskState.DECLINED
    row.decided_because, row.decided_by, row.decided_at = because.strip()[:500], actor.label, now
    row.save(update_fields=["state", "decided_because", "decided_by", "decided_at", "run"])
    if row.ask == Ask.AMENDMENT:
        said = "Amended at the person's request" if grants else "The person asked for an amendment; declined"
        for lead in leads_of_person(row.person_id):
            tell(lead, kind="amendment", sentence=f"{said} ({row.ref}).", note=row.words, actor=actor, now=now)
    _note(actor, "rights.decide", row, detail={"ask": row.ask, "state": row.state})


def release(*, actor: Actor, row: RightsRequest, now: datetime) -> bytes:
    """Return the package of an approved copy or accounting: a page to print, JSON, tables and a signed manifest.

    Every release is noted, with the leads whose data left, and the digest of the package stays with the request.
    """
    record = record_for(actor=actor, row=row, now=now)
    told = as_json(record).encode()
    page = as_page(record, row.ref).encode()
    content = package(
        actor=actor,
        what=f"rights of the person: {row.ask}",
        tables=record.tables,
        asked={"request": row.ref, "received_on": row.received_on},
        now=now,
        files={"record.json": told, "record.html": page},
    )
    row.released_by, row.released_at, row.digest = actor.label, now, hashlib.sha256(content).hexdigest()
    row.save(update_fields=["released_by", "released_at", "digest"])
    about = [(each.id, row.person_id) for each in leads_of_person(row.person_id)]
    parts = [each.name.removesuffix(".csv") for each in record.tables]
    transfer = Transfer("the person, or who acts for them", PERSON, parts, f"{row.ask} ({row.ref})", actor.label)
    note_transfer(transfer, about, now=now)
    _note(actor, "rights.release", row, detail={"ask": row.ask, "sha256": row.digest})
    return content


def record_for(*, actor: Actor, row: RightsRequest, now: datetime) -> Record:
    """Return what an approved copy or accounting holds; the read of each lead is noted."""
    _require(actor, row)
    if row.ask not in WITH_PACKAGE or row.state != AskState.APPROVED:
        raise Conflict("There is a package of approved copies and accountings alone.", code="not_approved")
    return record_of(actor=actor, person_id=row.person_id, whole=row.ask == Ask.COPY, now=now)


def request_of(number: int) -> RightsRequest:
    """Return a request by its number."""
    found = RightsRequest.rows().filter(number=number).select_related("person", "lead", "run").first()
    if found is None:
        raise NotFound
    return found


def _require(actor: Actor, row: RightsRequest | None = None) -> None:
    if not actor.may(Permission.RIGHTS_HANDLE) or actor.is_agency:
        raise Refused(
            "This takes the right “rights: handle”.",
            action="rights.handle",
            object_type="rights_request",
            object_id=row.id if row else None,
        )


def _require_open(actor: Actor, row: RightsRequest) -> None:
    _require(actor, row)
    if RightsRequest.rows().select_for_update().get(id=row.id).state != AskState.OPEN:
        raise Conflict("This request was decided already.", code="decided")


def _note(
    actor: Actor, action: str, row: RightsRequest, fields: Iterable[str] = (), detail: Mapping[str, Any] | None = None
) -> None:
    told = {"request": row.ref, "lead": str(row.lead_id), **(detail or {})}
    ledger.record(
        actor=actor, action=action, object_type="rights_request", object_id=row.id, fields=fields, detail=told
    )


def _wrong(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, (Problem(f"/{field}", "wrong", sentence),))
