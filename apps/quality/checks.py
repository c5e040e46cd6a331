"""The checks: each a set of ids in SQL, of open leads that are no tests (of pairs, for duplicates)."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from apps.capture.models import Submission
from apps.catalog.queries import UNKNOWN_SOURCE
from apps.catalog.terms import SourceType
from apps.consent.models import ConsentEvent
from apps.exceptions.models import OPEN, ExceptionItem
from apps.exceptions.terms import OWNER_MISMATCH, ItemType
from apps.flows.ageing import refresh_due_before
from apps.identity.queries import open_pairs
from apps.leads.models import ContactPoint, Lead, Task, Touch
from apps.leads.queries import pipelines_by_key, stages_by_key
from apps.leads.terms import REACHABLE_POINT, StageKey
from apps.ownership.mismatch import owned_by_another
from apps.policies.decisions.documents import as_document, as_texts
from apps.policies.queries import live_document
from apps.quality.terms import Check

HELD_TOO_LONG = timedelta(hours=24)
UNMAPPED = "unmapped_value"
#: Sources whose inquiries follow an advertisement or a page, so that what led there can be known.
ATTRIBUTED = (
    *(SourceType.WEBSITE_FORM, SourceType.LANDING_PAGE, SourceType.GATED_DOWNLOAD, SourceType.CALL_TRACKING),
    *(SourceType.PAID_SEARCH, SourceType.PAID_DISPLAY, SourceType.ORGANIC_SEARCH),
)
_ASIDE = (StageKey.NURTURE, StageKey.NOT_QUALIFIED)


def open_leads() -> QuerySet[Any]:
    """Return the leads that are looked at, each with `who` is contacted for it."""
    rows = Lead.rows().filter(closed_at__isnull=True, is_test=False)
    return rows.annotate(who=Coalesce("contact_person_id", "person_id"))


def missing_required(now: datetime) -> QuerySet[Any]:
    """Leads that lack what their stage, or one before it, asks for; or wait because something is missing."""
    gates = as_document(live_document("gates", now).get("gates"))
    found = Q(exception__endswith="_missing") | Q(hold_reason__endswith="_missing") | Q(hold_reason="no_contact_point")
    for pipeline in pipelines_by_key().values():
        stages = list(stages_by_key(pipeline.id).values())
        for gate, fields in gates.items():
            position = next((each.position for each in stages if each.key == gate), None)
            lacks = [_LACKS[name] for name in as_texts(fields) if name in _LACKS]
            if position is None or not lacks:
                continue
            past = [each.id for each in stages if each.position >= position and each.is_open and each.key not in _ASIDE]
            lacking = Q()
            for lack in lacks:
                lacking |= lack(now)
            found |= Q(stage_id__in=past) & lacking
    return open_leads().filter(found)


def duplicates(now: datetime) -> QuerySet[Any]:
    """Pairs that may be one person and that nobody has decided."""
    return open_pairs().order_by()


def missing_attribution(now: datetime) -> QuerySet[Any]:
    """Leads of pages and advertisements without a campaign, of which no touch says what led there."""
    told = Touch.rows().filter(lead=OuterRef("id")).exclude(attribution={})
    return open_leads().filter(~Exists(told), campaign__isnull=True, source__type__in=ATTRIBUTED)


def no_next_action(now: datetime) -> QuerySet[Any]:
    """Leads without an open task, or whose next action is not noted."""
    tasks = Task.rows().filter(lead=OuterRef("id"), state="open")
    return open_leads().filter(Q(next_action_at__isnull=True) | ~Exists(tasks))


def inactive_owner(now: datetime) -> QuerySet[Any]:
    """Leads of somebody who works here no more, or of a team that was closed."""
    return open_leads().filter(Q(owner__is_active=False) | Q(owner_team__is_active=False))


def owner_mismatch(now: datetime) -> QuerySet[Any]:
    """Leads whose owner, queue and tasks name different teams."""
    told = ExceptionItem.rows().filter(OPEN, lead=OuterRef("id"), type=ItemType.OWNER_MISMATCH)
    return open_leads().filter(Q(exception=OWNER_MISMATCH) | Exists(told))


def stage_owner(now: datetime) -> QuerySet[Any]:
    """Leads whose owner is not the one that their ownership policy names for their stage."""
    return open_leads().filter(owned_by_another(now))


def unmapped_value(now: datetime) -> QuerySet[Any]:
    """Leads with a value that nobody gave a meaning, by their exception or an inquiry's reasons."""
    told = Submission.rows().filter(lead_id=OuterRef("id"), reasons__contains=[{"code": UNMAPPED}])
    return open_leads().filter(Q(exception__startswith="unmapped") | Exists(told))


