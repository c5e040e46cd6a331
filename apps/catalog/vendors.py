"""The register of vendors, and the one question for every way that PHI can take: `standing_of` (row PH-09)."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from apps.accounts.models import Membership, Party
from apps.accounts.notices import tell_people
from apps.accounts.terms import PartyKind, Permission
from apps.audit import ledger
from apps.catalog.models import OutsideSystem
from apps.catalog.vendor_decisions import standing
from apps.catalog.vendor_models import Vendor, VendorAgreement, VendorCertificate, VendorUse
from apps.catalog.vendor_terms import AgreementFact, AgreementState, Standing, UseKind, VendorFact
from apps.tenancy import outbox
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused
from apps.tenancy.organizations import current_organization
from apps.tenancy.stamps import settings_read

#: Looks at a vendor when its agreement begins, is about to end, or has ended.
LOOK = "vendor.look"
_PROVISIONS = ("permitted_uses", "safeguards", "notice_days", "subcontractors", "access_and_amendment", "termination")
_DAYS = ("signed_on", "effective_on", "expires_on")


def today_of(now: datetime) -> date:
    """Return the tenant's day: an agreement ends at midnight of the tenant's clock."""
    return now.astimezone(ZoneInfo(current_organization().zone)).date()


def standing_of(kind: str, ref: str = "", *, now: datetime, is_own: bool = False) -> Standing:
    """Say whether a sender, system, text or mail provider or agency may carry PHI now. No query while nothing changed.

    `is_own` says that the way is the tenant's own where no vendor is named for it: a local outbox, its own mail server.
    """
    return standing(_uses().get((str(kind), ref)), today_of(now), is_own=is_own)


def require_standing(kind: str, ref: str = "", *, now: datetime) -> None:
    """Raise Conflict where something may not carry PHI, with the sentence that says why."""
    found = standing_of(kind, ref, now=now)
    if not found.allowed:
        raise Conflict(found.sentence, code=found.code)


def stopped(kind: str, ref: str = "", *, now: datetime, is_own: bool = False) -> str:
    """Return why something may not carry PHI now, and "" where it may. The owner and the managers hear of it, daily."""
    found = standing_of(kind, ref, now=now, is_own=is_own)
    if found.allowed:
        return ""
    use = VendorUse.rows().select_related("vendor").filter(kind=kind, ref=ref).first()
    owner = use.vendor.owner_id if use is not None else None
    tell_people(
        kind="vendor",
        sentence=f"{UseKind(kind).label} {ref}".strip() + f" waits: {found.sentence}",
        dedup_key=f"vendor:{kind}:{ref}:{today_of(now)}",
        now=now,
        permission=Permission.VENDOR_MANAGE,
        members=[owner] if owner is not None else [],
        url=f"/compliance/vendors/{use.vendor.key}/" if use is not None else "/compliance/vendors/",
    )
    return found.sentence


@settings_read
def _uses() -> Mapping[tuple[str, str], VendorFact]:
    facts = vendor_facts()
    return {(row.kind, row.ref): facts[row.vendor_id] for row in VendorUse.rows()}


@settings_read
def vendor_facts() -> Mapping[Any, VendorFact]:
    """Return every vendor with its agreements as the rules see them, by id."""
    agreements: dict[Any, list[AgreementFact]] = {}
    for row in VendorAgreement.rows().order_by("-changed_at"):
        agreements.setdefault(row.vendor_id, []).append(fact_of(row))
    return {
        row.id: VendorFact(row.name, row.touches_phi, row.is_active, row.grace_until, tuple(agreements.get(row.id, ())))
        for row in Vendor.rows()
    }


def fact_of(row: VendorAgreement) -> AgreementFact:
    """Return an agreement as the rules see it."""
    return AgreementFact(row.state, **{name: getattr(row, name) for name in (*_DAYS, *_PROVISIONS)})


def vendor_of(key: str) -> Vendor:
    """Return a vendor by its key; raises NotFound."""
    row = Vendor.rows().select_related("owner__user").filter(key=key).first()
    if row is None:
        raise NotFound
    return row


def save_vendor(*, actor: Actor, key: str, values: Mapping[str, Any]) -> Vendor:
    """Create or update a vendor: name, service, touches_phi, owner, is_active. Refuses who may not manage vendors."""
    require_manager(actor)
    if not str(values.get("name", "")).strip() or not str(values.get("service", "")).strip():
        sentence = "Give the vendor's name and what it does for you."
        raise Invalid(sentence, (Problem("/name", "missing", sentence),))
    row = Vendor.rows().select_for_update(of=("self",)).filter(key=key).first()
    act = "vendor.update" if row is not None else "vendor.create"
    row = row or Vendor(key=key)
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save()
        _note(actor, act, row, changed)
        outbox.enqueue(LOOK, row.id)
    return row


def save_agreement(
    *, actor: Actor, vendor: Vendor, values: Mapping[str, Any], now: datetime, row: VendorAgreement | None = None
) -> VendorAgreement:
    """Write down an agreement or change it; executing one ends the vendor's agreement before it.

    What was paused goes on where the new one is in order; what runs is looked at when it ends. Refuses one that is
    executed without the days of its signature and its beginning, and one that ends before it begins.
    """
    require_manager(actor)
    row = row or VendorAgreement(vendor=vendor)
    for name, value in values.items():
        setattr(row, name, value)
    _refuse_gaps(row)
    if row.state == AgreementState.EXECUTED:
        others = VendorAgreement.rows().filter(vendor=vendor, state=AgreementState.EXECUTED).exclude(id=row.id)
        others.update(state=AgreementState.ENDED, ended_on=today_of(now), changed_at=now, changed_by=actor.label)
    row.changed_at, row.changed_by = now, actor.label
    row.save()
    detail = {"agreement": str(row.id), "state": row.state, "expires_on": str(row.expires_on or "")}
    _note(actor, "vendor.agreement", vendor, sorted(values), detail)
    outbox.enqueue(LOOK, vendor.id)
    return row


def _refuse_gaps(row: VendorAgreement) -> None:
    problems = []
    if row.state == AgreementState.EXECUTED:
        problems += [
            Problem(f"/{name}", "missing", "An executed agreement has the day it was signed and the day it begins.")
            for name in ("signed_on", "effective_on")
            if getattr(row, name) is None
        ]
    if row.effective_on and row.expires_on and row.expires_on < row.effective_on:
        problems.append(Problem("/expires_on", "ends_first", "It ends before it begins."))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))


def save_certificate(*, actor: Actor, vendor: Vendor, kind: str, expires_on: date) -> None:
    """Write down until when a vendor's certificate holds."""
    require_manager(actor)
    VendorCertificate.rows().update_or_create(vendor=vendor, kind=kind, defaults={"expires_on": expires_on})
    _note(actor, "vendor.certificate", vendor, [kind], {"expires_on": str(expires_on)})


