"""A row of a tenant in every tenant table, so that "not found" is asked of something that is there."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.models import Permission as ModelPermission
from django.contrib.postgres.fields import ArrayField
from django.db import models, transaction

from apps.accounts.models import Seat, Team, User
from apps.leads.models import Person
from apps.ownership.queries import permission_id
from apps.tenancy.ids import new_id
from apps.tenancy.models import Organization, TenantModel
from apps.tenancy.protection import tenant_models
from tests.cast import Tenant

NOON = datetime(2026, 12, 1, 18, 0, tzinfo=UTC)
#: What the generic values do not meet: columns that a constraint of the table ties together.
SPECIAL: dict[str, Callable[[], dict[str, Any]]] = {
    "compliance.BreachCase": lambda: {"due_on": NOON.date() + timedelta(days=60)},
    "compliance.LegalHold": lambda: {"scope": "class", "data_class": "lead", "person_id": None, "lead_id": None},
    "compliance.RetentionRun": lambda: {"state": "proposed"},
    "compliance.RightsRequest": lambda: {"due_on": NOON.date() + timedelta(days=30)},
    "privacy.BrokenGlass": lambda: {"until": NOON + timedelta(minutes=30)},
    "catalog.SchedulingWorkflow": lambda: {"kind": "external_system", "system": "x"},
    "leads.Closure": lambda: {"missing_data": ""},
    "appointments.Appointment": lambda: {"ends_at": NOON + timedelta(minutes=30)},
    "outreach.CadenceRun": lambda: {"ended_because": ""},
    "ownership.LeadShare": lambda: {"team_id": row_of(Team).pk, "ends_at": NOON + timedelta(minutes=30)},
    "policies.Experiment": lambda: {"kind": "form", "subject_id": new_id()},
    "identity.DuplicatePair": lambda: dict(zip(("first_id", "second_id"), _two_people(), strict=True)),
    "identity.Merge": lambda: dict(zip(("survivor_id", "absorbed_id"), _two_people(), strict=True)),
}
_PLAIN: tuple[tuple[type[Any], Any], ...] = (
    (models.BooleanField, False),
    (models.DateTimeField, NOON),
    (models.DateField, NOON.date()),
    (models.TimeField, NOON.time()),
    (models.DurationField, None),
    (models.DecimalField, 1),
    (models.IntegerField, 1),
    (models.FloatField, 1.0),
    (models.JSONField, {}),
    (ArrayField, []),
    (models.BinaryField, b"x"),
)


def tables() -> list[type[TenantModel]]:
    """Return every tenant table that has a model of its own with an id, and that the product may add rows to."""
    models_of = [model for model in tenant_models() if issubclass(model, TenantModel)]
    return [model for model in models_of if "INSERT" in model.grants]


def fill(tenant: Tenant) -> dict[type[TenantModel], Any]:
    """Give the tenant a row in every table where it has none; return one id for each."""
    with tenant.scope():
        return {model: row_of(model).pk for model in tables()}


def row_of(model: type[TenantModel]) -> Any:
    """Return a row of the tenant in scope, made when there is none."""
    found = model.rows().order_by("pk").first()
    if found is not None:
        return found
    row = model(**{**_values(model), **SPECIAL.get(model._meta.label, dict)()})
    with transaction.atomic():
        model.objects.bulk_create([row])
    return row


def _two_people() -> list[Any]:
    first = row_of(Person)
    second = Person(**{**_values(Person), "id": new_id()})
    Person.objects.bulk_create([second])
    return sorted((first.pk, second.pk))


def _values(model: type[TenantModel]) -> dict[str, Any]:
    return {
        field.attname: _value(field)
        for field in model._meta.concrete_fields
        if field.name not in ("id", "organization") and not field.has_default() and not field.null
    }


def _value(field: Any) -> Any:
    if field.is_relation:
        return _related(field.related_model)
    if field.choices:
        return field.flatchoices[0][0]
    if isinstance(field, models.UUIDField):
        return new_id()
    for kind, value in _PLAIN:
        if isinstance(field, kind):
            return value
    return "foreignword"[: field.max_length]


def _related(model: Any) -> Any:
    if issubclass(model, TenantModel):
        return row_of(model).pk
    if model is Group:
        return Team.rows().values_list("group_id", flat=True)[0]
    if model is ModelPermission:
        return permission_id("view_lead")
    assert model is User, model
    seats = Seat.objects.filter(organization_id=Organization.objects.get().id)
    return seats.values_list("user_id", flat=True)[0]
