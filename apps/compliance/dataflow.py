"""Where health information is made, read and sent on: a map of the journey from the live set-up (row PH-12).

Nothing of it is kept. A connection that is added now stands here now, with its vendor and whether that may carry it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from apps.accounts.models import Party, Role
from apps.accounts.terms import FieldGroup, PartyKind, Permission
from apps.capture.form_queries import contents_on_the_net
from apps.capture.form_terms import FILLS, OWN_QUESTIONS, FormContent
from apps.catalog.field_names import STANDARD_FIELDS
from apps.catalog.models import OutsideSystem
from apps.catalog.queries import channels_by_key
from apps.catalog.terms import CaptureMethod, PrivacyClass
from apps.catalog.vendor_terms import UseKind
from apps.catalog.vendors import standing_of
from apps.connectors.models import Connection
from apps.connectors.providers import providers
from apps.outreach.texts import text_sender

GUARDED = (PrivacyClass.HEALTH, PrivacyClass.INSURANCE, PrivacyClass.PHI)
_BY_TARGET = {each.target: (name, each) for name, each in STANDARD_FIELDS.items() if each.target}
#: Ways on which people tell in their own words what is wrong.
TOLD = {
    CaptureMethod.CHAT: "the conversation, sealed",
    CaptureMethod.CALL: "notes of the call, sealed",
    CaptureMethod.EMAIL: "what they wrote, sealed",
    CaptureMethod.REFERRAL: "the reason and the documents, sealed",
    CaptureMethod.EVENT: "what they asked for",
    CaptureMethod.IMPORT: "the columns of the file, sealed",
    CaptureMethod.MANUAL: "what a colleague heard, sealed",
    CaptureMethod.API: "what the sender's document holds, sealed",
}


class Step(StrEnum):
    """The steps of a lead's way, in their order."""

    ARRIVAL = "Arrival"
    QUALIFICATION = "Qualification"
    ROUTING = "Routing"
    OUTREACH = "Outreach"
    APPOINTMENT = "Appointment"
    HANDING_ON = "Handing on"
    REPORTING = "Reporting"
    KEEPING = "Keeping"


class Does(StrEnum):
    """What happens to health information at a step."""

    CREATES = "creates"
    READS = "reads"
    SENDS = "sends"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Line:
    """One tool at one step: what it does to health information, which, and whose it is.

    `may_carry` is None where no vendor stands between; else whether it may carry it today, with the sentence why.
    """

    step: Step
    tool: str
    what: str
    does: Does
    data: str
    vendor: str = ""
    may_carry: bool | None = None
    standing: str = ""

    @property
    def is_health(self) -> bool:
        """Whether health information passes here."""
        return self.does is not Does.NONE


def lines(now: datetime) -> list[Line]:
    """Return the map, in the order of the journey."""
    found = [
        *_forms(),
        *_ways(),
        *_senders(now),
        *_agencies(now),
        Line(Step.QUALIFICATION, "leadcrm", "Criteria and scripts", Does.READS, "service, answers, insurance"),
        Line(Step.ROUTING, "leadcrm", "Routing rules", Does.READS, "service and location"),
        *_messages(now),
        Line(Step.APPOINTMENT, "leadcrm", "Schedule", Does.CREATES, "a visit for a service"),
        Line(Step.HANDING_ON, "leadcrm", "Handoffs between teams", Does.READS, "service, notes, answers"),
        *_systems(now),
        *_files(),
        Line(Step.REPORTING, "leadcrm", "Figures for marketing", Does.NONE, "counts by a role that cannot read it"),
        Line(Step.KEEPING, "PostgreSQL", "Sealed columns, a key for each tenant", Does.READS, "all of it, sealed"),
    ]
    return sorted(found, key=lambda each: list(Step).index(each.step))


def readers() -> list[str]:
    """Return the roles whose people read health information."""
    rows = Role.rows().order_by("name")
    return [
        row.name
        for row in rows
        if Permission.HEALTH_READ in row.permissions and FieldGroup.HEALTH not in row.hidden_field_groups
    ]


