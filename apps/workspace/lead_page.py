"""One lead as its page shows it: head, facts, path, next action."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.accounts.terms import FieldGroup, Permission
from apps.capture.queries import check_behind
from apps.consent.queries import Reach
from apps.consent.terms import Channel
from apps.exceptions.queries import items_of
from apps.exceptions.terms import title_of
from apps.flows.exceptional import is_interim
from apps.flows.leasing import holds_lease, is_leased
from apps.flows.masking import reads_health, reads_service
from apps.leads.models import Lead
from apps.leads.queries import process_in_force
from apps.leads.terms import PartyPart
from apps.outreach.pauses import pause_of
from apps.outreach.terms import PauseReason
from apps.ownership.queries import policy_of
from apps.privacy import details
from apps.privacy.decisions import STAFF
from apps.privacy.phi import Classed, state_of
from apps.privacy.terms import MASKED_KINDS, veiled
from apps.sla.queries import Clock
from apps.tenancy.actor import Actor
from apps.workspace.allowed import Ability
from apps.workspace.consent_tiles import local_time
from apps.workspace.lacking import lacks
from apps.workspace.owning_page import parts_shown
from apps.workspace.rows import attempts_label, last_outcome, service_of, source_icon, visit_wish
from apps.workspace.slot_words import slots_of
from apps.workspace.words import (
    Wall,
    address_of,
    clock_title,
    contact_of,
    name_of,
    plain,
    shows_contact,
    sla_of,
)

DETAIL_WORDS = {
    "message": "What they wrote",
    "insurance_member": "Insurance number",
    "answers": "Their answers",
    "referral": "Referral",
    "transcript": "The chat",
}
#: At the start of a line, a name that only a program would give.
FIELD_NAME = re.compile(r"^([a-z][a-z0-9_]*):", re.MULTILINE)
#: Refusals after which one may ask the owner.
ASK_CODES = ("locked_by_owner", "outreach_started", "consent_maintainer")
MASKED = "Hidden from your role: only people who care for this person read it."


def head_of(lead: Lead, actor: Actor, wall: Wall) -> dict[str, Any]:
    """Return the lead as workspace/lead.html wants it."""
    person = contact_of(lead)
    wish = ", ".join(each for each in (plain(lead.preferred_channel), lead.best_time) if each)
    owner = lead.owner.user.name if lead.owner else ""
    return {
        "id": lead.id,
        "person_id": lead.person_id,
        "ref": lead.ref,
        "name": name_of(actor, person),
        "version": lead.version,
        "idempotency_key": str(uuid4()),
        "stage": lead.stage.label,
        "called": _(lead.pipeline.person_word),
        "service": service_of(actor, lead),
        **phi_line(lead, actor, wall),
        "location": lead.location.name if lead.location else "",
        "source": lead.source.name if FieldGroup.MARKETING not in actor.hidden_fields else "",
        "source_icon": source_icon(lead.capture_method, lead.source.party_id),
        "received_label": wall.at(lead.captured_at),
        "preferred_channel": wish,
        "visit": visit_wish(lead, actor),
        "language": {"en": "", "es": _("Spanish")}.get(person.language[:2], person.language),
        "interpreter": False,
        "local_time_label": local_time(lead, wall),
        "owner": owner,
        "team": lead.owner_team.name if lead.owner_team else "",
        "owned_since_label": wall.at(lead.owner_since),
        "proxy": _proxy(lead, actor),
        "duplicates_label": "",
        "duplicates_url": "",
        "slots": slots_of(lead, wall) if reads_service(actor) else None,
        "exception": _exception(lead, actor, wall),
    }


def _exception(lead: Lead, actor: Actor, wall: Wall) -> dict[str, str] | None:
    """Say what stops the lead, by when somebody decides, and who holds it until then (row EX-12)."""
    rows = items_of([lead.id]) if lead.exception and lead.closed_at is None else []
    if not rows:
        return None
    first, queue = rows[0], lead.queue.name if lead.queue else ""
    words = {"title": _(title_of(first.code)), "at": wall.at(first.due_at), "queue": queue}
    holds = is_interim(lead) and queue
    line = _("%(title)s: decide by %(at)s. Interim owner %(queue)s.") if holds else _("%(title)s: decide by %(at)s.")
    may_open = actor.may(Permission.SUBMISSION_READ)
    return {"line": line % words, "url": f"{reverse('workspace:exceptions')}?item={first.id}" if may_open else ""}


def lease_of(lead: Lead, actor: Actor, wall: Wall) -> dict[str, Any] | None:
    """Say who works on the lead now and until when; None when nobody holds it."""
    if lead.leased_by_id is None or not is_leased(lead, wall.now):
        return None
    until = wall.at(lead.lease_until)
    if holds_lease(actor, lead, wall.now):
        return {"mine": True, "sentence": _("You hold this lead until %(until)s.") % {"until": until}}
    name = lead.leased_by.user.name if lead.leased_by else ""
    sentence = _("%(name)s is working on this lead until %(until)s.")
    return {"mine": False, "sentence": sentence % {"name": name, "until": until}}


def clocks_shown(clocks: Sequence[Clock], wall: Wall) -> list[dict[str, Any]]:
    """Return every clock with its state."""
    return [{"name": clock_title(each.timer), "sla": sla_of(each, wall)} for each in clocks]


def automation_shown(lead: Lead, wall: Wall) -> str:
    """Say why nothing goes to the person by itself, since when; "" where it does."""
    held = None if lacks(lead, "pause") else pause_of(lead)
    if held is None:
        return ""
    said = {"at": wall.at(held.paused_at), "who": held.paused_by}
    if held.reason == PauseReason.ALARM:
        return _("Automation paused since %(at)s: a message of theirs may tell of danger. Read it now.") % said
    return _("Automation paused since %(at)s by %(who)s.") % said


def pause_shown(clocks: Sequence[Clock], wall: Wall) -> str:
    """Say why the lead's clocks stand still, by whom and until when; "" where none of them does."""
    held = next((each.timer.pause for each in clocks if each.timer.pause and each.timer.is_running), None)
    if held is None:
        return ""
    words = {"name": held.name, "who": held.actor_label, "from": wall.at(held.paused_at), "at": wall.at(held.until)}
    return _("Clocks paused until %(at)s: %(name)s. By %(who)s, %(from)s.") % words


