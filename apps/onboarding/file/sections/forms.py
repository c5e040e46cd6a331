"""Sections about public forms: what they ask and say, and what download forms give."""

from collections.abc import Iterable

from apps.accounts.assets import set_access
from apps.accounts.models import Team
from apps.accounts.saving import Change, switch_off
from apps.capture.form_queries import question_of
from apps.capture.form_terms import Choice, Question
from apps.capture.forms import publish_form, save_asset, save_form
from apps.capture.models import Asset, Form, FormQuestion, FormVersion
from apps.catalog.models import Source
from apps.onboarding.file.run import Run, at
from apps.onboarding.file.schema import AssetPart, FormPart, OptionPart, QuestionPart
from apps.onboarding.terms import Effect

#: Columns of a form that the file names as they are.
_PLAIN = (
    *("title", "intro", "what_happens_next", "consent_version", "kind", "layout"),
    *("title_es", "intro_es", "what_happens_next_es", "consent_version_es", "field_cap", "needs_approval"),
)


def apply_assets(run: Run, parts: Iterable[AssetPart]) -> None:
    """Save what download forms give."""
    for part in parts:
        saved = save_asset(actor=run.actor, key=part.key, values={"title": part.title, "url": part.url})
        run.note("assets", "asset", part.key, saved.row.id, saved.change)


def apply_forms(run: Run, parts: Iterable[FormPart]) -> None:
    """Save the forms, publish those that say so, and take those that are not named off the net."""
    parts = list(parts)
    sources, assets = ({row.key: row for row in model.rows()} for model in (Source, Asset))
    teams = {row.key: row for row in Team.rows()}
    there = set(Form.rows().filter(is_published=True).values_list("slug", flat=True))
    for place, part in enumerate(parts):
        values = {
            **{name: getattr(part, name) for name in _PLAIN},
            "source": sources[part.source],
            "services": list(part.services),
            "allowed_sites": list(part.allowed_sites),
            "asset": assets[part.asset] if part.asset else None,
        }
        with at("forms", place, "slug"):
            questions = [_question(each) for each in part.questions]
            saved = save_form(actor=run.actor, slug=part.slug, values=values, questions=questions)
            shared = sorted(teams[key].id for key in part.shared_with)
            is_given = bool(part.owner) and set_access(
                actor=run.actor, row=saved.row, owner=teams[part.owner or ""], shared=shared
            )
        with at("forms", place):
            before = FormVersion.rows().filter(form=saved.row).count()
            if part.is_published:
                publish_form(actor=run.actor, form_id=saved.row.id, now=run.now)
            is_new = FormVersion.rows().filter(form=saved.row).count() != before
        change = saved.change
        if change is Change.UNCHANGED and (is_new or is_given or part.is_published != (part.slug in there)):
            change = Change.UPDATED
        run.note("forms", "form", part.slug, saved.row.id, change)
    slugs = {part.slug for part in parts if part.is_published}
    for row in switch_off(Form, actor=run.actor, keep=slugs, key="slug", flag="is_published"):
        run.changes.note(Effect.DEACTIVATED, "form", row.slug)


def export_assets() -> list[AssetPart]:
    """Return the assets that lie at an address; a file of bytes is no part of a text."""
    rows = Asset.rows().exclude(url="").order_by("key")
    return [AssetPart(key=row.key, title=row.title, url=row.url) for row in rows]


def export_forms() -> list[FormPart]:
    """Return the public forms as they are worked on."""
    questions: dict[object, list[QuestionPart]] = {}
    teams = dict(Team.rows().values_list("id", "key"))
    for row in FormQuestion.rows():
        questions.setdefault(row.form_id, []).append(_part(question_of(row)))
    return [
        FormPart(
            slug=row.slug,
            source=row.source.key,
            services=tuple(row.services),
            is_published=row.is_published,
            allowed_sites=tuple(row.allowed_sites),
            asset=row.asset.key if row.asset and row.asset.url else None,
            owner=teams.get(row.owning_team_id) if row.owning_team_id else None,
            shared_with=tuple(sorted(teams[each] for each in row.shared_team_ids if each in teams)),
            questions=tuple(questions.get(row.id, ())),
            **{name: getattr(row, name) for name in _PLAIN},
        )
        for row in Form.rows().select_related("source", "asset").order_by("slug")
    ]


def _question(part: QuestionPart) -> Question:
    choices = tuple(Choice(each.value, each.label, each.label_es) for each in part.choices)
    return Question(**{**part.model_dump(), "choices": choices})


def _part(question: Question) -> QuestionPart:
    names = QuestionPart.model_fields.keys() - {"choices"}
    choices = tuple(OptionPart(value=each.value, label=each.label, label_es=each.label_es) for each in question.choices)
    return QuestionPart.model_validate({**{name: getattr(question, name) for name in names}, "choices": choices})
