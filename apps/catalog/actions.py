"""Verbs of the catalog: calendars, services, places, queues, campaigns and sources are set up.

Each verb creates or updates one row by its key, with what hangs on it, refuses actors without
`settings:write` and is audited. Whoever edits in admin and whoever applies a tenant file call these.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, TypeVar

from apps.accounts.models import Team
from apps.accounts.saving import Change, Row, Saved, require_settings, save_row, switch_off
from apps.audit import ledger
from apps.catalog.business_hours import OpeningSpan as Span
from apps.catalog.field_names import STANDARD_FIELDS, near_duplicate
from apps.catalog.menu import check_service, name_of, waits_for_approval
from apps.catalog.models import (
    Calendar,
    Campaign,
    Channel,
    CustomField,
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
from apps.catalog.must_tell import consent_problems
from apps.catalog.private_words import seal_words
from apps.catalog.queries import channels_by_key, services_by_key
from apps.catalog.terms import STARTS, CaptureMethod, FieldKind, PrivacyClass, StartEvent
from apps.catalog.unmapped import look_again
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


def save_service(
    *,
    actor: Actor,
    key: str,
    values: Mapping[str, Any],
    locations: Sequence[Location],
    specialty_at: Collection[Location] = (),
    established_only_at: Collection[Location] = (),
    reviewed: bool = False,
) -> Saved[Service]:
    """Create or update a service; it is offered at exactly these locations, of which some are known for it.

    At some of them it may be there for established patients only.

    Refuses a new one without owner and effective date, and one that would count without a scheduling workflow. One
    more than advised is kept switched off until another person approves it, by whichever door it comes. `reviewed`
    is for a tenant file, which says how a service is scheduled after it said whose teams there are.
    """
    require_settings(actor, "service")
    there = Service.rows().select_related("workflow").filter(key=key).first()
    values = {"is_active": True, **values}
    if not reviewed:
        check_service(there, values)
    if waits_for_approval(there, values):
        proposer = (there.proposed_by if there else "") or name_of(actor)
        values |= {"is_active": False, "proposed_by": proposer}
    saved = save_row(Service, actor=actor, find={"key": key}, values=values)
    known_for, closed = {each.id for each in specialty_at}, {each.id for each in established_only_at}
    wanted = [
        Offering(
            service=saved.row,
            location=each,
            is_specialty=each.id in known_for,
            established_only=each.id in closed,
        )
        for each in locations
    ]
    same = ("location_id", "is_specialty", "established_only")
    changed = _keep(Offering, {"service": saved.row}, same, wanted)
    _look_again(saved)
    return _with_parts(actor, saved, changed, "offerings")


def save_location(*, actor: Actor, key: str, values: Mapping[str, Any]) -> Saved[Location]:
    """Create or update an office. Refuses one that would be its own fallback."""
    fallback = values.get("fallback")
    if fallback is not None and fallback.key == key:
        sentence = "An office cannot take its own leads over. Choose another one."
        raise Invalid(sentence, (Problem("/fallback", "own_fallback", sentence),))
    saved = save_row(Location, actor=actor, find={"key": key}, values=values)
    _look_again(saved)
    return saved


def save_coverage(*, actor: Actor, team: Team, locations: Sequence[Location], services: Sequence[Service]) -> bool:
    """Make the team look after exactly these locations and services; say whether anything changed."""
    wanted = [TeamCoverage(team=team, location=each) for each in locations]
    wanted += [TeamCoverage(team=team, service=each) for each in services]
    changed = _keep(TeamCoverage, {"team": team}, ("location_id", "service_id"), wanted)
    if changed:
        ledger.record(actor=actor, action="team.coverage", object_type="team", object_id=team.id, fields=["coverage"])
    return bool(changed)


def save_queue(*, actor: Actor, key: str, values: Mapping[str, Any]) -> Saved[Queue]:
    """Create or update a queue; one that was switched off is on again.

    Refuses an overflow into itself, a way of overflows that comes back, and one from a queue that is never full.
    """
    overflow, capacity = values.get("overflow_queue"), values.get("capacity")
    if overflow is not None and (problem := _overflow_problem(key, overflow, capacity)):
        raise Invalid(problem.detail, (problem,))
    return save_row(Queue, actor=actor, find={"key": key}, values={**values, "is_active": True})


def _overflow_problem(key: str, overflow: Queue, capacity: int | None) -> Problem | None:
    if capacity is None:
        sentence = "Say how many open leads fill the queue, or leave the overflow out."
        return Problem("/capacity", "capacity_missing", sentence)
    following = {row.id: row for row in Queue.rows()}
    passed, place = {key}, following.get(overflow.id, overflow)
    while place.key not in passed:
        passed.add(place.key)
        if place.overflow_queue_id is None:
            return None
        place = following[place.overflow_queue_id]
    sentence = f"The overflow comes back to {place.name}. Choose another queue."
    return Problem("/overflow_queue", "overflow_circle", sentence)


def save_campaign(*, actor: Actor, key: str, values: Mapping[str, Any]) -> Saved[Campaign]:
    """Create or update a campaign. Refuses services that are not the catalog's: leads and campaigns share labels."""
    known = services_by_key()
    for each in values.get("services", ()):
        if each not in known:
            sentence = f"“{each}” is no service. Choose from: {', '.join(sorted(known))}."
            raise Invalid(sentence, (Problem("/services", "unknown_service", sentence),))
    return save_row(Campaign, actor=actor, find={"key": key}, values=values)


