"""The security-measures sheet, for buyers and auditors: read from the live settings when it is opened (row AU-11).

Six areas: encryption, roles, audit, retention, agreements with vendors, certificates. Each line says what holds now;
what is wrong is said as such. Nothing on it is a secret: numbers, names of roles and vendors, days.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from allauth.mfa.models import Authenticator
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.models import Count
from django.utils.translation import gettext as _

from apps.accounts.models import ApiKey, Membership, Role
from apps.audit.models import AuditEntry, AuditHead
from apps.catalog.keeping import keepings
from apps.catalog.models import Vendor, VendorCertificate
from apps.catalog.vendor_decisions import standing
from apps.catalog.vendors import unnamed_uses, vendor_facts
from apps.tenancy.master_keys import generations
from apps.tenancy.protection import tenant_models
from apps.tenancy.sealed_fields import SealedTextField


@dataclass(frozen=True, slots=True)
class Line:
    """One measure: what it is called, what holds now, whether that is as it should be."""

    name: str
    says: str
    is_wrong: bool = False


@dataclass(frozen=True, slots=True)
class Area:
    """One of the six areas of controls."""

    key: str
    title: str
    lines: list[Line]


def sheet(today: date) -> list[Area]:
    """Return the six areas as they stand now in the tenant in scope."""
    return [Area(key, title(), list(lines(today))) for key, title, lines in AREAS]


def encryption(today: date) -> Iterable[Line]:
    """Return how data rest and travel."""
    sealed = sorted(
        {
            model._meta.db_table
            for model in apps.get_models()
            for field in model._meta.local_fields
            if isinstance(field, SealedTextField)
            or (field.name in ("sealed", "raw") and field.get_internal_type() == "BinaryField")
        }
    )
    yield Line(
        _("At rest"),
        _("AES-256-GCM, one key a tenant and purpose; %(n)d tables hold sealed columns") % {"n": len(sealed)},
    )
    held = ", ".join(str(each) for each in generations())
    yield Line(_("Master key"), _("generations in the ring: %(held)s; none is stored in the database") % {"held": held})
    is_safe = bool(settings.LEADCRM_BEHIND_TLS)
    says = _("TLS, cookies over TLS only, HSTS") if is_safe else _("this run is not behind TLS")
    yield Line(_("In transit"), says, not is_safe)
    walled = sum(1 for _each in tenant_models())
    yield Line(_("Between tenants"), _("row-level security is forced on %(n)d tables") % {"n": walled})


def roles(today: date) -> Iterable[Line]:
    """Return who may do what, and how they come in."""
    people = Membership.rows().filter(is_active=True)
    users = set(people.values_list("user_id", flat=True))
    factors = set(Authenticator.objects.filter(user_id__in=users, type="totp").values_list("user_id", flat=True))
    missing = len(users - factors)
    says = _("%(n)d of %(all)d people have one; nobody comes in without") % {"n": len(factors), "all": len(users)}
    yield Line(_("Second factor"), says, bool(missing))
    minutes, hours = settings.SESSION_IDLE_SECONDS // 60, settings.SESSION_ABSOLUTE_SECONDS // 3600
    yield Line(_("Automatic log-off"), _("after %(m)d minutes idle, %(h)d hours at most") % {"m": minutes, "h": hours})
    limit = settings.AXES_FAILURE_LIMIT
    yield Line(_("Lock-out"), _("after %(n)d failed sign-ins") % {"n": limit})
    for role in Role.rows().annotate(n=Count("memberships")).order_by("name"):
        hidden = ", ".join(role.hidden_field_groups) or _("nothing")
        held = {"n": role.n, "rights": len(role.permissions), "hidden": hidden}
        yield Line(role.name, _("people: %(n)d, rights: %(rights)d, does not see: %(hidden)s") % held)
    keys = ApiKey.rows().filter(revoked_at=None).count()
    yield Line(_("API keys"), _("%(n)d in use, kept as digests only") % {"n": keys})


def audit(today: date) -> Iterable[Line]:
    """Return how acts are kept."""
    head = AuditHead.rows().first()
    seq = head.seq if head else 0
    yield Line(_("Ledger"), _("%(n)d entries in one chain (SHA-256), reads and refusals among them") % {"n": seq})
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM information_schema.role_table_grants WHERE grantee = current_user"
            " AND table_name = 'audit_auditentry' AND privilege_type IN ('UPDATE', 'DELETE', 'TRUNCATE')"
        )
        excess = cursor.fetchone()[0]
    says = (
        _("the product may add entries, not change or remove one")
        if not excess
        else _("the product may change entries")
    )
    yield Line(_("Append-only"), says, bool(excess))
    last = AuditEntry.rows().filter(action="audit.verify").order_by("-seq").first()
    when = f"{last.at:%Y-%m-%d}" if last else _("never")
    is_old = last is None or (today - last.at.date()).days > 31
    yield Line(_("Last verification"), when, is_old)
    kept = settings.LEADCRM_ANCHOR_FILE
    yield Line(
        _("Anchors"),
        _("each hour, in a file outside the database and in the log") if kept else _("each hour, in the log"),
    )


def retention(today: date) -> Iterable[Line]:
    """Return how long fields are kept."""
    said = sorted(keepings().items())
    for field, row in said:
        if row.kept_months is not None:
            yield Line(field.replace("_", " "), _("%(n)d months after the lead is closed") % {"n": row.kept_months})
    if not any(row.kept_months is not None for _field, row in said):
        yield Line(_("Fields"), _("no retention is set: data are kept as long as the lead"), True)
    yield Line(_("Ledger and consents"), _("never removed by the product"))


def agreements(today: date) -> Iterable[Line]:
    """Return how the agreement of each vendor stands; what may not carry PHI is wrong, also where none is named."""
    facts = vendor_facts()
    rows = list(Vendor.rows().filter(is_active=True).order_by("name"))
    for row in rows:
        found = standing(facts[row.id], today)
        ends = _(" Until %(day)s.") % {"day": found.until} if found.until else ""
        yield Line(row.name, found.sentence + ends, not found.allowed)
    if not rows:
        yield Line(_("Vendors"), _("none is listed"))
    for name in unnamed_uses():
        yield Line(name, _("no vendor is named for it"), True)


def certificates(today: date) -> Iterable[Line]:
    """Return the certificates of vendors; one that is over is wrong."""
    rows = VendorCertificate.rows().filter(vendor__is_active=True).select_related("vendor").order_by("vendor__name")
    for row in rows:
        is_over = row.expires_on < today
        word = _("expired on %(day)s") if is_over else _("until %(day)s")
        yield Line(f"{row.vendor.name}: {row.get_kind_display()}", word % {"day": row.expires_on}, is_over)
    if not rows:
        yield Line(_("Certificates"), _("none is listed"))


#: The areas in their order: key, title, what they say. What is known better elsewhere takes an area's place here.
AREAS: tuple[tuple[str, Callable[[], str], Callable[[date], Iterable[Line]]], ...] = (
    ("encryption", lambda: _("Encryption"), encryption),
    ("roles", lambda: _("Roles and sign-in"), roles),
    ("audit", lambda: _("Audit"), audit),
    ("retention", lambda: _("Retention"), retention),
    ("agreements", lambda: _("Business associate agreements"), agreements),
    ("certificates", lambda: _("Certificates"), certificates),
)
