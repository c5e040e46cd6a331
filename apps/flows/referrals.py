"""Referrals: what the referring office said is kept, and a referral that does not say why is looked into today."""

from uuid import UUID

from apps.accounts.models import Party
from apps.accounts.terms import PartyKind
from apps.capture.terms import Draft
from apps.capture.text import fold
from apps.catalog.business_hours import Hours, close_of_day
from apps.exceptions.terms import REFERRAL_UNVERIFIED
from apps.flows import exceptional
from apps.flows.arrival import Case
from apps.leads.actions import open_task, refresh_next_action, tell
from apps.leads.models import Lead
from apps.leads.terms import APPOINTMENT_TYPE, CONTEXT_MISSING, RECORDS_REQUEST
from apps.tenancy.actor import system_actor

LABELS = {
    "organization": "Referring organization",
    "provider": "Referring provider",
    "contact_name": "Contact",
    "contact_phone": "Contact phone",
    "contact_email": "Contact e-mail",
    "reason": "Reason",
    "reference": "Their reference",
}


def words_of(draft: Draft) -> str:
    """Return what the referring office said, a line for each part; "" without a referral."""
    referral = draft.referral or {}
    return "\n".join(f"{label}: {referral[name]}" for name, label in LABELS.items() if referral.get(name))


def referrer_of(case: Case) -> Party | None:
    """Return the organisation on file that refers: the one named, or else the one that delivered the referral."""
    named = fold(str((case.draft.referral or {}).get("organization") or ""))
    if named:
        for party in Party.rows().filter(is_active=True).order_by("key"):
            if named in (fold(party.name), fold(party.key)):
                return party
    delivered: Party | None = case.submission.party
    return delivered if delivered is not None and delivered.kind != PartyKind.AGENCY else None


def look_at(case: Case, lead: Lead, hours: Hours, event_id: UUID) -> None:
    """Plan what a referral needs the same business day: its records and the type of the next appointment (row TK-14).

    One without a reason goes its way all the same, flagged, with a task to find out; the mark goes when that is done
    (row CP-16).
    """
    due_at = close_of_day(hours, case.now) or lead.next_action_at or case.now
    lacks_context = not ((case.draft.referral or {}).get("reason") or case.draft.message)
    tasks = [
        (RECORDS_REQUEST, f"Request records from {_office(case)}"),
        (APPOINTMENT_TYPE, "Confirm the type of the next appointment"),
    ]
    if lacks_context:
        tasks.append((CONTEXT_MISSING, "Referral without context: confirm records and next action"))
        detail = "The referral does not say why."
        exceptional.flag(lead, CONTEXT_MISSING, detail=detail, now=case.now)
    if unknown := _unknown_referrer(case):
        detail = f"{unknown} is no partner on file: call their office back before records are asked for."
        exceptional.flag(lead, REFERRAL_UNVERIFIED, detail=detail, now=case.now)
        tasks.append(("verify_referral", f"Verify the referral of {unknown}"[:200]))
    for kind, title in tasks:
        open_task(lead, kind=kind, title=title, due_at=due_at, now=case.now, event_id=event_id)
    if lead._state.adding:
        lead.next_action_at = min(each for each in (lead.next_action_at, due_at) if each)
    else:
        refresh_next_action(lead)
    if lacks_context:
        sentence = "Context missing: the referral does not say why."
        actor = system_actor(case.organization.id)
        tell(lead, kind="flagged", sentence=sentence, actor=actor, now=case.now, event_id=event_id)


def _unknown_referrer(case: Case) -> str:
    """Name who refers and stands for no organisation on file; "" where one is, or nobody is named (row EX-11)."""
    said = case.draft.referral or {}
    return "" if referrer_of(case) else str(said.get("organization") or said.get("provider") or "")


def _office(case: Case) -> str:
    """Name who has the records: the practice, the provider, or the party that delivered the referral."""
    said = case.draft.referral or {}
    party = case.submission.party.name if case.submission.party else ""
    return str(said.get("organization") or said.get("provider") or party or "the referring office")
