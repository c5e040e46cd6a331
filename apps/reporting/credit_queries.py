"""Reads for the credits of a partnership: who delivered a lead, who answers for its outcome (rows OW-04, AT-05)."""

from collections import Counter

from django.db.models import Exists, OuterRef

from apps.appointments.models import Appointment
from apps.ownership.models import Spell
from apps.ownership.queries import visible_leads
from apps.ownership.terms import Role
from apps.reporting.queries import COLUMNS, Wanted
from apps.reporting.terms import Credit, Credits
from apps.tenancy.actor import Actor


def credits_of(actor: Actor, wanted: Wanted) -> Credits:
    """Return what each team is credited for of the leads of the period that the actor sees, by name of the team."""
    period = wanted.period
    leads = visible_leads(actor).filter(
        is_test=False, captured_at__gte=period.starts_at, captured_at__lt=period.ends_at
    )
    for segment, key in wanted.chosen.items():
        leads = leads.filter(**{f"{COLUMNS[segment]}__key": key})
    visits = Appointment.rows().filter(lead_id=OuterRef("lead_id"))
    rows = Spell.rows().filter(lead_id__in=leads.values("id"), kind__in=[Role.DELIVERY, Role.OUTCOME])
    found = rows.annotate(is_booked=Exists(visits)).order_by()
    counted: dict[str, Counter[str]] = {}
    seen: dict[object, bool] = {}
    told = set(found.values_list("kind", "team__name", "lead_id", "is_booked"))
    for kind, team, lead_id, is_booked in told:
        own = counted.setdefault(team, Counter())
        seen[lead_id] = is_booked
        if kind == Role.DELIVERY:
            own["delivered"] += 1
        else:
            own["answers"] += 1
            own["booked"] += is_booked
    teams = tuple(
        Credit(team, own["delivered"], own["answers"], own["booked"]) for team, own in sorted(counted.items())
    )
    return Credits(teams, len(seen), sum(seen.values()))
