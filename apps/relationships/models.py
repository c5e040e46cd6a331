"""Tables of relationships: the groups, their contacts, opportunities, whose each is and was, what happened."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q

from apps.accounts.models import Membership, Party, Team
from apps.leads.models import Lead
from apps.policies.models import RuleSetVersion
from apps.relationships.terms import ContactRole, OpportunityStage, RequestState
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel

OPEN_SPELL = Q(ended_at__isnull=True)
OF_RELATIONSHIP, OF_OPPORTUNITY = Q(opportunity__isnull=True), Q(opportunity__isnull=False)


class _Period(Func):
    """The spell as a range, closed at its start and open at its end."""

    function = "TSTZRANGE"
    output_field = DateTimeRangeField()


class Relationship(TenantModel):
    """What we have with one group outside: one record a group, with one owner at a time."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    party = TenantForeignKey(Party, related_name="+", indexed=False)
    owner_team = TenantForeignKey(Team, related_name="+")
    owner = TenantForeignKey(Membership, null=True, related_name="+")
    owner_since = models.DateTimeField()
    owned_because = models.CharField(max_length=300)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "party"], name="relationship_once")]

    def __str__(self) -> str:
        return f"relationship {self.id}"


class RelationshipContact(TenantModel):
    """Somebody at the group and what they do there; `ended_at` when they do it no more. No patient, and no lead yet.

    `phone` is E.164, `email` lower case: by them an inquiry of theirs is known as the group's.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    relationship = TenantForeignKey(Relationship, related_name="contacts")
    name = models.CharField(max_length=200)
    title = models.CharField(max_length=100, blank=True)
    role = models.CharField(max_length=12, choices=[(each.value, each.value) for each in ContactRole])
    phone = models.CharField(max_length=20, blank=True)
    email = models.CharField(max_length=254, blank=True)
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["added_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "relationship"],
                condition=Q(role=ContactRole.DECIDES.value, ended_at__isnull=True),
                name="one_contact_decides",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "phone"], name="partner_phone", condition=~Q(phone="")),
            models.Index(fields=["organization", "email"], name="partner_email", condition=~Q(email="")),
        ]

    def __str__(self) -> str:
        return f"{self.role} for {self.relationship_id}"


class Opportunity(TenantModel):
    """What may come of a relationship: with terms, an owner of its own, and the lead whose meeting opened it."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    relationship = TenantForeignKey(Relationship, related_name="opportunities")
    lead = TenantForeignKey(Lead, null=True, related_name="opportunities")
    name = models.CharField(max_length=200)
    stage = models.CharField(
        max_length=10,
        choices=[(each.value, each.value) for each in OpportunityStage],
        default=OpportunityStage.OPEN.value,
    )
    terms = models.TextField(blank=True)
    next_steps = models.TextField(blank=True)
    terms_by = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)
    terms_label = models.CharField(max_length=200, blank=True)
    terms_at = models.DateTimeField(null=True)
    approved_label = models.CharField(max_length=200, blank=True)
    approved_at = models.DateTimeField(null=True)
    owner_team = TenantForeignKey(Team, related_name="+")
    owner = TenantForeignKey(Membership, null=True, related_name="+")
    owner_since = models.DateTimeField()
    owned_because = models.CharField(max_length=300)
    opened_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta:
        verbose_name_plural = "opportunities"
        ordering: ClassVar[list[str]] = ["opened_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="approved_terms_are_dated",
                condition=~Q(stage=OpportunityStage.APPROVED.value) | Q(approved_at__isnull=False),
            ),
            models.CheckConstraint(
                name="proposed_terms_are_there",
                condition=Q(stage=OpportunityStage.OPEN.value) | (~Q(terms="") & ~Q(next_steps="")),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RelationshipSpell(TenantModel):
    """A team's ownership of a relationship, or of one of its opportunities. Spells neither overlap nor leave a gap.

    `trigger` is what began it; `policy` and `version` say which ownership policy decided, where one did.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    relationship = TenantForeignKey(Relationship, related_name="spells")
    opportunity = TenantForeignKey(Opportunity, null=True, related_name="spells")
    team = TenantForeignKey(Team, related_name="+", indexed=False)
    membership = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    trigger = models.CharField(max_length=40)
    reason = models.CharField(max_length=300)
    actor_label = models.CharField(max_length=200)
    event_id = models.UUIDField()
    policy = models.CharField(max_length=60, blank=True)
    version = TenantForeignKey(RuleSetVersion, null=True, related_name="+", indexed=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["started_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "relationship"],
                condition=OPEN_SPELL & OF_RELATIONSHIP,
                name="one_owner_of_group",
            ),
            models.UniqueConstraint(
                fields=["organization", "opportunity"],
                condition=OPEN_SPELL & OF_OPPORTUNITY,
                name="one_owner_of_opportunity",
            ),
            ExclusionConstraint(
                name="group_spells_do_not_overlap",
                condition=OF_RELATIONSHIP,
                expressions=[
                    (F("organization_id"), RangeOperators.EQUAL),
                    (F("relationship_id"), RangeOperators.EQUAL),
                    (_Period("started_at", "ended_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
            ExclusionConstraint(
                name="deal_spells_do_not_overlap",
                condition=OF_OPPORTUNITY,
                expressions=[
                    (F("organization_id"), RangeOperators.EQUAL),
                    (F("opportunity_id"), RangeOperators.EQUAL),
                    (_Period("started_at", "ended_at", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team_id} since {self.started_at}"


class RelationshipEntry(TenantModel):
    """One line of the story of a relationship or of one of its opportunities. Append-only."""

    grants: ClassVar[str] = "SELECT, INSERT"

    relationship = TenantForeignKey(Relationship, related_name="entries", indexed=False)
    opportunity = TenantForeignKey(Opportunity, null=True, related_name="+", indexed=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    sentence = models.CharField(max_length=500)
    actor_label = models.CharField(max_length=200)
    event_id = models.UUIDField()

    class Meta:
        verbose_name_plural = "relationship entries"
        indexes = [models.Index(fields=["organization", "relationship", "-at", "-id"], name="relationship_story")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.sentence


class RelationshipRequest(TenantModel):
    """What somebody asks the owner of a relationship or of an opportunity to change, by when, and the answer."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    relationship = TenantForeignKey(Relationship, related_name="requests")
    opportunity = TenantForeignKey(Opportunity, null=True, related_name="+", indexed=False)
    field = models.CharField(max_length=20)
    proposed = models.TextField()
    reason = models.CharField(max_length=300)
    asker = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)
    asker_label = models.CharField(max_length=200)
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=[(each.value, each.value) for each in RequestState], default=RequestState.OPEN.value
    )
    answer = models.CharField(max_length=300, blank=True)
    answered_label = models.CharField(max_length=200, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="partner_answer_is_dated",
                condition=Q(state=RequestState.OPEN.value) | Q(answered_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field}: {self.state}"
