"""Keep public forms: save what is worked on, put a checked version on the net, take a form off it.

A page may go out only when it tells what people agree to, what happens next, and why it asks each question.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.assets import require_asset_change, usual_owner
from apps.accounts.saving import Change, Saved, require_settings, save_row
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.capture.form_checks import find_problems
from apps.capture.form_documents import document_of
from apps.capture.form_queries import FORM_ADDRESS, content_worked_on, facts_of_form, latest_version
from apps.capture.form_terms import STANDARD_QUESTIONS, Question, write_choices
from apps.capture.models import Asset, Form, FormQuestion, FormVersion
from apps.policies.terms import Problem as Finding
from apps.policies.terms import Severity
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused
from apps.tenancy.models import Address
from apps.tenancy.scope import current_organization_id


def save_form(
    *, actor: Actor, slug: str, values: Mapping[str, Any], questions: Sequence[Question] | None = None
) -> Saved[Form]:
    """Create or update a form as it is worked on; what people see stays until it is published again.

    `questions` says all questions in their order; None leaves them. A new form is its maker's team's. Refuses actors
    without `settings:write`, a form of another team, and a slug that another tenant's form has.
    """
    require_settings(actor, "form")
    there = Form.rows().select_for_update(of=("self",)).filter(slug=slug).first()
    if there is not None:
        require_asset_change(actor, there)
    address = Address.objects.filter(kind=FORM_ADDRESS, key=slug).first()
    if address is not None and address.organization_id != current_organization_id():
        raise _slug_taken(slug)
    also = {} if "owning_team" in values else {"owning_team": usual_owner(actor)}
    saved = save_row(Form, actor=actor, find={"slug": slug}, values=values, also=also)
    if address is None:
        Address.objects.create(
            kind=FORM_ADDRESS, key=slug, organization_id=current_organization_id(), row_id=saved.row.id
        )
    changed = questions is not None and _keep_questions(actor, saved.row, questions)
    if changed or saved.change is not Change.UNCHANGED:
        Form.rows().filter(id=saved.row.id).update(edited_by=actor.membership_id)
    if changed and saved.change is Change.UNCHANGED:
        return Saved(saved.row, Change.UPDATED, ("questions",))
    return saved


def publish_form(*, actor: Actor, form_id: UUID, now: datetime) -> Form:
    """Put what is worked on on the net as the next version, at the form's own address.

    Nothing new is made when the version on the net says the same. Refuses actors without `settings:write`, a
    form with an error of `form_checks` (all are named at once), a slug that another tenant has, and, where the
    form needs approval, whoever edited it last.
    """
    form = _locked(actor, form_id)
    if form.needs_approval and actor.membership_id is not None and form.edited_by_id == actor.membership_id:
        raise Refused(
            "You edited this form last: another person publishes it.",
            code="author_cannot_approve",
            action="form.publish",
            object_type="form",
            object_id=form_id,
        )
    _refuse_errors(form, now)
    address, _ = Address.objects.get_or_create(
        kind=FORM_ADDRESS,
        key=form.slug,
        defaults={"organization_id": current_organization_id(), "row_id": form.id},
    )
    if address.row_id != form.id:
        raise _slug_taken(form.slug)
    version = _freeze(actor, form, now)
    if version is None and form.is_published:
        return form
    return _switch(actor, form, "form.publish", is_published=True, number=version.number if version else None)


def withdraw_form(*, actor: Actor, form_id: UUID) -> Form:
    """Take a form off the net; its versions stay. Refuses actors without `settings:write`."""
    return _switch(actor, _locked(actor, form_id), "form.withdraw", is_published=False)


def form_problems(form: Form, now: datetime) -> tuple[Finding, ...]:
    """Name what keeps the form from being published, and what is worth a second look."""
    content = content_worked_on(form)
    return find_problems(content, facts_of_form(form, content, now))


def start_questions(*, actor: Actor, form_id: UUID) -> Form:
    """Give a form without questions the usual ones, to change from there. Refuses one that has some."""
    form = _locked(actor, form_id)
    if form.questions.exists():
        raise Conflict("The form has questions already.", code="has_questions")
    _keep_questions(actor, form, STANDARD_QUESTIONS)
    return form


def move_question(*, actor: Actor, form_id: UUID, question_id: UUID, up: bool) -> None:
    """Move a question one place up or down; the first one up and the last one down stay where they are."""
    form = _locked(actor, form_id)
    rows = list(FormQuestion.rows().filter(form=form))
    place = next((at for at, row in enumerate(rows) if row.id == question_id), None)
    if place is None:
        raise NotFound
    other = place - 1 if up else place + 1
    if not 0 <= other < len(rows):
        return
    rows[place], rows[other] = rows[other], rows[place]
    for position, row in enumerate(rows):
        row.position = position
    FormQuestion.objects.bulk_update(rows, ["position"])
    Form.rows().filter(id=form.id).update(edited_by=actor.membership_id)
    ledger.record(actor=actor, action="form.update", object_type="form", object_id=form.id, fields=["questions"])


def save_asset(*, actor: Actor, key: str, values: Mapping[str, Any]) -> Saved[Asset]:
    """Create or update what a download form gives. Refuses actors without `settings:write`, and nothing at all."""
    if not values.get("url") and not values.get("data"):
        raise Invalid("Give a file or an address.", (Problem("/url", "missing", "Give a file or an address."),))
    return save_row(Asset, actor=actor, find={"key": key}, values=values)


def _keep_questions(actor: Actor, form: Form, questions: Sequence[Question]) -> bool:
    """Store the questions in order; say whether anything changed."""
    there = {row.key: row for row in FormQuestion.rows().filter(form=form)}
    wanted = {each.key: (position, each) for position, each in enumerate(questions)}
    if len(wanted) != len(questions):
        raise Invalid("Keys.", (Problem("/questions", "asked_twice", "Two questions have the same key."),))
    changed = bool(there.keys() - wanted.keys())
    FormQuestion.rows().filter(id__in=[row.id for key, row in there.items() if key not in wanted]).delete()
    for key, (position, question) in wanted.items():
        values = {**asdict(question), "choices": write_choices(question.choices), "position": position}
        row = there.get(key) or FormQuestion(form=form, key=key)
        if row._state.adding or any(getattr(row, name) != value for name, value in values.items()):
            changed = True
            for name, value in values.items():
                setattr(row, name, value)
            row.save()
    if changed:
        ledger.record(actor=actor, action="form.update", object_type="form", object_id=form.id, fields=["questions"])
    return changed


def freeze_variant(*, actor: Actor, form: Form, now: datetime) -> FormVersion:
    """Keep what is worked on as a version that only an experiment shows; what people see stays.

    Its author is who worked on the form last. Refuses a form of another team, one with an error of `form_checks`, as
    publishing does, and one that says what is on the net already.
    """
    require_asset_change(actor, form, "publish")
    _refuse_errors(form, now)
    document, digest = frozen_content(form)
    last = latest_version(form.id)
    if last is None or not form.is_published:
        raise Conflict("Publish the form first: there is nothing on the net to compare with.", code="not_published")
    if last.digest == digest:
        sentence = "What is worked on says the same as what is on the net. Change the form first: that is arm B."
        raise Invalid(sentence, (Problem("/subject", "nothing_new", sentence),))
    return _keep_version(actor, form, document, digest, now, is_variant=True, author_id=form.edited_by_id)


def adopt_variant(*, actor: Actor, version_id: UUID, now: datetime) -> FormVersion:
    """Put what an experiment tried on the net for everybody, as the next version. Who may do so is the experiment's."""
    variant = FormVersion.rows().select_related("form").get(id=version_id)
    form = Form.rows().select_for_update(of=("self",)).get(id=variant.form_id)
    if not form.is_published:
        raise Conflict("The form is off the net. Publish it instead.", code="not_published")
    version = _keep_version(actor, form, variant.document, variant.digest, now, author_id=variant.author_id)
    _switch(actor, form, "form.publish", is_published=True, number=version.number)
    return version


