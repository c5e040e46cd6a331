"""The wizard of a handoff and the page of one: who may receive, what is checked, what passes, what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.models import Team, TeamMembership
from apps.accounts.queries import teams_by_id
from apps.accounts.terms import TAKES_LEADS
from apps.catalog.business_hours import is_open
from apps.catalog.queries import hours_of
from apps.flows.handing_off import Offer, find_gaps, queue_of
from apps.flows.packages import held_by, may_see, service_name
from apps.flows.transfer import due_in_opening_hours
from apps.handoffs.decisions import label_of, passes, starts_at
from apps.handoffs.models import Handoff
from apps.handoffs.queries import next_type_of, receivers_of, rules_of, types_of
from apps.handoffs.terms import ELIGIBILITY, NEXT_STEP, HandoffState, HandoffType, Note, Ticks
from apps.leads.models import Lead
from apps.tenancy.actor import Actor
from apps.workspace.handoff_rows import Opened, note_shown
from apps.workspace.words import Wall

STATES = {
    HandoffState.OFFERED: "Waits for an answer",
    HandoffState.ACCEPTED: "Accepted",
    HandoffState.RETURNED: "Returned",
    HandoffState.WITHDRAWN: "Taken back",
}
#: Where a field that must pass is put right; the rest are corrected by “Edit”.
_FIXED_BY = {"consent_any": "allow", "phone": "judge_point", "email": "judge_point"}
_LATER = (ELIGIBILITY, NEXT_STEP)


@dataclass(frozen=True, slots=True)
class Receiver:
    """A team that may receive by a type; `value` is what the form posts."""

    kind: HandoffType
    team: Team
    words: str

    @property
    def value(self) -> str:
        """Return the type and the team in one."""
        return f"{self.kind.id}:{self.team.key}"


def receivers(lead: Lead, now: datetime) -> list[Receiver]:
    """Return to whom a lead can be handed, each with whether they are open and how many people take leads now."""
    following = next_type_of(lead, now)
    found = [(kind, team) for kind in types_of(lead, now) for team in receivers_of(kind)]
    found = [(kind, team) for kind, team in found if team.id != lead.owner_team_id]
    ids = {team.id for _kind, team in found}
    there = TeamMembership.rows().filter(team__in=ids, membership__is_active=True)
    there = there.filter(membership__availability__in=TAKES_LEADS)
    people = dict(there.order_by().values_list("team").annotate(n=Count("id")))
    loads = Lead.rows().filter(owner_team__in=ids, closed_at__isnull=True).order_by().values_list("owner_team")
    open_leads = dict(loads.annotate(n=Count("id")))
    result = []
    for kind, team in found:
        words = _words(team, lead, now, people.get(team.id, 0), open_leads.get(team.id, 0))
        if kind.id == following:
            words = _("next in the chain, %(words)s") % {"words": words}
        result.append(Receiver(kind, team, words))
    return result


def offered_by(actor: Actor, now: datetime) -> list[tuple[HandoffType, Team]]:
    """Return by which handoffs, and to whom, the actor's teams may hand leads on."""
    own = [team for team in teams_by_id().values() if team.id in actor.team_ids]
    kinds = [
        kind for kind in rules_of(now).types.values() if any(starts_at(kind, team.key, team.function) for team in own)
    ]
    return [(kind, team) for kind in kinds for team in receivers_of(kind)]


def _words(team: Team, lead: Lead, now: datetime, people: int, leads: int) -> str:
    queue = queue_of(team, lead)
    stands_open = queue is None or is_open(hours_of(queue.calendar_id), now)
    words = {"open": _("open now") if stands_open else _("closed now"), "people": people, "leads": leads}
    return _("%(open)s, people who take leads: %(people)d, open leads: %(leads)d") % words


def offer_of(values: Mapping[str, Sequence[str]]) -> Offer:
    """Return the offer that the wizard's values make so far."""

    def one(name: str) -> str:
        return "".join(values.get(name, ())[:1]).strip()

    kind, _colon, team = one("who").partition(":")
    done = frozenset(name.removeprefix("item-") for name, each in values.items() if name.startswith("item-") and each)
    excused = {
        name.removeprefix("excuse-"): each[0]
        for name, each in values.items()
        if name.startswith("excuse-") and each and each[0] and name.removeprefix("excuse-") not in done
    }
    note = Note(one("service"), tuple(values.get("confirmed", ())), one("next_step"), one("eligibility"), one("text"))
    return Offer(kind, team, Ticks(done, excused), note)


