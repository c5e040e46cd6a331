"""The checklist of a lead: each criterion with how the lead stands to it, what that was read from, what to ask."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from apps.consent.queries import POINT_KIND, Reach
from apps.consent.terms import Channel
from apps.flows.criteria import Beside, Looked
from apps.flows.halting import eligibility_of
from apps.flows.masking import reads_service
from apps.leads.models import Lead
from apps.policies.decisions.conditions import is_known
from apps.policies.decisions.sentences import value_label
from apps.policies.queries import field_specs, labels
from apps.qualification.card import Aspect, Mark, Seen, card_of
from apps.qualification.criteria import Finding
from apps.qualification.criteria_document import criteria_fields
from apps.qualification.eligibility import Judged
from apps.qualification.terms import Eligibility, Standing
from apps.tenancy.actor import Actor
from apps.workspace.dossier import Dossier
from apps.workspace.explaining import hidden_facts
from apps.workspace.words import plain

ICONS = {Standing.PASSES: "tick", Standing.UNCLEAR: "help", Standing.FAILS: "warning"}
#: Facts that are computed from others, which may be hidden from a role.
_CARD_TELLS: Mapping[str, set[str]] = {
    Aspect.ELIGIBILITY: {"consent_any", "age"},
    Aspect.REACHABILITY: {"postal_code"},
}
_TELLS_OF = {"miles_to_open_clinic": "postal_code", "eligibility": "age"}


def beside_of(dossier: Dossier, reaches: Mapping[Channel, Reach]) -> Beside:
    """Return what is known beside the lead's row, from what the page has read already."""
    return Beside(
        consent={str(channel): str(each.state.value) for channel, each in reaches.items()},
        validity={POINT_KIND[channel]: each.point.validity for channel, each in reaches.items() if each.point},
        answers=dossier.answers,
        has_decider=bool(dossier.deciders),
    )


def checklist_of(looked: Looked, actor: Actor) -> dict[str, Any]:
    """Return the checklist as workspace/lead/criteria.html wants it; what tells of hidden facts is left out."""
    found = looked.evaluation
    rows = [
        {
            "sentence": each.criterion.sentence,
            "icon": ICONS[each.standing],
            "standing": standing_word(each.standing),
            "evidence": evidence_words(each, actor),
            "ask": each.criterion.ask if each.standing is Standing.UNCLEAR else "",
            "required": each.criterion.required,
        }
        for each in shown_findings(looked, actor)
    ]
    version = looked.version.number if looked.version is not None else None
    named = found.set.name or found.set.id or _("What the stage “Qualified” asks for")
    return {
        "name": named if reads_service(actor) else "",
        "version": version,
        "rows": rows,
        "marketing": found.is_marketing_qualified if found.has_target else None,
    }


def card_shown(looked: Looked, lead: Lead, actor: Actor, *, may_be_double: bool) -> list[Mark]:
    """Return the quality card; a line that tells of what is hidden from the reader's role is left out."""
    flags = [str(each["sentence"]) for each in lead.flags]
    judged = eligibility_of(lead, looked) if lead.service else Judged(Eligibility.NEEDS_INFO)
    seen = Seen(looked.facts, flags, may_be_double, lead.duplicate_of_id is not None, labels(), judged)
    shown = [each for each in card_of(seen) if not hides(actor, each.aspect)]
    if reads_service(actor):
        return shown
    return [replace(each, evidence="") if each.aspect is Aspect.SERVICE_FIT else each for each in shown]


def hides(actor: Actor, aspect: Aspect) -> bool:
    """Say whether a line of the card tells of what is hidden from the reader's role."""
    return bool(hidden_facts(actor) & _CARD_TELLS.get(aspect, set()))


def card_rows(marks: Sequence[Mark]) -> list[dict[str, Any]]:
    """Return the lines of the card as workspace/lead/quality.html wants them."""
    words = {
        Aspect.SERVICE_FIT: _("Service fit"),
        Aspect.INTENT: _("Intent and urgency"),
        Aspect.ELIGIBILITY: _("Eligibility and consent"),
        Aspect.REACHABILITY: _("Reachability"),
        Aspect.CONSISTENCY: _("Consistency"),
        Aspect.DECISION_MAKER: _("Decision maker"),
        Aspect.UNIQUENESS: _("Uniqueness"),
    }
    return [
        {
            "icon": ICONS[each.standing],
            "name": words[each.aspect],
            "standing": standing_word(each.standing),
            "evidence": _(each.evidence),
            "ask": _(each.ask) if each.ask else "",
        }
        for each in marks
    ]


def standing_word(standing: Standing) -> str:
    """Return how something stands, as pages say it."""
    words = {Standing.PASSES: _("met"), Standing.UNCLEAR: _("not clear yet"), Standing.FAILS: _("not met")}
    return words[standing]


def shown_findings(looked: Looked, actor: Actor) -> list[Finding]:
    """Return the findings that tell of nothing that is hidden from the reader's role."""
    hidden = hidden_facts(actor) | (frozenset() if reads_service(actor) else {"service"})
    return [each for each in looked.evaluation.findings if not _tells_of(each) & hidden]


def evidence_words(finding: Finding, actor: Actor) -> str:
    """Return what was read: “from ZIP 60614, Miles to the nearest open clinic 2.3”; what is unknown is said so.

    What service was asked for is not said to roles that read nothing about health.
    """
    fields, names = criteria_fields(field_specs()), labels()
    known, unknown = [], []
    for name, value in finding.evidence:
        label = fields[name].label if name in fields else plain(name)
        if name == "service" and not reads_service(actor):
            continue
        if is_known(value):
            colon = ":" if isinstance(value, bool) else ""
            known.append(f"{label}{colon} {value_label(name, value, names)}")
        else:
            unknown.append(label)
    if finding.standing is Standing.UNCLEAR and unknown:
        return _("not known: %(what)s") % {"what": ", ".join(unknown)}
    return _("from %(what)s") % {"what": ", ".join(known)} if known else ""


def _tells_of(finding: Finding) -> set[str]:
    read = {name for name, _value in finding.evidence}
    return read | {_TELLS_OF[name] for name in read if name in _TELLS_OF}
