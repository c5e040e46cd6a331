"""Leads as a file (row TA-11): who may take them out, which columns, and the record of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from apps.accounts.terms import FieldGroup, Permission
from apps.audit import ledger
from apps.catalog.field_names import STANDARD_FIELDS
from apps.catalog.field_purposes import require_use, usable
from apps.catalog.terms import FieldUse
from apps.flows.packages import narrowed, withheld_from
from apps.leads.models import Lead
from apps.ownership.queries import downloadable
from apps.privacy.disclosures import FILE, Transfer, note_transfer
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, Refused
from apps.tenancy.ids import new_id
from apps.tenancy.organizations import current_organization

MOST_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the file; who does not see its group of fields gets a file without it."""

    key: str
    label: str
    cell: Callable[[Lead, ZoneInfo], str]
    group: FieldGroup | None = None
    #: The fields of the dictionary that it shows; none where it shows no datum of a person.
    fields: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Export:
    """The head and the rows of a file, and how many leads of the list the actor may not download."""

    head: list[str]
    rows: list[list[str]]
    left_out: int


NAME = ("first_name", "last_name")
COLUMNS = (
    Column("lead", "Lead", lambda lead, zone: lead.ref),
    Column("name", "Name", lambda lead, zone: str(lead.contact_person or lead.person), FieldGroup.CONTACT, NAME),
    Column(
        "service",
        "Service",
        lambda lead, zone: lead.service.name if lead.service else "",
        FieldGroup.HEALTH,
        ("service",),
    ),
    Column("location", "Location", lambda lead, zone: lead.location.name if lead.location else "", None, ("location",)),
    Column(
        "source",
        "Source",
        lambda lead, zone: lead.source.name if lead.source else "",
        FieldGroup.MARKETING,
        ("source",),
    ),
    Column("stage", "Stage", lambda lead, zone: lead.stage.label, FieldGroup.OUTCOME),
    Column("status", "Status", lambda lead, zone: lead.status_now.replace("_", " "), FieldGroup.OUTCOME),
    Column("captured", "Captured", lambda lead, zone: f"{lead.captured_at.astimezone(zone):%Y-%m-%d %H:%M}"),
)


def may_export(actor: Actor) -> bool:
    """Say whether the role may take leads out at all; of each lead the grant is asked besides."""
    return actor.may(Permission.LEAD_DOWNLOAD) and not actor.is_agency


def export_leads(
    *,
    actor: Actor,
    rows: QuerySet[Lead],
    asked: Mapping[str, str],
    now: datetime,
    purpose: FieldUse = FieldUse.CARE,
) -> Export:
    """Return the leads of a list that the actor may download, in the list's order; noted in the ledger.

    Refuses a list that is narrowed by a field which is not recorded for the purpose; columns of such fields are left
    out (row AU-07).

    The ledger keeps who, the filter (`asked`), the columns and the number of rows, and names each lead whose data
    left. Leads without the download grant are left out and counted. Refuses roles that take no leads out, and lists
    of more than 5,000. What must not pass with a handoff is left empty for the team that took the lead.
    """
    if not may_export(actor):
        sentence = "Your role may look at leads, not download them. Ask your administrator for the right to download."
        raise Refused(sentence, code="no_download_grant", action="lead.export", object_type="export")
    narrowed_by = [name for name in asked if name in STANDARD_FIELDS]
    require_use(narrowed_by, purpose, action="lead.export", object_type="export")
    zone = ZoneInfo(current_organization().zone)
    shown = [each for each in COLUMNS if each.group not in actor.hidden_fields]
    columns = [each for each in shown if usable(each.fields, purpose) == list(each.fields)]
    parts = ("person", "contact_person", "service", "location", "source", "stage")
    leads = list(downloadable(actor, rows).select_related(*parts)[: MOST_ROWS + 1])
    if len(leads) > MOST_ROWS:
        raise Invalid(f"At most {MOST_ROWS} leads in one file. Narrow the list.")
    left_out = rows.count() - len(leads)
    names = [each.key for each in columns]
    ledger.record(
        actor=actor,
        action="lead.export",
        object_type="export",
        object_id=new_id(),
        fields=names,
        detail={"rows": len(leads), "columns": len(names), "left_out": left_out}
        | {"filter": dict(asked), "purpose": str(purpose)},
    )
    ledger.record_read(actor=actor, what="lead", object_ids=[lead.id for lead in leads], fields=names)
    withheld = withheld_from(actor, [lead.id for lead in leads])
    seen = {lead.id: narrowed(actor, withheld.get(lead.id, ())).hidden_fields for lead in leads}
    _note_files(actor, leads, columns, seen, purpose, now)
    cells = [["" if each.group in seen[lead.id] else each.cell(lead, zone) for each in columns] for lead in leads]
    return Export([each.label for each in columns], cells, left_out)


def _note_files(
    actor: Actor,
    leads: list[Lead],
    columns: list[Column],
    seen: Mapping[UUID, frozenset[str]],
    purpose: FieldUse,
    now: datetime,
) -> None:
    """Write down what of each lead is in the file: the fields of the columns that are filled for it (row PH-06)."""
    same: dict[tuple[str, ...], list[tuple[UUID, UUID]]] = {}
    for lead in leads:
        shown = tuple(name for each in columns if each.group not in seen[lead.id] for name in each.fields)
        same.setdefault(shown, []).append((lead.id, lead.contact_person_id or lead.person_id))
    for fields, about in same.items():
        because = f"{purpose}: list of leads"
        note_transfer(
            Transfer(f"{actor.label} (file)", FILE, fields, because, actor.label, "taken out"), about, now=now
        )
