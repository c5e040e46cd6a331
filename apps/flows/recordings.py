"""Where the recording or the transcript of a contact lies: noted with it, opened by whom the role allows (row TK-12).

Who opens one stands in the ledger. After the tenant's days the address is erased (`apps.compliance.recordings`).
"""

from datetime import datetime, timedelta
from urllib.parse import urlsplit
from uuid import UUID

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.leads.actions import lock_lead, tell
from apps.leads.models import Lead
from apps.outreach.models import Activity, Recording
from apps.outreach.terms import RecordingKind
from apps.ownership.queries import lead_for, lead_to_change, require_change
from apps.policies.queries import live_document
from apps.privacy.retention import recording_days
from apps.tenancy import outbox
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused
from apps.tenancy.ids import new_id
from apps.tenancy.writing import insert

#: The wake-up of a recording on the day its address goes.
ERASE = "recording.erase"
LONGEST_ADDRESS = 500


def note_recording(
    *, actor: Actor, lead_id: UUID, activity_id: UUID, kind: RecordingKind, address: str, now: datetime
) -> Recording:
    """Note where the recording or the transcript of a contact lies; after the tenant's days the address goes.

    Refuses people whose team does not own the lead, what is no https address, and a second one of a kind.
    """
    lead_to_change(actor, lead_id)
    lead = lock_lead(lead_id)
    require_change(actor, lead, ("status",), now=now, action="recording.add")
    activity = Activity.rows().filter(id=activity_id, lead=lead).first()
    if activity is None:
        raise NotFound
    where = urlsplit(address.strip())
    if where.scheme != "https" or not where.hostname or len(address.strip()) > LONGEST_ADDRESS:
        sentence = f"An address that begins with https://, of at most {LONGEST_ADDRESS} characters."
        raise Invalid(sentence, (Problem("/address", "no_address", sentence),))
    if Recording.rows().filter(activity=activity, kind=kind).exists():
        raise Conflict(f"The {kind} of this contact is noted already.", code="noted_already")
    row = Recording(
        id=new_id(),
        lead=lead,
        activity=activity,
        kind=kind,
        address=address.strip(),
        added_by=actor.label,
        added_at=now,
    )
    insert(row)
    sentence = f"The {kind} of a {activity.kind} was noted."
    tell(lead, kind="call", sentence=sentence, actor=actor, now=now, event_id=activity.event_id)
    ledger.record(
        actor=actor,
        action="recording.add",
        object_type="lead",
        object_id=lead.id,
        fields=["recording"],
        detail={"recording": str(row.id), "kind": str(kind)},
    )
    outbox.enqueue(ERASE, row.id, due_at=erased_from(row, now))
    return row


def open_recording(*, actor: Actor, lead_id: UUID, recording_id: UUID) -> str:
    """Return where a recording lies, and keep in the ledger who opened it.

    Refuses roles without the right to open recordings, agencies among them, and one whose address was erased.
    """
    lead = lead_for(actor, lead_id)
    require_opening(actor, lead)
    row = Recording.rows().filter(id=recording_id, lead=lead).first()
    if row is None:
        raise NotFound
    if row.erased_at is not None or not row.address:
        raise Conflict("Its address was erased after the days that recordings are kept.", code="erased")
    ledger.record(
        actor=actor,
        action="recording.open",
        object_type="lead",
        object_id=lead.id,
        fields=["recording"],
        detail={"recording": str(row.id), "kind": str(row.kind)},
    )
    return str(row.address)


def require_opening(actor: Actor, lead: Lead) -> None:
    """Refuse roles without the right to open recordings."""
    if not actor.may(Permission.RECORDING_OPEN):
        raise Refused(
            "Your role does not open recordings. Ask somebody of the team that owns the lead whose role does.",
            code="no_permission",
            action="recording.open",
            object_type="lead",
            object_id=lead.id,
        )


def recordings_of(lead: Lead) -> list[Recording]:
    """Return the recordings of a lead, newest first."""
    return list(Recording.rows().filter(lead=lead).select_related("activity").order_by("-added_at", "-id"))


def erased_from(row: Recording, now: datetime) -> datetime:
    """Return when the address of a recording goes, by the schedule of now."""
    return row.added_at + timedelta(days=recording_days(live_document("retention", now)))
