"""Sections about senders: connections, and numbers that stand for advertisements."""

from collections.abc import Iterable

from apps.accounts.saving import switch_off
from apps.catalog.actions import save_tracking_number
from apps.catalog.models import Campaign, Location, Source, TrackingNumber
from apps.connectors.models import Connection
from apps.connectors.saving import save_connection
from apps.onboarding.file.run import Run, at
from apps.onboarding.file.schema_senders import ConnectionPart, TrackingNumberPart
from apps.onboarding.terms import Effect

#: Columns of a connection that the file names as they are.
_PLAIN = ("key", "name", "provider", "mapping", "settings", "consent_version")


def apply_tracking_numbers(run: Run, parts: Iterable[TrackingNumberPart]) -> None:
    """Save the numbers and switch off those that are not named."""
    parts = list(parts)
    campaigns, locations = ({row.key: row for row in model.rows()} for model in (Campaign, Location))
    for place, part in enumerate(parts):
        values = {
            "label": part.label,
            "keyword": part.keyword,
            "campaign": campaigns[part.campaign] if part.campaign else None,
            "location": locations[part.location] if part.location else None,
        }
        with at("tracking_numbers", place, "number"):
            saved = save_tracking_number(actor=run.actor, number=part.number, values=values)
        run.note("tracking_numbers", "tracking number", part.number, saved.row.id, saved.change)
    kept = {part.number for part in parts}
    for row in switch_off(TrackingNumber, actor=run.actor, keep=kept, key="number", flag="is_active"):
        run.changes.note(Effect.DEACTIVATED, "tracking number", row.number)


def apply_connections(run: Run, parts: Iterable[ConnectionPart]) -> None:
    """Save the connections and switch off those that are not named; whoever has an address keeps it."""
    parts = list(parts)
    sources = {row.key: row for row in Source.rows()}
    for place, part in enumerate(parts):
        values = {
            "name": part.name,
            "source": sources[part.source],
            "mapping": dict(part.mapping),
            "settings": dict(part.settings),
            "consent_version": part.consent_version,
            "consent_channels": list(part.consent_channels),
        }
        with at("connections", place):
            saved = save_connection(actor=run.actor, key=part.key, provider=part.provider, values=values)
        run.note("connections", "connection", part.key, saved.row.id, saved.change)
    kept = {part.key for part in parts}
    for row in switch_off(Connection, actor=run.actor, keep=kept, key="key", flag="is_active"):
        run.changes.note(Effect.DEACTIVATED, "connection", row.key)


def export_tracking_numbers() -> list[TrackingNumberPart]:
    """Return the numbers in use."""
    rows = TrackingNumber.rows().filter(is_active=True).select_related("campaign", "location").order_by("number")
    return [
        TrackingNumberPart(
            number=row.number,
            label=row.label,
            keyword=row.keyword,
            campaign=row.campaign.key if row.campaign else None,
            location=row.location.key if row.location else None,
        )
        for row in rows
    ]


def export_connections() -> list[ConnectionPart]:
    """Return the connections in use, without what opens them."""
    return [
        ConnectionPart.model_validate(
            {
                "source": row.source.key,
                "consent_channels": tuple(row.consent_channels),
                **{name: getattr(row, name) for name in _PLAIN},
            }
        )
        for row in Connection.rows().filter(is_active=True).select_related("source").order_by("key")
    ]