def facts_of(
    lead: Lead,
    actor: Actor,
    reaches: Mapping[Channel, Reach],
    may: Mapping[str, Ability | None],
    wall: Wall,
    parties: Sequence[tuple[str, str]],
) -> list[dict[str, Any]]:
    """Return label and value of what is known; what belongs to another team or role stands with its lock."""
    person = contact_of(lead)
    owner = ", ".join(
        each
        for each in (lead.owner_team.name if lead.owner_team else "", lead.owner.user.name if lead.owner else "")
        if each
    )
    phone, email = (address_of(actor, reaches[each].point) for each in (Channel.CALL, Channel.EMAIL))
    place = ", ".join(each for each in (person.city, person.region) if each)
    found = [
        _owned(lead, _("Stage"), lead.stage.label, may.get("move_stage"), "stage"),
        _owned(lead, _("Owner"), owner, may.get("transfer"), "owner_team"),
        *(_fact(each["label"], each["team"]) for each in parts_shown(lead, policy_of(lead, wall.now))),
        _fact(_("Status"), _status(lead, wall)),
        _fact(_("Priority"), lead.priority),
        *_inferable(lead, actor),
    ]
    if shows_contact(actor):
        found += [
            _fact(_("Phone"), phone),
            _fact(_("Email"), email),
            _fact(_("Lives in"), f"{place} {person.postal_code}".strip()),
        ]
    found.append(_fact(_("Parties"), _parties(parties, actor)))
    hidden = actor.hidden_fields
    found.append(_masked(_("Insurance")) if FieldGroup.INSURANCE in hidden else _fact(_("Insurance"), lead.payer))
    if FieldGroup.MARKETING not in hidden:
        found.append(_fact(_("Campaign"), lead.campaign.name if lead.campaign else ""))
        number = vars(lead).get("mapping_version", 0)
        found.append(_fact(_("Read by"), _("mapping v%(n)s") % {"n": number} if number else _("no mapping")))
    if FieldGroup.OUTCOME not in hidden:
        tried = ", ".join(each for each in (attempts_label(lead), last_outcome(lead, actor)) if each)
        found.append(_fact(_("Contact so far"), tried or _("none")))
        started = vars(lead).get("care_started_on")
        found += [_fact(_("Care started"), date_format(started, "j M Y"))] if started else []
    return [*found, *health_facts(lead, actor, wall)]


