"""Who may report of a lead: an outside system by the key that its record names, a partner by its own."""

from datetime import datetime
from uuid import UUID

from apps.accounts.models import Party
from apps.accounts.terms import Permission
from apps.catalog.outside import system_of_key
from apps.flows.reported import Report, take_report
from apps.leads.models import OutsideReport
from apps.leads.process import REPORTED, STAGE
from apps.leads.queries import process_in_force
from apps.ownership.queries import lead_to_change
from apps.partners.queries import delivered_lead
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, Problem, Refused

#: A stage under the name that others have for it.
STATUS = "status"


def report_lead(*, actor: Actor, lead_id: UUID, field: str, said: str, now: datetime) -> OutsideReport:
    """Take what an outside system or a partner reports of a lead; `take_report` says what becomes of it.

    Refuses leads that the key does not reach, a partner's key without `activity:log`, keys that no outside system
    names, and partners that report more than a stage without being believed about it by the rules.
    """
    if actor.is_agency:
        delivered_lead(actor, lead_id)
    else:
        lead_to_change(actor, lead_id)
    reporter, name = _reporter(actor, lead_id)
    field, said = STAGE if field == STATUS else field, " ".join(said.split())
    if not said:
        raise Invalid("Name what you report.", (Problem("/value", "missing", "Name what you report."),))
    if field not in REPORTED:
        detail = f"Reported is one of: {', '.join((STATUS, *REPORTED))}."
        raise Invalid(detail, (Problem("/field", "unknown_field", detail),))
    if actor.is_agency and field != STAGE and process_in_force(now).truth.get(field) != reporter:
        detail = "Your agreement has you report the stage alone."
        raise Invalid(detail, (Problem("/field", "not_yours", detail),))
    return take_report(actor=actor, lead_id=lead_id, report=Report(reporter, name, field, said), now=now)


def _reporter(actor: Actor, lead_id: UUID) -> tuple[str, str]:
    """Return the key and the name of who reports; refuse who is neither a system nor a partner that may."""
    sentence = "Only an outside system and a partner report. Name this key in the record of the outside system."
    if actor.is_agency and not actor.may(Permission.ACTIVITY_LOG):
        sentence = "Reports of this lead are not part of your agreement. Ask for a key with `activity:log`."
    elif (system := system_of_key(actor.id)) is not None:
        return system.key, system.name
    elif actor.party_id is not None:
        party = Party.rows().get(id=actor.party_id)
        return party.key, party.name
    code = "agency" if actor.is_agency else "no_reporter"
    raise Refused(sentence, code=code, action="lead.report", object_type="lead", object_id=lead_id)
