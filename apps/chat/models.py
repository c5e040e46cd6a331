"""Tables of the chat: its public pages, conversations, and what was said, sealed."""

from typing import ClassVar

import pgtrigger
from django.db import models

from apps.accounts.models import Membership, Team
from apps.catalog.models import Source
from apps.chat.terms import ChatState, Language, TaskState
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel

STATES = [(str(each), str(each)) for each in ChatState]


class ChatPage(TenantModel):
    """A public chat: its address, the source of its leads, and the sites that may show it in a frame."""

    slug = models.SlugField(max_length=63)
    title = models.CharField(max_length=200)
    source = TenantForeignKey(Source, related_name="+")
    consent_version = models.CharField(max_length=20)
    allowed_sites = models.JSONField(default=list, blank=True)
    is_published = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "slug"], name="chat_page_slug")]

    def __str__(self) -> str:
        return self.title


class Chat(TenantModel):
    """One conversation. What was said and who said it is sealed; `address_digest` counts one network's chats.

    `contact` is what the visitor left to be reached by, sealed. `lead` is not a reference: a chat may be none.
    """

    live_column: ClassVar[str] = "id"
    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    page = TenantForeignKey(ChatPage, related_name="chats")
    state = models.CharField(max_length=10, choices=STATES, default=ChatState.OPEN)
    language = models.CharField(max_length=2, default=Language.ENGLISH, db_default=Language.ENGLISH.value)
    reason = models.CharField(max_length=20, blank=True)
    is_urgent = models.BooleanField(default=False)
    misses = models.PositiveSmallIntegerField(default=0)
    address_digest = models.CharField(max_length=64)
    opened_at = models.DateTimeField()
    last_line_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    accepted_by = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)
    ended_at = models.DateTimeField(null=True)
    contact = models.BinaryField(null=True)
    contact_at = models.DateTimeField(null=True)
    submission_id = models.UUIDField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["organization", "waiting_since"],
                name="chat_waiting",
                condition=models.Q(state__in=["waiting", "accepted"]),
            ),
            models.Index(fields=["organization", "address_digest", "opened_at"], name="chat_of_address"),
        ]

    def __str__(self) -> str:
        return f"chat {str(self.id)[-4:]}"

    @property
    def ref(self) -> str:
        """The reference people say aloud; tells nothing of the person."""
        return f"C-{self.id.hex[-6:].upper()}"


class ChatLine(TenantModel):
    """One line, sealed: people write of their health. `nonce` makes a line that is sent twice one line."""

    grants: ClassVar[str] = "SELECT, INSERT"

    chat = TenantForeignKey(Chat, related_name="lines", indexed=False)
    number = models.PositiveIntegerField()
    by = models.CharField(max_length=8)
    name = models.CharField(max_length=200, blank=True)
    sealed = models.BinaryField()
    at = models.DateTimeField()
    nonce = models.CharField(max_length=40, null=True)
    rule_id = models.CharField(max_length=40, blank=True)
    version = models.PositiveIntegerField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "chat", "number"], name="chat_line_number"),
            models.UniqueConstraint(fields=["organization", "chat", "nonce"], name="chat_line_once"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"line {self.number}"


class ChatTask(TenantModel):
    """The task of answering a waiting conversation, in the queue of its team; without a team, in everybody's.

    It hangs on the conversation and not on a lead, for there is none before a person accepts (row CP-03). At `due_at`
    the supervisor is told, once: `alerted` is who.
    """

    live_column: ClassVar[str] = "chat_id"
    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    chat = TenantForeignKey(Chat, related_name="tasks", indexed=False)
    team = TenantForeignKey(Team, null=True, related_name="+", indexed=False)
    is_urgent = models.BooleanField(default=False)
    due_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=[(str(each), str(each)) for each in TaskState], default=TaskState.OPEN
    )
    assignee = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_because = models.CharField(max_length=60, blank=True)
    alerted_at = models.DateTimeField(null=True)
    alerted = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "chat"], condition=models.Q(state="open"), name="one_open_chat_task"
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "alerted"],
                name="chat_task_alerted",
                condition=models.Q(state="open", alerted__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"answer {self.chat_id}"