def phi_line(lead: Lead, actor: Actor, wall: Wall) -> dict[str, str]:
    """Return since when the lead is PHI and by which rule or whom, with its picture; nothing to who reads no health."""
    if not reads_health(actor):
        return {"phi": ""}
    state = None if lacks(lead, "phi") else state_of(lead.id)
    url = reverse("workspace:classify", args=[lead.id])
    said = said_of(state, wall) if state is not None else _("Contact data, not PHI")
    return {"phi": said, "phi_icon": "info" if state is None else "lock", "phi_url": url}


def said_of(word: Classed, wall: Wall) -> str:
    """Return one word on whether a lead is PHI, as people read it."""
    said = {"at": wall.at(word.at), "rule": word.rule, "field": plain(word.field), "who": word.by}
    if word.rule != STAFF:
        return _("PHI since %(at)s by %(rule)s (%(field)s)") % said
    return (_("PHI since %(at)s by %(who)s") if word.is_phi else _("Not PHI since %(at)s by %(who)s")) % said


def health_facts(lead: Lead, actor: Actor, wall: Wall) -> list[dict[str, Any]]:
    """Open the health details for roles that may read them, which is recorded; a padlock for the others."""
    if not reads_health(actor):
        return [_masked(_("What they wrote"))]
    if lacks(lead, "details"):
        return []
    hidden = {"insurance_member"} if FieldGroup.INSURANCE in actor.hidden_fields else set()
    hidden |= set(vars(lead).get("withheld", ()))
    return [
        _fact(_(DETAIL_WORDS.get(each.kind, plain(each.kind))), _in_words(each.kind, veiled(each.kind, each.text)))
        | {"reveal_url": reverse("workspace:reveal", args=[lead.id]) if each.kind in MASKED_KINDS else ""}
        for each in details.read(actor=actor, subject_id=lead.id)
        if each.kind not in hidden
    ]


def _in_words(kind: str, text: str) -> str:
    """Return a detail as it is read: a sender's own name of a field ("device_type: Mobile") as words."""
    if kind != "answers":
        return text
    return FIELD_NAME.sub(lambda found: f"{plain(found[1])}:", text)


