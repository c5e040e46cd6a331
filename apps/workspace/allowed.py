"""What this person may do with this lead, each refusal with the sentence that every door gives."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from apps.accounts.terms import FieldGroup, Permission
from apps.consent.queries import Reach
from apps.consent.terms import Channel
from apps.exceptions.terms import PRE_CONTACT_REVIEW
from apps.flows.automation import may_resume
from apps.flows.booking import why_no_booking
from apps.flows.leasing import may_skip
from apps.flows.reachability import JUDGED_WITH
from apps.flows.review_status import update_verdict
from apps.handoffs.queries import starts_from
from apps.leads.models import Lead
from apps.leads.terms import PATIENT
from apps.outreach.business import why_not_business
from apps.ownership.policy import recorded_events
from apps.ownership.queries import holds_grant, holds_role, log_verdict, policy_of, verdicts
from apps.ownership.terms import CONTACT_DATA, ChangeVerdict, Model, Role
from apps.ownership.visit_queries import booking_verdict, visit_verdicts
from apps.qualification.queries import review_statuses
from apps.tenancy.actor import Actor


@dataclass(frozen=True, slots=True)
class Ability:
    """One thing that may or may not be done; `field` is what a refusal is noted under."""

    allowed: bool
    code: str = "ok"
    sentence: str = ""
    field: str = ""


#: Refusals that the state of the lead gives, whoever asks.
BY_STATE = ("closed", "open", "nothing_missing", "no_type", "no_step", "no_event", "not_a_business")

#: Each thing to do, and the field of the lead that it changes first.
FIELDS = {
    "log_call": "status",
    "transfer": "owner_team",
    "hand_off": "owner_team",
    "return_transfer": "owner_team",
    "mismatch": "preferred_channel",
    "book": "stage",
    "move_stage": "stage",
    "record_event": "stage",
    "close": "closure_reason",
    "reopen": "stage",
    "name_decider": "contact_person",
    "verify": "qualification",
    "qualify": "qualification",
    "set_priority": "priority",
    "record_coverage": "payer",
    "record_step": "payer",
    "record_review": "status",
    "pause_automation": "status",
    "resume_automation": "status",
    "park": "stage",
    "edit": "preferred_channel",
    "add_note": "notes",
    "name_party": "parties",
    "share": "owner_team",
    "judge_point": JUDGED_WITH,
    "ask_person": "status",
    "send_link": "status",
    "write_business": "status",
    "write_message": "status",
    "start_cadence": "status",
    "stop_cadence": "status",
    "pause_clocks": "status",
    "resume_clocks": "status",
}
NEEDS_OPEN = (
    *(
        "log_call",
        "transfer",
        "hand_off",
        "return_transfer",
        "mismatch",
        "book",
        "close",
        "edit",
        "verify",
        "qualify",
        "name_decider",
    ),
    *(
        "record_event",
        "set_priority",
        "record_coverage",
        "record_step",
        "record_review",
        "pause_automation",
        "park",
        "ask_person",
        "send_link",
        "write_business",
        "write_message",
        "share",
    ),
    *("pause_clocks", "resume_clocks", "start_cadence"),
)


def abilities(actor: Actor, lead: Lead, now: datetime, *, hidden: Collection[str] = ()) -> dict[str, Ability | None]:
    """Return the verdict on each thing to do; None for what is not offered to this person at all.

    `hidden` are groups of fields that they do not see of this lead, beside those that their role does not see.
    """
    fields = tuple(dict.fromkeys([*FIELDS.values(), "consent", "outcome", CONTACT_DATA]))
    found = verdicts(actor, lead, fields, now=now)
    result: dict[str, Ability | None] = {name: _of(actor, lead, name, found[field]) for name, field in FIELDS.items()}
    consent = found["consent"]
    if lead.closed_at is None and not found["stage"].allowed:
        for name, verdict in (
            ("log_call", log_verdict(actor, lead, now)[0]),
            ("book", booking_verdict(actor, lead, now)),
        ):
            result[name] = _of(actor, lead, name, verdict)
    if not found["outcome"].allowed and found["stage"].allowed:
        result["reopen"] = _of(actor, lead, "reopen", found["outcome"])
    result["opt_out"] = _narrow(actor, consent)
    offered = actor.may(Permission.CONSENT_WIDEN)
    result["allow"] = Ability(consent.allowed, str(consent.code), consent.sentence, "consent") if offered else None
    if not found[CONTACT_DATA].allowed:
        result["judge_point"] = _of(actor, lead, "judge_point", found[CONTACT_DATA])
    if FieldGroup.CONTACT in actor.hidden_fields or FieldGroup.CONTACT in hidden:
        result["judge_point"] = None
    if FieldGroup.INSURANCE in actor.hidden_fields or FieldGroup.INSURANCE in hidden:
        result["record_coverage"] = result["record_step"] = None
    result["record_review"] = _review(actor, lead, now)
    if not found["status"].allowed and may_resume(actor, lead, now):
        result["resume_automation"] = Ability(True, field="status")
    if lead.pipeline.key != PATIENT:
        result["verify"] = result["record_review"] = None
    if lead.closed_at is None:
        result["reopen"] = None
    if not any(starts_from(lead, now)):
        result["hand_off"] = None
    result["ask_person"] = _ask_person(result["ask_person"], lead)
    if why_not_business(lead):
        result["write_business"] = None
    result["book"] = _book(result["book"], lead, now)
    result["record_event"] = _record_event(result["record_event"], lead, now)
    result["claim"] = _claim(actor, lead)
    result["ask"] = _ask(
        lead, found["stage"].allowed and (consent.allowed or FieldGroup.CONSENT in actor.hidden_fields)
    )
    result["skip"] = Ability(True) if may_skip(actor, lead) else None
    return result


def ability(actor: Actor, lead: Lead, name: str, now: datetime) -> Ability:
    """Return the verdict on one thing to do."""
    if name == "change_visit":
        return _change_visit(actor, lead, now)
    found = abilities(actor, lead, now)[name]
    if found is not None:
        return found
    if name == "hand_off":
        right = _of(actor, lead, name, verdicts(actor, lead, (FIELDS[name],), now=now)[FIELDS[name]])
        sentence = _("No handoff starts at the team that owns this lead. Use “Transfer”.")
        return Ability(False, "no_type", sentence, right.field) if right.allowed else right
    if name == "write_business":
        right = _of(actor, lead, name, verdicts(actor, lead, (FIELDS[name],), now=now)[FIELDS[name]])
        return Ability(False, "not_a_business", why_not_business(lead), right.field) if right.allowed else right
    if name == "reopen":
        return _of(actor, lead, name, verdicts(actor, lead, (FIELDS[name],), now=now)[FIELDS[name]])
    if name == "allow":
        consent = verdicts(actor, lead, ("consent",), now=now)["consent"]
        return Ability(consent.allowed, str(consent.code), consent.sentence, "consent")
    return Ability(False, "no_permission", _("Your role may not do this."), FIELDS.get(name, ""))


def _change_visit(actor: Actor, lead: Lead, now: datetime) -> Ability:
    """Whoever may set any state of a visit may open its form; the states of others say whose they are."""
    found = visit_verdicts(actor, lead, now).values()
    verdict = next((each for each in found if each.allowed), next(iter(found)))
    if verdict.allowed and lead.closed_at is not None:
        return Ability(False, "closed", _("This lead is closed. Reopen it first."), "outcome")
    return Ability(verdict.allowed, str(verdict.code), verdict.sentence, "outcome")


def _contacts_beside(actor: Actor, lead: Lead, now: datetime) -> bool:
    """Say whether the actor's team makes the first contact, or answers for the outcome of a partnership."""
    policy = policy_of(lead, now)
    if policy.first_outreach and holds_role(actor, lead, Role.OUTREACH):
        return True
    return policy.model is Model.PARTNERSHIP and holds_role(actor, lead, Role.OUTCOME)


