"""Exceptions as their page shows them: tabs by cause, what waits, and one card with what may be decided about it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from apps.accounts.models import Party
from apps.catalog.queries import locations_by_key, queues_by_key, services_by_key
from apps.exceptions.models import ExceptionItem
from apps.exceptions.queries import Volume, open_items, opened_by_day, resolved_since, volumes
from apps.exceptions.terms import TYPE_LABELS, Decision, ItemState, title_of
from apps.flows.deciding import FIXABLE, teams_led_by
from apps.flows.masking import reads_service
from apps.flows.packages import narrowed, reader_of, withheld_from
from apps.leads.models import Lead, Task
from apps.outreach.queries import data_requests_of
from apps.ownership.queries import visible_leads
from apps.policies.decisions.documents import as_document, as_items, as_text
from apps.qualification.precontact import Answer
from apps.tenancy.actor import Actor
from apps.workspace.asked_by_link import request_line
from apps.workspace.cause_stack import stack_of
from apps.workspace.rows import attempts_label, service_of
from apps.workspace.words import Wall, name_of, plain, shows_contact, span

MOST_LISTED, DAYS = 12, 14
#: The order in which decisions are numbered.
ORDER = (
    *(Decision.RETRY, Decision.REDIRECT, Decision.ACCEPT, Decision.ASK, Decision.FIX, Decision.NURTURE),
    *(Decision.PARK, Decision.REFER, Decision.CLOSE, Decision.ESCALATE),
)
DECISION_WORDS = {
    Decision.RETRY: gettext_noop("Send it again to the other system"),
    Decision.REDIRECT: gettext_noop("Route to another queue"),
    Decision.ACCEPT: gettext_noop("Accept: it goes on by the rules"),
    Decision.ASK: gettext_noop("Ask the person by a link"),
    Decision.FIX: gettext_noop("Put a field right"),
    Decision.NURTURE: gettext_noop("Keep in touch"),
    Decision.PARK: gettext_noop("Park it until the service opens"),
    Decision.REFER: gettext_noop("Refer to a partner and close"),
    Decision.CLOSE: gettext_noop("Close with a reason"),
    Decision.ESCALATE: gettext_noop("Escalate"),
}
FIX_LABELS = {
    "location": gettext_noop("Location"),
    "service": gettext_noop("Service"),
    "patient_type": gettext_noop("New or established"),
    "preferred_channel": gettext_noop("Contact method"),
}


def seen(actor: Actor) -> QuerySet[Lead]:
    """Return the leads whose exceptions the actor reviews."""
    return visible_leads(actor)


def page_shown(actor: Actor, wall: Wall, *, cause: str, item: ExceptionItem | None) -> dict[str, Any]:
    """Return the page: tabs with count and oldest, the first rows of the tab, the picture, and today's figures."""
    leads = seen(actor)
    found = volumes(leads)
    rows = open_items(leads).select_related("lead__service", "lead__location", "lead__person")
    if cause in TYPE_LABELS:
        rows = rows.filter(type=cause)
    listed = list(rows[:MOST_LISTED])
    here = item if item is not None else listed[0] if listed else None
    withheld = withheld_from(actor, [each.lead_id for each in listed])
    return {
        "tabs": _tabs(found, cause, wall),
        "rows": [_row(each, narrowed(actor, withheld.get(each.lead_id, ())), wall, here) for each in listed],
        "more": max(0, sum(each.count for each in found if cause in ("", each.type)) - len(listed)),
        "cause": cause if cause in TYPE_LABELS else "",
        "volumes": [_volume(each, wall) for each in found],
        "today": _today(leads, wall),
        "stack": stack_of(opened_by_day(wall.zone, wall.now, days=DAYS, leads=leads)),
        "here": here,
    }


def card_shown(item: ExceptionItem, actor: Actor, wall: Wall, typed: Mapping[str, str]) -> dict[str, Any]:
    """Return one exception: what is wrong, what was tried, by when, our best guess, six facts, what may be decided."""
    lead, actor = item.lead, reader_of(actor, item.lead_id)
    return {
        "id": item.id,
        "lead_id": lead.id,
        "ref": lead.ref,
        "name": name_of(actor, lead.person),
        "title": _(title_of(item.code)),
        "detail": item.detail if reads_service(actor) else "",
        "due": wall.at(item.due_at),
        "is_late": item.due_at <= wall.now,
        "opened": wall.at(item.opened_at),
        "escalated": wall.at(item.escalated_at),
        "interim": _interim(lead),
        "tried": _tried(lead, actor, wall),
        "guess": _guess(item, actor),
        "facts": _facts(lead, actor),
        "rule": _("Rules v%(n)s") % {"n": item.version.number} if item.version else _("usual rules"),
        "waiting": _waiting(item, actor),
        "options": _options(item, typed),
        "criteria": _criteria(item, typed),
        "queues": _queues(typed),
        "fixes": _fixes(item, actor, typed),
        "closures": _closures(lead, typed),
        "parties": list(Party.rows().filter(is_active=True).exclude(kind="agency").values_list("key", "name")),
        "reason": typed.get("reason", ""),
        "wanted": typed.get("wanted") or (lead.service.name if lead.service and reads_service(actor) else ""),
    }


