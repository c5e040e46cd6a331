"""What was verified and decided about a lead, and what a verdict may rest on, for the head and the forms."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from apps.accounts.terms import FieldGroup
from apps.flows.gating import known_of
from apps.flows.verifying import known_answers, verification_script
from apps.leads.models import Lead
from apps.leads.terms import Disqualification
from apps.qualification.insurance import Insurance, Word, is_waited_for
from apps.qualification.models import ReviewEvent
from apps.qualification.queries import criteria_of, insurance_of, reviews_of, verdicts_of, verification_of
from apps.qualification.review_status import TRACK_WORDS, Track
from apps.qualification.terms import CLEARANCE_WORDS, ClearanceStep
from apps.tenancy.actor import Actor
from apps.workspace.dossier import Dossier
from apps.workspace.lacking import lacks
from apps.workspace.words import Wall, plain

Pairs = list[tuple[str, str]]


def verified_label(dossier: Dossier, wall: Wall) -> str:
    """Return "verified 10:20 by Ewa"; "" where nobody verified yet."""
    return _verified(*dossier.verified, wall) if dossier.verified else ""


def deciders_shown(dossier: Dossier) -> list[dict[str, Any]]:
    """Return who decides on what, by their role, as a fact of the lead; nothing where nobody was named."""
    named: dict[str, list[str]] = {}
    for role, controls in dossier.deciders:
        named.setdefault(role, []).append(controls)
    said = "; ".join(f"{plain(role)}: {', '.join(each)}" for role, each in named.items())
    return [{"label": _("Decides"), "value": said, "lock": None}] if said else []


def insurance_shown(lead: Lead, actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    """Return where the insurance and the steps before the visit stand, as facts of the lead (rows QL-20, AP-11)."""
    if FieldGroup.INSURANCE in actor.hidden_fields or lacks(lead, "insurance"):
        return []
    found = insurance_of(lead, wall.now)
    said = [
        (CLEARANCE_WORDS[ClearanceStep(each.about)], _stands(each, found, wall))
        for each in found.stands
        if each.about != ClearanceStep.INSURANCE_VERIFICATION or is_waited_for(each)
    ]
    verified = found.verification
    if not any(each.about == ClearanceStep.INSURANCE_VERIFICATION and is_waited_for(each) for each in found.stands):
        plan = " ".join(each for each in (verified.payer, verified.plan) if each)
        who = _("by %(who)s, %(at)s") % {"who": verified.by, "at": wall.at(verified.at)} if verified.at else ""
        parts = (plain(verified.status), plan, verified.reference, who)
        shown = ", ".join(each for each in parts if each) if verified.at else ""
        said = [(CLEARANCE_WORDS[ClearanceStep.INSURANCE_VERIFICATION], shown), *said]
    return [{"label": _(label), "value": value, "lock": None} for label, value in said if value]


def reviews_shown(lead: Lead, actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    """Return where the intake's and the clinic's review stand, as facts of the lead (row AP-07)."""
    if FieldGroup.HEALTH in actor.hidden_fields or lacks(lead, "reviews"):
        return []
    newest = {each.track: each for each in reversed(reviews_of(lead))}
    found = [(TRACK_WORDS[track], newest[track]) for track in Track if track in newest]
    return [{"label": _(label), "value": _reviewed(row, wall), "lock": None} for label, row in found]


def _reviewed(row: ReviewEvent, wall: Wall) -> str:
    said = {"status": row.name, "at": wall.at(row.recorded_at), "who": row.actor_label}
    sentence = _("%(status)s since %(at)s, by %(who)s") % said
    if row.late_at is None:
        return sentence
    late = _("late since %(at)s") if row.late_at <= wall.now else _("late from %(at)s")
    return f"{sentence}, {late % {'at': wall.at(row.late_at)}}"


def _stands(word: Word, found: Insurance, wall: Wall) -> str:
    authorised = found.pre_authorisation
    status = plain(authorised.status if word.about == ClearanceStep.PRE_AUTHORISATION else word.status)
    if is_waited_for(word):
        status = plain(word.status)
    day = _day(word.since)
    sentence = _("%(status)s since %(day)s") % {"status": status, "day": day}
    again = _("ask again %(at)s") % {"at": wall.at(word.look_again_at)} if word.look_again_at else ""
    until = _("until %(day)s") % {"day": _day(word.valid_until)} if word.valid_until else ""
    asked = ""
    if word.about == ClearanceStep.PRE_AUTHORISATION and authorised.asked_on and not is_waited_for(word):
        asked = _("asked %(day)s") % {"day": _day(authorised.asked_on)}
    who = _("by %(who)s") % {"who": word.by}
    return ", ".join(each for each in (sentence, until, asked, again, word.reference, who) if each)


def _day(day: date) -> str:
    return f"{day.day} {day:%b}"


def verification_choices(lead: Lead, now: datetime) -> dict[str, Pairs]:
    """Return the questions of the lead's script: first of each pair list what is asked, then the answers."""
    script = verification_script(lead, now)
    return {each.id: [("", each.ask), *each.choices] for each in script.questions} if script is not None else {}


