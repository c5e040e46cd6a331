"""Tables of the catalog: what a tenant offers, where, when, and where its inquiries come from."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models

from apps.accounts.models import Membership, Party, Team
from apps.accounts.terms import choices
from apps.catalog.channel import Channel as Channel
from apps.catalog.field_keeping import FieldKeeping as FieldKeeping
from apps.catalog.outside_models import OutsideSystem as OutsideSystem
from apps.catalog.provider_models import SLOT_DAYS
from apps.catalog.provider_models import OpenSlots as OpenSlots
from apps.catalog.provider_models import Provider as Provider
from apps.catalog.scheduling import SchedulingWorkflow as SchedulingWorkflow
from apps.catalog.source_figures import SourceFigure as SourceFigure
from apps.catalog.terms import (
    ConsentStep,
    ContactChannel,
    FieldKind,
    PrivacyClass,
    QueueMethod,
    ServiceKind,
    SourceType,
    StartEvent,
    TargetKind,
)
from apps.catalog.unmapped_models import UnmappedWord as UnmappedWord
from apps.catalog.unmapped_models import WaitingLead as WaitingLead
from apps.catalog.vendor_models import Vendor as Vendor
from apps.catalog.vendor_models import VendorAgreement as VendorAgreement
from apps.catalog.vendor_models import VendorCertificate as VendorCertificate
from apps.catalog.vendor_models import VendorUse as VendorUse
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.stamps import stamped


class Calendar(TenantModel):
    """Opening hours of a location or queue: a zone, spans by weekday, holidays."""

    key = models.SlugField(max_length=63)
    name = models.CharField(max_length=200)
    zone = models.CharField(max_length=64)
    always_open = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="calendar_key")]
        triggers = [stamped()]

    def __str__(self) -> str:
        return self.name


class OpeningSpan(TenantModel):
    """Open from `opens` to `closes`, local time of the calendar's zone. Monday is 0; 00:00 ends a day."""

    calendar = TenantForeignKey(Calendar, models.CASCADE, related_name="spans")
    weekday = models.PositiveSmallIntegerField()
    opens = models.TimeField()
    closes = models.TimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(weekday__lte=6), name="span_weekday"),
            models.UniqueConstraint(fields=["organization", "calendar", "weekday", "opens"], name="span_once"),
        ]
        triggers = [stamped()]

    def __str__(self) -> str:
        return f"{self.weekday} {self.opens}-{self.closes}"


class Holiday(TenantModel):
    """A day on which a calendar is closed."""

    calendar = TenantForeignKey(Calendar, models.CASCADE, related_name="holidays")
    day = models.DateField()
    name = models.CharField(max_length=100)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "calendar", "day"], name="holiday_once")]
        triggers = [stamped()]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class Service(TenantModel):
    """A service line people ask for; one set for forms, routing, templates and reports.

    `workflow` is how it gets scheduled, `owner` the team that answers for it, `effective_on` its first day. Whoever
    takes a lead that asks for it has all of its `skills`. A first slot is wanted within `slot_days`.
    `proposed_by` is who added one more than advised; it counts when somebody else has approved it.
    """

    key = models.SlugField(max_length=63)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=choices(ServiceKind), default=ServiceKind.SPECIALTY_CARE)
    synonyms = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    appointment_types = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    accepts_new_patients = models.BooleanField(default=True)
    min_age = models.PositiveSmallIntegerField(null=True, blank=True)
    max_age = models.PositiveSmallIntegerField(null=True, blank=True)
    eligibility = models.TextField(blank=True)
    skills = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    slot_days = models.PositiveSmallIntegerField(null=True, blank=True, validators=SLOT_DAYS)
    workflow = TenantForeignKey(SchedulingWorkflow, null=True, blank=True, related_name="services", indexed=False)
    owner = TenantForeignKey(Team, null=True, blank=True, related_name="+", indexed=False)
    effective_on = models.DateField(null=True, blank=True)
    proposed_by = models.CharField(max_length=200, blank=True)
    approved_by = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="service_key")]
        triggers = [stamped()]

    def __str__(self) -> str:
        return self.name

    def counts_on(self, day: date) -> bool:
        """Say whether the service may be asked for and given on a day."""
        return self.is_active and (self.effective_on is None or self.effective_on <= day)


