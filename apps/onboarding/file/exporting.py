"""Writing a tenant back as a file: the same shape, in one stable order, so that reviews stay small."""

from collections.abc import Mapping
from typing import Any

import yaml

from apps.accounts.terms import Availability
from apps.onboarding.actions.organization import organization_id_of
from apps.onboarding.file.references import NAMED_BY
from apps.onboarding.file.schema import TenantFile
from apps.onboarding.file.schema_people import OrganizationPart
from apps.onboarding.file.sections import (
    catalog,
    channels,
    chats,
    fields,
    forms,
    menu,
    people,
    providers,
    senders,
    texts,
    topics,
    vendors,
)
from apps.onboarding.file.sections.rules import export_rules
from apps.tenancy.models import Organization
from apps.tenancy.scope import current_organization_id, tenant_scope

#: Rule documents come back from the database in an order of its own; people read them in this one.
_FIRST = (
    "id",
    "key",
    "kind",
    "name",
    "check",
    "meaning",
    "from",
    "to",
    "event",
    "stage",
    "team",
    "field",
    "op",
    "value",
    "when",
    "then",
    "stop",
    "is_active",
    "points",
    "keys",
    "window_hours",
    "scope",
    "inside",
    "outside",
    "result",
    "base",
    "min",
    "max",
    "clocks",
    "limit_seconds",
    "clock",
    "starts",
    "rules",
    "bands",
    "layers",
    "fallback",
)
_RANK = {name: place for place, name in enumerate(_FIRST)}

#: Lists of names in which order says nothing.
_SETS = {
    *("permissions", "hidden_field_groups", "read_only_field_groups", "teams", "leads", "at"),
    *("established_only_at", "shared_with"),
}


class _Dumper(yaml.SafeDumper):
    """Indents lists and leaves long texts readable."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent lists below their key."""
        super().increase_indent(flow, False)

    def ignore_aliases(self, data: Any) -> bool:
        """Write everything out."""
        return True


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def export() -> TenantFile:
    """Return the tenant in scope as a file."""
    row = Organization.objects.get(id=current_organization_id())
    return TenantFile(
        organization=OrganizationPart(
            slug=row.slug, name=row.name, zone=row.zone, region=row.region, settings=row.settings
        ),
        roles=tuple(people.export_roles()),
        parties=tuple(people.export_parties()),
        calendars=tuple(catalog.export_calendars()),
        locations=tuple(catalog.export_locations()),
        services=tuple(catalog.export_services()),
        providers=tuple(providers.export_providers()),
        teams=tuple(people.export_teams()),
        people=tuple(people.export_people()),
        queues=tuple(catalog.export_queues()),
        workflows=tuple(menu.export_workflows()),
        outside_systems=tuple(menu.export_systems()),
        vendors=tuple(vendors.export_vendors()),
        sensitive_topics=tuple(topics.export_topics()),
        campaigns=tuple(catalog.export_campaigns()),
        channels=tuple(channels.export_channels()),
        sources=tuple(catalog.export_sources()),
        tracking_numbers=tuple(senders.export_tracking_numbers()),
        connections=tuple(senders.export_connections()),
        custom_fields=tuple(catalog.export_custom_fields()),
        field_keeping=tuple(fields.export_keeping()),
        pipelines=tuple(texts.export_pipelines()),
        wordings=tuple(texts.export_wordings()),
        assets=tuple(forms.export_assets()),
        forms=tuple(forms.export_forms()),
        chats=tuple(chats.export_chats()),
        templates=tuple(texts.export_templates()),
        api_keys=tuple(people.export_api_keys()),
        rules=export_rules(),
    )


def export_tenant(slug: str) -> TenantFile | None:
    """Return a tenant as a file, or None where there is none of this short name."""
    organization_id = organization_id_of(slug)
    if organization_id is None:
        return None
    with tenant_scope(organization_id):
        return export()


def normalised(file: TenantFile) -> dict[str, Any]:
    """Return a file as plain data in the order of an export, without what goes without saying."""
    data = file.model_dump(mode="json", exclude_defaults=True)
    for section, value in list(data.items()):
        if section == "rules":
            data[section] = {kind: _ordered(document) for kind, document in value.items() if document}
        elif isinstance(value, list):
            data[section] = sorted((_row(each) for each in value), key=lambda row: row_key(section, row))
        if not data[section]:
            del data[section]
    return data


def to_yaml(file: TenantFile) -> str:
    """Return a file as YAML."""
    return yaml.dump(normalised(file), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=110, indent=2)


def row_key(section: str, row: Mapping[str, Any]) -> str:
    """Return the name by which a row of a section is known."""
    if section in NAMED_BY:
        return str(row[NAMED_BY[section][0]])
    if section == "wordings":
        purpose, language = row.get("purpose", "care_inquiry"), row.get("language", "en")
        return f"{row['channel']} {purpose} {row['version']} {language}"
    return f"{row['key']} {row.get('channel', 'email')} {row.get('language', 'en')}"


def _row(row: dict[str, Any]) -> dict[str, Any]:
    for name in _SETS & set(row):
        row[name] = sorted(row[name])
    if isinstance(row.get("covers"), dict):
        row["covers"] = {name: sorted(keys) for name, keys in row["covers"].items() if keys}
    if row.get("availability") == Availability.AVAILABLE:
        del row["availability"]
    if "holidays" in row:
        row["holidays"] = sorted(row["holidays"], key=lambda each: str(each["day"]))
    return row


def _ordered(value: Any) -> Any:
    if isinstance(value, list):
        return [_ordered(each) for each in value]
    if not isinstance(value, dict):
        return value
    names = sorted(value, key=lambda name: (_RANK.get(name, len(_RANK)), name))
    return {name: _ordered(value[name]) for name in names}
