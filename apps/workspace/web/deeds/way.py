"""The lead's way: asking for a change, transfer, visit, stage, end."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.catalog.combinations import offices_with
from apps.flows import (
    asking,
    booking,
    closing,
    mismatches,
    owner_moves,
    returning,
    stages,
    taking_slots,
    transfer,
)
from apps.flows.consent_requests import CONSENT_FIELDS
from apps.leads.models import Lead
from apps.ownership.queries import consent_team
from apps.tenancy.actor import Actor
from apps.workspace import closing_page, owning_page, picklists, slot_words
from apps.workspace.rows import visit_wish
from apps.workspace.web import forms, handoff_forms
from apps.workspace.web.booking_form import Book
from apps.workspace.web.deeds.deed import Deed, Sent
from apps.workspace.words import Wall


def _ask(sent: Sent) -> object:
    return asking.ask_to_change(actor=sent.actor, lead_id=sent.lead.id, now=sent.now, **sent.values)


def _transfer(sent: Sent) -> object:
    values = sent.values
    wanted = transfer.Transfer(
        team_key=values["team"],
        reason=values["reason"].strip(),
        service_key=values["service"],
        location_key=values["location"],
        member_id=UUID(values["member"]) if values["member"] else None,
    )
    return transfer.transfer_lead(
        actor=sent.actor, lead_id=sent.lead.id, transfer=wanted, now=sent.now, version=sent.version
    )


def _return(sent: Sent) -> object:
    return returning.return_transfer(
        actor=sent.actor,
        lead_id=sent.lead.id,
        reason=sent.values["reason"].strip(),
        now=sent.now,
        version=sent.version,
    )


def _mismatch(sent: Sent) -> object:
    return mismatches.report_mismatch(
        actor=sent.actor,
        lead_id=sent.lead.id,
        actual_key=sent.values["service"],
        reason=sent.values["reason"].strip(),
        now=sent.now,
        version=sent.version,
    )


def _beside_transfer(lead: Lead, actor: Actor, wall: Wall) -> dict[str, Any]:
    checklist = [
        {"label": _("Service named"), "done": lead.service is not None, "url": ""},
        {"label": _("Location named"), "done": lead.location is not None, "url": ""},
        {"label": _("Preferred channel known"), "done": bool(lead.preferred_channel), "url": ""},
    ]
    return {
        "handoff": {
            "checklist": checklist,
            "travels": [_("the whole story with its notes"), _("consent"), _("clocks")],
            "withheld": [],
            "deadline_label": _("They follow up within 30 minutes of their opening hours."),
        }
    }


def _book(sent: Sent) -> object:
    values = sent.values
    if values.get("slot"):
        return taking_slots.book_slot(
            actor=sent.actor,
            lead_id=sent.lead.id,
            slot_key=values["slot"],
            now=sent.now,
            version=sent.version,
            confirmed_by=values["confirmed_by"].strip(),
            external_ref=values["external_ref"].strip(),
        )
    visit = booking.Visit(
        starts_at=values["starts_at"],
        minutes=values["minutes"],
        location_key=values["location"],
        provider=values["provider"].strip(),
        confirmed_by=values["confirmed_by"].strip(),
        external_ref=values["external_ref"].strip(),
    )
    return booking.book_visit(actor=sent.actor, lead_id=sent.lead.id, visit=visit, now=sent.now, version=sent.version)


def _beside_book(lead: Lead, actor: Actor, wall: Wall) -> dict[str, Any]:
    place = lead.location
    zone = wall.zone.rpartition("/")[2].replace("_", " ")
    return {
        "location": {
            "name": place.name if place else "",
            "address": f"{place.street}, {place.city}, {place.region} {place.postal_code}" if place else "",
            "hours_label": "",
            "zone_label": _("Times are %(zone)s time.") % {"zone": zone},
        },
        "wish": visit_wish(lead, actor),
        "appointments": picklists.appointments_of(lead, wall),
    }


def _move(sent: Sent) -> object:
    return stages.move_lead(
        actor=sent.actor,
        lead_id=sent.lead.id,
        to_stage=sent.values["stage"],
        reason=sent.values["reason"].strip(),
        now=sent.now,
        version=sent.version,
    )


def _record_event(sent: Sent) -> object:
    return owner_moves.record_event(
        actor=sent.actor,
        lead_id=sent.lead.id,
        event=sent.values["event"],
        note=sent.values["note"].strip(),
        now=sent.now,
    )


def _close(sent: Sent) -> object:
    values = sent.values
    return closing.close_lead(
        actor=sent.actor,
        lead_id=sent.lead.id,
        reason=values["reason"],
        note=values["note"].strip(),
        outcome=values["outcome"],
        missing_data=values["missing_data"],
        duplicate_of=values["duplicate_of"],
        now=sent.now,
        version=sent.version,
    )


def _beside_ask(lead: Lead, actor: Actor, wall: Wall) -> dict[str, Any]:
    """Return what the fields on offer can become, which of them are permissions, and who grants those."""
    offered, keeper = asking.offered(actor, lead, wall.now), consent_team(wall.now)
    return {
        "proposals": {label for name in offered for label in asking.values_of(lead, name).values()},
        "permissions": [name for name in offered if name in CONSENT_FIELDS],
        "keeper": keeper.name if keeper else "",
    }


WAY_DEEDS: dict[str, Deed] = {
    "ask": Deed(
        "ask",
        "ask",
        forms.Ask,
        _ask,
        gettext_noop("Asked. The answer will stand in the timeline."),
        choices=lambda lead, now: {"field": [(key, _(words)) for key, words in asking.ASKABLE.items()]},
        beside=_beside_ask,
        from_address=("field",),
        offered=lambda actor, lead, now: {"field": asking.offered(actor, lead, now)},
    ),
    "transfer": Deed(
        "transfer",
        "transfer",
        forms.TransferForm,
        _transfer,
        gettext_noop("Transferred."),
        choices=lambda lead, now: {
            "team": picklists.teams(),
            "member": picklists.members(),
            "service": picklists.services(),
            "location": list(offices_with("").items()),
        },
        beside=_beside_transfer,
    ),
    "return_transfer": Deed(
        "return",
        "return_transfer",
        handoff_forms.ReturnTransfer,
        _return,
        gettext_noop("Returned with your reason."),
    ),
    "mismatch": Deed(
        "mismatch",
        "mismatch",
        handoff_forms.WrongCategory,
        _mismatch,
        gettext_noop("Corrected and counted."),
        choices=lambda lead, now: {"service": picklists.services()},
    ),
    "book": Deed(
        "book",
        "book",
        Book,
        _book,
        gettext_noop("Visit booked."),
        choices=lambda lead, now: {"location": picklists.offices_to_book(lead), "slot": slot_words.choices(lead, now)},
        initial=lambda lead, wall: {"location": lead.location.key if lead.location else ""},
        beside=_beside_book,
    ),
    "move_stage": Deed(
        "move",
        "move_stage",
        forms.MoveStage,
        _move,
        gettext_noop("Moved."),
        choices=lambda lead, now: {"stage": picklists.stage_choices(lead, now)},
        beside=lambda lead, actor, wall: {"gates": picklists.gates_of(lead, picklists.next_stages(lead, wall.now))},
    ),
    "record_event": Deed(
        "record-event",
        "record_event",
        forms.OwnerEvent,
        _record_event,
        gettext_noop("Recorded."),
        choices=lambda lead, now: {"event": owning_page.event_choices(lead, now)},
        beside=lambda lead, actor, wall: {"policy": owning_page.policy_shown(lead, wall)},
    ),
    "close": Deed(
        "close",
        "close",
        forms.Close,
        _close,
        gettext_noop("Lead closed."),
        choices=lambda lead, now: closing_page.choices_of(lead),
        beside=lambda lead, actor, wall: {
            "consequences": picklists.ends_with_closing(lead),
            "meanings": closing_page.meanings_of(lead, wall.now),
            "other_leads": picklists.leads_that_may_go_on(lead, wall),
        },
    ),
}
