"""Pairs that may be one person, as their pages show them: the queue, two people side by side, a merge to take back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.accounts.terms import FieldGroup
from apps.consent.decisions import current_state
from apps.consent.queries import events_of
from apps.consent.terms import Channel
from apps.flows.masking import PERSONAL, masked_people
from apps.flows.packages import narrowed, reader_of_people
from apps.flows.reviewing import REOPENED
from apps.identity import merging, unmerging
from apps.identity.decisions.merging import FieldChoice, obstacle_to_unmerge
from apps.identity.models import DuplicatePair, Merge
from apps.identity.queries import merges_into, open_pairs, pair_after, pairs_with
from apps.leads.models import ContactPoint, Lead, Person
from apps.leads.queries import contact_points_of, leads_of
from apps.tenancy.actor import Actor
from apps.workspace.rows import service_of
from apps.workspace.words import Wall, address_of, name_of, plain, shows_contact

MOST_SHOWN = 50
FIELD_LABELS = {
    "first_name": gettext_noop("First name"),
    "last_name": gettext_noop("Last name"),
    "date_of_birth": gettext_noop("Date of birth"),
    "language": gettext_noop("Language"),
    "city": gettext_noop("City"),
    "region": gettext_noop("State"),
    "postal_code": gettext_noop("ZIP"),
}
CHANNEL_LABELS = {
    Channel.CALL: gettext_noop("Calls"),
    Channel.TEXT: gettext_noop("Texts"),
    Channel.EMAIL: gettext_noop("Email"),
}
STATE_WORDS = {
    "merged": gettext_noop("merged into one person"),
    "linked": gettext_noop("linked, two people who belong together"),
    "separate": gettext_noop("not a duplicate"),
}
BAND_WORDS = {"strong": gettext_noop("Strong"), "review": gettext_noop("To review")}


def queue_shown(actor: Actor, wall: Wall) -> dict[str, Any]:
    """Return the open pairs, likeliest first, and whose names stand in them."""
    rows = list(open_pairs()[: MOST_SHOWN + 1])
    shown = rows[:MOST_SHOWN]
    person_ids = [each for row in shown for each in (row.first_id, row.second_id)]
    masked = masked_people(actor, person_ids)
    veiled = narrowed(actor, PERSONAL)
    return {
        "pairs": [_row(each, veiled if {each.first_id, each.second_id} & masked else actor, wall) for each in shown],
        "more": len(rows) > MOST_SHOWN,
        "person_ids": person_ids,
    }


def pair_shown(pair: DuplicatePair, actor: Actor, wall: Wall, picked: Sequence[str] = ()) -> dict[str, Any]:
    """Return two people side by side; of a decided pair only what was decided, by whom and why."""
    following, actor = pair_after(pair), reader_of_people(actor, [pair.first_id, pair.second_id])
    shown: dict[str, Any] = {
        "pair": _row(pair, actor, wall) | {"is_open": pair.state == "open"},
        "lines": [{**line, "points": f"{line['points']:+d}".replace("-", "−")} for line in pair.lines],
        "rules": _("duplicate rules, version %(n)d") % {"n": pair.version.number} if pair.version else "",
        "next_url": reverse("workspace:duplicate", args=[following.id]) if following else "",
        "decided": "",
        "may_reopen": pair.state in REOPENED and not (pair.first.merged_into_id or pair.second.merged_into_id),
    }
    if pair.state != "open":
        shown["decided"] = _("%(who)s decided %(at)s: %(what)s. “%(why)s”") % {
            "who": pair.decided_by,
            "at": wall.at(pair.decided_at),
            "what": _(STATE_WORDS[pair.state]),
            "why": pair.reason,
        }
        return shown
    couple = merging.couple_of(pair.first_id, pair.second_id, lock=False)
    rows = _field_rows(merging.fields_kept(couple, picked), actor)
    return shown | {
        "differing": [each for each in rows if each["differs"]],
        "same": [each for each in rows if not each["differs"]],
        "beside": [*_points_rows(couple.survivor, couple.absorbed, actor), _leads_row(couple, actor)],
        "consents": []
        if FieldGroup.CONSENT in actor.hidden_fields
        else _consent_rows(couple.survivor.id, couple.absorbed.id, wall.now),
    }


def picked_of(pair: DuplicatePair, typed: Mapping[str, str]) -> list[str]:
    """Return the fields for which the reviewer chose the value that would not be kept by itself."""
    if pair.state != "open":
        return []
    couple = merging.couple_of(pair.first_id, pair.second_id, lock=False)
    own = {each.field: "second" if each.from_absorbed else "first" for each in merging.fields_kept(couple)}
    return [name for name, side in own.items() if typed.get(f"keep_{name}", side) not in ("", side)]


def beside_person(person: Person, actor: Actor, wall: Wall) -> dict[str, Any]:
    """Return what a person's page says of duplicates: pairs to look at, people linked, merges that stand."""
    pairs = pairs_with(person.id)
    return {
        "alike": [_row(each, actor, wall) | {"is_linked": each.state == "linked"} for each in pairs],
        "merges": [
            {
                "name": name_of(actor, each.absorbed),
                "sentence": _("Merged %(at)s by %(who)s. “%(why)s”")
                % {"at": wall.at(each.merged_at), "who": each.merged_by, "why": each.reason},
                "url": reverse("workspace:merge", args=[person.id, each.id]),
            }
            for each in merges_into(person.id)
        ],
    }