def call_ability(actor: Actor, lead: Lead, reaches: Mapping[Channel, Reach], now: datetime) -> Ability | None:
    """Say whether a call may begin now; it is asked again at the click. None for other teams' people."""
    if lead.closed_at is not None or not actor.may(Permission.LEAD_CONTACT):
        return None
    owns = lead.owner_team_id in actor.team_ids
    if not (owns or _contacts_beside(actor, lead, now) or holds_grant(actor, lead.id, "contact_lead")):
        return None
    if lead.exception == PRE_CONTACT_REVIEW:
        return Ability(False, "awaits_review", _("Nobody gets in touch before the review is decided."))
    verdict = reaches[Channel.CALL].verdict
    return Ability(verdict.allowed, str(verdict.code), verdict.sentence)


def _of(actor: Actor, lead: Lead, name: str, verdict: ChangeVerdict) -> Ability:
    field = FIELDS[name]
    if not verdict.allowed:
        return Ability(False, str(verdict.code), verdict.sentence, field)
    if lead.closed_at is None and name == "reopen":
        return Ability(False, "open", _("This lead is open."), field)
    if name in ("transfer", "hand_off", "return_transfer") and not actor.may(Permission.LEAD_TRANSFER):
        sentence = _("Your role may not transfer leads. Ask your team's lead.")
        return Ability(False, "no_permission", sentence, field)
    if name in ("write_message", "send_link") and not actor.may(Permission.LEAD_CONTACT):
        sentence = _("Your role does not contact people. Ask the team that owns this lead.")
        return Ability(False, "no_permission", sentence, field)
    if lead.closed_at is not None and name in NEEDS_OPEN:
        return Ability(False, "closed", _("This lead is closed. Reopen it first."), field)
    return Ability(True, field=field)