def next_id(actor: Actor, item: ExceptionItem, cause: str) -> UUID | None:
    """Return what is due after an exception, else the first that waits; None when nothing does."""
    rows = open_items(seen(actor)).exclude(id=item.id)
    if cause in TYPE_LABELS:
        rows = rows.filter(type=cause)
    after = rows.filter(due_at__gte=item.due_at)
    following = after.first() or rows.first()
    return following.id if following else None


def _tabs(found: Sequence[Volume], cause: str, wall: Wall) -> list[dict[str, Any]]:
    url, by_type = reverse("workspace:exceptions"), dict[str, tuple[int, datetime]]()
    for each in found:
        count, oldest = by_type.get(each.type, (0, each.oldest_at))
        by_type[each.type] = (count + each.count, min(oldest, each.oldest_at))
    whole = sum(each.count for each in found)
    tabs = [{"label": _("All"), "url": url, "count": whole, "current": not cause, "age": ""}]
    for kind, label in TYPE_LABELS.items():
        if kind in by_type or kind == cause:
            count, oldest = by_type.get(kind, (0, wall.now))
            age = span((wall.now - oldest).total_seconds()) if count else ""
            tabs.append(
                {"label": _(label), "url": f"{url}?cause={kind}", "count": count, "current": kind == cause, "age": age}
            )
    return tabs


def _volume(each: Volume, wall: Wall) -> dict[str, Any]:
    return {
        "title": _(each.title),
        "count": each.count,
        "oldest": span((wall.now - each.oldest_at).total_seconds()),
        "url": f"{reverse('workspace:exceptions')}?cause={each.type}",
    }


def _row(item: ExceptionItem, actor: Actor, wall: Wall, here: ExceptionItem | None) -> dict[str, Any]:
    lead = item.lead
    about = (lead.service if reads_service(actor) else None, lead.location)
    return {
        "id": item.id,
        "ref": lead.ref,
        "name": name_of(actor, lead.person),
        "title": _(title_of(item.code)),
        "about": ", ".join(each.name for each in about if each),
        "due": wall.at(item.due_at),
        "is_late": item.due_at <= wall.now,
        "waits": item.state == ItemState.WAITING,
        "current": here is not None and here.id == item.id,
    }


def _today(leads: QuerySet[Lead], wall: Wall) -> str:
    """Return what was resolved today: “14 resolved today, median 6 min”."""
    here = ZoneInfo(wall.zone)
    midnight = datetime.combine(wall.now.astimezone(here).date(), time.min, here)
    count, middle = resolved_since(midnight, leads)
    if middle is None:
        return _("None resolved today yet")
    said = ngettext("%(n)d resolved today, median %(time)s", "%(n)d resolved today, median %(time)s", count)
    return said % {"n": count, "time": span(middle)}


def _interim(lead: Lead) -> str:
    where = lead.queue.name if lead.queue else lead.owner_team.name if lead.owner_team else ""
    return f"{where}, {lead.owner.user.name}" if lead.owner else where


def _tried(lead: Lead, actor: Actor, wall: Wall) -> list[str]:
    """Return what was done so far: the acknowledgement, the contacts, and what is planned."""
    found = []
    if lead.acknowledged_at:
        found.append(_("Acknowledged %(at)s") % {"at": wall.at(lead.acknowledged_at)})
    if tries := attempts_label(lead):
        found.append(_("%(tries)s, last: %(outcome)s") % {"tries": tries, "outcome": plain(lead.last_outcome).lower()})
    for asked in data_requests_of(lead)[:1]:
        found.append(request_line(asked, wall))
    for task in Task.rows().filter(lead=lead, state="open").order_by("due_at")[:3]:
        title = task.title if not task.channel and shows_contact(actor) else plain(task.kind)
        found.append(_("Planned: %(title)s, %(at)s") % {"title": title, "at": wall.at(task.due_at)})
    return found