class Location(TenantModel):
    """An office, with its place on the map and its calendar.

    While it is not available, `unavailable_because` says why ("closed for repair"), and `fallback` takes its leads.
    """

    key = models.SlugField(max_length=63)
    name = models.CharField(max_length=200)
    street = models.CharField(max_length=200, blank=True)
    city = models.CharField(max_length=100)
    region = models.CharField(max_length=40)
    postal_code = models.CharField(max_length=12)
    latitude = models.FloatField()
    longitude = models.FloatField()
    synonyms = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    calendar = TenantForeignKey(Calendar, related_name="+")
    is_available = models.BooleanField(default=True)
    unavailable_because = models.CharField(max_length=100, blank=True)
    fallback = TenantForeignKey("self", null=True, blank=True, related_name="+", indexed=False)
    phone = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="location_key")]
        triggers = [stamped()]

    def __str__(self) -> str:
        return self.name


class Offering(TenantModel):
    """A service offered at a location; combinations that are not here do not exist.

    `is_specialty` marks an office that is known for the service: a rule may prefer it to a nearer one (row RT-06).
    `established_only` says that no new patients are seen there for it at present (row QL-14).
    """

    service = TenantForeignKey(Service, models.CASCADE, related_name="offerings")
    location = TenantForeignKey(Location, models.CASCADE, related_name="offerings")
    is_specialty = models.BooleanField(default=False)
    established_only = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "service", "location"], name="offering_once")]
        triggers = [stamped()]

    def __str__(self) -> str:
        return f"{self.service_id} at {self.location_id}"


class Queue(TenantModel):
    """Where routing puts leads: a team's list with its hours, its way of giving out and its limit.

    `max_wait_seconds` is the longest a lead may lie here unassigned before somebody is alerted. `tag` is what a rule
    asks an office for: calls, recall. With `capacity` open leads it is full, and the `overflow_queue` takes what comes
    next; routine leads wait for one of the `batch_times`. With `channels` it works by these alone (row CN-05).
    """

    key = models.SlugField(max_length=63)
    name = models.CharField(max_length=200)
    target_kind = models.CharField(max_length=24, choices=choices(TargetKind), default=TargetKind.INTERNAL)
    team = TenantForeignKey(Team, related_name="queues")
    calendar = TenantForeignKey(Calendar, related_name="+")
    location = TenantForeignKey(Location, null=True, blank=True, related_name="queues")
    method = models.CharField(max_length=12, choices=choices(QueueMethod), default=QueueMethod.ROUND_ROBIN)
    after_hours_queue = TenantForeignKey("self", null=True, blank=True, related_name="+")
    max_wait_seconds = models.PositiveIntegerField(default=1800)
    tag = models.CharField(max_length=30, blank=True)
    capacity = models.PositiveIntegerField(null=True, blank=True)
    overflow_queue = TenantForeignKey("self", null=True, blank=True, related_name="+", indexed=False)
    batch_times = ArrayField(models.TimeField(), default=list, blank=True)
    channels = ArrayField(models.CharField(max_length=8, choices=choices(ContactChannel)), default=list, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="queue_key")]
        triggers = [stamped()]

    def __str__(self) -> str:
        return self.name


class WorkShift(TenantModel):
    """The hours in which a person works, as a calendar; who has none works whenever their switch says so."""

    membership = TenantForeignKey(Membership, models.CASCADE, related_name="+", indexed=False)
    calendar = TenantForeignKey(Calendar, related_name="+", indexed=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "membership"], name="work_shift_of_member")]
        triggers = [stamped()]

    def __str__(self) -> str:
        return f"{self.membership_id}"


