"""What a person permits on a channel, and whether we may contact them now.

Withdrawal beats every grant captured before it, whenever that grant reaches us. Only a grant captured
after it opens the channel again. Whatever a contact document leaves out falls back to the stricter answer.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.consent.in_stage import barred_by_stage, stage_problems
from apps.consent.mixing import mix_problems
from apps.consent.quiet_hours import (
    closing_state,
    is_quiet,
    is_shorter_than_law,
    next_allowed,
    quiet_channels,
    quiet_window,
    read_clock,
)
from apps.consent.reminders import check_reminders
from apps.consent.state_hours import check_states, hours_of
from apps.consent.terms import (
    COPIES,
    EVERY_PURPOSE,
    STOPS,
    Channel,
    ConsentState,
    ConsentTile,
    ConsentValue,
    ContactCode,
    ContactVerdict,
    EventFact,
    InStage,
    Purpose,
    RecordCode,
    RecordVerdict,
    Whereabouts,
)
from apps.policies.decisions.documents import as_document, as_text, as_texts, as_whole, unknown_keys
from apps.policies.terms import FieldSpec, Known, Problem, Severity

DEFAULT_ATTEMPTS_PER_DAY = 6
_UNKNOWN = ConsentState(ConsentValue.UNKNOWN)
_PARTS = frozenset(
    {"quiet_hours", "needs_consent", "max_attempts_per_day", "states", "channel_mix", "reminders", "stages"}
)
#: The source of a refusal that came from a number or an address itself ("STOP"), and of no line that a form told.
SAID_BY_VALUE = "message"


def current_state(
    events: Iterable[EventFact],
    channel: str,
    purpose: str = "care_inquiry",
    contact_value: str = "",
    *,
    at: datetime | None = None,
) -> ConsentState:
    """Return what holds for a channel: the line captured last, however late it was recorded.

    Lines of one instant: the narrower wins. Lines that say "unknown" say nothing. Opt-outs from every purpose
    count for this one; grants for another do not. Copied grants (merge, import) never reopen. With a contact
    value its own grants and those of the whole person count, and every refusal of the person, whichever number or
    address they gave with it: a new number opens nothing that was refused (row DU-06). Only what a number or an
    address said by itself, whoever had it then, stays with that one. Without a value all lines of the person count.
    With `at`, a permission that has expired by then is unknown. One that is limited to inquiries says nothing once
    they have all ended, or had by `at`.
    """
    state = _UNKNOWN
    told = (e for e in events if _concerns(e, channel, purpose, contact_value) and _is_open(e, at))
    for event in sorted(told, key=_order):
        value = ConsentValue(event.value)
        if value is ConsentValue.GRANTED and event.source in COPIES and state.value in STOPS:
            continue
        expiry = event.expires_at if value is ConsentValue.GRANTED else None
        state = ConsentState(value, event.captured_at, event.source, event.reason, event.wording_version, expiry)
    return _expired(state) if at is not None and _has_expired(state, at) else state


def held_for(
    events: Iterable[EventFact],
    channel: str,
    purpose: str = Purpose.CARE_INQUIRY,
    contact_value: str = "",
    *,
    at: datetime | None = None,
) -> ConsentState:
    """Return what permits a message or a call of a purpose, or forbids it.

    Who permits an answer to their inquiry permits reminders of what came of it, unless they said something of
    reminders themselves: then that counts, and a refused inquiry forbids both. Marketing stands alone: no other
    permission is one for it. Business stands last: whoever refused anything on the channel gets no such mail.
    """
    found = list(events)
    own = current_state(found, channel, purpose, contact_value, at=at)
    if purpose == Purpose.BUSINESS:
        others = [current_state(found, channel, each, contact_value, at=at) for each in Purpose]
        return next((each for each in others if each.value in STOPS), own)
    if purpose != Purpose.REMINDERS:
        return own
    inquiry = current_state(found, channel, Purpose.CARE_INQUIRY, contact_value, at=at)
    return inquiry if own.value is ConsentValue.UNKNOWN or inquiry.value in STOPS else own


def rules_for(purpose: str, document: Mapping[str, object]) -> Mapping[str, object]:
    """Return the contact document as it counts for a purpose: a business mail needs no permission (row CN-17).

    15 U.S.C. 7704 (CAN-SPAM) lets a commercial mail go until its receiver objects; calls and texts have no such rule.
    """
    if purpose != Purpose.BUSINESS:
        return document
    return {**document, "needs_consent": {**as_document(document.get("needs_consent")), str(Channel.EMAIL): False}}


def of_lead(events: Iterable[EventFact], lead_id: UUID | None) -> list[EventFact]:
    """Leave out the permissions that are limited to other leads (row CN-11); without a lead all of them stay."""
    if lead_id is None:
        return list(events)
    return [
        each
        if each.leads is None
        else replace(each, leads=tuple((named, ended_at) for named, ended_at in each.leads if named == lead_id))
        for each in events
    ]


def state_as_of(
    events: Iterable[EventFact],
    channel: str,
    purpose: str = "care_inquiry",
    contact_value: str = "",
    *,
    at: datetime,
    known_by: datetime | None = None,
) -> ConsentState:
    """Return what held for a channel at an instant: by what had been said until then.

    With `known_by` only what was on record by that instant counts. The two differ where something was said before the
    instant and recorded after it, such as an inquiry that a partner delivered late.
    """
    said = [each for each in events if each.captured_at <= at and (known_by is None or each.recorded_at <= known_by)]
    return held_for(said, channel, purpose, contact_value, at=at)


def may_contact(
    *,
    state: ConsentState,
    channel: str,
    is_listed_dnc: bool,
    point_validity: str,
    local: datetime | None,
    document: object,
    attempts_today: int = 0,
    best_time: str = "",
    place: Whereabouts | None = None,
    stage: InStage | None = None,
) -> ContactVerdict:
    """Say whether this person may be contacted on this channel now, and why not.

    Asked in this order: do-not-contact list, withdrawn or denied, unknown, no valid point, what the lead's stage allows
    (rows TK-09, TN-04), quiet hours, attempts of the day. Quiet hours are the person's own, not the clinic's, with
    those of their state; where they may be in several places (`place`) all of them count. Where no hour suits, or
    their zone is unknown, nobody calls or texts. `local` is now, in the zone in which their time is told.
    """
    if local is not None and _has_expired(state, local):
        state = _expired(state)
    refusal = _refusal(state, channel, is_listed_dnc, point_validity, local, as_document(document))
    if refusal is not None:
        return ContactVerdict(False, refusal[0], refusal[1], None, channel)
    if stage is not None and (barred := barred_by_stage(channel, stage, document)):
        return ContactVerdict(False, ContactCode.NOT_IN_STAGE, barred, None, channel)
    if channel in quiet_channels(document):
        if local is None:
            sentence = "Their time zone is unknown, so quiet hours cannot be ruled out. Find out where they are."
            return ContactVerdict(False, ContactCode.ZONE_UNKNOWN, sentence, None, channel)
        if is_quiet(local, document, place):
            return _quiet_verdict(channel, local, document, best_time, place)
    most = attempts_per_day(document, place, local)
    if attempts_today >= most:
        sentence = f"{attempts_today} attempts today; at most {most} a day are allowed."
        return ContactVerdict(
            False, ContactCode.TOO_MANY_ATTEMPTS, sentence, _tomorrow(local, document, best_time, place), channel
        )
    return ContactVerdict(True, ContactCode.OK, _permission_sentence(state, local), None, channel)


def tile(state: ConsentState, verdict: ContactVerdict) -> ConsentTile:
    """Return a channel as the lead page shows it: yes (tick), later (clock), no (barred circle)."""
    if verdict.allowed:
        return ConsentTile(verdict.channel, "Yes", "tick", verdict.sentence)
    if verdict.opens_at is not None:
        return ConsentTile(verdict.channel, "Later", "clock", verdict.sentence)
    version = f" Wording {state.wording_version}." if state.wording_version else ""
    return ConsentTile(verdict.channel, "No", "barred_circle", verdict.sentence + version)


def first_channel(preferred: str, verdicts: Mapping[str, ContactVerdict]) -> str:
    """Return the channel to try first: the preferred one if waiting is its only hurdle, else one open now.

    Then one that opens later; "" when nothing is permitted, which is an exception and never silence.
    """
    later = [channel for channel, verdict in verdicts.items() if verdict.opens_at is not None]
    now = [channel for channel, verdict in verdicts.items() if verdict.allowed]
    return preferred if preferred in (*now, *later) else next(iter((*now, *later)), "")


def may_record(*, value: str, is_maintainer: bool, is_capture: bool, has_evidence: bool) -> RecordVerdict:
    """Say whether whoever can see the lead may write this line: narrowing always, widening with proof."""
    if value in STOPS:
        return RecordVerdict(True, RecordCode.OK, "Anyone who can see the lead may record an opt-out.")
    if not (is_maintainer or is_capture):
        sentence = "Only the team that maintains consent records a grant. You may record an opt-out."
        return RecordVerdict(False, RecordCode.NOT_MAINTAINER, sentence)
    if not has_evidence:
        return RecordVerdict(False, RecordCode.EVIDENCE_MISSING, "A grant needs its evidence: say what proves it.")
    return RecordVerdict(True, RecordCode.OK, "Recorded with its evidence.")


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[Problem]:
    """Name everything wrong with a contact document: unreadable hours, unknown channels, no daily limit."""
    rules = as_document(document)
    problems = unknown_keys(rules, _PARTS, "")
    quiet = as_document(rules.get("quiet_hours"))
    problems += unknown_keys(quiet, frozenset({"from", "until", "channels"}), "/quiet_hours")
    for part in ("from", "until"):
        if read_clock(quiet.get(part)) is None:
            problems.append(Problem(f"/quiet_hours/{part}", "bad_time", "Give a time such as 21:00."))
    if as_text(quiet.get("from")) and quiet.get("from") == quiet.get("until"):
        problems.append(Problem("/quiet_hours", "empty_window", "Quiet hours must begin and end at different times."))
    if is_shorter_than_law(document):
        sentence = "Calls before 08:00 or after 21:00 of their day are unlawful where they count as solicitation."
        problems.append(Problem("/quiet_hours", "shorter_than_law", sentence, Severity.WARNING))
    needs = as_document(rules.get("needs_consent"))
    strange = [each for each in (*as_texts(quiet.get("channels")), *needs) if each not in frozenset(map(str, Channel))]
    problems += [Problem("", "unknown_channel", f"There is no channel “{each}”.") for each in strange]
    for name, needed in needs.items():
        if not isinstance(needed, bool):
            problems.append(Problem(f"/needs_consent/{name}", "bad_value", "Say true or false."))
    problems += mix_problems(as_document(rules.get("channel_mix")))
    problems += stage_problems(as_document(rules.get("stages")), known)
    most = as_whole(rules.get("max_attempts_per_day"))
    problems += [*check_states(rules), *check_reminders(rules)]
    if most is None or most < 1:
        problems.append(Problem("/max_attempts_per_day", "bad_value", "Give a whole number of at least 1."))
    return problems


def default_contact_rules() -> dict[str, object]:
    """Return the contact document that a new tenant gets."""
    return {
        "quiet_hours": {"from": "21:00", "until": "08:00"},
        "needs_consent": {str(channel): True for channel in Channel},
        "max_attempts_per_day": DEFAULT_ATTEMPTS_PER_DAY,
    }


def _concerns(event: EventFact, channel: str, purpose: str, contact_value: str) -> bool:
    if event.channel != channel or event.value not in frozenset(map(str, ConsentValue)):
        return False
    if event.value == ConsentValue.UNKNOWN:
        return False
    if event.purpose != purpose and (event.purpose != EVERY_PURPOSE or event.value not in STOPS):
        return False
    if not contact_value or event.contact_value in ("", contact_value):
        return True
    return event.value in STOPS and event.source != SAID_BY_VALUE


def _is_open(event: EventFact, at: datetime | None) -> bool:
    """Say whether one of the inquiries goes on to which a permission is limited; refusals know no such limit."""
    if event.leads is None or event.value != ConsentValue.GRANTED:
        return True
    return any(ended_at is None or (at is not None and at < ended_at) for _lead_id, ended_at in event.leads)


def _order(event: EventFact) -> tuple[datetime, bool, datetime]:
    return event.captured_at, event.value in STOPS, event.recorded_at


def _has_expired(state: ConsentState, at: datetime) -> bool:
    return state.expires_at is not None and state.expires_at <= at


def _expired(state: ConsentState) -> ConsentState:
    return ConsentState(ConsentValue.UNKNOWN, state.expires_at, state.source, "expired", state.wording_version)


def _refusal(
    state: ConsentState,
    channel: str,
    is_listed_dnc: bool,
    point_validity: str,
    local: datetime | None,
    rules: Mapping[str, object],
) -> tuple[ContactCode, str] | None:
    """The refusals that waiting does not cure."""
    if is_listed_dnc:
        return ContactCode.DO_NOT_CONTACT, "They are on the do-not-contact list."
    if state.value is ConsentValue.WITHDRAWN:
        return ContactCode.WITHDRAWN, f"Opted out{_since(state, local)}."
    if state.value is ConsentValue.DENIED:
        return ContactCode.DENIED, f"Did not agree{_since(state, local)}."
    needed = as_document(rules.get("needs_consent")).get(channel) is not False
    if state.value is ConsentValue.UNKNOWN and needed:
        found = f"Consent ended{_since(state, local)}" if state.since else "No consent on record"
        return ContactCode.CONSENT_UNKNOWN, f"{found}. Ask for it first."
    if point_validity not in ("valid", "unverified"):
        return ContactCode.NO_VALID_POINT, "There is no valid number or address for this channel."
    return None


def _since(state: ConsentState, local: datetime | None) -> str:
    why = f" ({state.reason or state.source})" if state.reason or state.source else ""
    if state.since is None:
        return why
    day = state.since.astimezone(local.tzinfo) if local is not None else state.since
    return f" on {day.day} {day:%b %Y}{why}"


def _permission_sentence(state: ConsentState, local: datetime | None) -> str:
    if state.value is not ConsentValue.GRANTED:
        return "This channel needs no consent."
    version = f", wording {state.wording_version}" if state.wording_version else ""
    return f"Agreed{_since(state, local)}{version}."


def attempts_per_day(document: object, place: Whereabouts | None = None, local: datetime | None = None) -> int:
    """Return how often a person may be called or texted within 24 hours: the tenant's limit, or their state's."""
    most = as_whole(as_document(document).get("max_attempts_per_day"))
    own = most if most is not None and most > 0 else DEFAULT_ATTEMPTS_PER_DAY
    if place is None or local is None:
        return own
    rows = [row for row in hours_of(place.states, document) if row.is_in_force(local.date())]
    return min([own, *(row.per_day for row in rows if row.per_day)])


def _quiet_verdict(
    channel: str, local: datetime, document: object, best_time: str, place: Whereabouts | None
) -> ContactVerdict:
    opens_at = next_allowed(local, document, best_time, place)
    if opens_at is None:
        sentence = "They may be in places that leave no hour in common. Find out where they are."
        return ContactVerdict(False, ContactCode.ZONE_UNKNOWN, sentence, None, channel)
    state, opens = closing_state(local, document, place), _spoken(opens_at, local)
    if state:
        sentence = f"It is {local:%a %H:%M} where they are, outside the hours of {state}; opens {opens}."
    elif place is not None and len(_walls(local, place)) > 1:
        walls = " or ".join(_walls(local, place))
        sentence = f"It may be {walls} where they are; opens {opens}."
    else:
        sentence = f"It is {local:%H:%M} where they are; opens {opens}."
    return ContactVerdict(False, ContactCode.QUIET_HOURS, sentence, opens_at, channel)


def _walls(local: datetime, place: Whereabouts) -> list[str]:
    """Return the earliest and the latest time that it may be where somebody is, or the one."""
    found = sorted({local.astimezone(ZoneInfo(zone)).replace(tzinfo=None) for zone in place.zones})
    return [f"{each:%H:%M}" for each in dict.fromkeys((found[0], found[-1]))]


def _tomorrow(local: datetime | None, document: object, best_time: str, place: Whereabouts | None) -> datetime | None:
    """When the next day's attempts may begin: after quiet hours, and in the best time if there is one."""
    if local is None:
        return None
    begins = quiet_window(document).end
    morning = datetime.combine(local.date() + timedelta(days=1), begins, local.tzinfo)
    return next_allowed(morning, document, best_time, place)


def _spoken(at: datetime, local: datetime) -> str:
    there = at.astimezone(local.tzinfo)
    day = "" if there.date() == local.date() else f"{there.day} {there:%b}, "
    return f"{day}{there:%H:%M}"
