"""Words of senders that no one knows yet, and the leads that wait for their meaning."""

from typing import ClassVar

from django.db import models

from apps.accounts.models import Team
from apps.accounts.terms import choices
from apps.catalog.terms import WordState
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class UnmappedWord(TenantModel):
    """A mapping task: a value or a name of a source that nobody has said the meaning of (row DD-04).

    There is one for each source, field and folded word, however many leads brought it. Of a name that nothing
    names, `field` is empty. `version` is the version of the mapping that gave the word its meaning; none where
    the catalog did. Of a field that is not plain, `word` is a blind index, and `sealed` holds `typed` and `means`,
    which are empty then (see catalog.private_words).
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    source = TenantForeignKey("catalog.Source", related_name="unmapped_words", indexed=False)
    field = models.CharField(max_length=80, blank=True)
    word = models.CharField(max_length=100)
    typed = models.CharField(max_length=80, blank=True)
    name = models.CharField(max_length=100, blank=True)
    team = TenantForeignKey(Team, null=True, related_name="+", indexed=False)
    state = models.CharField(max_length=8, choices=choices(WordState), default=WordState.OPEN)
    means = models.CharField(max_length=80, blank=True)
    sealed = models.BinaryField(null=True)
    version = models.PositiveIntegerField(null=True)
    decided_by = models.CharField(max_length=200, blank=True)
    decided_at = models.DateTimeField(null=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    due_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "source", "field", "word"], name="unmapped_word_once"),
        ]
        indexes = [
            models.Index(
                fields=["organization", "-last_at"], condition=models.Q(state="open"), name="unmapped_word_open"
            ),
        ]

    def __str__(self) -> str:
        return f"“{self.typed or self.name or self.field_words}”"

    @property
    def field_words(self) -> str:
        """The field in words."""
        return self.field.replace("_", " ")


class WaitingLead(TenantModel):
    """A lead's inquiry that brought an unmapped word; `filled_at` is when the word was filled in."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    word = TenantForeignKey(UnmappedWord, related_name="waiting", indexed=False)
    submission_id = models.UUIDField()
    lead_id = models.UUIDField()
    filled_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "word", "submission_id"], name="waiting_lead_once"),
        ]
        indexes = [
            models.Index(fields=["organization", "lead_id"], name="waiting_lead_of_lead"),
        ]

    def __str__(self) -> str:
        return f"{self.word_id} {self.lead_id}"
