"""The chat in the admin: the register of public chats, and the form of what they say."""

from apps.chat.admin import answers_page, registers

__all__ = ["answers_page", "registers"]
