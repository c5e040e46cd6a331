"""The answer that a connected call needs where calls are not permitted on record: may we call you (row CN-12)."""

from datetime import datetime

from apps.audit import ledger
from apps.consent.actions import Claim, record_claims
from apps.consent.queries import Reach, reaches
from apps.consent.spoken import Script, scripts
from apps.consent.terms import EVERY_PURPOSE, SPOKEN, STOPS, Channel, ConsentValue
from apps.flows.consent_requests import CARE_INQUIRY, grant_requests
from apps.flows.contacts import Contact
from apps.flows.opt_out import leads_of, stop_contact
from apps.flows.release import reconsider
from apps.leads.actions import tell
from apps.leads.models import Lead
from apps.outreach.terms import ActivityKind, Outcome
from apps.policies.queries import live_document
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, Problem
from apps.tenancy.organizations import current_organization


def spoken_question(lead: Lead, now: datetime) -> Script | None:
    """Return what is read aloud on a call to this person; None where calls are permitted on record."""
    if _calls(lead, now).state.value is ConsentValue.GRANTED:
        return None
    return scripts((lead.contact_person or lead.person).language or "en")[Channel.CALL]


def asked_aloud(lead: Lead, contact: Contact, now: datetime) -> Script | None:
    """Return the script whose answer this contact carries, if it needs one.

    Raises Invalid, code `spoken_consent_missing`, for a connected call without the answer; and for an answer to a
    contact that is no connected call, since nobody can have heard it.
    """
    if not is_talk(contact.kind, contact.outcome):
        if contact.agrees_to_calls is not None:
            raise _invalid("not_connected", "Only a connected call has an answer about calls.")
        return None
    script = spoken_question(lead, now)
    if script is not None and contact.agrees_to_calls is None:
        raise _invalid("spoken_consent_missing", "Say whether they agree to calls: nothing permits them on record.")
    return script or (scripts()[Channel.CALL] if contact.agrees_to_calls is False else None)


def is_talk(kind: str, outcome: str) -> bool:
    """Say whether a contact is a call on which they were reached."""
    return kind == ActivityKind.CALL and outcome == Outcome.CONNECTED


def keep_answer(lead: Lead, script: Script, contact: Contact, *, actor: Actor, now: datetime) -> None:
    """Write the answer into the ledger, with the wording that was read; a no stops calls in the same transaction.

    A yes opens nothing that was refused before, and nothing without a number that it is about: it is kept, and only
    the team that maintains consent makes a permission of it, with its proof.
    """
    reach, person = _calls(lead, now), lead.contact_person or lead.person
    number = reach.point.value if reach.point else ""
    agrees = bool(contact.agrees_to_calls)
    value = _value_of(agrees, reach)
    claim = Claim(
        channel=Channel.CALL,
        value=value,
        contact_value=number,
        captured_at=contact.started_at,
        purpose=CARE_INQUIRY if agrees else EVERY_PURPOSE,
        text=script.text,
        text_version=script.version,
        evidence_kind=SPOKEN,
        evidence_ref=f"Heard by {actor.label}",
        evidence={"answer": "yes" if agrees else "no"},
    )
    record_claims(person, [claim], submission_id=None, source="call", by=actor.label, now=now)
    ledger.record(
        actor=actor,
        action="consent.spoken",
        object_type="person",
        object_id=person.id,
        fields=["consent_call"],
        detail={"value": str(value), "wording": script.version},
    )
    if not agrees:
        stop_contact(person, [Channel.CALL], actor=actor, reason="said on the phone that they want no calls", now=now)
        return
    for other in leads_of(person):
        tell(other, kind="consent", sentence=_SAID_YES[value], actor=actor, now=now)
        if value is ConsentValue.GRANTED:
            grant_requests(other, Channel.CALL, CARE_INQUIRY, actor=actor, now=now)
            reconsider(other.id, now=now)


_SAID_YES = {
    ConsentValue.GRANTED: "Call: granted (spoken).",
    ConsentValue.UNKNOWN: "Call: they agreed on the phone. That alone opens nothing; the team that maintains consent"
    " records it with its proof.",
}


def _value_of(agrees: bool, reach: Reach) -> ConsentValue:
    if not agrees:
        return ConsentValue.DENIED
    if reach.state.value in STOPS or reach.point is None:
        return ConsentValue.UNKNOWN
    return ConsentValue.GRANTED


def _calls(lead: Lead, now: datetime) -> Reach:
    rules = live_document("contact", now)
    return reaches(lead, now=now, document=rules, default_zone=current_organization().zone)[Channel.CALL]


def _invalid(code: str, sentence: str) -> Invalid:
    return Invalid(sentence, (Problem("/spoken_consent", code, sentence),), code=code)