def save_source(*, actor: Actor, key: str, values: Mapping[str, Any]) -> Saved[Source]:
    """Create or update a lead source; one that was switched off is on again.

    Refuses a channel that nobody set up, a source that neither itself nor by its channel says what starts a lead, and
    one whose inquiries are asked for no consent or preferred method (row CN-02).
    """
    there = {key for key, row in channels_by_key().items() if row.is_active}
    channel = str(values.get("channel", ""))
    if channel and channel not in there and channel not in set(CaptureMethod):
        sentence = f"There is no channel “{channel}”."
        raise Invalid(sentence, (Problem("/channel", "unknown_channel", sentence),))
    if channel and channel not in there and not values.get("start_event"):
        sentence = "Name the event at which the lead exists: its channel names none."
        raise Invalid(sentence, (Problem("/start_event", "missing", sentence),))
    asked = channels_by_key()[channel] if channel in there else None
    own = values.get("required_fields", ())
    found = consent_problems(*own, *([*asked.initial_fields, *asked.required_fields] if asked else ()))
    if channel and found:
        sentence = f"The channel “{asked.name if asked else channel}” cannot take inquiries in. {found[0].detail}"
        raise Invalid(sentence, tuple(Problem("/channel", each.code, each.detail) for each in found))
    return save_row(Source, actor=actor, find={"key": key}, values={**values, "is_active": True})


def save_channel(*, actor: Actor, key: str, values: Mapping[str, Any]) -> Saved[Channel]:
    """Create or update a channel; one that was switched off is on again.

    Refuses one that does not say which event starts a lead, an event that cannot happen by its capture method, fields
    that nobody knows, and one that takes inquiries in without asking for consent and the preferred method (row CN-02).
    """
    require_settings(actor, "channel")
    problems = [*_start_problems(values), *_field_problems(values)]
    if values.get("is_active", True):
        problems += consent_problems(*values.get("initial_fields", ()), *values.get("required_fields", ()))
    if problems:
        raise Invalid("The channel.", tuple(problems))
    return save_row(Channel, actor=actor, find={"key": key}, values={"is_active": True, **values})


def _start_problems(values: Mapping[str, Any]) -> Iterator[Problem]:
    event, method = str(values.get("start_event", "")), str(values.get("capture_method", ""))
    if not event:
        yield Problem("/start_event", "missing", "Name the event at which the lead exists and ownership starts.")
    elif method in set(CaptureMethod) and event not in STARTS.get(CaptureMethod(method), frozenset(StartEvent)):
        possible = ", ".join(sorted(each.replace("_", " ") for each in STARTS[CaptureMethod(method)]))
        sentence = (
            f"“{event.replace('_', ' ')}” does not happen by {method.replace('_', ' ')}. Choose from: {possible}."
        )
        yield Problem("/start_event", "impossible", sentence)