def unknown_source(now: datetime) -> QuerySet[Any]:
    """Leads that came under a word that is no source."""
    return open_leads().filter(source__key=UNKNOWN_SOURCE)


def invalid_phone(now: datetime) -> QuerySet[Any]:
    """Leads with a phone number, none of which can work."""
    return open_leads().filter(Exists(_points("phone")), ~Exists(_points("phone").exclude(validity="invalid")))


def stale_contact(now: datetime) -> QuerySet[Any]:
    """Leads with a number or address that nobody verified for longer than the tenant allows."""
    return open_leads().filter(Exists(stale_points(now).filter(person=OuterRef("who"))))


def stale_points(now: datetime) -> QuerySet[Any]:
    """Return the contact data that is due for a look; the same as `flows.ageing.is_refresh_due`."""
    rows = ContactPoint.rows().annotate(known_at=Coalesce("verified_at", "created_at"))
    return rows.exclude(validity="invalid").filter(known_at__lt=refresh_due_before(now))


def consent_evidence(now: datetime) -> QuerySet[Any]:
    """Leads of people with a permission on record that nothing proves."""
    bare = _consents().filter(value="granted", evidence_ref="", evidence__isnull=True, submission_id__isnull=True)
    return open_leads().filter(Exists(bare))


def disagrees(now: datetime) -> QuerySet[Any]:
    """Leads whose facts disagree with each other or with the catalog."""
    return open_leads().exclude(flags=[])


def held_long(now: datetime) -> QuerySet[Any]:
    """Leads that are held for more than a day."""
    return open_leads().filter(validity="held", created_at__lt=now - HELD_TOO_LONG)


def no_inquiry(now: datetime) -> QuerySet[Any]:
    """Leads that no inquiry led to."""
    return open_leads().filter(~Exists(Touch.rows().filter(lead=OuterRef("id"))))


CHECKS: Mapping[Check, Callable[[datetime], QuerySet[Any]]] = {
    Check.MISSING_REQUIRED: missing_required,
    Check.DUPLICATES: duplicates,
    Check.MISSING_ATTRIBUTION: missing_attribution,
    Check.NO_NEXT_ACTION: no_next_action,
    Check.INACTIVE_OWNER: inactive_owner,
    Check.OWNER_MISMATCH: owner_mismatch,
    Check.STAGE_OWNER: stage_owner,
    Check.UNMAPPED_VALUE: unmapped_value,
    Check.UNKNOWN_SOURCE: unknown_source,
    Check.INVALID_PHONE: invalid_phone,
    Check.STALE_CONTACT: stale_contact,
    Check.CONSENT_EVIDENCE: consent_evidence,
    Check.DISAGREES: disagrees,
    Check.HELD_LONG: held_long,
    Check.NO_INQUIRY: no_inquiry,
}


def _points(kind: str) -> QuerySet[ContactPoint]:
    return ContactPoint.rows().filter(person=OuterRef("who"), kind=kind)


def _consents() -> QuerySet[ConsentEvent]:
    """Lines of who is contacted, and of whoever was merged into them."""
    return ConsentEvent.rows().filter(Q(person=OuterRef("who")) | Q(person__merged_into=OuterRef("who")))


def _lacks_consent(now: datetime) -> Q:
    """No channel with a permission that was not taken back later."""
    later = ConsentEvent.rows().filter(
        person=OuterRef("person"),
        channel=OuterRef("channel"),
        value__in=["denied", "withdrawn"],
        captured_at__gte=OuterRef("captured_at"),
    )
    holds = Q(expires_at__isnull=True) | Q(expires_at__gt=now)
    return Q(~Exists(_consents().filter(holds, ~Exists(later), value="granted")))


def _lacks_reachable(now: datetime) -> Q:
    phone, email = (Exists(_points(kind).filter(validity="valid")) for kind in ("phone", "email"))
    return Q(~phone) & ~(Q(preferred_channel="email") & Q(email))


def _lacks_text(name: str) -> Callable[[datetime], Q]:
    return lambda now: Q(**{name: ""})


def _lacks_key(name: str) -> Callable[[datetime], Q]:
    return lambda now: Q(**{f"{name}__isnull": True})


#: What it means that a lead lacks a field that a gate may ask for (`flows.gating.facts_known`).
_LACKS: Mapping[str, Callable[[datetime], Q]] = {
    **{name: _lacks_key(name) for name in ("service", "location")},
    **{name: _lacks_text(name) for name in ("patient_type", "preferred_channel", "payer", "timeframe")},
    "consent_any": _lacks_consent,
    REACHABLE_POINT: _lacks_reachable,
}
