"""Tables beside a lead: what colleagues ask its owner to change, and what somebody typed and has not saved.

Part of `models`, which names them; code imports them from there.
"""

from typing import ClassVar

from django.db import models

from apps.accounts.models import Membership
from apps.leads.models import Lead, Task
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.sealed_fields import SealedTextField


class ChangeRequest(TenantModel):
    """What a colleague asks the owner to change, as a value that the owner's verb takes; its clock is the task's."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="change_requests")
    task = TenantForeignKey(Task, related_name="+")
    field = models.CharField(max_length=30)
    proposed = SealedTextField(db_column="proposed_sealed")
    reason = SealedTextField(db_column="reason_sealed")
    asker = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)
    asker_label = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    state = models.CharField(
        max_length=10,
        choices=[("open", "open"), ("accepted", "accepted"), ("declined", "declined")],
        default="open",
    )
    answer = SealedTextField(db_column="answer_sealed")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "task"], name="change_request_task")]

    def __str__(self) -> str:
        return f"{self.field}: {self.state}"


class InferredValue(TenantModel):
    """A field of a lead that no person stated: which rule of which version read it out of their words.

    The mark ends when somebody states the field, the sender or a colleague; its row stays. Of the words nothing is
    kept here.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="inferred_values")
    field = models.CharField(max_length=20)
    value = models.CharField(max_length=63)
    rule_id = models.CharField(max_length=40)
    version = models.PositiveIntegerField()
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "lead", "field"],
                condition=models.Q(ended_at__isnull=True),
                name="one_inferred_value",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} inferred by {self.rule_id}"


class Draft(TenantModel):
    """What a person typed into a form of a lead and has not saved: sealed, one per form, gone when it is saved.

    `subject_id` is the lead's id, as a plain column: a draft concerns nobody but its writer.
    """

    member = TenantForeignKey(Membership, related_name="+", indexed=False)
    subject_id = models.UUIDField()
    form = models.CharField(max_length=30)
    sealed = models.BinaryField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "member", "subject_id", "form"], name="draft_once"),
        ]

    def __str__(self) -> str:
        return f"{self.form} of {self.subject_id}"


class PriorityOverride(TenantModel):
    """A person's word on a lead's priority, with the reason: it stands before the rules' until it is taken back."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="priority_overrides")
    priority = models.CharField(max_length=2)
    was = models.CharField(max_length=2)
    reason = SealedTextField(db_column="reason_sealed")
    actor_label = models.CharField(max_length=200)
    set_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "lead"],
                condition=models.Q(ended_at__isnull=True),
                name="one_priority_override",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.priority}: {self.reason}"
