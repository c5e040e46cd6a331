"""Tables of leads: people's inquiries, where they stand, and what happened."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import F, Q

from apps.accounts.models import Membership, Party, Team
from apps.catalog.models import Campaign, Location, Queue, Service, Source
from apps.leads.guards import lead_lock
from apps.leads.person_models import ContactPoint as ContactPoint
from apps.leads.person_models import Person as Person
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel
from apps.tenancy.sealed_fields import SealedTextField
from apps.tenancy.stamps import stamped


class Pipeline(TenantModel):
    """A kind of way: patient, recruitment, partnership. `person_word` is what people are called in it.

    How its leads may end, what may come of them and why that may be unknown is read by `closing`.
    """

    key = models.SlugField(max_length=63)
    name = models.CharField(max_length=200)
    person_word = models.CharField(max_length=60, default="Potential patient")
    requires_phone = models.BooleanField(default=False)
    closure_reasons = models.JSONField(default=list)
    outcomes = models.JSONField(default=list, db_default=[], blank=True)
    missing_data_reasons = models.JSONField(default=list, db_default=[], blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "key"], name="pipeline_key")]
        triggers = [stamped()]

    def __str__(self) -> str:
        return self.name


class Stage(TenantModel):
    """Where a lead is. Labels are the tenant's; keys are stable."""

    pipeline = TenantForeignKey(Pipeline, related_name="stages")
    key = models.SlugField(max_length=63)
    label = models.CharField(max_length=100)
    position = models.PositiveIntegerField()
    is_open = models.BooleanField(default=True)
    next_actions = models.JSONField(default=list, blank=True)

    class Meta:
        ordering: ClassVar[list[str]] = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "pipeline", "key"], name="stage_key"),
        ]
        triggers = [stamped()]

    def __str__(self) -> str:
        return self.label


