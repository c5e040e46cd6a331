"""The month's reports for compliance: access, consents, qualification notes (row AU-08). Three tables, one manifest."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from uuid import UUID

from apps.audit import ledger
from apps.audit.asking import Asked, all_of
from apps.compliance.dots import bounds_of
from apps.compliance.manifests import MOST_ROWS, Table, package
from apps.compliance.tables import access_table
from apps.consent.models import ConsentEvent
from apps.leads.models import Lead, TimelineEntry
from apps.qualification.models import Qualification
from apps.tenancy.actor import Actor
from apps.tenancy.organizations import current_organization

CONSENT_HEAD = (
    *(
        "recorded at",
        "captured at",
        "person",
        "leads",
        "channel",
        "purpose",
        "value",
        "source",
        "recorded by",
        "reason",
    ),
    *("wording", "wording digest", "evidence", "evidence reference", "only for lead", "expires at"),
)
NOTES_HEAD = ("at", "lead", "kind", "verdict", "disqualification", "criteria", "reason or note", "next step", "by")


def month_package(*, actor: Actor, year: int, month: int, now: datetime) -> bytes:
    """Return the ZIP of a month by the tenant's clock: `access.csv`, `consents.csv`, `qualification_notes.csv`.

    Refuses a month with more than 100,000 entries in one of them. The leads whose notes leave are named in the ledger.
    """
    zone = current_organization().zone
    after = date(year + month // 12, month % 12 + 1, 1)
    since, until = bounds_of(date(year, month, 1), zone)[0], bounds_of(after, zone)[0]
    notes, leads = _notes(since, until)
    tables = [access_table(all_of(Asked(since=since, until=until), MOST_ROWS + 1)), _consents(since, until), notes]
    fields = ["qualification", "timeline"]
    ledger.record_read(actor=actor, what="lead", object_ids=sorted(leads), fields=fields)
    return package(actor=actor, what="month", tables=tables, asked={"month": f"{year}-{month:02d}"}, now=now)


def _consents(since: datetime, until: datetime) -> Table:
    rows = list(ConsentEvent.rows().filter(recorded_at__gte=since, recorded_at__lt=until)[: MOST_ROWS + 1])
    refs = _refs_of({each.person_id for each in rows})
    only = Lead.rows().in_bulk([each.only_lead_id for each in rows if each.only_lead_id])
    cells = [
        (
            *(_iso(each.recorded_at), _iso(each.captured_at), each.person_id, refs.get(each.person_id, "")),
            *(each.channel, each.purpose, each.value, each.source, each.recorded_by, each.reason),
            *(each.wording_version, each.wording_digest, each.evidence_kind, each.evidence_ref),
            only[each.only_lead_id].ref if each.only_lead_id else "",
            _iso(each.expires_at),
        )
        for each in rows
    ]
    return Table("consents.csv", CONSENT_HEAD, cells)


def _notes(since: datetime, until: datetime) -> tuple[Table, set[UUID]]:
    """Return the verdicts and the ends of a month with what people wrote to them, and the leads that they are of."""
    verdicts = Qualification.rows().filter(decided_at__gte=since, decided_at__lt=until).select_related("lead")
    ends = TimelineEntry.rows().filter(kind="closed", at__gte=since, at__lt=until).select_related("lead")
    cells: list[tuple[object, ...]] = []
    leads: set[UUID] = set()
    for verdict in verdicts.order_by("decided_at", "id")[: MOST_ROWS + 1]:
        leads.add(verdict.lead_id)
        cells.append(
            (
                *(
                    _iso(verdict.decided_at),
                    verdict.lead.ref,
                    "qualification",
                    verdict.verdict,
                    verdict.disqualification,
                ),
                *(" ".join(_words(verdict.criteria)), verdict.reason, verdict.next_step, verdict.actor_label),
            )
        )
    for end in ends.order_by("at", "id")[: MOST_ROWS + 1]:
        leads.add(end.lead_id)
        said = f"{end.sentence} {end.note}".strip()
        cells.append((_iso(end.at), end.lead.ref, "closing", "", "", "", said, "", end.actor_label))
    cells.sort(key=lambda each: str(each[0]))
    return Table("qualification_notes.csv", NOTES_HEAD, cells), leads


def _refs_of(people: set[UUID]) -> dict[UUID, str]:
    refs: dict[UUID, list[str]] = {}
    for lead in Lead.rows().filter(person_id__in=people).only("number", "person_id").order_by("number"):
        refs.setdefault(lead.person_id, []).append(lead.ref)
    return {person_id: " ".join(own) for person_id, own in refs.items()}


def _words(criteria: Iterable[object]) -> list[str]:
    return [str(each.get("key", each.get("id", ""))) if isinstance(each, dict) else str(each) for each in criteria]


def _iso(at: datetime | None) -> str:
    return at.astimezone(UTC).isoformat() if at else ""
