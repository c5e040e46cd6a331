"""Texts people read: consent wording, public forms, message templates."""

from collections.abc import Mapping
from typing import Any

from apps.accounts.saving import Change, Saved, require_settings, save_row
from apps.audit import ledger
from apps.capture.models import Form
from apps.consent.models import ConsentWording
from apps.outreach.models import Template
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict
from apps.tenancy.models import Address
from apps.tenancy.scope import current_organization_id

ADDRESS_KIND = "form"


def save_wording(*, actor: Actor, find: Mapping[str, Any], text: str) -> Saved[ConsentWording]:
    """Add a consent wording. Refuses another text under the same version: people agreed to the old one."""
    row = ConsentWording.rows().filter(**find).first()
    if row is None:
        require_settings(actor, "consentwording")
        row = ConsentWording(**find, text=text)
        row.save(force_insert=True)
        ledger.record(actor=actor, action="consentwording.create", object_type="consentwording", object_id=row.id)
        return Saved(row, Change.CREATED)
    if row.text != text:
        raise Conflict(
            f"Version {row.version} has another text already, and texts once used are never changed: "
            "give the new text a new version."
        )
    return Saved(row, Change.UNCHANGED)


def save_form(*, actor: Actor, slug: str, values: Mapping[str, Any]) -> Saved[Form]:
    """Create or update a public form; its address leads to this tenant.

    Refuses a slug that another tenant's form has.
    """
    organization_id = current_organization_id()
    address = Address.objects.filter(kind=ADDRESS_KIND, key=slug).first()
    if address is not None and address.organization_id != organization_id:
        raise Conflict(f"The form address “{slug}” is taken; choose another one.")
    saved = save_row(Form, actor=actor, find={"slug": slug}, values=values)
    if address is None:
        Address.objects.create(kind=ADDRESS_KIND, key=slug, organization_id=organization_id, row_id=saved.row.id)
    return saved


def save_template(*, actor: Actor, find: Mapping[str, Any], subject: str, body: str) -> Saved[Template]:
    """Create or update a message template; a changed text is the next version."""
    values: dict[str, Any] = {"subject": subject, "body": body}
    row = Template.rows().filter(**find).first()
    if row is not None and (row.subject, row.body) != (subject, body):
        values["version"] = row.version + 1
    return save_row(Template, actor=actor, find=find, values=values)
