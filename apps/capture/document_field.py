"""The field of a form that takes documents, with those that the server already holds for it.

A door lays out what is held before it judges a post, and puts away what came with it afterwards, whether the rest of
the form was right or not.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.capture.document_rules import Attached, sort_out
from apps.capture.document_shelf import Held, ShelfFull, held_on, hold, let_go
from apps.capture.documents import problems_of
from apps.tenancy.errors import Invalid

NAME, GONE = "documents", "documents_gone"


class ManyFiles(forms.FileInput):
    """A choice of several files."""

    allow_multiple_selected = True


class DocumentsField(forms.FileField):
    """Several files, read whole: the body's limit keeps them small. `held` are those of the posts before."""

    def __init__(self, **more: Any) -> None:
        usual = {
            "label": _("Documents"),
            "required": False,
            "help_text": _("PDF, JPEG, PNG or TIFF; at most five, 5 MB each. They are kept encrypted."),
            "widget": ManyFiles({"accept": ".pdf,.jpg,.jpeg,.png,.tif,.tiff"}),
        }
        super().__init__(**{**usual, **more})
        self.held: Sequence[Held] = ()
        self.taken: tuple[Attached, ...] = ()

    def clean(self, data: Any, initial: Any = None) -> list[Attached]:
        """Read the files and say which are not taken; the others are kept in `taken`."""
        given = data if isinstance(data, list | tuple) else [data] if data else []
        files = [Attached(each.name or "", each.read()) for each in given]
        found = sort_out(files, count=len(self.held), size=sum(each.size_bytes for each in self.held))
        self.taken = found.taken
        if problems := problems_of(found):
            raise forms.ValidationError([each.detail for each in problems])
        if self.required and not (self.taken or self.held):
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return list(found.taken)


def lay_out(form: forms.Form, shelf: str, gone: Sequence[str] = ()) -> None:
    """Show on the form what its shelf holds, without what was ticked to be taken off. Before the form is judged."""
    field = _field_of(form)
    if field is None:
        return
    ids = {str(each.id) for each in held_on(shelf)} & set(gone)
    let_go(shelf=shelf, ids=[UUID(each) for each in ids])
    field.held = held_on(shelf)


def put_away(form: forms.Form, shelf: str, now: datetime, *, sender: str = "") -> bool:
    """Hold what came with a judged post and may be taken; False, with an error on the form, where that is too much."""
    field = _field_of(form)
    if field is None or not field.taken:
        return True
    try:
        hold(shelf=shelf, files=field.taken, now=now, sender=sender)
    except ShelfFull as full:
        form.add_error(NAME, full.detail)
        return False
    except Invalid as wrong:
        form.add_error(NAME, [each.detail for each in wrong.problems])
        return False
    field.taken, field.held = (), held_on(shelf)
    return True


def names_held(form: forms.Form) -> list[str]:
    """Return the names of the documents that the form would send."""
    field = _field_of(form)
    return [each.name for each in field.held] if field is not None else []


def _field_of(form: forms.Form) -> DocumentsField | None:
    field = form.fields.get(NAME)
    return field if isinstance(field, DocumentsField) else None
