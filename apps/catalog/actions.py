"""Verbs of the catalog: calendars, services, places, queues, campaigns and sources are set up.

Each verb creates or updates one row by its key, with what hangs on it, refuses actors without
`settings:write` and is audited. Whoever edits in admin and whoever applies a tenant file call these.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from apps.accounts.models import Team
from apps.accounts.saving import Change, Row, Saved, save_row, switch_off
from apps.audit import ledger
from apps.catalog.business_hours import OpeningSpan as Span
from apps.catalog.models import (
    Calendar,
    Campaign,
    Holiday,
    Location,
    Offering,
    OpeningSpan,
    Queue,
    Service,
    Source,
    TeamCoverage,
    TrackingNumber,
)
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, Problem
from apps.tenancy.models import TenantModel

Part = TypeVar("Part", bound=TenantModel)
_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)


def save_calendar(
    *,
    actor: Actor,
    key: str,
    name: str,
    zone: str,
    always_open: bool,
    spans: Iterable[Span],
    holidays: Mapping[date, str],
) -> Saved[Calendar]:
    """Create or update a calendar with exactly these opening spans and holidays."""
    values = {"name": name, "zone": zone, "always_open": always_open}
    saved = save_row(Calendar, actor=actor, find={"key": key}, values=values)
    wanted_spans = [
        OpeningSpan(calendar=saved.row, weekday=span.weekday, opens=span.opens, closes=span.closes) for span in spans
    ]
    wanted_days = [Holiday(calendar=saved.row, day=day, name=name) for day, name in holidays.items()]
    of_this = {"calendar": saved.row}
    changed = _keep(OpeningSpan, of_this, ("weekday", "opens", "closes"), wanted_spans)
    changed += _keep(Holiday, of_this, ("day", "name"), wanted_days)
    return _with_parts(actor, saved, changed, "hours")


def save_service(*, actor: Actor, key: str, values: Mapping[str, Any], locations: Sequence[Location]) -> Saved[Service]:
    """Create or update a service; it is offered at exactly these locations."""
    saved = save_row(Service, actor=actor, find={"key": key}, values={**values, "is_active": True})
    wanted = [Offering(service=saved.row, location=location) for location in locations]
    changed = _keep(Offering, {"service": saved.row}, ("location_id",), wanted)
    return _with_parts(actor, saved, changed, "offerings")


def save_location(*, actor: Actor, key: str, values: Mapping[str, Any]) -> Saved[Location]:
    """Create or update an office."""
    return save_row(Location, actor=actor, find={"key": key}, values=values)


def save_coverage(*, actor: Actor, team: Team, locations: Sequence[Location], services: Sequence[Service]) -> bool:
    """Make the team look after exactly these locations and services; say whether anything changed."""
    wanted = [TeamCoverage(team=team, location=each) for each in locations]
    wanted += [TeamCoverage(team=team, service=each) for each in services]
    changed = _keep(TeamCoverage, {"team": team}, ("location_id", "service_id"), wanted)
    if changed:
        ledger.record(actor=actor, action="team.coverage", object_type="team", object_id=team.id, fields=["coverage"])
    return bool(changed)


def save_queue(*, actor: Actor, key: str, values: Mapping[str, Any]) -> Saved[Queue]:
    """Create or update a queue; one that was switched off is on again."""
    return save_row(Queue, actor=actor, find={"key": key}, values={**values, "is_active": True})


def save_campaign(*, actor: Actor, key: str, values: Mapping[str, Any]) -> Saved[Campaign]:
    """Create or update a campaign."""
    return save_row(Campaign, actor=actor, find={"key": key}, values=values)


def save_source(*, actor: Actor, key: str, values: Mapping[str, Any]) -> Saved[Source]:
    """Create or update a lead source; one that was switched off is on again."""
    return save_row(Source, actor=actor, find={"key": key}, values={**values, "is_active": True})


def save_tracking_number(*, actor: Actor, number: str, values: Mapping[str, Any]) -> Saved[TrackingNumber]:
    """Create or update a number that stands for an advertisement. Refuses a number that is not E.164."""
    if not _E164.fullmatch(number):
        sentence = "Write the number with its country, such as +13125550900."
        raise Invalid("The number.", (Problem("/number", "not_e164", sentence),))
    return save_row(TrackingNumber, actor=actor, find={"number": number}, values={"is_active": True, **values})


def switch_off_except(model: type[Row], *, actor: Actor, keys: set[str], flag: str = "is_active") -> list[Row]:
    """Deactivate the services, queues, sources or offices that are not among these; return them."""
    return switch_off(model, actor=actor, keep=keys, flag=flag)


def _keep(model: type[Part], of: Mapping[str, Any], same: tuple[str, ...], wanted: Sequence[Part]) -> int:
    """Make the rows of a whole exactly the wanted ones; return how many came or went."""
    missing = {tuple(getattr(row, name) for name in same): row for row in wanted}
    changed = 0
    for row in model.rows().filter(**of):
        if missing.pop(tuple(getattr(row, name) for name in same), None) is None:
            row.delete()
            changed += 1
    for row in missing.values():
        row.save(force_insert=True)
    return changed + len(missing)


def _with_parts(actor: Actor, saved: Saved[Row], changed: int, part: str) -> Saved[Row]:
    if not changed or saved.change is Change.CREATED:
        return saved
    word = saved.row._meta.model_name or ""
    ledger.record(actor=actor, action=f"{word}.update", object_type=word, object_id=saved.row.id, fields=[part])
    return Saved(saved.row, Change.UPDATED, (*saved.fields, part))
