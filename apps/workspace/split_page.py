"""Splitting an arrival off its lead, as its page shows it: what is asked, and what will happen before it happens."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.accounts.terms import FieldGroup
from apps.consent.models import ConsentEvent
from apps.consent.terms import Channel
from apps.flows.masking import reads_health
from apps.flows.splitting import SplitKind, SplitOutcome
from apps.leads.models import ContactPoint, Lead, TimelineEntry, Touch
from apps.tenancy.actor import Actor
from apps.workspace.duplicates_page import CHANNEL_LABELS, FIELD_LABELS
from apps.workspace.words import Wall, address_of, name_of, plain, shows_contact


def asked(lead: Lead, touch: Touch, actor: Actor, wall: Wall) -> dict[str, Any]:
    """Return the lead and the arrival in question."""
    is_masked = FieldGroup.MARKETING in actor.hidden_fields
    return {
        "lead": {"id": lead.id, "ref": lead.ref, "name": name_of(actor, lead.person)},
        "touch": {"source": "" if is_masked else touch.source.name, "at": touch.at, "at_label": wall.at(touch.at)},
    }


def choices(
    entries: Iterable[TimelineEntry], picked: Collection[UUID], actor: Actor, wall: Wall
) -> list[dict[str, Any]]:
    """Return the contacts and notes since the arrival, with those that were ticked."""
    may_read = reads_health(actor)
    return [
        {
            "id": each.id,
            "label": f"{wall.at(each.at)}, {each.actor_label}: {each.sentence}",
            "note": each.note if may_read else "",
            "checked": each.id in picked,
        }
        for each in entries
    ]


def outcome_shown(found: SplitOutcome, old: Lead, actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    """Return what will happen, in groups of sentences; values stand there only for roles that see contact data."""
    groups = [
        (_("The new lead"), _of_new_lead(found, actor, wall)),
        (_("What goes along"), _going(found, actor)),
        (_("What holds for both"), _shared(found, actor)),
        (_("What changes on %(ref)s") % {"ref": old.ref}, _staying(found, old, actor)),
    ]
    return [{"title": title, "lines": lines} for title, lines in groups if lines]


def _of_new_lead(found: SplitOutcome, actor: Actor, wall: Wall) -> list[str]:
    lead, name = found.lead, name_of(actor, found.person)
    if found.kind is SplitKind.REQUEST:
        who = _("It stays %(name)s's: the same person with another request.")
    elif found.is_new_person:
        who = _("A new person is made: %(name)s.")
    else:
        who = _("It is %(name)s's, who is on file already.")
    lines = [who % {"name": name}]
    team = lead.owner_team.name if lead.owner_team else ""
    lines.append(_("%(team)s gets it, priority %(priority)s.") % {"team": team, "priority": lead.priority})
    if lead.due_at is not None:
        late = _("its clock began when it came in, so it is late already")
        due = _("due %(at)s") % {"at": wall.at(lead.due_at)}
        lines.append(f"{due}: {late}." if lead.due_at < wall.now else f"{due}.")
    if lead.shares_stream_with is not None:
        lines.append(_("No second call: it waits while %(ref)s is in contact.") % {"ref": lead.shares_stream_with.ref})
    if found.is_acknowledged:
        lines.append(_("They get the receipt of their inquiry; none went out for it before."))
    lines.append(_("Score, route, owner and clocks are its own. The two leads are linked, both stories say so."))
    return [f"{line[:1].upper()}{line[1:]}" for line in lines]


def _going(found: SplitOutcome, actor: Actor) -> list[str]:
    lines = [_("The inquiry itself, as it was sent in, with its words and documents.")]
    lines += _points(found.gone, _("%(value)s, which only this inquiry told."), actor)
    for line in found.handed:
        lines.append(_permission(line, _("%(channel)s: %(value)s in this inquiry, counts for them now.")))
    if found.told:
        told = ngettext(
            "%(n)d contact or note is told there too.",
            "%(n)d contacts and notes are told there too.",
            n := len(found.told),
        )
        lines.append(told % {"n": n})
    return lines


def _shared(found: SplitOutcome, actor: Actor) -> list[str]:
    lines = _points(found.shared, _("%(value)s, on file for both of them."), actor)
    refused = [each for each in found.handed if each.value != "granted"]
    for line in (*refused, *found.refused_for_both):
        text = _("%(channel)s: %(value)s. It holds for both until somebody has looked at it.")
        lines.append(_permission(line, text))
    return lines


def _staying(found: SplitOutcome, old: Lead, actor: Actor) -> list[str]:
    lines = [_("Calls, notes, appointments and messages stay where they were made.")]
    for name, value in (found.person_back or {}).items():
        label = _(FIELD_LABELS[name])
        lines.append(_back(label, value if shows_contact(actor) else ""))
    for name, value in (found.lead_back or {}).items():
        lines.append(_back(plain(name), plain(value) if FieldGroup.INSURANCE not in actor.hidden_fields else ""))
    granted = [each for each in found.handed if each.value == "granted"]
    for line in granted:
        text = _("%(channel)s: what this inquiry permitted counts no more for %(name)s.")
        lines.append(_permission(line, text, name=name_of(actor, old.contact_person or old.person)))
    return lines


def _back(label: str, value: str) -> str:
    if value:
        return _("%(label)s is “%(value)s” again.") % {"label": label, "value": value}
    return _("%(label)s goes back to what it was: only this inquiry told it.") % {"label": label}


def _permission(line: ConsentEvent, text: str, *, name: str = "") -> str:
    values = {"name": name, "channel": _(CHANNEL_LABELS[Channel(line.channel)]), "value": _(plain(line.value)).lower()}
    return text % values


def _points(points: Iterable[ContactPoint], text: str, actor: Actor) -> list[str]:
    return [text % {"value": address_of(actor, row) or _("A number or address")} for row in points]
