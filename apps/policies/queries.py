"""Read rules: the version in force, its document, and the words that rules are written in."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q

from apps.accounts.models import Membership, Party, Team, TeamMembership
from apps.accounts.queries import skills_held
from apps.catalog.models import Campaign, CustomField, Location, Offering, Queue, Service, Source
from apps.catalog.providers import expertise
from apps.catalog.queries import locations_by_key, services_by_key
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


#: What was approved and not taken back rules in its window, whatever came after: an earlier instant stays readable.
_APPROVED_ONCE = ("approved", "superseded", "rolled_back")


def version_in_force(kind: str, at: datetime, key: str = "default") -> RuleSetVersion | None:
    """Return the version that rules, or ruled, at an instant, or None when the tenant has none."""
    return (
        RuleSetVersion.rows()
        .filter(rule_set__kind=kind, rule_set__key=key, state__in=_APPROVED_ONCE, effective_from__lte=at)
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


def ruling_versions(at: datetime) -> list[RuleSetVersion]:
    """Return what rules at an instant, one version of each rule set."""
    return list({version.rule_set_id: version for version in _ruling(at)}.values())


def _ruling(at: datetime) -> Iterator[RuleSetVersion]:
    """Yield what rules at an instant; of one rule set, what began last comes last."""
    for version in _approved_versions():
        begins, ends = version.effective_from, version.effective_until
        if begins is not None and begins <= at and (ends is None or ends > at):
            yield version


@settings_read
def _approved_versions() -> list[RuleSetVersion]:
    rows = RuleSetVersion.rows().filter(state__in=_APPROVED_ONCE).select_related("rule_set")
    return list(rows.order_by("effective_from", "number"))


def live_document(kind: str, at: datetime, key: str = "default") -> dict[str, Any]:
    """Return the document in force, or an empty one."""
    version = versions_in_force(at).get(kind) if key == "default" else version_in_force(kind, at, key)
    return dict(version.document) if version else {}


def documents_so_far(kind: str, at: datetime) -> list[dict[str, Any]]:
    """Return the documents of a kind that ruled until an instant, first to last."""
    rows = [each for each in _approved_versions() if (each.rule_set.kind, each.rule_set.key) == (kind, "default")]
    return [dict(each.document) for each in rows if each.effective_from is not None and each.effective_from <= at]


def ruled_since(kind: str, at: datetime, says: Callable[[Mapping[str, Any]], object]) -> datetime | None:
    """Return since when the documents of a kind have said what they say at an instant; None where none ruled."""
    since, said = None, None
    for row in _approved_versions():
        if (row.rule_set.kind, row.rule_set.key) != (kind, "default"):
            continue
        if row.effective_from is None or row.effective_from > at:
            continue
        now_said = says(row.document)
        if since is None or now_said != said:
            since, said = row.effective_from, now_said
    return since


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


@dataclass(frozen=True, slots=True)
class _QueueWord:
    """A queue as rules may name it: whether it takes leads, and whether it hands them on when it is closed."""

    key: str
    tag: str
    is_active: bool
    is_open: bool
    is_stranded: bool


@settings_read
def _queue_words() -> tuple[_QueueWord, ...]:
    columns = ("key", "tag", "is_active", "team__is_active", "after_hours_queue__is_active")
    rows = Queue.rows().order_by("key").values_list(*columns, "after_hours_queue__team__is_active")
    return tuple(
        _QueueWord(key, tag, active, active and team, after is False or after_team is False)
        for key, tag, active, team, after, after_team in rows
    )


def queue_keys() -> frozenset[str]:
    """Return the queues that rules may name."""
    return frozenset(each.key for each in _queue_words() if each.is_active)


def closed_queue_keys() -> frozenset[str]:
    """Return the queues that exist and take nothing: switched off, or their team is."""
    return frozenset(each.key for each in _queue_words() if not each.is_open)


def stranded_queue_keys() -> frozenset[str]:
    """Return the queues whose after-hours queue is closed."""
    return frozenset(each.key for each in _queue_words() if each.is_open and each.is_stranded)


def idle_queue_keys() -> frozenset[str]:
    """Return the queues in whose team nobody works."""
    staffed = TeamMembership.rows().filter(membership__is_active=True, membership__user__is_active=True)
    idle = Queue.rows().filter(is_active=True).exclude(team__in=staffed.values("team"))
    return frozenset(idle.values_list("key", flat=True))


def closed_service_keys() -> frozenset[str]:
    """Return the services that are switched off."""
    return frozenset(key for key, row in services_by_key().items() if not row.is_active)


def closed_location_keys() -> frozenset[str]:
    """Return the offices that take nobody now."""
    return frozenset(key for key, row in locations_by_key().items() if not row.is_available)


def offers() -> frozenset[str]:
    """Return which office offers which service, each as "office:service", those that begin later among them."""
    rows = Offering.rows().values_list("location__key", "service__key")
    return frozenset(f"{location}:{service}" for location, service in rows)


def queue_tags() -> frozenset[str]:
    """Return the tags by which rules may ask for an office's queue."""
    return frozenset(each.tag for each in _queue_words() if each.is_active and each.tag)


def team_keys() -> frozenset[str]:
    """Return the teams that rules may name."""
    return frozenset(Team.rows().filter(is_active=True).values_list("key", flat=True))


def queueless_team_keys() -> frozenset[str]:
    """Return the teams that work and have no queue: a lead that goes to one waits in nobody's queue."""
    queues = Queue.rows().filter(is_active=True).values("team")
    return frozenset(Team.rows().filter(is_active=True).exclude(id__in=queues).values_list("key", flat=True))


def people_emails() -> frozenset[str]:
    """Return the e-mail addresses of the colleagues whom rules may name, in small letters."""
    rows = Membership.rows().filter(is_active=True, party=None, user__is_active=True)
    return frozenset(each.lower() for each in rows.values_list("user__email", flat=True))


def service_keys() -> frozenset[str]:
    """Return the services that rules may name."""
    return frozenset(services_by_key())


def skills() -> frozenset[str]:
    """Return the skills that somebody with access has, in small letters."""
    return frozenset(each.casefold() for each in skills_held())


def provider_skills() -> frozenset[str]:
    """Return the skills of the providers in use, in small letters."""
    return frozenset(each.casefold() for each in expertise())


def custom_field_keys() -> frozenset[str]:
    """Return the tenant's own fields that mappings may fill."""
    return frozenset(CustomField.rows().filter(is_active=True).values_list("key", flat=True))


def own_choices() -> frozenset[str]:
    """Return the values of the tenant's own choice fields, each as "field:value"."""
    rows = CustomField.rows().filter(is_active=True, kind="choice").values_list("key", "picklist")
    return frozenset(f"{key}:{value}" for key, values in rows for value in values)


def location_keys() -> frozenset[str]:
    """Return the locations that rules may name."""
    return frozenset(locations_by_key())


def source_keys() -> frozenset[str]:
    """Return the sources that rules may name, those that are switched off among them."""
    return frozenset(Source.rows().values_list("key", flat=True))
