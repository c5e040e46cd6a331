"""The section about channels: what holds of every source of a channel."""

from collections.abc import Iterable

from apps.accounts.models import Team
from apps.catalog.actions import save_channel, switch_off_except
from apps.catalog.models import Channel
from apps.catalog.terms import CaptureMethod, ConsentStep, StartEvent
from apps.onboarding.file.run import Run
from apps.onboarding.file.schema_catalog import ChannelPart
from apps.onboarding.terms import Effect


def apply_channels(run: Run, parts: Iterable[ChannelPart]) -> None:
    """Save the channels and switch off those that are not named."""
    parts = list(parts)
    teams = {row.key: row for row in Team.rows()}
    for part in parts:
        values = {
            "name": part.name,
            "capture_method": str(part.capture_method),
            "initial_fields": list(part.initial_fields),
            "required_fields": list(part.required_fields),
            "start_event": str(part.start_event),
            "owning_team": teams[part.owning_team] if part.owning_team else None,
            "consent_step": str(part.consent_step),
            "sla_policy": part.sla_policy,
        }
        saved = save_channel(actor=run.actor, key=part.key, values=values)
        run.note("channels", "channel", part.key, saved.row.id, saved.change)
    for row in switch_off_except(Channel, actor=run.actor, keys={part.key for part in parts}):
        run.changes.note(Effect.DEACTIVATED, "channel", row.key)


def export_channels() -> list[ChannelPart]:
    """Return the active channels."""
    return [
        ChannelPart(
            key=row.key,
            name=row.name,
            capture_method=CaptureMethod(row.capture_method),
            initial_fields=tuple(row.initial_fields),
            required_fields=tuple(row.required_fields),
            start_event=StartEvent(row.start_event),
            owning_team=row.owning_team.key if row.owning_team else None,
            consent_step=ConsentStep(row.consent_step),
            sla_policy=row.sla_policy,
        )
        for row in Channel.rows().filter(is_active=True).select_related("owning_team").order_by("key")
    ]