class TeamCoverage(TenantModel):
    """A location or service that a team looks after (rows TA-03, TA-13)."""

    team = TenantForeignKey(Team, models.CASCADE, related_name="coverage")
    location = TenantForeignKey(Location, models.CASCADE, null=True, blank=True, related_name="+")
    service = TenantForeignKey(Service, models.CASCADE, null=True, blank=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "team", "location", "service"],
                name="coverage_once",
                nulls_distinct=False,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.team_id}"


class Campaign(TenantModel):
    """A campaign with what it promises: its scope in words, the services, and who they are for (row CP-23)."""

    key = models.SlugField(max_length=63)
    name = models.CharField(max_length=200)
    scope = models.TextField(blank=True)
    party = TenantForeignKey(Party, null=True, blank=True, related_name="campaigns")
    services = ArrayField(models.CharField(max_length=63), default=list, blank=True)
    eligibility = models.TextField(blank=True)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="campaign_key")]
        triggers = [stamped()]

    def __str__(self) -> str:
        return self.name


class Source(TenantModel):
    """A lead source. What it leaves empty of start event, consent step and team holds as its channel has it."""

    key = models.SlugField(max_length=63)
    name = models.CharField(max_length=200)
    type = models.CharField(max_length=24, choices=choices(SourceType))
    channel = models.CharField(max_length=20)
    start_event = models.CharField(max_length=24, choices=choices(StartEvent), blank=True)
    required_fields = ArrayField(models.CharField(max_length=60), default=list, blank=True)
    missing_consent = models.CharField(max_length=8, choices=choices(ConsentStep), blank=True)
    party = TenantForeignKey(Party, null=True, blank=True, related_name="sources")
    campaign = TenantForeignKey(Campaign, null=True, blank=True, related_name="sources")
    owning_team = TenantForeignKey(Team, null=True, blank=True, related_name="+")
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="source_key")]
        triggers = [stamped()]

    def __str__(self) -> str:
        return self.name


class TrackingNumber(TenantModel):
    """A phone number that stands for one advertisement or place: who dials it saw that (row CP-10).

    `number` is E.164. `label` names the advertisement, `keyword` the search word it is bought for.
    """

    number = models.CharField(max_length=16)
    label = models.CharField(max_length=100, blank=True)
    keyword = models.CharField(max_length=100, blank=True)
    campaign = TenantForeignKey(Campaign, null=True, blank=True, related_name="tracking_numbers")
    location = TenantForeignKey(Location, null=True, blank=True, related_name="+")
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "number"], name="tracking_number")]
        triggers = [stamped()]

    def __str__(self) -> str:
        return self.number


class CustomField(TenantModel):
    """A field of the tenant's own: an answer that forms, senders and imports may bring, declared once.

    `key` is the answer's key. `picklist` holds the values of a choice, `synonyms` by value the other words for it;
    `origin` says where it comes from.
    """

    key = models.SlugField(max_length=63)
    label = models.CharField(max_length=100)
    meaning = models.CharField(max_length=500, blank=True)
    kind = models.CharField(max_length=10, choices=choices(FieldKind), default=FieldKind.TEXT)
    picklist = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    synonyms = models.JSONField(default=dict, blank=True)
    privacy = models.CharField(max_length=10, choices=choices(PrivacyClass), default=PrivacyClass.PLAIN)
    origin = models.CharField(max_length=200, blank=True)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="custom_field_key")]
        triggers = [stamped()]

    def __str__(self) -> str:
        return self.label

    @property
    def words(self) -> dict[str, str]:
        """The values of a choice by every word for them; nothing where the field is no choice."""
        if self.kind != FieldKind.CHOICE:
            return {}
        own = {value: value for value in self.picklist}
        return {word: value for value in self.picklist for word in self.synonyms.get(value, ())} | own
