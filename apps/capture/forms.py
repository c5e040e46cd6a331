"""Put a public form on the net or take it off. A page may go out only when it tells what people agree to."""

from uuid import UUID

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.capture.models import Form
from apps.capture.queries import FORM_ADDRESS, wordings_of
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused
from apps.tenancy.models import Address
from apps.tenancy.scope import current_organization_id


def publish_form(*, actor: Actor, form_id: UUID) -> Form:
    """Put a form on the net and give it its address.

    Refuses actors without `settings:write`, forms without a consent block (row CN-02), without
    "what happens next" (row CP-20) or on a source that is switched off, and a slug that another
    tenant has. All that is missing is named at once.
    """
    form = _locked(actor, form_id)
    problems = publish_problems(form)
    if problems:
        raise Invalid("This form cannot be published yet: " + problems[0].detail, problems, code="not_publishable")
    address, _ = Address.objects.get_or_create(
        kind=FORM_ADDRESS,
        key=form.slug,
        defaults={"organization_id": current_organization_id(), "row_id": form.id},
    )
    if address.row_id != form.id:
        raise Conflict(f"The form address “{form.slug}” is taken; choose another one.", code="slug_taken")
    return _switch(actor, form, "form.publish", is_published=True)


def withdraw_form(*, actor: Actor, form_id: UUID) -> Form:
    """Take a form off the net. Refuses actors without `settings:write`."""
    return _switch(actor, _locked(actor, form_id), "form.withdraw", is_published=False)


def publish_problems(form: Form) -> tuple[Problem, ...]:
    """Name everything that keeps a form from being published."""
    problems = []
    if not form.what_happens_next.strip():
        problems.append(Problem("/what_happens_next", "next_steps_missing", "Say what happens next."))
    if not form.consent_version or not wordings_of(form.consent_version):
        problems.append(Problem("/consent_version", "consent_block_missing", "Name a consent wording that exists."))
    if not form.source.is_active:
        problems.append(Problem("/source", "source_inactive", "The form's source is switched off."))
    return tuple(problems)


def _locked(actor: Actor, form_id: UUID) -> Form:
    if not actor.may(Permission.SETTINGS_WRITE):
        raise Refused(
            "Only people who may change settings publish forms. Ask your administrator.",
            action="form.publish",
            object_type="form",
            object_id=form_id,
        )
    form = Form.rows().select_for_update(of=("self",)).select_related("source").filter(id=form_id).first()
    if form is None:
        raise NotFound
    return form


def _switch(actor: Actor, form: Form, action: str, *, is_published: bool) -> Form:
    form.is_published = is_published
    form.save(update_fields=["is_published"])
    ledger.record(actor=actor, action=action, object_type="form", object_id=form.id, fields=["is_published"])
    return form
