"""Whom a message is for: fields by which receivers are chosen serve its purpose, or it is not written (row AU-07)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from apps.audit import ledger
from apps.catalog.field_purposes import recorded_uses, require_use
from apps.catalog.field_uses import misused, sentence_of
from apps.catalog.terms import FieldUse
from apps.leads.models import Lead
from apps.leads.terms import NextStep
from apps.outreach.models import TemplateVersion
from apps.outreach.template_terms import USE_OF
from apps.outreach.templates import sendable
from apps.tenancy.actor import system_actor
from apps.tenancy.scope import current_organization_id


def why_not_chosen(lead: Lead, template: TemplateVersion, fields: Sequence[str]) -> str:
    """Return which field a lead must not be chosen by for a message, "" where all serve; a refusal is noted."""
    use, allowed = USE_OF[template.purpose], recorded_uses()
    wrong = misused(fields, use, allowed)
    if not wrong:
        return ""
    ledger.record(
        actor=system_actor(current_organization_id(), "sender"),
        action="refused:message.choose",
        object_type="lead",
        object_id=lead.id,
        fields=wrong,
        detail={"template": template.template.key, "purpose": str(use)},
    )
    return " ".join(sentence_of(name, use, allowed) for name in wrong)


def require_segments(steps: Sequence[Mapping[str, Any]], *, now: datetime) -> None:
    """Refuse steps of a stage that choose the receivers of a message by a field which does not serve its purpose."""
    uses: dict[str, set[FieldUse]] = {}
    for row in sendable(now):
        uses.setdefault(row.template.key, set()).add(USE_OF[row.purpose])
    for step in steps:
        if step.get("do") != NextStep.MESSAGE:
            continue
        chosen = [*step.get("knows", ()), *step.get("lacks", ())]
        for use in sorted(uses.get(str(step.get("template")), ())):
            require_use(chosen, use, action="pipeline.save", object_type="pipeline")