def missing_fields(lead: Lead, kind: HandoffType, held: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the fields that must pass, each with whether it is there and where it is put right."""
    found = []
    for each in kind.must_pass:
        later = each in _LATER
        url = reverse(f"workspace:{_FIXED_BY.get(each, 'edit')}", args=[lead.id])
        if later:
            url = reverse("workspace:hand_off", args=[lead.id]) + "?step=3"
        found.append({"label": _(label_of(each)), "done": each in held, "url": url, "later": later})
    return found


def travel_of(lead: Lead, kind: HandoffType, team: Team, note: Note, actor: Actor, wall: Wall) -> dict[str, Any]:
    """Return what travels and what is withheld, and by when both answer and first outreach are due."""
    held, queue = held_by(lead, wall.now, note), queue_of(team, lead)
    accept_by = due_in_opening_hours(queue, kind.accept_seconds, wall.now)
    outreach = due_in_opening_hours(queue, kind.outreach_seconds, accept_by)
    return {
        "travels": [_(label_of(each)) for each in passes(kind.withheld, held.keys()) if may_see(actor, each)],
        "withheld": [_(label_of(each)) for each in kind.withheld],
        "accept_by": wall.at(accept_by),
        "outreach_by": wall.at(outreach),
    }


def gaps_shown(lead: Lead, offer: Offer, now: datetime) -> list[dict[str, Any]]:
    """Return what an offer still lacks, each with the step where it is said."""
    steps = {"fields": 2, "checklist": 2, "note": 3}
    later = tuple(f"/fields/{each}" for each in _LATER)
    return [
        {
            "sentence": each.detail,
            "step": 3 if each.pointer in later else steps.get(each.pointer.split("/")[1], 1),
        }
        for each in find_gaps(lead, offer, now)
    ]


def shown(opened: Opened, actor: Actor, wall: Wall) -> dict[str, Any]:
    """Return a handoff as workspace/handoff/package.html wants it."""
    row, package, note = opened.row, opened.package, note_shown(actor, opened.row)
    confirmed = ", ".join(_(label_of(each)).lower() for each in note.confirmed)
    said = [
        (_("Service"), service_name(note.service)),
        (_("Confirmed"), confirmed),
        (_("Next step"), note.next_step),
        (_("Eligibility note"), note.eligibility),
        (_("Note"), note.text),
    ]
    is_open_offer = row.state == HandoffState.OFFERED and row.from_team_id == opened.lead.owner_team_id
    is_open_offer = is_open_offer and opened.lead.closed_at is None
    return head_of(row, wall) | {
        "note": [{"label": label, "value": value} for label, value in said if value],
        "lines": [{"label": _(each.label), "value": each.value} for each in package.lines],
        "withheld": [_(each) for each in package.withheld],
        "masked": [_(each) for each in package.masked],
        "checklist": [_checked(each, wall) for each in row.checklist],
        "may_answer": is_open_offer and row.to_team_id in actor.team_ids,
        "may_withdraw": is_open_offer and row.from_team_id in actor.team_ids,
    }


def head_of(row: Handoff, wall: Wall) -> dict[str, Any]:
    """Return what lists and cards say of a handoff."""
    is_late = row.state == HandoffState.OFFERED and row.accept_by <= wall.now
    return {
        "id": row.id,
        "lead_id": row.lead_id,
        "name": row.type_name,
        "from_team": row.from_team.name,
        "to_team": row.to_team.name,
        "by": row.offered_label,
        "offered": wall.at(row.offered_at),
        "accept_by": wall.at(row.accept_by),
        "outreach_by": wall.at(row.outreach_by),
        "is_open": row.state == HandoffState.OFFERED,
        "is_late": is_late,
        "state": _(STATES[HandoffState(row.state)]),
        "answered": _answered(row.answered_label, row.answered_at, wall),
        "reason": row.reason,
        "url": reverse("workspace:handoff", args=[row.lead_id, row.id]),
        "ticked": ticked_words(row.checklist, wall),
    }


def ticked_words(checklist: Sequence[Mapping[str, Any]], wall: Wall) -> str:
    """Return how a checklist was answered: "4 of 4 ticked, Ana Ruiz 11:03"."""
    if not checklist:
        return ""
    done = [each for each in checklist if each["done"]]
    words = _("%(done)d of %(all)d ticked") % {"done": len(done), "all": len(checklist)}
    by = next((f"{each['by']} {wall.at(datetime.fromisoformat(each['at']))}" for each in done), "")
    return f"{words}, {by}" if by else words


def _checked(item: Mapping[str, Any], wall: Wall) -> dict[str, Any]:
    at = datetime.fromisoformat(item["at"]) if item["at"] else None
    label = item["label"] if item["done"] else _("Open: %(label)s") % {"label": item["label"]}
    excuse = f" ({item['excuse']})" if item["excuse"] else ""
    return {"label": f"{label}{excuse}", "done": item["done"], "who": f"{item['by']} {wall.at(at)}".strip()}


def _answered(label: str, at: datetime | None, wall: Wall) -> str:
    return f"{label}, {wall.at(at)}" if at else ""
