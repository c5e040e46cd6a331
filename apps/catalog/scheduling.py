"""The table of scheduling workflows: how a visit for a service really comes about, and whose work that is."""

from django.db import models

from apps.accounts.models import Team
from apps.accounts.terms import choices
from apps.catalog.terms import WorkflowKind
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.stamps import stamped


class SchedulingWorkflow(TenantModel):
    """How services get scheduled (row DD-09): in our own schedule, in another system, or by a call back.

    `system` names the other system or its address; only that kind has one.
    """

    key = models.SlugField(max_length=63)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=16, choices=choices(WorkflowKind))
    team = TenantForeignKey(Team, related_name="+", indexed=False)
    system = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "key"], name="workflow_key"),
            models.CheckConstraint(
                condition=models.Q(kind="external_system") ^ models.Q(system=""),
                name="workflow_names_its_system",
                violation_error_message="Name the system where it is another one, and only there.",
            ),
        ]
        triggers = [stamped()]

    def __str__(self) -> str:
        return self.name
