"""Tables of tenancy, and the base of every tenant table."""

from typing import Any, ClassVar, Self

from django.db import models

from apps.tenancy import pokes
from apps.tenancy.ids import new_id
from apps.tenancy.scope import current_organization_id
from apps.tenancy.stamps import stamped


class TenantQuerySet(models.QuerySet[Any]):
    """Rows of the tenant in scope."""


class TenantManager(models.Manager[Any]):
    """Raises outside a tenant scope, and names the tenant in every query.

    The filter repeats what row-level security does: two walls, and an index to walk along.
    """

    def get_queryset(self) -> models.QuerySet[Any]:
        """Return the rows of the tenant in scope; raise NoTenantScope outside one."""
        return super().get_queryset().filter(organization_id=current_organization_id())


class Organization(models.Model):
    """A tenant: a health system, clinic group or practice.

    `region` is the default country for phone numbers (ISO 3166-1 alpha-2).
    """

    tenant_column: ClassVar[str] = "id"
    grants: ClassVar[str] = "SELECT, INSERT, UPDATE"

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    slug = models.SlugField(max_length=63)
    name = models.CharField(max_length=200)
    zone = models.CharField(max_length=64, default="America/Chicago")
    region = models.CharField(max_length=2, default="US")
    settings = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "organization"
        triggers = [stamped()]

    def __str__(self) -> str:
        return self.name


class TenantModel(models.Model):
    """The base of every tenant table: an opaque id and the organization it belongs to.

    `grants` is what the runtime role may do; append-only tables say "SELECT, INSERT". `marketing_grants` is what the
    role of marketing reports may do: nothing, where a table does not say. `live_column` names the lead
    or person whose open pages hear of a change; unset, it is `lead_id` or `person_id` where there is one.
    """

    live_column: ClassVar[str] = ""
    tenant_column: ClassVar[str] = "organization_id"
    grants: ClassVar[str] = "SELECT, INSERT, UPDATE, DELETE"
    marketing_grants: ClassVar[str] = ""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    organization = models.ForeignKey(
        Organization,
        models.PROTECT,
        default=current_organization_id,
        editable=False,
        related_name="+",
        db_index=False,
    )

    objects: ClassVar[TenantManager] = TenantManager()

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store the row; open pages of its lead or person hear of it after the commit."""
        with pokes.saving(self):
            super().save(*args, **kwargs)

    @classmethod
    def rows(cls) -> "models.QuerySet[Self]":
        """Return this tenant's rows, typed."""
        return cls.objects.get_queryset()


class Address(models.Model):
    """The narrow global book that leads from an opaque key to a tenant, before any scope is open.

    Kinds: `organization` (slug), `form` (slug), `api_key` (digest). Holds no data of a person.
    """

    global_because: ClassVar[str] = "looked up before the tenant is known; holds only key, tenant, row id"

    kind = models.CharField(max_length=20)
    key = models.CharField(max_length=128)
    organization_id = models.UUIDField()
    row_id = models.UUIDField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "key"], name="address_kind_key")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.row_id}"


class Counter(TenantModel):
    """A per-tenant number that only grows, such as the running number of leads."""

    name = models.CharField(max_length=30)
    value = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organization", "name"], name="counter_name")]

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"


class Wakeup(models.Model):
    """The outbox: a row in some tenant wants attention at a time. Ids only.

    Written in the same transaction as the change it follows. A worker claims it with a lease; a
    wake-up that failed too often is parked, where a person sees and replays it.
    """

    global_because: ClassVar[str] = "one sweeper serves all tenants; holds only ids and times"

    organization_id = models.UUIDField()
    kind = models.CharField(max_length=40)
    row_id = models.UUIDField()
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    parked_at = models.DateTimeField(null=True)
    last_error = models.CharField(max_length=200, default="")
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization_id", "kind", "row_id"], name="wakeup_once"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=models.Q(parked_at__isnull=True), name="wakeup_due"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.row_id}"


class TenantKey(TenantModel):
    """One generation of the tenant's own data key, wrapped by a master that is not in the database (decision 0033).

    `rotated_at` says that everything of older generations was sealed anew under it; none yet, a rotation runs or was
    broken off. A destroyed one has no wrapped text: what it sealed is unreadable for good.
    """

    grants: ClassVar[str] = "SELECT, INSERT"

    generation = models.PositiveSmallIntegerField()
    wrapped = models.TextField(blank=True)
    made_at = models.DateTimeField()
    rotated_at = models.DateTimeField(null=True)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "generation"], name="tenant_key_generation"),
            models.CheckConstraint(
                name="tenant_key_is_there_or_gone",
                condition=models.Q(wrapped="", destroyed_at__isnull=False)
                | (~models.Q(wrapped="") & models.Q(destroyed_at__isnull=True)),
            ),
        ]
        triggers = [stamped()]

    def __str__(self) -> str:
        return f"generation {self.generation}"