def _field_problems(values: Mapping[str, Any]) -> Iterator[Problem]:
    known = {*STANDARD_FIELDS, *CustomField.rows().values_list("key", flat=True)}
    for name in ("initial_fields", "required_fields"):
        for each in values.get(name, ()):
            if each not in known:
                yield Problem(f"/{name}", "unknown_field", f"“{each}” is no field of the data dictionary.")


def save_tracking_number(*, actor: Actor, number: str, values: Mapping[str, Any]) -> Saved[TrackingNumber]:
    """Create or update a number that stands for an advertisement. Refuses a number that is not E.164."""
    if not _E164.fullmatch(number):
        sentence = "Write the number with its country, such as +13125550900."
        raise Invalid("The number.", (Problem("/number", "not_e164", sentence),))
    return save_row(TrackingNumber, actor=actor, find={"number": number}, values={"is_active": True, **values})


def save_custom_field(*, actor: Actor, key: str, values: Mapping[str, Any]) -> Saved[CustomField]:
    """Create or update a field of the tenant's own. Refuses one that is nearly an existing one (row DD-12).

    Refuses synonyms of what is no value of the choice, and a word for two values (row DD-05). After commit leads that
    wait for a word of the field are looked at again. Unmapped words of a field that is no longer plain are sealed.
    """
    require_settings(actor, "customfield")
    known = {**{name: each.label for name, each in STANDARD_FIELDS.items()}}
    known |= dict(CustomField.rows().exclude(key=key).values_list("key", "label"))
    for pointer, said in (("/key", key), ("/label", str(values.get("label", "")))):
        if twin := near_duplicate(said, known):
            sentence = f"“{said}” is nearly the field “{known[twin]}” ({twin}). Use that one, or name this one apart."
            raise Invalid(sentence, (Problem(pointer, "near_duplicate", sentence),))
    if values.get("kind") == FieldKind.CHOICE and not values.get("picklist"):
        sentence = "A choice needs its values."
        raise Invalid(sentence, (Problem("/picklist", "missing", sentence),))
    if found := tuple(_choice_problems(values)):
        raise Invalid(found[0].detail, found)
    saved = save_row(CustomField, actor=actor, find={"key": key}, values={"is_active": True, **values})
    if saved.change is Change.CREATED or {"kind", "picklist", "synonyms", "is_active"} & set(saved.fields):
        look_again([saved.row.id])
    if "privacy" in saved.fields and saved.row.privacy != PrivacyClass.PLAIN:
        seal_words(key)
    return saved


def _choice_problems(values: Mapping[str, Any]) -> Iterator[Problem]:
    picklist, synonyms = list(values.get("picklist", ())), dict(values.get("synonyms") or {})
    meant = {_plain(value): value for value in reversed(picklist)}
    for value, words in synonyms.items():
        if value not in picklist:
            yield Problem("/synonyms", "unknown_value", f"“{value}” is none of the field's values.")
            continue
        for word in words:
            if (other := meant.setdefault(_plain(word), value)) != value:
                yield Problem("/synonyms", "means_two", f"“{word}” means {other} and {value}: say one of them.")


def _plain(word: str) -> str:
    return " ".join(word.casefold().split())


def switch_off_except(model: type[Row], *, actor: Actor, keys: set[str], flag: str = "is_active") -> list[Row]:
    """Deactivate the services, queues, sources or offices that are not among these; return them."""
    return switch_off(model, actor=actor, keep=keys, flag=flag)


def _look_again(saved: Saved[Row]) -> None:
    """A new word of the catalog may be one that leads wait for."""
    if saved.change is Change.CREATED or {"name", "synonyms", "is_active"} & set(saved.fields):
        look_again([saved.row.id])


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