def merge_shown(row: Merge, actor: Actor, wall: Wall) -> dict[str, Any]:
    """Return what taking a merge back would give to whom, and what stands in the way."""
    actor = reader_of_people(actor, [row.survivor_id])
    going = Lead.rows().filter(id__in=[*row.moved["leads"], *row.moved["contact_for"]]).order_by("number")
    points = ContactPoint.rows().filter(id__in=row.moved["points"]).order_by("created_at", "id")
    names = {
        side: f"{row.before[side]['first_name']} {row.before[side]['last_name']}".strip()
        for side in ("survivor", "absorbed")
    }
    return {
        "person": {"id": row.survivor_id, "name": name_of(actor, row.survivor)},
        "merge": {
            "other": names["absorbed"] if shows_contact(actor) else name_of(actor, row.absorbed),
            "one": names["survivor"] if shows_contact(actor) else name_of(actor, row.survivor),
            "at_label": wall.at(row.merged_at),
            "by": row.merged_by,
            "reason": row.reason,
            "undone": _("%(who)s took it back %(at)s.") % {"who": row.undone_by, "at": wall.at(row.undone_at)}
            if row.undone_at
            else "",
        },
        "leads": [each.ref for each in going],
        "points": [text for each in points if (text := address_of(actor, each))],
        **_since_shown(row, actor, wall),
    }


def _since_shown(row: Merge, actor: Actor, wall: Wall) -> dict[str, Any]:
    """Return what came since the merge, each a question of whose it is, and what keeps it from being taken back."""
    if row.undone_at:
        return {"questions": [], "strayed": [], "obstacle": ""}
    found, sees = unmerging.since(row), shows_contact(actor)
    said = {name: getattr(row.survivor, name) for name in found.fields}
    labels = {f"field:{name}": f"{_(FIELD_LABELS[name])}: {said[name] if sees else _('hidden')}" for name in said}
    for lead in Lead.rows().filter(id__in=found.leads).select_related("service").order_by("number"):
        service = service_of(actor, lead)
        labels[f"lead:{lead.id}"] = _("Lead %(ref)s, %(service)s, came %(at)s") % {
            "ref": lead.ref,
            "service": service,
            "at": wall.at(lead.captured_at),
        }
    for point in ContactPoint.rows().filter(id__in=found.points):
        told = wall.at(point.said_at or point.created_at)
        value = address_of(actor, point) or _("a hidden number or address")
        labels[f"point:{point.id}"] = _("%(value)s, told %(at)s") % {"value": value, "at": told}
    for key in found.consents:
        lines = [line for line in unmerging.consents_since(row) if unmerging.consent_key(line) == key]
        values = ", ".join(f"{_(CHANNEL_LABELS[Channel(e.channel)])} {_(plain(e.value)).lower()}" for e in lines)
        told = _("%(values)s (said %(at)s, noted by %(by)s)")
        labels[f"consent:{key}"] = told % {
            "values": values,
            "at": wall.at(lines[0].captured_at),
            "by": lines[0].recorded_by,
        }
    return {
        "questions": [{"key": key, "label": labels[key]} for key in found.questions],
        "strayed": list(found.moved_leads),
        "obstacle": obstacle_to_unmerge(found),
    }