def name_uses(*, actor: Actor, vendor: Vendor, uses: Sequence[tuple[str, str]], is_checked: bool = True) -> None:
    """Say what a vendor does for us: exactly these uses, as (kind, ref). Takes them from the vendor that had them.

    Refuses a use that nobody has set up, but where a file names it that brings it next (`is_checked` off).
    """
    require_manager(actor)
    known = known_uses() if is_checked else {}
    for kind, ref in uses:
        if kind not in set(UseKind) or (is_checked and (kind, ref) not in known):
            sentence = f"There is no {kind} “{ref}” here."
            raise Invalid(sentence, (Problem("/uses", "unknown_use", sentence),))
    wanted = set(uses)
    held = {(row.kind, row.ref): row for row in VendorUse.rows().filter(vendor=vendor)}
    if set(held) == wanted:
        return
    for use, row in held.items():
        if use not in wanted:
            row.delete()
    for kind, ref in sorted(wanted - set(held)):
        VendorUse.rows().update_or_create(kind=kind, ref=ref, defaults={"vendor": vendor})
    _note(actor, "vendor.uses", vendor, ["uses"], {"uses": [f"{kind} {ref}".strip() for kind, ref in sorted(wanted)]})
    outbox.enqueue(LOOK, vendor.id)


#: Who knows the keys of the senders: the door that receives them says so when it starts (`register_senders`).
_senders: list[Any] = []


def register_senders(known: Any) -> None:
    """Let the connectors tell which senders there are: `known()` returns pairs of key and name."""
    if known not in _senders:
        _senders.append(known)


def known_uses() -> dict[tuple[str, str], str]:
    """Return everything that can carry PHI for the tenant, with its name: what a vendor may be named for."""
    found: dict[tuple[str, str], str] = {}
    for known in _senders:
        found |= {(str(UseKind.CONNECTION), key): name for key, name in known()}
    found |= {(str(UseKind.SYSTEM), row.key): row.name for row in OutsideSystem.rows().filter(is_active=True)}
    agencies = Party.rows().filter(kind=PartyKind.AGENCY, is_active=True).order_by("name")
    found |= {(str(UseKind.AGENCY), row.key): row.name for row in agencies}
    return found | {(str(UseKind.TEXTS), ""): "", (str(UseKind.MAIL), ""): ""}


def unnamed_uses() -> list[str]:
    """Return what can carry PHI and has no vendor, by name; texts and mail are ours without one."""
    named = {(row.kind, row.ref) for row in VendorUse.rows()}
    return [
        f"{UseKind(kind).label}: {name}"
        for (kind, ref), name in known_uses().items()
        if ref and (kind, ref) not in named
    ]


def require_manager(actor: Actor) -> None:
    """Refuse who may read the register and not change it."""
    if not (actor.may(Permission.VENDOR_MANAGE) or actor.may(Permission.SETTINGS_WRITE)):
        raise Refused(
            "Only people who manage vendors change the register. Ask your administrator for “vendor: manage”.",
            action="vendor.save",
            object_type="vendor",
        )


def owner_of(vendor: Vendor) -> Membership | None:
    """Return who answers for a vendor, while that person is here."""
    return vendor.owner if vendor.owner is not None and vendor.owner.is_active else None


def _note(
    actor: Actor, action: str, vendor: Vendor, fields: Sequence[str], detail: Mapping[str, Any] | None = None
) -> None:
    ledger.record(
        actor=actor,
        action=action,
        object_type="vendor",
        object_id=vendor.id,
        fields=list(fields),
        detail={"vendor": vendor.key, **(detail or {})},
    )
