"""Tables of public forms: the form as it is worked on, its frozen versions, its questions, what is being filled in.

Part of `models`, which names them; code imports them from there.
"""

from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.accounts.asset_models import CaptureAsset
from apps.accounts.models import Membership
from apps.accounts.terms import choices
from apps.capture.form_terms import FormKind, FormLayout, Purpose, QuestionKind
from apps.catalog.models import Source
from apps.policies.models import Experiment
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class Asset(TenantModel):
    """What a download form gives: a small file kept here, or an address on the tenant's own site (row CP-18)."""

    key = models.SlugField(max_length=63)
    title = models.CharField(max_length=200)
    url = models.URLField(max_length=500, blank=True)
    file_name = models.CharField(max_length=200, blank=True)
    media_type = models.CharField(max_length=100, blank=True)
    data = models.BinaryField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "key"], name="asset_key"),
            models.CheckConstraint(
                name="asset_has_something",
                condition=models.Q(data__isnull=False) | ~models.Q(url=""),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Form(CaptureAsset):
    """A public form with its hosted page, as it is worked on. What people see is its latest version.

    `layout` is how the hosted page asks; the embedded one is always a single page, and only `allowed_sites`
    may frame it. Spanish texts stand beside the English ones; an empty one falls back to English.
    """

    slug = models.SlugField(max_length=63)
    title = models.CharField(max_length=200)
    intro = models.TextField(blank=True)
    source = TenantForeignKey(Source, related_name="forms")
    what_happens_next = models.TextField()
    services = models.JSONField(default=list)
    consent_version = models.CharField(max_length=20)
    is_published = models.BooleanField(default=False)
    kind = models.CharField(max_length=10, choices=choices(FormKind), default=FormKind.INQUIRY)
    layout = models.CharField(max_length=10, choices=choices(FormLayout), default=FormLayout.ONE_PAGE)
    title_es = models.CharField("Spanish title", max_length=200, blank=True)
    intro_es = models.TextField("Spanish intro", blank=True)
    what_happens_next_es = models.TextField("Spanish what happens next", blank=True)
    consent_version_es = models.CharField("Spanish consent version", max_length=20, blank=True)
    field_cap = models.PositiveSmallIntegerField(default=15)
    needs_approval = models.BooleanField(default=False)
    allowed_sites = ArrayField(models.CharField(max_length=200), default=list, blank=True)
    asset = TenantForeignKey(Asset, null=True, blank=True, related_name="forms")
    edited_by = TenantForeignKey(Membership, null=True, blank=True, related_name="+", indexed=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "slug"], name="form_slug"),
            models.CheckConstraint(
                name="published_form_tells_next",
                condition=models.Q(is_published=False)
                | (~models.Q(what_happens_next="") & ~models.Q(consent_version="")),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class FormQuestion(TenantModel):
    """One question of the form that is worked on. An empty label takes the usual words of its kind.

    `choices` of a question of the tenant's own and of a city: a line each, "value | English | Spanish". Of a consent
    question: a line each, "channel" or "channel | purpose".
    """

    form = TenantForeignKey(Form, models.CASCADE, related_name="questions")
    position = models.PositiveSmallIntegerField(default=0)
    key = models.SlugField(max_length=40)
    kind = models.CharField(max_length=20, choices=choices(QuestionKind))
    label = models.CharField(max_length=200, blank=True)
    hint = models.CharField("why we ask", max_length=300, blank=True)
    is_required = models.BooleanField(default=False)
    purpose = models.CharField(max_length=12, choices=choices(Purpose), blank=True)
    criterion = models.CharField(max_length=40, blank=True)
    choices = models.TextField(blank=True)
    label_es = models.CharField("Spanish label", max_length=200, blank=True)
    hint_es = models.CharField("why we ask, in Spanish", max_length=300, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["position", "id"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "form", "key"], name="form_question_key"),
        ]

    def __str__(self) -> str:
        return self.label or self.key


class FormVersion(TenantModel):
    """What a form asked and said from its publication on. Never changed: submissions name it.

    A variant is on the net only for those whom an experiment shows it (row RV-06).
    """

    grants: ClassVar[str] = "SELECT, INSERT"

    form = TenantForeignKey(Form, related_name="versions", indexed=False)
    number = models.PositiveIntegerField()
    is_variant = models.BooleanField(default=False, db_default=False)
    document = models.JSONField()
    digest = models.CharField(max_length=64)
    author = TenantForeignKey(Membership, null=True, related_name="+", indexed=False)
    published_by = models.CharField(max_length=200)
    published_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "form", "number"], name="form_version_number"),
        ]
        triggers = [pgtrigger.Protect(name="frozen", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.form} v{self.number}"


class FormVisit(TenantModel):
    """A form shown to somebody new in one arm of an experiment, or sent from there; who it was is kept nowhere.

    A form that was sent names its submission, so that its lead can be followed. Append-only.
    """

    grants: ClassVar[str] = "SELECT, INSERT"

    experiment = TenantForeignKey(Experiment, related_name="+", indexed=False)
    arm = models.CharField(max_length=1)
    at = models.DateTimeField()
    submission_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "submission_id"],
                name="form_visit_sent_once",
                condition=models.Q(submission_id__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["organization", "experiment", "at"], name="form_visit_time")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"arm {self.arm} {'sent' if self.submission_id else 'shown'} at {self.at}"


class FormDraft(TenantModel):
    """What a person filled in so far, sealed, for a day. The address holds a token, this row its digest.

    Once sent, the answers are gone and `submission_id` leads a second press of the button to the same thanks.
    """

    form = TenantForeignKey(Form, models.CASCADE, related_name="+", indexed=False)
    token_digest = models.CharField(max_length=64)
    sealed = models.BinaryField()
    saved_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    submission_id = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "token_digest"], name="form_draft_token"),
        ]
        indexes = [models.Index(fields=["organization", "expires_at"], name="form_draft_expiry")]

    def __str__(self) -> str:
        return f"draft until {self.expires_at}"