def _review(actor: Actor, lead: Lead, now: datetime) -> Ability:
    """Let whoever keeps a status of the reviews set it; else the refusal of the first status."""
    found = [update_verdict(actor, lead, each, now) for each in review_statuses(now)]
    best = next((each for each in found if each.allowed), found[0] if found else None)
    if best is None:
        return Ability(False, "no_permission", _("The rules name no status of a review."), FIELDS["record_review"])
    return _of(actor, lead, "record_review", best)


def _narrow(actor: Actor, verdict: ChangeVerdict) -> Ability:
    """Everybody may record an opt-out whose role says so, whichever team owns the lead (row CN-14)."""
    if actor.may(Permission.CONSENT_NARROW):
        return Ability(True, field="consent")
    return Ability(False, "consent_maintainer", verdict.sentence, "consent")


def _ask(lead: Lead, is_own: bool) -> Ability:
    """Whoever sees a lead that is another team's may ask its owner; the owner asks who maintains consent."""
    if lead.closed_at is not None:
        return Ability(False, "closed", _("This lead is closed. Ask its team to reopen it."))
    if is_own:
        return Ability(False, "own_field", _("You may change this yourself."))
    return Ability(True)


def _book(right: Ability | None, lead: Lead, now: datetime) -> Ability | None:
    """From some stages nobody books, whoever owns the lead."""
    why = why_no_booking(lead, now) if right is not None and right.allowed else ""
    return Ability(False, "no_step", why, "stage") if why else right


def _record_event(right: Ability | None, lead: Lead, now: datetime) -> Ability | None:
    """Only what the lead's ownership policy acts on is recorded as an event."""
    if right is None or not right.allowed or recorded_events(policy_of(lead, now)):
        return right
    return Ability(False, "no_event", _("This lead's ownership policy acts on no event of its own."), right.field)


def _ask_person(right: Ability | None, lead: Lead) -> Ability | None:
    """A person is asked by a link only for what is missing."""
    lacks = lead.service_id is None or lead.location_id is None or not (lead.patient_type and lead.preferred_channel)
    if right is None or not right.allowed or lacks:
        return right
    sentence = _("Nothing that the person could be asked for by a link is missing.")
    return Ability(False, "nothing_missing", sentence, right.field)


def _claim(actor: Actor, lead: Lead) -> Ability | None:
    """Offered where the lead is the team's; a colleague's name stands there when one was faster."""
    if lead.closed_at is not None or actor.membership_id is None or lead.owner_id == actor.membership_id:
        return None
    if lead.owner_team_id not in actor.team_ids or not actor.may(Permission.LEAD_CLAIM):
        return None
    if lead.owner is not None:
        sentence = _("%(name)s has this lead. To take it over, transfer it to yourself.")
        return Ability(False, "already_owned", sentence % {"name": lead.owner.user.name}, "owner")
    return Ability(True, field="owner")
