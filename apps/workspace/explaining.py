"""Why a lead is where it is and what would have changed that, as far as the reader's role may see it."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from apps.accounts.models import Membership
from apps.accounts.terms import FieldGroup, Permission
from apps.policies.decisions.reading import tests_of
from apps.qualification.signals import FROM_WORDS
from apps.routing.actions import question_of, rules_of
from apps.routing.decisions.counterfactual import WORDS, what_would_change
from apps.routing.models import RoutingDecision
from apps.sla.models import SlaTimer
from apps.tenancy.actor import Actor

#: What a person wrote, and the signs that were read out of it.
_FROM_WORDS = (WORDS, *FROM_WORDS)
#: Facts that a role does not see when a group of fields is hidden from it.
FACTS_OF_GROUP: Mapping[str, tuple[str, ...]] = {
    FieldGroup.CONTACT: ("postal_code", "city", "region", "age"),
    FieldGroup.INSURANCE: ("payer", "coverage"),
    FieldGroup.MARKETING: (
        *("source", "source_type", "source_conversion", "party", "campaign"),
        *("landing_page", "ad_group", "keyword"),
    ),
    FieldGroup.CONSENT: ("consent_call", "consent_text", "consent_email", "consent_any"),
    FieldGroup.HEALTH: _FROM_WORDS,
}


def hidden_facts(actor: Actor) -> frozenset[str]:
    """Return the facts that the reader's role may not see."""
    words = () if actor.may(Permission.HEALTH_READ) else _FROM_WORDS
    return frozenset({*words, *(name for group in actor.hidden_fields for name in FACTS_OF_GROUP.get(group, ()))})


def changes_of(decision: RoutingDecision, actor: Actor) -> list[str]:
    """Return the smallest single changes that would have led elsewhere, as sentences."""
    return [each.sentence for each in what_would_change(question_of(decision), hidden=hidden_facts(actor))]


def veiled_verdict(decision: RoutingDecision, actor: Actor) -> dict[str, Any]:
    """Return the stored verdict without the sentences of rules that test what is hidden from the reader's role."""
    verdict, told = dict(decision.verdict), told_of_hidden([decision], actor)
    if not told:
        return verdict
    verdict["path"] = [{**each, "sentence": veiled(each["sentence"], told)} for each in verdict["path"]]
    verdict["reason"] = veiled(verdict["reason"], told)
    return verdict


def told_of_hidden(decisions: Iterable[RoutingDecision], actor: Actor) -> list[str]:
    """Return the sentences in these decisions that tell of what is hidden from the reader's role, longest first."""
    hidden, told = hidden_facts(actor), set[str]()
    for decision in decisions if hidden else ():
        rules = _rules_testing(decision, hidden)
        told |= {str(each["sentence"]) for each in decision.verdict.get("path", ()) if each["rule_id"] in rules}
    return sorted(told, key=len, reverse=True)


def veiled(text: str, told: Iterable[str]) -> str:
    """Return a text without these sentences."""
    for sentence in told:
        text = text.replace(sentence, _("tests what is hidden from your role"))
    return text


def skipped_of(decision: RoutingDecision) -> list[dict[str, str]]:
    """Return who was passed over when the lead was given out, and why."""
    skipped = [(UUID(each), str(why)) for each, why in decision.turn.get("skipped", ())]
    if not skipped:
        return []
    rows = Membership.rows().filter(id__in=[each for each, _why in skipped]).select_related("user")
    names = {each.id: each.user.name for each in rows}
    return [{"name": names.get(each, _("somebody who left")), "reason": why} for each, why in skipped]


def service_level_of(decision: RoutingDecision) -> dict[str, Any] | None:
    """Return which service level was chosen after this decision, why, and by which version; None where none was."""
    rows = SlaTimer.rows().filter(lead_id=decision.lead_id, picked__isnull=False, id__gt=decision.id)
    later = RoutingDecision.rows().filter(lead_id=decision.lead_id, id__gt=decision.id).order_by("id").first()
    if later is not None:
        rows = rows.filter(id__lt=later.id)
    timer = rows.select_related("version").order_by("id").first()
    if timer is None or timer.picked is None:
        return None
    version = timer.version.number if timer.version else None
    return {"policy": timer.policy_id, "reason": str(timer.picked.get("reason", "")), "version": version}


def lines_testing(card: Mapping[str, Any], hidden: frozenset[str]) -> frozenset[str]:
    """Return the rules of a scorecard's part that test what is hidden."""
    rules = [each for each in card.get("rules", ()) if hidden & _named_in(each.get("when"))]
    return frozenset(str(each.get("id")) for each in rules)


def _named_in(condition: object) -> set[str]:
    """Return the fields that a stored condition names, however deep."""
    if isinstance(condition, Mapping):
        own = {str(condition["field"])} if "field" in condition else set()
        return own.union(*(_named_in(each) for each in condition.values()))
    return set().union(*(_named_in(each) for each in condition)) if isinstance(condition, list) else set()


def _rules_testing(decision: RoutingDecision, hidden: frozenset[str]) -> frozenset[str]:
    if not hidden or decision.exception:
        return frozenset()
    return frozenset(
        str(each.rule["id"])
        for layer in rules_of(decision.version).layers.values()
        for each in layer.rules
        if each.node is not None and any(test.field in hidden for test in tests_of(each.node))
    )