def frozen_content(form: Form) -> tuple[dict[str, Any], str]:
    """Return what is worked on as a version keeps it, with its digest."""
    document = document_of(content_worked_on(form))
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return document, hashlib.sha256(text.encode()).hexdigest()


def _freeze(actor: Actor, form: Form, now: datetime) -> FormVersion | None:
    document, digest = frozen_content(form)
    last = latest_version(form.id)
    if last is not None and last.digest == digest:
        return None
    return _keep_version(actor, form, document, digest, now, author_id=actor.membership_id)


def _keep_version(
    actor: Actor,
    form: Form,
    document: dict[str, Any],
    digest: str,
    now: datetime,
    *,
    author_id: UUID | None,
    is_variant: bool = False,
) -> FormVersion:
    last = FormVersion.rows().filter(form=form).order_by("-number").values_list("number", flat=True).first()
    version = FormVersion(
        form=form,
        number=(last or 0) + 1,
        is_variant=is_variant,
        document=document,
        digest=digest,
        author_id=author_id,
        published_by=actor.label[:200],
        published_at=now,
    )
    version.save(force_insert=True)
    return version


def _refuse_errors(form: Form, now: datetime) -> None:
    errors = [each for each in form_problems(form, now) if each.severity is Severity.ERROR]
    if errors:
        raise Invalid(
            "This form cannot be published yet: " + errors[0].sentence,
            tuple(Problem(each.path, each.code, each.sentence) for each in errors),
            code="not_publishable",
        )


def _slug_taken(slug: str) -> Conflict:
    return Conflict(f"The form address “{slug}” is taken; choose another one.", code="slug_taken")


def _locked(actor: Actor, form_id: UUID) -> Form:
    if not actor.may(Permission.SETTINGS_WRITE):
        raise Refused(
            "Only people who may change settings publish forms. Ask your administrator.",
            action="form.publish",
            object_type="form",
            object_id=form_id,
        )
    rows = Form.rows().select_for_update(of=("self",)).select_related("source", "asset")
    form = rows.filter(id=form_id).first()
    if form is None:
        raise NotFound
    require_asset_change(actor, form, "publish")
    return form


def _switch(actor: Actor, form: Form, action: str, *, is_published: bool, number: int | None = None) -> Form:
    form.is_published = is_published
    form.save(update_fields=["is_published"])
    detail = {"version": number} if number else {}
    ledger.record(
        actor=actor, action=action, object_type="form", object_id=form.id, fields=["is_published"], detail=detail
    )
    return form
