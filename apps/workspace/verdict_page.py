"""What was verified and decided about a lead, and what a verdict may rest on, for the head and the forms."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from apps.accounts.terms import FieldGroup
from apps.flows.gating import known_of
from apps.flows.verifying import known_answers, verification_script
from apps.leads.models import Lead
from apps.leads.terms import Disqualification
from apps.qualification.models import ClearanceEvent
from apps.qualification.queries import clearance_of, criteria_of, verdicts_of, verification_of
from apps.qualification.terms import CLEARANCE_WORDS, ClearanceStep
from apps.tenancy.actor import Actor
from apps.workspace.dossier import Dossier
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


def clearance_shown(lead: Lead, actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    """Return where each step with an insurer or a practice stands, as facts of the lead (row QL-20)."""
    if FieldGroup.INSURANCE in actor.hidden_fields:
        return []
    return [
        {"label": _(CLEARANCE_WORDS[ClearanceStep(each.step)]), "value": _stands(each, wall), "lock": None}
        for each in clearance_of(lead)
    ]


def _stands(row: ClearanceEvent, wall: Wall) -> str:
    said = {"status": plain(row.status), "day": f"{row.since.day} {row.since:%b}"}
    sentence = _("%(status)s since %(day)s") % said
    again = _("ask again %(at)s") % {"at": wall.at(row.look_again_at)} if row.look_again_at else ""
    return ", ".join(each for each in (sentence, again, row.reference) if each)


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
