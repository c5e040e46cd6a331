"""Tables of outreach: what was said and sent, by whom, with which result."""

from typing import ClassVar

import pgtrigger
from django.db import models

from apps.accounts.models import Membership, Team
from apps.accounts.terms import choices
from apps.consent.terms import Purpose
from apps.exceptions.models import ExceptionItem
from apps.leads.models import ContactPoint, Lead
from apps.outreach.terms import ActivityKind, DeliveryResult, Direction, LoggedAs, MessageState, Outcome, RequestState
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.sealed_fields import SealedTextField


class Activity(TenantModel):
    """One human contact attempt: a call, a visit, a meeting. Append-only.

    `script` and `script_version` say which approved words the caller had before them (row TN-03).
    """

    grants: ClassVar[str] = "SELECT, INSERT"

    lead = TenantForeignKey(Lead, related_name="activities")
    kind = models.CharField(max_length=10, choices=choices(ActivityKind))
    direction = models.CharField(max_length=8, choices=choices(Direction), default=Direction.OUTBOUND)
    outcome = models.CharField(max_length=20, choices=choices(Outcome))
    started_at = models.DateTimeField()
    duration_seconds = models.PositiveIntegerField(default=0)
    note = SealedTextField(db_column="note_sealed")
    contact_point = TenantForeignKey(ContactPoint, null=True, related_name="+", indexed=False)
    team = TenantForeignKey(Team, null=True, related_name="+", indexed=False)
    member = TenantForeignKey(Membership, null=True, related_name="+")
    actor_label = models.CharField(max_length=200)
    logged_at = models.DateTimeField()
    event_id = models.UUIDField()
    dedup_key = models.CharField(max_length=80, null=True)
    script = models.CharField(max_length=40, blank=True, default="", db_default="")
    script_version = models.PositiveIntegerField(null=True)
    logged_as = models.CharField(
        max_length=10, choices=choices(LoggedAs), default=LoggedAs.TEAM, db_default=models.Value(LoggedAs.TEAM.value)
    )

    class Meta:
        verbose_name_plural = "activities"
        constraints = [
            models.UniqueConstraint(fields=["organization", "lead", "dedup_key"], name="activity_once"),
        ]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.kind} {self.outcome}"


