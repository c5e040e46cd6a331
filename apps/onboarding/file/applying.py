"""Applying a tenant file: every section as rows, in one transaction, so that all of it holds or nothing."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from apps.connectors.models import Connection
from apps.connectors.queries import connections, token_of
from apps.onboarding.actions.organization import organization_id_of, save_organization
from apps.onboarding.file.defaults import add_channels, add_pipeline, add_rules
from apps.onboarding.file.exporting import export
from apps.onboarding.file.references import NAMED_BY
from apps.onboarding.file.run import AppliedUser, NewSecret, Run, at
from apps.onboarding.file.schema import TenantFile
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
from apps.onboarding.file.sections.rules import apply_rules
from apps.onboarding.starter.adding import add_starter
from apps.onboarding.terms import Changes
from apps.tenancy.actor import Door, system_actor
from apps.tenancy.clock import database_now
from apps.tenancy.ids import new_id
from apps.tenancy.scope import tenant_scope

#: Sections in the order of their needs: what names comes after what is named.
_STEPS: tuple[tuple[str, Any], ...] = (
    ("roles", people.apply_roles),
    ("parties", people.apply_parties),
    ("calendars", catalog.apply_calendars),
    ("locations", catalog.apply_locations),
    ("services", catalog.apply_services),
    ("providers", providers.apply_providers),
    ("teams", people.apply_teams),
    ("people", people.apply_people),
    ("queues", catalog.apply_queues),
    ("workflows", menu.apply_workflows),
    ("services", menu.schedule_services),
    ("workflows", menu.end_workflows),
    ("outside_systems", menu.apply_systems),
    ("vendors", vendors.apply_vendors),
    ("sensitive_topics", topics.apply_topics),
    ("campaigns", catalog.apply_campaigns),
    ("custom_fields", catalog.apply_custom_fields),
    ("field_keeping", fields.apply_keeping),
    ("channels", channels.apply_channels),
    ("sources", catalog.apply_sources),
    ("tracking_numbers", senders.apply_tracking_numbers),
    ("connections", senders.apply_connections),
    ("pipelines", texts.apply_pipelines),
    ("wordings", texts.apply_wordings),
    ("assets", forms.apply_assets),
    ("forms", forms.apply_forms),
    ("chats", chats.apply_chats),
    ("templates", texts.apply_templates),
    ("api_keys", people.apply_api_keys),
    ("rules", apply_rules),
)


@dataclass(frozen=True, slots=True)
class Applied:
    """What came of a file; secrets and initial passwords are here once and stored nowhere."""

    organization_id: UUID
    slug: str
    name: str
    changes: Changes
    ids: dict[str, dict[str, str]]
    secrets: tuple[NewSecret, ...]
    users: tuple[AppliedUser, ...]
    hooks: dict[str, str]

    def as_json(self) -> dict[str, Any]:
        """Return what `tenant apply --json` prints."""
        return {
            "organization": {"id": str(self.organization_id), "slug": self.slug, "name": self.name},
            "changes": {**self.changes.counts, "lines": self.changes.lines},
            "ids": self.ids,
            "api_keys": [{"name": each.name, "secret": each.secret} for each in self.secrets],
            "users": [_user_json(each) for each in self.users],
            "forms": [{"slug": slug, "url": form_url(slug)} for slug in self.ids.get("forms", {})],
            "hooks": [{"key": key, "url": url} for key, url in self.hooks.items()],
        }


class _Undo(Exception):
    """Leaves the scope of a dry run without a commit."""


def apply(file: TenantFile, *, dry_run: bool = False) -> Applied:
    """Make the tenant what the file says, and say what that changed.

    Idempotent: a file applied again changes nothing. Raises FileRefused with the places that an
    action refused; nothing is changed then, nor in a dry run.
    """
    part = file.organization
    organization_id = organization_id_of(part.slug) or new_id()
    actor = system_actor(organization_id, label="tenant file", door=Door.COMMAND)
    run = Run(actor, database_now())
    hooks: dict[str, str] = {}
    try:
        with tenant_scope(organization_id):
            with at("organization"):
                effect = save_organization(actor=actor, slug=part.slug, values=part.model_dump(exclude={"slug"}))
            run.changes.note(effect, "organization", part.slug)
            for section, step in _STEPS:
                content = getattr(file, section)
                if content is not None:
                    step(run, content)
                if section == "channels":
                    add_channels(run)
                if section == "pipelines":
                    add_pipeline(run)
                if section == "templates":
                    add_starter(run, file.starter_templates)
            add_rules(run, file)
            if file.teams is not None:
                people.end_teams(run, file.teams)
            if dry_run:
                raise _Undo
            hooks = {row.key: hook_url(row) for row in connections() if row.key in run.ids["connections"]}
    except _Undo:
        run.secrets.clear()
        run.users = [AppliedUser(user.email) for user in run.users]
    return Applied(
        organization_id=organization_id,
        slug=part.slug,
        name=part.name,
        changes=run.changes,
        ids={name: dict(ids) for name, ids in run.ids.items()},
        secrets=tuple(run.secrets),
        users=tuple(run.users),
        hooks=hooks,
    )


def existing_keys(slug: str) -> dict[str, frozenset[str]]:
    """Return the keys that a tenant has already, by section; nothing for a new tenant."""
    organization_id = organization_id_of(slug)
    if organization_id is None:
        return {}
    with tenant_scope(organization_id):
        there = export()
    return {
        section: frozenset(getattr(row, name) for row in getattr(there, section) or ())
        for section, (name, _) in NAMED_BY.items()
    }


def hook_url(row: Connection) -> str:
    """Return the address that a sender posts to; it carries the token."""
    return f"{settings.LEADCRM_BASE_URL.rstrip('/')}/hooks/{row.provider}/{token_of(row)}/"


def form_url(slug: str) -> str:
    """Return the public address of a form."""
    return f"{settings.LEADCRM_BASE_URL.rstrip('/')}/f/{slug}/"


def _user_json(user: AppliedUser) -> dict[str, str]:
    if not user.initial_password:
        return {"email": user.email}
    return {"email": user.email, "initial_password": user.initial_password}
