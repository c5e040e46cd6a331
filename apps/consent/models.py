"""Tables of consent: the append-only ledger of permissions, its wording, and the do-not-contact list."""

from typing import ClassVar

import pgtrigger
from django.db import models

from apps.leads.models import Lead, Person
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.sealed_fields import SealedJSONField, SealedTextField

_WIDENING = pgtrigger.Trigger(
    name="widening_needs_maintainer",
    when=pgtrigger.Before,
    operation=pgtrigger.Insert,
    func="""
        IF NEW.value <> 'granted' THEN RETURN NEW; END IF;
        IF coalesce(current_setting('leadcrm.consent_by', true), '') IN ('capture', 'maintainer')
            THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'leadcrm: consent is widened only by capture evidence or the maintaining team'
            USING ERRCODE = 'insufficient_privilege';
    """,
)


class ConsentWording(TenantModel):
    """The text a person agreed to, by version. Texts once used are never changed."""

    grants: ClassVar[str] = "SELECT, INSERT"

    channel = models.CharField(max_length=10)
    purpose = models.CharField(max_length=20, default="care_inquiry")
    version = models.CharField(max_length=20)
    language = models.CharField(max_length=8, default="en")
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "channel", "purpose", "version", "language"], name="wording_once"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.version}"


class ConsentEvent(TenantModel):
    """A permission given, refused or taken back; with its evidence. Never changed, never removed."""

    grants: ClassVar[str] = "SELECT, INSERT"

    person = TenantForeignKey(Person, related_name="consent_events")
    contact_value = models.CharField(max_length=254, blank=True)
    channel = models.CharField(max_length=10)
    purpose = models.CharField(max_length=20)
    value = models.CharField(max_length=10)
    recorded_at = models.DateTimeField()
    captured_at = models.DateTimeField()
    source = models.CharField(max_length=40)
    recorded_by = models.CharField(max_length=200)
    reason = SealedTextField(db_column="reason_sealed")
    wording_version = models.CharField(max_length=20, blank=True)
    wording_digest = models.CharField(max_length=64, blank=True)
    evidence_kind = models.CharField(max_length=30, blank=True)
    evidence_ref = models.CharField(max_length=500, blank=True)
    evidence = SealedJSONField(db_column="evidence_sealed")
    submission_id = models.UUIDField(null=True)
    #: A permission for one lead alone; one that came with an inquiry names no lead (`this_inquiry_only`).
    only_lead = TenantForeignKey(Lead, null=True, related_name="+", indexed=False)
    this_inquiry_only = models.BooleanField(default=False, db_default=False)
    expires_at = models.DateTimeField(null=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["recorded_at", "id"]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            _WIDENING,
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.value}"


class SetAside(TenantModel):
    """A line of the ledger that turned out to be another person's word. The line stays; `handed_to` has its copy.

    A grant that was set aside permits nothing any more. A refusal still holds: it is the narrower reading.
    """

    grants: ClassVar[str] = "SELECT, INSERT"

    line = TenantForeignKey(ConsentEvent, related_name="set_aside", indexed=False)
    handed_to = TenantForeignKey(Person, related_name="+")
    reason = models.CharField(max_length=300)
    set_by = models.CharField(max_length=200)
    set_at = models.DateTimeField()

    class Meta:
        verbose_name = "consent line set aside"
        verbose_name_plural = "consent lines set aside"
        constraints = [models.UniqueConstraint(fields=["organization", "line"], name="set_aside_once")]

    def __str__(self) -> str:
        return f"{self.line_id} to {self.handed_to_id}"


class DoNotContact(TenantModel):
    """A phone, e-mail address or person that nobody contacts. Entries end, they are not removed.

    One with a `channel` is what somebody said by it from a number or an address ("STOP"), on file or not: it
    withdraws that channel for whoever inquires with it later, until a newer grant. Without one it bars all contact.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    kind = models.CharField(max_length=6, choices=[("phone", "phone"), ("email", "e-mail"), ("person", "person")])
    value = models.CharField(max_length=254)
    channel = models.CharField(max_length=10, blank=True, default="", db_default="")
    reason = models.CharField(max_length=300)
    added_by = models.CharField(max_length=200)
    added_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "do-not-contact entry"
        verbose_name_plural = "do-not-contact entries"
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind", "value", "channel"],
                condition=models.Q(ended_at__isnull=True),
                name="dnc_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class PreferenceLink(TenantModel):
    """A link in a message by which its receiver says what we may do; the token stands in the message alone.

    `contact_value` is where it went, on `channel`. `uses` counts the changes saved since `used_since`, which is what
    keeps a machine from pressing for hours; a stop is never counted.
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    person = TenantForeignKey(Person, related_name="+")
    contact_value = models.CharField(max_length=254)
    channel = models.CharField(max_length=10)
    message_id = models.UUIDField(null=True)
    token_digest = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    uses = models.PositiveSmallIntegerField(default=0, db_default=0)
    used_since = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "token_digest"], name="preference_link_once"),
        ]

    def __str__(self) -> str:
        return f"preferences until {self.expires_at:%Y-%m-%d}"
