"""Tables of compliance: breach cases with the persons they concern, their tasks and their letters."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from apps.accounts.terms import choices
from apps.compliance.retention_models import Erased, LegalHold, RetentionItem, RetentionRun
from apps.compliance.rights_models import RightsRequest
from apps.compliance.terms import CaseState, Letter, Part, Unusual
from apps.leads.models import Person
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel

__all__ = [
    "BreachCase",
    "BreachLetter",
    "BreachPerson",
    "BreachTask",
    "Erased",
    "LegalHold",
    "RetentionItem",
    "RetentionRun",
    "RightsRequest",
    "UnusualAccess",
]


class BreachCase(TenantModel):
    """An incident with data of persons, from its discovery to the letters (row AU-04).

    `due_on` is 60 days after `discovered_on`. `found_by` keeps what the finder of affected persons was asked: `actors`
    (ids), `since`, `until` (days), `classes`. `factors` holds each of the four factors with `risk` and `note`.
    What is written of a case names colleagues and facts; whom it concerns stands in `BreachPerson` alone.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    number = models.BigIntegerField()
    what = models.CharField(max_length=500)
    discovered_on = models.DateField()
    due_on = models.DateField()
    who = models.CharField(max_length=500, blank=True)
    data = models.CharField(max_length=500, blank=True)
    is_secured = models.BooleanField(default=False)
    contained = models.CharField(max_length=500, blank=True)
    factors = models.JSONField(default=dict)
    found_by = models.JSONField(default=dict)
    unassigned = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=choices(CaseState), default=CaseState.OPEN)
    decided_because = models.CharField(max_length=500, blank=True)
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=200)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="breach_number"),
            models.CheckConstraint(
                name="breach_is_due_in_60_days",
                condition=Q(
                    due_on=models.ExpressionWrapper(models.F("discovered_on") + 60, output_field=models.DateField())
                ),
            ),
            models.CheckConstraint(
                name="closed_breach_says_why", condition=Q(state=CaseState.OPEN) | ~Q(decided_because="")
            ),
        ]

    def __str__(self) -> str:
        return f"B-{self.number}"

    @property
    def ref(self) -> str:
        """The reference people say aloud."""
        return f"B-{self.number}"


class BreachPerson(TenantModel):
    """A person whose data a case concerns; one left out stays, with the reason."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    case = TenantForeignKey(BreachCase, related_name="persons", indexed=False)
    person = TenantForeignKey(Person, related_name="+", indexed=False)
    reads = models.PositiveIntegerField(default=0)
    excluded_because = models.CharField(max_length=300, blank=True)
    excluded_by = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "case", "person"], name="breach_person_once")]

    def __str__(self) -> str:
        return f"{self.person_id} in {self.case_id}"


class BreachTask(TenantModel):
    """Something to be done in a case, by a part rather than a person, until a day."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    case = TenantForeignKey(BreachCase, related_name="tasks", indexed=False)
    key = models.CharField(max_length=30)
    part = models.CharField(max_length=20, choices=choices(Part))
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True)
    done_by = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["due_on", "key"]
        constraints = [models.UniqueConstraint(fields=["organization", "case", "key"], name="breach_task_once")]

    def __str__(self) -> str:
        return self.key


class BreachLetter(TenantModel):
    """The draft of a letter for counsel. Nothing sends it: who sent it, and when, is noted by hand."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    case = TenantForeignKey(BreachCase, related_name="letters", indexed=False)
    kind = models.CharField(max_length=10, choices=choices(Letter))
    body = models.TextField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=200)
    sent_on = models.DateField(null=True)
    sent_noted_by = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["kind"]
        constraints = [models.UniqueConstraint(fields=["organization", "case", "kind"], name="breach_letter_once")]

    def __str__(self) -> str:
        return self.kind


class UnusualAccess(TenantModel):
    """Something about how a colleague read that compliance should look at; once an hour for each kind and colleague."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    actor_id = models.UUIDField()
    actor_label = models.CharField(max_length=200)
    kind = models.CharField(max_length=12, choices=choices(Unusual))
    hour = models.DateTimeField()
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.PositiveIntegerField()
    looked_by = models.CharField(max_length=200, blank=True)
    looked_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-first_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "kind", "actor_id", "hour"], name="unusual_once_an_hour"),
        ]
        indexes = [
            models.Index(fields=["organization", "-first_at"], name="unusual_waiting", condition=Q(looked_at=None)),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.actor_label}"
