"""The section of public chats."""

from collections.abc import Iterable

from apps.accounts.saving import switch_off
from apps.catalog.models import Source
from apps.chat.models import ChatPage
from apps.chat.pages import save_page
from apps.onboarding.file.run import Run, at
from apps.onboarding.file.schema import ChatPart
from apps.onboarding.terms import Effect


def apply_chats(run: Run, parts: Iterable[ChatPart]) -> None:
    """Save the chats and their addresses, and take those that are not named off the net."""
    parts = list(parts)
    sources = {row.key: row for row in Source.rows()}
    for place, part in enumerate(parts):
        values = {
            "title": part.title,
            "source": sources[part.source],
            "consent_version": part.consent_version,
            "allowed_sites": list(part.allowed_sites),
            "is_published": part.is_published,
        }
        with at("chats", place, "slug"):
            saved = save_page(actor=run.actor, slug=part.slug, values=values)
        run.note("chats", "chat", part.slug, saved.row.id, saved.change)
    slugs = {part.slug for part in parts}
    for row in switch_off(ChatPage, actor=run.actor, keep=slugs, key="slug", flag="is_published"):
        run.changes.note(Effect.DEACTIVATED, "chat", row.slug)


def export_chats() -> list[ChatPart]:
    """Return the public chats."""
    return [
        ChatPart(
            slug=row.slug,
            title=row.title,
            source=row.source.key,
            consent_version=row.consent_version,
            allowed_sites=tuple(row.allowed_sites),
            is_published=row.is_published,
        )
        for row in ChatPage.rows().select_related("source").order_by("slug")
    ]
