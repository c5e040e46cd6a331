"""Sections about ways and words: pipelines with stages, consent wording, message templates."""

from collections.abc import Iterable
from typing import Any

from apps.catalog.terms import ServiceKind
from apps.consent.models import ConsentWording
from apps.consent.terms import Purpose as ConsentPurpose
from apps.leads.models import Pipeline, Stage
from apps.onboarding.actions.pipelines import save_pipeline
from apps.onboarding.actions.texts import save_wording
from apps.onboarding.file.part import Part
from apps.onboarding.file.run import Run, at
from apps.onboarding.file.schema import (
    PipelinePart,
    StagePart,
    TemplatePart,
    WordingPart,
)
from apps.onboarding.file.schema_pipelines import ClosureReasonPart, MissingDataPart, OutcomePart
from apps.outreach.models import TemplateVersion
from apps.outreach.template_terms import Goal, TemplateState
from apps.outreach.templating import install

_TAGS = ("category", "service", "goal", "team")


def apply_pipelines(run: Run, parts: Iterable[PipelinePart]) -> None:
    """Save the pipelines with their stages in order."""
    for place, part in enumerate(parts):
        values = {
            "name": part.name,
            "person_word": part.person_word,
            "requires_phone": part.requires_phone,
            "closure_reasons": _plain(part.closure_reasons),
            "outcomes": _plain(part.outcomes),
            "missing_data_reasons": _plain(part.missing_data_reasons),
        }
        stages = [
            (
                stage.key,
                {"label": stage.label, "is_open": stage.is_open, "next_actions": list(stage.next_actions)},
            )
            for stage in part.stages
        ]
        with at("pipelines", place, "stages"):
            saved = save_pipeline(actor=run.actor, key=part.key, values=values, stages=stages)
        run.note("pipelines", "pipeline", part.key, saved.row.id, saved.change)
    for stage in Stage.rows().select_related("pipeline"):
        run.ids["stages"][f"{stage.pipeline.key}/{stage.key}"] = str(stage.id)


def apply_wordings(run: Run, parts: Iterable[WordingPart]) -> None:
    """Add the consent wordings that are new; refuse to change one."""
    for place, part in enumerate(parts):
        find = part.model_dump(mode="json", include={"channel", "purpose", "version", "language"})
        with at("wordings", place, "text"):
            saved = save_wording(actor=run.actor, find=find, text=part.text)
        run.note("wordings", "wording", wording_key(part), saved.row.id, saved.change)


def apply_templates(run: Run, parts: Iterable[TemplatePart]) -> None:
    """Let the words of messages be sent; refuse what nobody could approve (row PH-14)."""
    for place, part in enumerate(parts):
        find = {"key": part.key, "channel": part.channel, "language": part.language}
        words = words_of_part(part)
        with at("templates", place):
            saved = install(actor=run.actor, find=find, words=words, now=run.now, expires_at=part.expires_at)
        run.note("templates", "template", template_key(part), saved.row.template_id, saved.change)


def words_of_part(part: TemplatePart) -> dict[str, Any]:
    """Return the words of a template with their tags, as they are saved."""
    words = {"subject": part.subject, "body": part.body, "purpose": str(part.purpose), "holds_phi": part.holds_phi}
    return words | {"stages": list(part.stages), **{name: str(getattr(part, name) or "") for name in _TAGS}}


def export_pipelines() -> list[PipelinePart]:
    """Return the pipelines with their stages."""
    stages: dict[object, list[StagePart]] = {}
    for row in Stage.rows().order_by("position"):
        part = StagePart(key=row.key, label=row.label, is_open=row.is_open, next_actions=tuple(row.next_actions))
        stages.setdefault(row.pipeline_id, []).append(part)
    return [
        PipelinePart(
            key=row.key,
            name=row.name,
            person_word=row.person_word,
            requires_phone=row.requires_phone,
            closure_reasons=tuple(map(ClosureReasonPart.model_validate, row.closure_reasons)),
            outcomes=tuple(map(OutcomePart.model_validate, row.outcomes)),
            missing_data_reasons=tuple(map(MissingDataPart.model_validate, row.missing_data_reasons)),
            stages=tuple(stages.get(row.id, ())),
        )
        for row in Pipeline.rows().order_by("key")
    ]


def export_wordings() -> list[WordingPart]:
    """Return every consent wording."""
    names = WordingPart.model_fields
    parts = [WordingPart.model_validate({name: getattr(row, name) for name in names}) for row in ConsentWording.rows()]
    return sorted(parts, key=wording_key)


def export_templates() -> list[TemplatePart]:
    """Return the approved words of messages; drafts are work in progress and stay where they are."""
    rows = TemplateVersion.rows().filter(state=TemplateState.APPROVED).select_related("template")
    parts = [
        TemplatePart(
            key=row.template.key,
            channel=row.template.channel,
            language=row.template.language,
            subject=row.subject,
            purpose=ConsentPurpose(row.purpose),
            holds_phi=row.holds_phi,
            expires_at=row.expires_at,
            stages=tuple(row.stages),
            category=ServiceKind(row.category) if row.category else None,
            service=row.service or None,
            goal=Goal(row.goal) if row.goal else None,
            team=row.team or None,
            body=row.body,
        )
        for row in rows
    ]
    return sorted(parts, key=template_key)


def _plain(parts: Iterable[Part]) -> list[dict[str, Any]]:
    """Return the entries as they are kept: what says nothing is left out."""
    return [each.model_dump(mode="json", exclude_defaults=True) for each in parts]


def wording_key(part: WordingPart) -> str:
    """Return the name by which people tell wordings apart."""
    return f"{part.channel} {part.purpose} {part.version} {part.language}"


def template_key(part: TemplatePart) -> str:
    """Return the name by which people tell templates apart."""
    return f"{part.key} {part.channel} {part.language}"
