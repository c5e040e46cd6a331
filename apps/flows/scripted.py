"""Scripts of calls: what is read, in which version (row TN-03), and the answers, each for its field (row DD-13)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.capture.scripts import Script, names_service, script_for, script_named, with_catalog
from apps.catalog.queries import locations_by_key, services_by_key, services_today
from apps.flows.clashes import value_of
from apps.flows.masking import reads_service
from apps.flows.notes import edit_lead
from apps.leads.models import Lead
from apps.outreach.template_decisions import fill
from apps.ownership.queries import lead_to_change
from apps.ownership.terms import is_of
from apps.policies.queries import history, live_document, versions_in_force
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, NotFound, Problem
from apps.tenancy.organizations import current_organization

#: Fields that hold people's own words, shown as they were said.
OWN_WORDS = ("payer", "best_time", "appointment_type")


def asking_of(lead: Lead, now: datetime, *, reader: Actor, channel: str = "") -> dict[str, Any] | None:
    """Return the questions as workspace/lead/asking.html wants them; None without a script or on a closed lead.

    Left out is what fills a field that the reader's role does not edit, and what is on record of one that it may not
    know: the service, for roles that read nothing of health.
    """
    script = script_of(lead, now, channel=channel) if lead.closed_at is None else None
    if script is None:
        return None

    def known(field: str) -> str:
        return _known(lead, field) if field != "service" or reads_service(reader) else ""

    return {
        "name": script.name,
        "questions": [
            {"id": each.id, "ask": each.ask, "known": known(each.fills), "answers": each.choices}
            for each in script.questions
            if not is_of(each.fills, reader.fixed_fields)
        ],
    }


def script_of(lead: Lead, now: datetime, *, channel: str = "") -> Script | None:
    """Return the script in force for a lead and its service: of the channel one talks on.

    Without one, that of chats for who chatted, else of calls. What the script leaves to the catalog has its names of
    now (row DD-08).
    """
    channel = channel or ("chat" if lead.capture_method == "chat" else "call")
    service = lead.service.key if lead.service else ""
    script = script_for(live_document("scripts", now), channel=channel, service=service)
    if script is None or not any(each.is_live for each in script.questions):
        return script
    services = {row.key: row.name for row in services_today().values()}
    locations = {row.key: row.name for row in locations_by_key().values() if row.is_available}
    visits = {each: each for each in (lead.service.appointment_types if lead.service else ())}
    return with_catalog(script, {"service": services, "location": locations, "appointment_type": visits})


@dataclass(frozen=True, slots=True)
class Reading:
    """The lines of a call as somebody reads them, of one approved version."""

    id: str
    name: str
    version: int
    says: tuple[str, ...]
    voicemail: tuple[str, ...]
    someone_else: tuple[str, ...]

    @property
    def mark(self) -> str:
        """What a form sends back of it: CALL-1@3."""
        return f"{self.id}@{self.version}"


def reading_of(lead: Lead, now: datetime, *, reader: Actor) -> Reading | None:
    """Return what is read on a call about a lead now; None without a script.

    Lines that somebody else may hear are left out where they name a service by its name of now.
    """
    script, version = script_of(lead, now, channel="call"), versions_in_force(now).get("scripts")
    if script is None or version is None:
        return None
    named = [*services_by_key(), *(row.name for row in services_by_key().values())]
    person = lead.contact_person or lead.person
    words = {
        "caller": reader.label,
        "organization": str(current_organization().name),
        "first_name": str(person.first_name or person),
    }

    def spoken(lines: tuple[str, ...], *, is_overheard: bool = False) -> tuple[str, ...]:
        kept = [each for each in lines if not (is_overheard and names_service(each, named))]
        return tuple(fill(each, words) for each in kept)

    return Reading(
        script.id,
        script.name,
        version.number,
        spoken(script.says),
        spoken(script.voicemail, is_overheard=True),
        spoken(script.someone_else, is_overheard=True),
    )


def script_used(lead: Lead, mark: str, now: datetime) -> tuple[str, int] | None:
    """Return which script a call was made with, and in which version: the one that was shown, else the one in force.

    Raises Invalid for a mark of no approved version, or of a script that it does not have.
    """
    if not mark:
        script, version = script_of(lead, now, channel="call"), versions_in_force(now).get("scripts")
        return (script.id, version.number) if script is not None and version is not None else None
    script_id, _, number = mark.rpartition("@")
    approved = [each for each in history("scripts") if each.approved_at is not None and str(each.number) == number]
    if not approved or script_named(approved[0].document, script_id) is None:
        sentence = "There is no approved version of this script."
        raise Invalid(sentence, (Problem("/script", "unknown_script", sentence),))
    return script_id, approved[0].number


def answer_script(
    *,
    actor: Actor,
    lead_id: UUID,
    answers: Mapping[str, str],
    now: datetime,
    version: int | None = None,
    channel: str = "",
    said_in: str = "",
) -> Lead:
    """Write what was answered, by question, into the fields of the lead; blank answers change nothing.

    Its story says from which script, and `said_in` which conversation, the values are.

    Refuses an answer that its question does not have, and all that `edit_lead` refuses.
    """
    lead = lead_to_change(actor, lead_id)
    script = script_of(lead, now, channel=channel)
    if script is None:
        raise NotFound
    changes, problems = dict[str, str](), []
    for question in script.questions:
        said = answers.get(question.id, "").strip()
        value = question.value_of(said) if said else ""
        if value is None:
            sentence = f"“{said[:40]}” is no answer to “{question.ask}”."
            problems.append(Problem(f"/{question.id}", "not_an_answer", sentence))
        elif value:
            changes[question.fills] = value
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))
    if not changes:
        raise Invalid("Answer a question first.", (Problem("", "empty", "Answer a question first."),))
    where = f", {said_in}" if said_in else ""
    source = f"From the script “{script.name}”{where}."
    return edit_lead(actor=actor, lead_id=lead_id, changes=changes, now=now, version=version, source=source)


def _known(lead: Lead, field: str) -> str:
    named = {"service": lead.service, "location": lead.location}.get(field)
    if named is not None:
        return str(named)
    value = value_of(lead, field)
    return value if field in OWN_WORDS else value.replace("_", " ").capitalize()