class Lead(TenantModel):
    """One inquiry of one person. Stage (where), status (what is true now) and closure reason (why
    ended) are three columns; owner, stage, status, outcome and closure are locked to the owning team.

    What the clock says stands beside the status (`timed_status`) and before it (`status_now`): nobody sets it.
    """

    live_column: ClassVar[str] = "id"

    number = models.BigIntegerField()
    person = TenantForeignKey(Person, related_name="leads")
    contact_person = TenantForeignKey(Person, null=True, blank=True, related_name="leads_for_others")
    contact_relation = models.CharField(max_length=30, blank=True)
    pipeline = TenantForeignKey(Pipeline, related_name="+", indexed=False)
    lead_class = models.CharField(max_length=12, default="patient")
    stage = TenantForeignKey(Stage, related_name="+")
    status = models.CharField(max_length=30, default="new")
    timed_status = models.CharField(max_length=30, default="", blank=True, db_default="")
    timed_since = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=30, blank=True)
    closure_reason = models.CharField(max_length=40, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    validity = models.CharField(max_length=10, default="valid")
    hold_reason = models.CharField(max_length=60, blank=True)
    exception = models.CharField(max_length=60, blank=True)

    source = TenantForeignKey(Source, related_name="+")
    campaign = TenantForeignKey(Campaign, null=True, blank=True, related_name="+")
    capture_method = models.CharField(max_length=20)
    service = TenantForeignKey(Service, null=True, blank=True, related_name="+")
    location = TenantForeignKey(Location, null=True, blank=True, related_name="+")
    patient_type = models.CharField(max_length=20, blank=True)
    timeframe = models.CharField(max_length=30, blank=True)
    appointment_type = models.CharField(max_length=80, blank=True, default="", db_default="")
    part_of_day = models.CharField(max_length=10, blank=True, default="", db_default="")
    preferred_channel = models.CharField(max_length=10, blank=True)
    best_time = models.CharField(max_length=40, blank=True)
    payer = models.CharField(max_length=100, blank=True)
    is_test = models.BooleanField(default=False)
    related_to = TenantForeignKey("self", null=True, blank=True, related_name="related_leads")
    shares_stream_with = TenantForeignKey("self", null=True, blank=True, related_name="+", indexed=False)
    duplicate_of = TenantForeignKey("self", null=True, blank=True, related_name="duplicates")

    fit = models.PositiveSmallIntegerField(default=0)
    intent = models.PositiveSmallIntegerField(default=0)
    band = models.CharField(max_length=20, blank=True)
    quality = models.PositiveSmallIntegerField(default=100, db_default=100)
    flags = models.JSONField(default=list, db_default=[], blank=True)
    priority = models.CharField(max_length=2, default="P3")
    workflow = models.CharField(max_length=30, blank=True)

    queue = TenantForeignKey(Queue, null=True, blank=True, related_name="+")
    owner_team = TenantForeignKey(Team, null=True, blank=True, related_name="+", indexed=False)
    owner = TenantForeignKey(Membership, null=True, blank=True, related_name="+")
    owner_since = models.DateTimeField(null=True, blank=True)
    ownership_started_at = models.DateTimeField(null=True, blank=True)
    outreach_started_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    last_outcome = models.CharField(max_length=30, blank=True)
    last_activity_at = models.DateTimeField(null=True, blank=True)
    next_action_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    leased_by = TenantForeignKey(Membership, null=True, blank=True, related_name="+", indexed=False)
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    captured_at = models.DateTimeField()
    created_at = models.DateTimeField()
    stage_since = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    erased_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "number"], name="lead_number"),
            models.CheckConstraint(
                name="closed_lead_has_reason",
                condition=Q(closed_at__isnull=True) | ~Q(closure_reason=""),
            ),
            models.CheckConstraint(
                name="open_lead_has_team",
                condition=Q(closed_at__isnull=False) | Q(owner_team__isnull=False),
            ),
            models.CheckConstraint(
                name="duplicate_names_survivor",
                condition=~Q(closure_reason="duplicate") | (Q(duplicate_of__isnull=False) & ~Q(duplicate_of=F("id"))),
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization", "owner_team", "due_at", "id"],
                name="lead_queue",
                condition=Q(closed_at__isnull=True),
            ),
            models.Index(
                fields=["organization", "owner", "due_at", "id"],
                name="lead_mine",
                condition=Q(closed_at__isnull=True, owner__isnull=False),
            ),
            models.Index(
                fields=["organization", "due_at", "id"], name="lead_open", condition=Q(closed_at__isnull=True)
            ),
            models.Index(
                "organization",
                F("captured_at").desc(nulls_last=True),
                F("id").desc(),
                name="lead_open_newest",
                condition=Q(closed_at__isnull=True),
            ),
            models.Index(
                fields=["organization", "outreach_started_at"],
                name="lead_handled",
                condition=Q(outreach_started_at__isnull=False),
            ),
            models.Index(
                fields=["organization", "-created_at", "-id"], include=["stage", "source"], name="lead_recent"
            ),
            models.Index(fields=["organization", "captured_at"], name="lead_captured"),
        ]
        permissions = [
            ("contact_lead", "Can contact the person of a lead"),
            ("download_lead", "Can download a lead"),
        ]
        triggers = [lead_lock, pgtrigger.Protect(name="no_delete", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"L-{self.number}"

    @property
    def ref(self) -> str:
        """The reference people say aloud; safe in titles and mails."""
        return f"L-{self.number}"

    @property
    def status_now(self) -> str:
        """What is true now: what the clock says, else the status."""
        return str(self.timed_status or self.status)

    @property
    def is_open(self) -> bool:
        """True until the lead is closed."""
        return self.closed_at is None


class Touch(TenantModel):
    """One contact of the person with us that led to, or added to, this lead; with its attribution.

    A repeat alerts the lead's owner until they have seen it (`seen_at`).
    """

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="touches")
    submission_id = models.UUIDField()
    source = TenantForeignKey(Source, related_name="+", indexed=False)
    campaign = TenantForeignKey(Campaign, null=True, related_name="+", indexed=False)
    party = TenantForeignKey(Party, null=True, related_name="+")
    verdict = models.CharField(max_length=10)
    at = models.DateTimeField()
    attribution = models.JSONField(default=dict)
    seen_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "touches"
        constraints = [
            models.UniqueConstraint(fields=["organization", "submission_id"], name="touch_once"),
        ]
        indexes = [
            models.Index(
                fields=["organization", "lead"],
                name="touch_unseen",
                condition=Q(seen_at__isnull=True, verdict__in=["duplicate", "update"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.verdict} at {self.at}"


class LeadParty(TenantModel):
    """An organisation that plays a part in a lead: source, sponsor, appointment manager."""

    lead = TenantForeignKey(Lead, related_name="parties")
    party = TenantForeignKey(Party, related_name="+")
    part = models.CharField(max_length=30)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "lead", "party", "part"], name="lead_party_once"),
        ]

    def __str__(self) -> str:
        return self.part


class StageSpell(TenantModel):
    """How long a lead was in a stage, and what moved it there."""

    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    lead = TenantForeignKey(Lead, related_name="stage_spells")
    stage = TenantForeignKey(Stage, related_name="+", indexed=False)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    event = models.CharField(max_length=40)
    actor_label = models.CharField(max_length=200)

    class Meta:
        ordering: ClassVar[list[str]] = ["started_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "lead"], condition=Q(ended_at__isnull=True), name="one_open_stage_spell"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stage_id} since {self.started_at}"


class TimelineEntry(TenantModel):
    """One line of a lead's story, for people. Append-only; the ledger is the proof, this is the page."""

    grants: ClassVar[str] = "SELECT, INSERT"

    lead = TenantForeignKey(Lead, related_name="timeline", indexed=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    sentence = SealedTextField(db_column="sentence_sealed")
    actor_label = models.CharField(max_length=200)
    event_id = models.UUIDField(null=True)
    note = SealedTextField(db_column="note_sealed")

    class Meta:
        indexes = [models.Index(fields=["organization", "lead", "-at", "-id"], name="timeline_lead")]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return str(self.sentence)


class Task(TenantModel):
    """A dated next action. The earliest open one is the lead's next action.

    It lies with the lead's owner, but for the first contact where a policy gives it to another team (`first_outreach`).
    """

    lead = TenantForeignKey(Lead, related_name="tasks")
    kind = models.CharField(max_length=30)
    title = SealedTextField(db_column="title_sealed")
    channel = models.CharField(max_length=10, blank=True)
    due_at = models.DateTimeField()
    state = models.CharField(
        max_length=10,
        choices=[("open", "open"), ("done", "done"), ("cancelled", "cancelled"), ("suppressed", "suppressed")],
        default="open",
    )
    team = TenantForeignKey(Team, related_name="+", indexed=False)
    assignee = TenantForeignKey(Membership, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_because = models.CharField(max_length=60, blank=True)
    event_id = models.UUIDField(null=True, blank=True)
    first_outreach = models.BooleanField(default=False, db_default=False)

    class Meta:
        indexes = [
            models.Index(fields=["organization", "team", "due_at"], name="task_queue", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return str(self.title)


from apps.leads.beside import ChangeRequest as ChangeRequest  # noqa: E402 - it refers to the tables above
from apps.leads.beside import Draft as Draft  # noqa: E402
from apps.leads.beside import InferredValue as InferredValue  # noqa: E402
from apps.leads.beside import PriorityOverride as PriorityOverride  # noqa: E402
from apps.leads.deciders import DecisionMaker as DecisionMaker  # noqa: E402
from apps.leads.endings import Closure as Closure  # noqa: E402
from apps.leads.endings import Reopening as Reopening  # noqa: E402
from apps.leads.outside import OutsideReport as OutsideReport  # noqa: E402
from apps.leads.outside import OutsideUpdate as OutsideUpdate  # noqa: E402