class Message(TenantModel):
    """A message as an intent first: pending, sending, then sent, failed, blocked or unknown.

    Unknown (the answer of the mail server was lost) is never sent again without a person's decision. `line` is the
    number of ours that a text went from. `permitted_as` is the purpose of consent that it needs. `words_id` is the
    template version that it was written from; `written_by` the colleague who sent it by hand.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="messages")
    purpose = models.CharField(max_length=30)
    channel = models.CharField(max_length=10, default="email")
    contact_point = TenantForeignKey(ContactPoint, related_name="+", indexed=False)
    template_key = models.CharField(max_length=63)
    template_version = models.PositiveIntegerField()
    permitted_as = models.CharField(
        max_length=20,
        choices=choices(Purpose),
        default=Purpose.CARE_INQUIRY,
        db_default=models.Value(Purpose.CARE_INQUIRY.value),
    )
    subject = SealedTextField(db_column="subject_sealed")
    body = SealedTextField(db_column="body_sealed")
    state = models.CharField(max_length=10, choices=choices(MessageState), default=MessageState.PENDING)
    reason = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField()
    sending_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    provider_ref = models.CharField(max_length=200, blank=True)
    line = models.CharField(max_length=16, blank=True, default="", db_default="")
    words_id = models.UUIDField(null=True)
    written_by = models.CharField(max_length=200, blank=True, default="", db_default="")
    dedup_key = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "dedup_key"], name="message_once"),
        ]
        indexes = [
            models.Index(
                fields=["organization", "state", "created_at"],
                name="message_open",
                condition=models.Q(state__in=["pending", "sending", "unknown"]),
            ),
            models.Index(fields=["organization", "contact_point", "created_at"], name="message_to_point"),
            models.Index(fields=["organization", "created_at"], name="message_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.state}"

    @property
    def title(self) -> str:
        """What the message is called: its subject; a text has none."""
        return self.subject or self.template_key.replace("-", " ").capitalize()


class DeliveryEvent(TenantModel):
    """What a sending service told of a message or an address, once. Append-only.

    `message` is empty where the message was not sent by us, or cannot be told.
    """

    grants: ClassVar[str] = "SELECT, INSERT"

    channel = models.CharField(max_length=10)
    contact_value = models.CharField(max_length=254)
    message = TenantForeignKey(Message, null=True, related_name="deliveries")
    result = models.CharField(max_length=20, choices=choices(DeliveryResult))
    reason = models.CharField(max_length=200, blank=True)
    happened_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    event_key = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "event_key"], name="delivery_once")]
        indexes = [models.Index(fields=["organization", "contact_value"], name="delivery_of_value")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.channel} {self.result}"


class Reply(TenantModel):
    """An inquiry that answers us: which lead, message or campaign it belongs to. Append-only."""

    grants: ClassVar[str] = "SELECT, INSERT"

    submission_id = models.UUIDField()
    lead = TenantForeignKey(Lead, related_name="replies")
    message = TenantForeignKey(Message, null=True, related_name="replies")
    about = models.CharField(max_length=200)
    recorded_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "replies"
        constraints = [models.UniqueConstraint(fields=["organization", "submission_id"], name="reply_once")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.about


class DataRequest(TenantModel):
    """A person is asked by a link for what a lead lacks (row EX-04). Of a lead one request is open.

    The link's token is made when the message goes and stands in the message alone; this row keeps its digest.
    `sealed` holds the answers of the pages before the last one; `misses` counts answers that did not fit the person.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="data_requests")
    item = TenantForeignKey(ExceptionItem, null=True, related_name="+", indexed=False)
    message = TenantForeignKey(Message, related_name="data_requests")
    asked = models.JSONField()
    state = models.CharField(max_length=10, choices=choices(RequestState), default=RequestState.OPEN)
    asked_by = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)
    asked_label = models.CharField(max_length=200)
    token_digest = models.CharField(max_length=64, null=True)
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    confirmed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    sealed = models.BinaryField(null=True)
    misses = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "lead"],
                condition=models.Q(state=RequestState.OPEN.value),
                name="one_open_request_of_a_lead",
            ),
            models.UniqueConstraint(fields=["organization", "token_digest"], name="data_request_token"),
        ]
        indexes = [models.Index(fields=["organization", "lead", "created_at"], name="data_request_of_lead")]

    def __str__(self) -> str:
        return f"{', '.join(self.asked)} {self.state}"


from apps.outreach.business_models import BusinessMail as BusinessMail  # noqa: E402 - it refers to the tables above
from apps.outreach.cadence_models import CadenceRun as CadenceRun  # noqa: E402 - it refers to the tables above
from apps.outreach.cadence_models import CadenceStep as CadenceStep  # noqa: E402
from apps.outreach.cadence_models import SegmentStart as SegmentStart  # noqa: E402
from apps.outreach.engagement_models import Engagement as Engagement  # noqa: E402 - it refers to the tables above
from apps.outreach.link_models import SchedulingLink as SchedulingLink  # noqa: E402 - it refers to the tables above
from apps.outreach.live_models import InboundCall as InboundCall  # noqa: E402 - it refers to the tables above
from apps.outreach.live_models import LiveAttempt as LiveAttempt  # noqa: E402 - it refers to the tables above
from apps.outreach.pause_models import AutomationPause as AutomationPause  # noqa: E402
from apps.outreach.recording_models import Recording as Recording  # noqa: E402
from apps.outreach.template_models import Template as Template  # noqa: E402
from apps.outreach.template_models import TemplateVersion as TemplateVersion  # noqa: E402