def _told(targets: Iterable[str]) -> tuple[Does, str]:
    """Return what fields do: those of health by their labels, or that there are none."""
    named = [_BY_TARGET[each][1] for each in targets if each in _BY_TARGET]
    health = list(dict.fromkeys(each.label for each in named if each.privacy in GUARDED))
    return (Does.CREATES, ", ".join(health)) if health else (Does.NONE, "none: names, contact and choices alone")


def _targets(content: FormContent) -> Iterator[str]:
    for question in content.questions:
        yield from ("request.message",) if question.kind in OWN_QUESTIONS else FILLS.get(question.kind, ())


def _forms() -> Iterator[Line]:
    for title, content in contents_on_the_net():
        does, data = _told(_targets(content))
        yield Line(Step.ARRIVAL, "leadcrm", f"Form “{title}”", does, data)


def _ways() -> Iterator[Line]:
    """Yield the ways in which people tell in their own words: by the channels in use."""
    for row in channels_by_key().values():
        if row.is_active and row.capture_method in TOLD:
            yield Line(Step.ARRIVAL, "leadcrm", row.name, Does.CREATES, TOLD[CaptureMethod(row.capture_method)])


def _senders(now: datetime) -> Iterator[Line]:
    for row in Connection.rows().order_by("name"):
        spec = providers().get(row.provider)
        named = {**(dict(spec.mapping) if spec else {}), **row.mapping}
        does, data = _told(str(each) for each in named.values())
        tool = spec.name if spec else row.provider
        what = f"Connection “{row.name}”{'' if row.is_active else ', switched off'}"
        yield _carried(Step.ARRIVAL, tool, what, does, data, UseKind.CONNECTION, row.key, now)


def _agencies(now: datetime) -> Iterator[Line]:
    for row in Party.rows().filter(kind=PartyKind.AGENCY).order_by("name"):
        data = "service, message, insurance, answers"
        yield _carried(
            Step.ARRIVAL, row.name, f"Deliveries of {row.name}", Does.CREATES, data, UseKind.AGENCY, row.key, now
        )


def _messages(now: datetime) -> Iterator[Line]:
    mail, text = "words of an approved mail", "that there is an inquiry; never what it is about"
    yield _carried(Step.OUTREACH, "Mail", "Mails to people", Does.SENDS, mail, UseKind.MAIL, "", now, is_own=True)
    is_own = text_sender().is_own
    yield _carried(Step.OUTREACH, "Texts", "Texts to people", Does.SENDS, text, UseKind.TEXTS, "", now, is_own=is_own)


def _systems(now: datetime) -> Iterator[Line]:
    for row in OutsideSystem.rows().filter(is_active=True).order_by("name"):
        labels = [STANDARD_FIELDS[name].label for name in row.fields if name in STANDARD_FIELDS]
        guarded = any(STANDARD_FIELDS[name].privacy in GUARDED for name in row.fields if name in STANDARD_FIELDS)
        does, data = (Does.SENDS if guarded else Does.NONE), ", ".join(labels) or "the lead's number and stage"
        yield _carried(
            Step.HANDING_ON, row.name, f"Outside system {row.name}", does, data, UseKind.SYSTEM, row.key, now
        )


def _files() -> Iterator[Line]:
    roles = [row.name for row in Role.rows().order_by("name") if Permission.LEAD_DOWNLOAD in row.permissions]
    if roles:
        yield Line(Step.HANDING_ON, "Files", f"Lists taken out by {', '.join(roles)}", Does.SENDS, "name, service")


def _carried(
    step: Step, tool: str, what: str, does: Does, data: str, kind: str, ref: str, now: datetime, *, is_own: bool = False
) -> Line:
    found = standing_of(kind, ref, now=now, is_own=is_own)
    return Line(step, tool, what, does, data, found.name, found.allowed, found.sentence)
