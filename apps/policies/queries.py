"""Read rules: the version in force, its document, and the words that rules are written in."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from apps.accounts.models import Party, Team
from apps.catalog.models import Campaign, CustomField, Location, Queue, Service, Source
from apps.policies.decisions.fields import FIELDS
from apps.policies.models import RuleSet, RuleSetVersion
from apps.policies.terms import FieldSpec, Labels
from apps.tenancy.stamps import settings_read

_CHOICES: dict[str, type[Any]] = {
    "service": Service,
    "location": Location,
    "requested_location": Location,
    "source": Source,
    "party": Party,
    "campaign": Campaign,
}


def version_in_force(kind: str, at: datetime, key: str = "default") -> RuleSetVersion | None:
    """Return the approved version that rules at an instant, or None when the tenant has none."""
    return (
        RuleSetVersion.rows()
        .filter(rule_set__kind=kind, rule_set__key=key, state="approved", effective_from__lte=at)
        .filter(Q(effective_until__isnull=True) | Q(effective_until__gt=at))
        .order_by("-effective_from", "-number")
        .first()
    )


def versions_in_force(at: datetime) -> dict[str, RuleSetVersion]:
    """Return the version in force of every kind."""
    return {version.rule_set.kind: version for version in _ruling(at) if version.rule_set.key == "default"}


def versions_by_key(kind: str, at: datetime) -> dict[str, RuleSetVersion]:
    """Return the version in force of each rule set of a kind, by key; of mappings, by source."""
    return {version.rule_set.key: version for version in _ruling(at) if version.rule_set.kind == kind}


def _ruling(at: datetime) -> Iterator[RuleSetVersion]:
    """Yield what rules at an instant; of one rule set, what began last comes last."""
    for version in _approved_versions():
        begins, ends = version.effective_from, version.effective_until
        if begins is not None and begins <= at and (ends is None or ends > at):
            yield version


@settings_read
def _approved_versions() -> list[RuleSetVersion]:
    rows = RuleSetVersion.rows().filter(state="approved").select_related("rule_set")
    return list(rows.order_by("effective_from", "number"))


def live_document(kind: str, at: datetime, key: str = "default") -> dict[str, Any]:
    """Return the document in force, or an empty one."""
    version = versions_in_force(at).get(kind) if key == "default" else version_in_force(kind, at, key)
    return dict(version.document) if version else {}


def history(kind: str, key: str = "default") -> list[RuleSetVersion]:
    """Return all versions of a rule set, newest first."""
    return list(
        RuleSetVersion.rows()
        .filter(rule_set__kind=kind, rule_set__key=key)
        .select_related("author__user", "approver__user")
        .order_by("-number")
    )


def waiting_drafts() -> list[RuleSetVersion]:
    """Return what waits for an approval, newest first: drafts, and schedules that were suspended."""
    rows = RuleSetVersion.rows().filter(state__in=["draft", "tested", "suspended"])
    return list(rows.select_related("rule_set", "author__user").defer("document").order_by("-created_at")[:20])


@settings_read
def field_specs() -> Mapping[str, FieldSpec]:
    """Return the fields that rules may use, with this tenant's picklists."""
    specs = dict(FIELDS)
    for name, model in _CHOICES.items():
        if name in specs:
            keys = tuple(model.rows().order_by("key").values_list("key", flat=True))
            specs[name] = replace(specs[name], choices=keys)
    return specs


@settings_read
def labels() -> Labels:
    """Return the words for keys: `{"service": {"imaging": "Imaging"}}`."""
    return {name: dict(model.rows().values_list("key", "name")) for name, model in _CHOICES.items()}


def rule_set(kind: str, key: str = "default") -> RuleSet | None:
    """Return a rule set by kind and key."""
    return RuleSet.rows().filter(kind=kind, key=key).first()


def queue_keys() -> frozenset[str]:
    """Return the queues that rules may name."""
    return frozenset(Queue.rows().filter(is_active=True).values_list("key", flat=True))


def queue_tags() -> frozenset[str]:
    """Return the tags by which rules may ask for an office's queue."""
    return frozenset(Queue.rows().filter(is_active=True).exclude(tag="").values_list("tag", flat=True))


def team_keys() -> frozenset[str]:
    """Return the teams that rules may name."""
    return frozenset(Team.rows().filter(is_active=True).values_list("key", flat=True))


def service_keys() -> frozenset[str]:
    """Return the services that rules may name."""
    return frozenset(Service.rows().values_list("key", flat=True))


def custom_field_keys() -> frozenset[str]:
    """Return the tenant's own fields that mappings may fill."""
    return frozenset(CustomField.rows().filter(is_active=True).values_list("key", flat=True))


def own_choices() -> frozenset[str]:
    """Return the values of the tenant's own choice fields, each as "field:value"."""
    rows = CustomField.rows().filter(is_active=True, kind="choice").values_list("key", "picklist")
    return frozenset(f"{key}:{value}" for key, values in rows for value in values)


def location_keys() -> frozenset[str]:
    """Return the locations that rules may name."""
    return frozenset(Location.rows().values_list("key", flat=True))


def source_keys() -> frozenset[str]:
    """Return the sources that rules may name, those that are switched off among them."""
    return frozenset(Source.rows().values_list("key", flat=True))
