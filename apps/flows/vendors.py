"""Pause what a vendor without an agreement in order carries, and let it go on when one is executed (row PH-09).

Each way that PHI takes asks for itself at its moment (`catalog.vendors.stopped`), so nothing waits for what is here:
this tells people, and wakes what was kept.
"""

from datetime import datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from apps.accounts.notices import tell_people
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.capture.models import Submission
from apps.catalog.models import Vendor, VendorUse
from apps.catalog.vendor_decisions import standing
from apps.catalog.vendor_terms import WARN_DAYS, AgreementState, Standing, UseKind, VendorFact
from apps.catalog.vendors import LOOK, owner_of, today_of, vendor_facts
from apps.leads.models import OutsideUpdate
from apps.leads.terms import UpdateState
from apps.outreach.actions import SEND
from apps.outreach.models import Message
from apps.outreach.terms import MessageState
from apps.tenancy import outbox
from apps.tenancy.actor import system_actor
from apps.tenancy.organizations import current_organization
from apps.tenancy.scope import current_organization_id

#: Reads the deliveries of senders that were held; the connectors do it.
READ_HELD = "connectors.read_held"
INTAKE, TELL = "intake.process", "outside.tell"
CARRIED = {UseKind.TEXTS: "text", UseKind.MAIL: "email"}
#: The states of a message to another system in which it has not arrived and is tried on.
_ON_ITS_WAY = (UpdateState.WAITING, UpdateState.FAILED)


@outbox.handler(LOOK)
def look(vendor_id: UUID, now: datetime) -> None:
    """See how a vendor stands today: pause it or let it go on, warn of an end, and look again when that changes."""
    row = Vendor.rows().select_for_update(of=("self",)).select_related("owner").get(id=vendor_id)
    fact = vendor_facts()[vendor_id]
    found = standing(fact, today_of(now))
    if found.allowed:
        if row.paused_at is not None:
            _set_paused(row, None, found, now)
        wake(vendor_id)
        if found.until is not None and (found.until - today_of(now)).days <= WARN_DAYS:
            _tell(
                row, f"{row.name}: its agreement ends on {found.until:%Y-%m-%d}. Renew it.", f"ends:{found.until}", now
            )
    elif row.paused_at is None and VendorUse.rows().filter(vendor=row).exists():
        _set_paused(row, now, found, now)
        sentence = f"{row.name} is paused: {found.sentence} What it carries is kept and goes on with a new agreement."
        _tell(row, sentence, f"paused:{today_of(now)}", now)
    for day in _days_ahead(fact, now):
        outbox.enqueue(LOOK, vendor_id, due_at=day)


def _set_paused(row: Vendor, at: datetime | None, found: Standing, now: datetime) -> None:
    row.paused_at = at
    row.save(update_fields=["paused_at"])
    ledger.record(
        actor=system_actor(current_organization_id(), "vendors"),
        action="vendor.pause" if at is not None else "vendor.resume",
        object_type="vendor",
        object_id=row.id,
        detail={"vendor": row.key, "code": str(found.code)},
    )


def _tell(row: Vendor, sentence: str, matter: str, now: datetime) -> None:
    owner = owner_of(row)
    tell_people(
        kind="vendor",
        sentence=sentence,
        dedup_key=f"vendor:{row.key}:{matter}",
        now=now,
        permission=Permission.VENDOR_MANAGE,
        members=[owner.id] if owner is not None else [],
        url=f"/compliance/vendors/{row.key}/",
    )


def _days_ahead(fact: VendorFact, now: datetime) -> list[datetime]:
    """Return the next midnight of the tenant at which something of a vendor's standing can change; at most one."""
    zone, today = ZoneInfo(current_organization().zone), today_of(now)
    days = {fact.grace_until + timedelta(days=1)} if fact.grace_until else set()
    for each in fact.agreements:
        if each.state != AgreementState.EXECUTED:
            continue
        days |= {each.effective_on} if each.effective_on else set()
        if each.expires_on:
            days |= {each.expires_on - timedelta(days=WARN_DAYS), each.expires_on + timedelta(days=1)}
    ahead = sorted(day for day in days if day > today)
    return [datetime.combine(ahead[0], time.min, zone)] if ahead else []


def uses_of(vendor_id: UUID, kind: UseKind) -> list[str]:
    """Return the keys of what a vendor carries of a kind."""
    return list(VendorUse.rows().filter(vendor_id=vendor_id, kind=kind).values_list("ref", flat=True))


def kept_for(vendor_id: UUID) -> dict[UseKind, int]:
    """Return how much of each kind is kept for a vendor, without what its senders delivered."""
    return {
        UseKind.TEXTS: _messages(vendor_id, UseKind.TEXTS).count(),
        UseKind.MAIL: _messages(vendor_id, UseKind.MAIL).count(),
        UseKind.SYSTEM: _updates(vendor_id).count(),
        UseKind.AGENCY: _deliveries(vendor_id).count(),
    }


def wake(vendor_id: UUID) -> None:
    """Let what was kept for a vendor go on: each is asked about anew, also whether the person may be contacted."""
    for kind in CARRIED:
        for message_id in _messages(vendor_id, kind).values_list("id", flat=True):
            outbox.enqueue(SEND, message_id)
    for update_id in _updates(vendor_id).values_list("id", flat=True):
        outbox.enqueue(TELL, update_id)
    for submission_id in _deliveries(vendor_id).order_by("stored_at", "id").values_list("id", flat=True):
        outbox.enqueue(INTAKE, submission_id)
    if uses_of(vendor_id, UseKind.CONNECTION):
        outbox.enqueue(READ_HELD, vendor_id)


def _messages(vendor_id: UUID, kind: UseKind) -> QuerySet[Message]:
    if not VendorUse.rows().filter(vendor_id=vendor_id, kind=kind).exists():
        return Message.rows().none()
    return Message.rows().filter(channel=CARRIED[kind], state=MessageState.PENDING).exclude(reason="")


def _updates(vendor_id: UUID) -> QuerySet[OutsideUpdate]:
    keys = uses_of(vendor_id, UseKind.SYSTEM)
    return OutsideUpdate.rows().filter(system__key__in=keys, state__in=_ON_ITS_WAY)


def _deliveries(vendor_id: UUID) -> QuerySet[Submission]:
    keys = uses_of(vendor_id, UseKind.AGENCY)
    return Submission.rows().filter(party__key__in=keys, state="received")