def _guess(item: ExceptionItem, actor: Actor) -> dict[str, Any] | None:
    if not item.guess or (item.guess.get("field") == "service" and not reads_service(actor)):
        return None
    field, value = str(item.guess.get("field")), str(item.guess.get("value"))
    row: Any = (locations_by_key() if field == "location" else services_by_key()).get(value)
    return {
        "label": _(FIX_LABELS.get(field, field)),
        "value": row.name if row else plain(value),
        "confidence": item.guess.get("confidence", 0),
    }


def _facts(lead: Lead, actor: Actor) -> list[tuple[str, str]]:
    person = lead.contact_person or lead.person
    lives = ", ".join(each for each in (person.city, f"{person.region} {person.postal_code}".strip()) if each)
    return [
        (_("Service"), service_of(actor, lead) if lead.service else _("unknown")),
        (_("Location"), lead.location.name if lead.location else _("unknown")),
        (_("Lives in"), (lives or _("unknown")) if shows_contact(actor) else _("hidden from your role")),
        (_("New or established"), plain(lead.patient_type) if lead.patient_type else _("unknown")),
        (_("When"), plain(lead.timeframe) if lead.timeframe else _("unknown")),
        (_("Contact method"), plain(lead.preferred_channel) if lead.preferred_channel else _("unknown")),
    ]


def _waiting(item: ExceptionItem, actor: Actor) -> dict[str, Any] | None:
    """Return what waits for an approval, and whether the reader is who approves."""
    if item.state != ItemState.WAITING:
        return None
    led = item.approver is not None and item.approver.key in teams_led_by(actor)
    return {
        "who": item.decided_label,
        "what": _(DECISION_WORDS.get(Decision(item.decision), item.decision)),
        "reason": item.reason,
        "team": item.approver.name if item.approver else "",
        "may_approve": led and item.decided_by_id != actor.membership_id,
    }


def _options(item: ExceptionItem, typed: Mapping[str, str]) -> list[dict[str, Any]]:
    offered = [each for each in ORDER if each in item.allowed]
    asks = item.approver.name if item.approver else ""
    return [
        {
            "value": str(each),
            "number": number,
            "label": _(DECISION_WORDS[each]),
            "approval": _("%(team)s approves") % {"team": asks} if each in item.approves and asks else "",
            "checked": typed.get("decision") == each,
        }
        for number, each in enumerate(offered, 1)
    ]


def _criteria(item: ExceptionItem, typed: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return what the decision rests on, each with its answers: the value, its word, whether it was chosen."""
    words = {Answer.MET: _("Met"), Answer.NOT_MET: _("Not met"), Answer.UNCLEAR: _("Not clear")}
    return [
        {
            "id": each["id"],
            "sentence": each["sentence"],
            "answers": [(str(key), word, typed.get(f"answer-{each['id']}") == key) for key, word in words.items()],
        }
        for each in item.criteria
    ]


def _queues(typed: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    rows = [row for row in queues_by_key().values() if row.is_active]
    return [(row.key, row.name, row.key == typed.get("queue")) for row in rows]


def _fixes(
    item: ExceptionItem, actor: Actor, typed: Mapping[str, str]
) -> list[tuple[str, list[tuple[str, str, bool]]]]:
    """Return what may be put right: field, and its values as "field:value"; the best guess is chosen already."""
    guess = f"{item.guess.get('field')}:{item.guess.get('value')}" if _guess(item, actor) else ""
    chosen = typed.get("fix") or guess
    values = {
        "location": [(row.key, row.name) for row in locations_by_key().values()],
        "service": [(row.key, row.name) for row in services_by_key().values() if row.is_active],
        "patient_type": [("new", _("New")), ("established", _("Established"))],
        "preferred_channel": [("call", _("Call")), ("text", _("Text")), ("email", _("E-mail"))],
    }
    return [
        (_(FIX_LABELS[field]), [(f"{field}:{key}", name, f"{field}:{key}" == chosen) for key, name in values[field]])
        for field in FIXABLE
    ]


def _closures(lead: Lead, typed: Mapping[str, str]) -> list[tuple[str, str, bool]]:
    rows = [as_document(each) for each in as_items(lead.pipeline.closure_reasons)]
    return [
        (key, as_text(row.get("label"), plain(key)), key == typed.get("closure"))
        for row in rows
        if (key := as_text(row.get("key"))) and key != "duplicate"
    ]
