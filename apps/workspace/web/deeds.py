"""The things one does with a lead by a form: what each offers, shows beside, and hands to its flow."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.consent.terms import Channel
from apps.flows import (
    asking,
    booking,
    calls,
    closing,
    leasing,
    notes,
    opt_out,
    parties,
    reachability,
    stages,
    transfer,
)
from apps.flows.clashes import value_of
from apps.flows.reaching import channels_of
from apps.flows.scripted import asking_of
from apps.leads.models import Lead
from apps.outreach.terms import ActivityKind, Outcome
from apps.tenancy.actor import Actor
from apps.workspace import lead_page, picklists
from apps.workspace.call_effects import effects_shown
from apps.workspace.consent_tiles import tiles_of
from apps.workspace.web import forms
from apps.workspace.words import Wall, contact_of

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was filled in: by whom, about which lead, with which version and key."""

    actor: Actor
    lead: Lead
    values: Values
    now: datetime
    version: int | None
    key: str


def _nothing(*_args: object) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing to do. `pointers` maps a flow's problem to the field it is shown at;
    `from_address` names fields whose first value an address may carry."""

    path: str
    template: str
    form: type[forms.Act]
    carry_out: Callable[[Sent], object]
    done: str
    choices: Callable[[Lead, datetime], dict[str, forms.Choices]] = _nothing
    initial: Callable[[Lead, Wall], dict[str, Any]] = _nothing
    beside: Callable[[Lead, Actor, Wall], dict[str, Any]] = _nothing
    pointers: Mapping[str, str] = field(default_factory=dict)
    from_address: tuple[str, ...] = ()


def _log_call(sent: Sent) -> object:
    values = sent.values
    seconds = (values["minutes"] or 0) * 60
    contact = calls.Contact(
        kind=ActivityKind(values["kind"]),
        outcome=Outcome(values["outcome"]),
        started_at=values["started_at"] or sent.now - timedelta(seconds=seconds),
        duration_seconds=seconds,
        note=values["note"].strip(),
        next_at=values["next_at"],
        next_channel=values["next_channel"],
        dedup_key=f"page:{sent.key}"[:80] if sent.key.isprintable() and sent.key else "",
        stops=tuple(Channel(each) for each in values["stops"]),
    )
    return calls.log_call(actor=sent.actor, lead_id=sent.lead.id, contact=contact, now=sent.now, version=sent.version)


def _beside_call(lead: Lead, actor: Actor, wall: Wall) -> dict[str, Any]:
    next_at = _next_try(lead, wall)["next_at"]
    return {
        "attempt_label": _("Attempt %(n)s") % {"n": lead.attempts + 1},
        "consent": tiles_of(lead, channels_of([lead], wall.now, wall.zone)[lead.id], actor, wall),
        "script": {
            "title": _("If a voicemail answers"),
            "lines": [
                _("Say your name, the organization and your number."),
                _("Do not name the service or the reason of the call."),
            ],
        },
        "asking": asking_of(lead, wall.now),
        "effects": effects_shown(lead, [each for each, _label in forms.OUTCOMES], next_at, wall),
    }


def _next_try(lead: Lead, wall: Wall) -> dict[str, Any]:
    """Propose the next working day, at a quarter past ten where they are."""
    zone = ZoneInfo(contact_of(lead).zone or wall.zone)
    day = wall.now.astimezone(zone).date() + timedelta(days=1)
    while day.weekday() > 4:
        day += timedelta(days=1)
    return {"next_at": datetime.combine(day, time(10, 15), zone)}


def _transfer(sent: Sent) -> object:
    values = sent.values
    wanted = transfer.Transfer(
        team_key=values["team"],
        reason=values["reason"].strip(),
        service_key=values["service"],
        member_id=UUID(values["member"]) if values["member"] else None,
    )
    return transfer.transfer_lead(
        actor=sent.actor, lead_id=sent.lead.id, transfer=wanted, now=sent.now, version=sent.version
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
            "name": place.name if place else _("No location yet"),
            "address": f"{place.street}, {place.city}, {place.region} {place.postal_code}" if place else "",
            "hours_label": "",
            "zone_label": _("Times are %(zone)s time.") % {"zone": zone},
        },
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


def _opt_out(sent: Sent) -> object:
    values = sent.values
    return opt_out.opt_out(
        actor=sent.actor,
        lead_id=sent.lead.id,
        channels=[Channel(each) for each in values["channels"]],
        reason=values["reason"].strip(),
        source=values["source"],
        words=values["words"].strip(),
        now=sent.now,
    )


def _allow(sent: Sent) -> object:
    values = sent.values
    return opt_out.widen(
        actor=sent.actor,
        lead_id=sent.lead.id,
        channel=Channel(values["channel"]),
        evidence_kind=values["evidence_kind"],
        evidence_ref=values["evidence_ref"].strip(),
        reason=values["reason"].strip(),
        now=sent.now,
    )


def _judge_point(sent: Sent) -> object:
    values = sent.values
    return reachability.judge_point(
        actor=sent.actor,
        lead_id=sent.lead.id,
        point_id=UUID(values["point"]),
        works=values["works"] == "yes",
        reason=values["reason"],
        now=sent.now,
    )


def _skip(sent: Sent) -> object:
    leasing.skip_lead(actor=sent.actor, lead_id=sent.lead.id, reason=sent.values["reason"], now=sent.now)
    return None


def _ask(sent: Sent) -> object:
    return asking.ask_to_change(actor=sent.actor, lead_id=sent.lead.id, now=sent.now, **sent.values)


def _add_note(sent: Sent) -> object:
    return notes.add_note(actor=sent.actor, lead_id=sent.lead.id, text=sent.values["text"], now=sent.now)


def _edit(sent: Sent) -> object:
    """Hand in only what differs from the record, so that a locked field left alone stops nothing."""
    changes = {name: text for name, text in sent.values.items() if text != value_of(sent.lead, name)}
    return notes.edit_lead(actor=sent.actor, lead_id=sent.lead.id, changes=changes, now=sent.now, version=sent.version)


def _name_party(sent: Sent) -> object:
    values = sent.values
    return parties.name_party(
        actor=sent.actor, lead_id=sent.lead.id, party_key=values["party"], part=values["part"], now=sent.now
    )


def _close(sent: Sent) -> object:
    values = sent.values
    return closing.close_lead(
        actor=sent.actor,
        lead_id=sent.lead.id,
        reason=values["reason"],
        note=values["note"].strip(),
        outcome=values["outcome"],
        duplicate_of=values["duplicate_of"],
        now=sent.now,
        version=sent.version,
    )


DEEDS: dict[str, Deed] = {
    "log_call": Deed(
        "log-call",
        "log_call",
        forms.LogCall,
        _log_call,
        gettext_noop("Contact logged."),
        initial=_next_try,
        beside=_beside_call,
        pointers={"/next_action_at": "next_at", "/channels": "stops", "/notes": "note", "/delivery_status": "outcome"},
    ),
    "skip": Deed(
        "skip",
        "skip",
        forms.Skip,
        _skip,
        gettext_noop("Skipped; somebody else will take it."),
        choices=lambda lead, now: {"reason": [(key, _(words)) for key, words in leasing.SKIP_REASONS.items()]},
    ),
    "ask": Deed(
        "ask",
        "ask",
        forms.Ask,
        _ask,
        gettext_noop("Asked. The answer will stand in the timeline."),
        choices=lambda lead, now: {"field": [(key, _(words)) for key, words in asking.ASKABLE.items()]},
        beside=lambda lead, actor, wall: {
            "proposals": {label for name in asking.ASKABLE for label in asking.values_of(lead, name).values()}
        },
        from_address=("field",),
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
        },
        beside=_beside_transfer,
    ),
    "book": Deed(
        "book",
        "book",
        forms.Book,
        _book,
        gettext_noop("Visit booked."),
        choices=lambda lead, now: {"location": picklists.locations()},
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
    "opt_out": Deed(
        "opt-out",
        "opt_out",
        forms.OptOut,
        _opt_out,
        gettext_noop("Contact stopped."),
        beside=lambda lead, actor, wall: {"consequences": picklists.stops_with_opt_out(lead)},
    ),
    "allow": Deed("allow", "allow", forms.Allow, _allow, gettext_noop("Permission recorded.")),
    "judge_point": Deed(
        "contact-point",
        "judge_point",
        forms.JudgePoint,
        _judge_point,
        gettext_noop("Noted."),
        choices=lambda lead, now: {"point": picklists.contact_points(lead)},
        from_address=("point",),
    ),
    "edit": Deed(
        "edit",
        "edit",
        forms.Edit,
        _edit,
        gettext_noop("Saved."),
        choices=lambda lead, now: {"service": picklists.services(lead), "location": picklists.locations(lead)},
        initial=lambda lead, wall: {name: value_of(lead, name) for name in (*notes.PICKED, *notes.EDITABLE)},
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
    "close": Deed(
        "close",
        "close",
        forms.Close,
        _close,
        gettext_noop("Lead closed."),
        choices=lambda lead, now: {"reason": lead_page.closure_choices(lead)},
        beside=lambda lead, actor, wall: {
            "consequences": picklists.ends_with_closing(lead),
            "other_leads": picklists.leads_that_may_go_on(lead, wall),
        },
    ),
}
