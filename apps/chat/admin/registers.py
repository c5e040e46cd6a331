"""The register of public chats: their addresses, sources, and the sites that may show them."""

from typing import Any

from django.contrib.admin import display
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from apps.chat.models import ChatPage
from apps.chat.pages import save_page, snippet
from leadcrm.admin_registers import ActorModelAdmin
from leadcrm.admin_site import site


class ChatPageAdmin(ActorModelAdmin):
    """Public chats. What they answer is a rule set, changed by versions."""

    verb = staticmethod(save_page)
    key_field = "slug"
    called = "chats"
    list_display = ("title", "slug", "source", "consent_version", "is_published")
    list_filter = ("is_published",)
    list_select_related = ("source",)
    search_fields = ("title", "slug")
    ordering = ("slug",)
    fields = ("slug", "title", "source", "consent_version", "allowed_sites", "is_published", "to_paste")
    readonly_fields = ("to_paste",)

    @display(description="To paste into a site")
    def to_paste(self, row: Any) -> SafeString | str:
        """Return the frame that an allowed site shows the chat with."""
        if not row or not row.slug:
            return "Save it first."
        return format_html("<code>{}</code>", snippet(reverse("chat:embed", args=[row.slug]), row.title))


site.register(ChatPage, ChatPageAdmin)
