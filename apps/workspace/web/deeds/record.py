"""What is known of the lead: its fields, notes, and who has a part in it."""

from django.utils.translation import gettext_noop

from apps.flows import (
    notes,
    parties,
)
from apps.flows.clashes import value_of
from apps.flows.undoing import edit_and_keep
from apps.workspace import picklists
from apps.workspace.web import forms
from apps.workspace.web.deeds.deed import Deed, Sent


def _edit(sent: Sent) -> object:
    """Hand in only what differs from the record, so that a locked field left alone stops nothing."""
    told = {name: text for name, text in sent.values.items() if name in notes.SEALED and text}
    known = {name: text for name, text in sent.values.items() if name not in notes.SEALED}
    changes = told | {name: text for name, text in known.items() if text != value_of(sent.lead, name)}
    return edit_and_keep(actor=sent.actor, lead_id=sent.lead.id, changes=changes, now=sent.now, version=sent.version)


def _add_note(sent: Sent) -> object:
    return notes.add_note(actor=sent.actor, lead_id=sent.lead.id, text=sent.values["text"], now=sent.now)


def _name_party(sent: Sent) -> object:
    values = sent.values
    return parties.name_party(
        actor=sent.actor, lead_id=sent.lead.id, party_key=values["party"], part=values["part"], now=sent.now
    )


RECORD_DEEDS: dict[str, Deed] = {
    "edit": Deed(
        "edit",
        "edit",
        forms.Edit,
        _edit,
        gettext_noop("Saved."),
        choices=lambda lead, now: {
            "service": picklists.services(lead),
            "location": picklists.locations(lead),
            "appointment_type": picklists.visit_types(lead),
        },
        initial=lambda lead, wall: {name: value_of(lead, name) for name in (*notes.PICKED, *notes.EDITABLE)},
        fills=lambda lead, now: {name: name for name in (*notes.PICKED, *notes.EDITABLE, *notes.SEALED)},
    ),
    "add_note": Deed("note", "add_note", forms.AddNote, _add_note, gettext_noop("Note added.")),
    "name_party": Deed(
        "party",
        "name_party",
        forms.NameParty,
        _name_party,
        gettext_noop("Organisation added."),
        choices=lambda lead, now: {"party": picklists.parties(), "part": picklists.parts()},
    ),
}