def _row(pair: DuplicatePair, actor: Actor, wall: Wall) -> dict[str, Any]:
    return {
        "id": pair.id,
        "url": reverse("workspace:duplicate", args=[pair.id]),
        "first": name_of(actor, pair.first),
        "second": name_of(actor, pair.second),
        "score": pair.score,
        "band": _(BAND_WORDS[pair.band]),
        "is_strong": pair.band == "strong",
        "why": pair.why,
        "at_label": wall.at(pair.found_at),
    }


def _field_rows(choices: Sequence[FieldChoice], actor: Actor) -> list[dict[str, Any]]:
    """Return the fields that somebody has a value in; hidden values are only said to be the same or not."""
    rows = []
    for each in choices:
        if not each.kept and not each.other:
            continue
        first, second = (each.other, each.kept) if each.from_absorbed else (each.kept, each.other)
        sees = shows_contact(actor)
        rows.append(
            {
                "name": each.field,
                "label": _(FIELD_LABELS[each.field]),
                "first": first if sees else _("hidden"),
                "second": second if sees else _("hidden"),
                "keeps": "second" if each.from_absorbed else "first",
                "differs": first != second,
                "may_choose": sees and each.differs,
                "why": _(each.why),
            }
        )
    return rows


def _points_rows(one: Person, other: Person, actor: Actor) -> list[dict[str, Any]]:
    points = contact_points_of([one.id, other.id])
    rows = []
    for kind, label in (("phone", _("Phone")), ("email", _("Email"))):
        sides = [[row for row in points.get(each.id, []) if row.kind == kind] for each in (one, other)]
        common = {row.value for row in sides[0]} & {row.value for row in sides[1]}
        texts = [[(address_of(actor, row), row.value in common) for row in side] for side in sides]
        first, second = ([{"text": text, "same": same} for text, same in side if text] for side in texts)
        if first or second:
            rows.append({"label": label, "first": first, "second": second, "differs": not common})
    return rows


def _leads_row(couple: merging.Couple, actor: Actor) -> dict[str, Any]:
    sides = [
        [{"text": f"{each.ref}, {service_of(actor, each)}", "same": False} for each in leads_of(person.id)]
        for person in (couple.survivor, couple.absorbed)
    ]
    return {"label": _("Leads"), "first": sides[0], "second": sides[1], "differs": False}


def _consent_rows(first: UUID, second: UUID, now: datetime) -> list[dict[str, str]]:
    """Return each channel of both and of the merged person: what either refused holds until granted anew."""
    events = events_of([first, second])
    both = [*events.get(first, []), *events.get(second, [])]
    return [
        {
            "label": _(CHANNEL_LABELS[channel]),
            **{
                name: _(plain(str(current_state(lines, channel, at=now).value)))
                for name, lines in (
                    ("first", events.get(first, [])),
                    ("second", events.get(second, [])),
                    ("kept", both),
                )
            },
        }
        for channel in Channel
    ]