def verification_known(lead: Lead, wall: Wall) -> dict[str, Any]:
    """Return what the lead knows already of what its script asks."""
    script = verification_script(lead, wall.now)
    return known_answers(lead, script) if script is not None else {}


def verification_fills(lead: Lead, now: datetime) -> dict[str, str]:
    """Return the field of the lead that each question of its script fills."""
    script = verification_script(lead, now)
    return {each.id: each.fills for each in script.questions} if script is not None else {}


def verdict_choices(lead: Lead, now: datetime) -> dict[str, Pairs]:
    """Return the criteria that a verdict may rest on, and the fixed list of disqualifications."""
    criteria, _version = criteria_of(lead, now)
    return {
        "criteria": [(each.id, each.sentence[:1].upper() + each.sentence[1:]) for each in criteria.criteria],
        "disqualification": [
            (each.value, plain(each.value)) for each in Disqualification if each is not Disqualification.DUPLICATE
        ],
    }


def verdict_known(lead: Lead, wall: Wall) -> dict[str, Any]:
    """Propose a sentence and the criteria that are known; both may be changed."""
    facts = known_of(lead, wall.now)
    criteria, _version = criteria_of(lead, wall.now)
    parts = [str(lead.service or ""), lead.location.name if lead.location else "", plain(lead.timeframe).lower()]
    said = ", ".join(each for each in parts if each)
    return {"reason": said, "criteria": [each.id for each in criteria.criteria if facts.get(each.id)]}


def beside_verdict(lead: Lead, actor: Actor, wall: Wall) -> dict[str, Any]:
    """Return what stands beside the form: the score, the verification, the verdicts so far."""
    found = verification_of(lead)
    answers = [(plain(name), plain(value)) for name, value in found.answers.items()] if found else []
    return {
        "score": _("Fit %(fit)s, intent %(intent)s: a score suggests, it never decides.")
        % {"fit": lead.fit, "intent": lead.intent},
        "verified": _verified(found.verified_at, found.actor_label, wall) if found else "",
        "answers": [{"label": label, "value": value} for label, value in answers],
        "verdicts": [
            {"at_label": wall.at(row.decided_at), "verdict": plain(row.verdict), "reason": row.reason}
            for row in verdicts_of(lead)
        ],
    }


def _verified(at: datetime, by: str, wall: Wall) -> str:
    first = by.partition(" ")[0]
    day = at.astimezone(ZoneInfo(wall.zone)).date() == wall.now.astimezone(ZoneInfo(wall.zone)).date()
    label = wall.at(at) if day else wall.day(at)
    return _("verified %(at)s by %(name)s") % {"at": label, "name": first}
