"""The tables of message templates: what a message is called, and its words in versions (row PH-14)."""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.accounts.models import Membership
from apps.accounts.terms import choices
from apps.catalog.terms import ServiceKind
from apps.consent.terms import Purpose
from apps.outreach.template_terms import FROZEN, WORDS, Goal, TemplateState
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.stamps import stamped

_FIXED = (*WORDS, "number", "digest")


def _changed(name: str) -> pgtrigger.Q:
    return pgtrigger.Q(**{f"old__{name}__df": pgtrigger.F(f"new__{name}")})


def _any_changed(names: tuple[str, ...]) -> pgtrigger.Q:
    found = _changed(names[0])
    for name in names[1:]:
        found = found | _changed(name)
    return found


class Template(TenantModel):
    """What a message is called, by channel and language. Its words are in its versions."""

    key = models.SlugField(max_length=63)
    channel = models.CharField(max_length=10, default="email")
    language = models.CharField(max_length=8, default="en")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "key", "channel", "language"], name="template_once"),
        ]
        triggers = [stamped()]

    def __str__(self) -> str:
        return f"{self.key} ({self.channel}, {self.language})"


class TemplateVersion(TenantModel):
    """One version of a message's words; `{word}` places are filled at sending.

    A draft is written by one person and approved by another; approved words are never changed. `purpose` is what the
    person must have permitted for it to go. `holds_phi` says that it may hold health data, which its approver
    confirms. `digest` is the SHA-256 of the words as approved. Tags say which leads the words are for: at which
    `stages` people are offered them, for which `category` (kind of service) and `service` line; and to what `goal`
    which `team` says them.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    template = TenantForeignKey(Template, related_name="versions")
    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    purpose = models.CharField(max_length=20, choices=choices(Purpose), default=Purpose.CARE_INQUIRY)
    holds_phi = models.BooleanField(default=False)
    stages = ArrayField(models.CharField(max_length=63), default=list, blank=True, db_default=[])
    category = models.CharField(max_length=20, choices=choices(ServiceKind), blank=True, default="", db_default="")
    service = models.CharField(max_length=63, blank=True, default="", db_default="")
    goal = models.CharField(max_length=20, choices=choices(Goal), blank=True, default="", db_default="")
    team = models.CharField(max_length=63, blank=True, default="", db_default="")
    state = models.CharField(max_length=10, choices=choices(TemplateState), default=TemplateState.DRAFT)
    author = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)
    author_label = models.CharField(max_length=200)
    written_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    sent_back_because = models.CharField(max_length=300, blank=True)
    approver = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)
    approver_label = models.CharField(max_length=200, blank=True)
    approved_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    retired_at = models.DateTimeField(null=True)
    digest = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = "template version"
        constraints = [
            models.UniqueConstraint(fields=["organization", "template", "number"], name="template_version_once"),
            models.UniqueConstraint(
                fields=["organization", "template"],
                condition=models.Q(state__in=["draft", "submitted"]),
                name="template_one_draft",
            ),
            models.CheckConstraint(
                name="template_not_own_approver",
                condition=models.Q(approver__isnull=True)
                | models.Q(author__isnull=True)
                | ~models.Q(approver=models.F("author")),
            ),
            models.CheckConstraint(
                name="template_approved_when",
                condition=~models.Q(state="approved") | models.Q(approved_at__isnull=False),
            ),
        ]
        triggers = [
            stamped(),
            pgtrigger.Protect(
                name="approved_is_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=[str(each) for each in FROZEN])
                & (_any_changed(_FIXED) | ~pgtrigger.Q(new__state__in=[str(each) for each in FROZEN])),
            ),
            pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.template.key} v{self.number}"
