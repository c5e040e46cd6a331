"""Tables of sensitive topics: what they are, which leads are about one, who opened a restricted lead."""

from datetime import timedelta
from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Membership
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.sealed_fields import SealedTextField
from apps.tenancy.stamps import stamped

#: So long broken glass stays open at most.
LONGEST = timedelta(hours=1)
#: Why somebody outside a trained team opens a restricted lead.
REASONS = {
    "emergency": "somebody may be in danger",
    "cover": "nobody of the trained team is there",
    "complaint": "a complaint or a request of the person",
    "audit": "a review of compliance",
}


class SensitiveTopic(TenantModel):
    """A topic: the services and words that mark it (`words` are stems, lower case), and the teams trained for it."""

    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=100)
    services = ArrayField(models.CharField(max_length=63), default=list, blank=True)
    words = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    team_ids = ArrayField(models.UUIDField(), default=list)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="sensitive_topic_key")]
        triggers = [stamped()]

    def __str__(self) -> str:
        return self.name


class LeadTopic(TenantModel):
    """That a lead is about a topic: since when, by a service or a word, in which field. `subject_id` is the lead's."""

    grants: ClassVar[str] = "SELECT, INSERT"

    subject_id = models.UUIDField()
    topic = TenantForeignKey(SensitiveTopic, related_name="+", indexed=False)
    since = models.DateTimeField()
    by = models.CharField(max_length=10)
    field = models.CharField(max_length=60)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "subject_id", "topic"], name="lead_topic_once")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.subject_id} by {self.by}"


class BrokenGlass(TenantModel):
    """That somebody who is not trained opened a restricted lead, why, and until when: an hour at most."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    subject_id = models.UUIDField()
    member = TenantForeignKey(Membership, related_name="+", indexed=False)
    reason = models.CharField(max_length=12, choices=[(key, key) for key in REASONS])
    note = SealedTextField(db_column="note_sealed")
    at = models.DateTimeField()
    until = models.DateTimeField()
    looked_by = models.CharField(max_length=200, blank=True)
    looked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="glass_heals_in_an_hour", condition=Q(until__lte=F("at") + LONGEST) & Q(until__gt=F("at"))
            ),
        ]
        indexes = [models.Index(fields=["organization", "member", "subject_id", "until"], name="glass_of_member")]

    def __str__(self) -> str:
        return f"{self.subject_id} until {self.until}"
