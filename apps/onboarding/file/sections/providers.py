"""The section of providers. Their open slots are no set-up: a scheduling system or a person tells them."""

from collections.abc import Iterable

from apps.catalog.models import Provider
from apps.catalog.providers import save_provider, switch_off_providers
from apps.onboarding.file.run import Run, at
from apps.onboarding.file.schema_catalog import ProviderPart
from apps.onboarding.terms import Effect


def apply_providers(run: Run, parts: Iterable[ProviderPart]) -> None:
    """Save the providers and switch off those that are not named."""
    parts = list(parts)
    for number, part in enumerate(parts):
        values = {
            "name": part.name,
            "skills": list(part.skills),
            "services": list(part.services),
            "offices": list(part.offices),
            "takes_new_patients": part.takes_new_patients,
            "visiting_hours": [each.model_dump(mode="json") for each in part.visiting_hours],
        }
        with at("providers", number):
            saved = save_provider(actor=run.actor, key=part.key, values=values)
        run.note("providers", "provider", part.key, saved.row.id, saved.change)
    for row in switch_off_providers(actor=run.actor, keep={part.key for part in parts}):
        run.changes.note(Effect.DEACTIVATED, "provider", row.key)


def export_providers() -> list[ProviderPart]:
    """Return the providers in use."""
    rows = Provider.rows().filter(is_active=True).order_by("key")
    return [ProviderPart(**{name: getattr(row, name) for name in ProviderPart.model_fields}) for row in rows]