def help_of(lead: Lead, gates: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return what to ask on the call: what is known and what is not, and how to begin without naming a condition."""
    edit, place = (reverse(f"workspace:{name}", args=[lead.id]) for name in ("edit", "transfer"))
    known = [
        (_("Service"), lead.service is not None, place),
        (_("Location"), lead.location is not None, place),
        (_("New or known patient"), bool(lead.patient_type), edit),
        (_("When they want to come"), bool(lead.timeframe), edit),
        (_("How they want to be reached"), bool(lead.preferred_channel), edit),
        (_("Insurance"), bool(lead.payer), edit),
    ]
    open_gates = [each for each in gates if each["missing"]]
    return {
        "checklist": [
            {"label": label, "done": done, "url": "" if lead.closed_at else url} for label, done, url in known
        ],
        "is_ready": not open_gates,
        "script": [
            _("Say your name and the organization's, and ask whether it is a good moment."),
            _("Confirm the full name and the date of birth before you say why you call."),
            _("Ask for what the checklist still misses; repeat the next step and its time."),
            _("On a voicemail or with somebody else: leave your name and number, never the service."),
        ],
    }


def why_sentence(verdict: Mapping[str, Any] | None, version: int | None) -> str:
    """Return the route in a line."""
    if verdict is None:
        return ""
    reason = str(verdict.get("reason", ""))
    return f"{reason} " + _("(routing rules, version %(n)s)") % {"n": version or "-"}


def _inferable(lead: Lead, actor: Actor) -> list[dict[str, Any]]:
    """Return what can be inferred from words; service and location, which the head names, only where they are."""
    rules = {each["field"]: each for each in vars(lead).get("inferred_rows", ())}
    told = {
        "service": (_("Service"), service_of(actor, lead) if lead.service else ""),
        "location": (_("Location"), lead.location.name if lead.location else ""),
        "patient_type": (_("Patient type"), plain(lead.patient_type)),
        "timeframe": (_("When"), plain(lead.timeframe)),
    }
    found = []
    for name, (label, value) in told.items():
        rule = rules.get(name)
        mark = _("inferred by %(rule)s, version %(version)s") % rule if rule else ""
        if rule or name not in ("service", "location"):
            found.append(_fact(label, value) | {"mark": mark})
    return found


def _fact(label: str, value: str) -> dict[str, Any]:
    return {"label": label, "value": value, "lock": None}


def _masked(label: str) -> dict[str, Any]:
    lock = {"label": label, "value": "", "code": "masked", "sentence": _(MASKED)}
    return {"label": label, "value": "", "lock": lock}


def _owned(lead: Lead, label: str, value: str, ability: Ability | None, field: str) -> dict[str, Any]:
    if ability is None or ability.allowed:
        return _fact(label, value)
    ask_url = f"{reverse('workspace:ask', args=[lead.id])}?field={field}"
    lock = {
        "label": label,
        "value": value,
        "code": ability.code,
        "sentence": ability.sentence,
        "ask_url": ask_url if lead.closed_at is None and ability.code in ASK_CODES else "",
        "note_url": reverse("workspace:add_note", args=[lead.id]),
    }
    return {"label": label, "value": value, "lock": lock}


def _status(lead: Lead, wall: Wall) -> str:
    words = [plain(lead.status)]
    if lead.timed_status and lead.closed_at is None:
        words.append(process_in_force(wall.now).status_label(lead.pipeline.key, lead.timed_status).lower())
    days = (wall.now - (lead.last_activity_at or lead.captured_at)).days
    if days and lead.closed_at is None:
        words.append(_("waiting 1 day") if days == 1 else _("waiting %(n)d days") % {"n": days})
    words += [plain(each).lower() for each in (lead.hold_reason, lead.exception) if each]
    status = ": ".join([words[0], ", ".join(words[1:])]) if len(words) > 1 else words[0]
    check = check_behind(lead.id, lead.hold_reason) if lead.hold_reason else ""
    return _("%(status)s (check %(check)s)") % {"status": status, "check": check} if check else status


def _parties(parties: Sequence[tuple[str, str]], actor: Actor) -> str:
    """Return who takes part; who delivered the lead only where the role sees marketing fields."""
    left_out = {PartyPart.SOURCE} if FieldGroup.MARKETING in actor.hidden_fields else set()
    named = [f"{name} ({plain(part).lower()})" for name, part in parties if part not in left_out]
    return ", ".join(named) or _("none")


def _proxy(lead: Lead, actor: Actor) -> str:
    if lead.contact_person is None:
        return ""
    who = plain(lead.contact_relation).lower() or _("somebody else")
    return _("Asked by %(who)s for %(patient)s") % {"who": who, "patient": name_of(actor, lead.person)}
