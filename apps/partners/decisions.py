"""What a delivery's verdict means to its sender, how results add up, and what of a body is shown again."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta

from apps.outreach.terms import LoggedAs
from apps.partners.terms import LOGGED_BY, LogCode, PayloadLine, Result, Summary, Tally

#: Each verdict of the intake as the sender is told. `update` and `resubmit` repeat somebody who was there before.
RESULTS: Mapping[str, Result] = {
    "new": Result.ACCEPTED,
    "duplicate": Result.DUPLICATE,
    "update": Result.DUPLICATE,
    "resubmit": Result.DUPLICATE,
    "held": Result.HELD,
    "rejected": Result.REJECTED,
}
WOULD_BE = "would_be_"
DUPLICATE_REASON = "duplicate"
_OPEN = frozenset({"external_id", "source", "submitted_at", "capture_method", "lead_class", "is_test"})
_OPEN_OF_CONSENT = frozenset({"channel", "purpose", "state", "text", "text_version", "captured_at", "evidence_kind"})


def result_of(state: str, verdict: str, reason_codes: Iterable[str]) -> Result:
    """Say what became of a delivery. A test has the result that it would have had as a live one."""
    if state != "processed":
        return Result.RECEIVED
    if verdict == "test":
        would_be = (code.removeprefix(WOULD_BE) for code in reason_codes if code.startswith(WOULD_BE))
        verdict = next(would_be, "new")
    return RESULTS.get(verdict, Result.HELD)


def summary(tallies: Iterable[Tally]) -> Summary:
    """Add up a period; the reasons of what was not taken, the most frequent first."""
    sums = dict.fromkeys(Result, 0)
    reasons: dict[str, int] = {}
    for each in tallies:
        sums[each.result] += each.count
        if each.result in (Result.DUPLICATE, Result.REJECTED):
            reason = DUPLICATE_REASON if each.result is Result.DUPLICATE else each.reason
            reasons[reason] = reasons.get(reason, 0) + each.count
    ordered = sorted(reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    return Summary(sums[Result.ACCEPTED], tuple(ordered), sums[Result.HELD], sums[Result.RECEIVED])


def by_day(tallies: Iterable[Tally], first: date, last: date) -> list[tuple[date, dict[Result, int]]]:
    """Return each day of the period with its results; days without a delivery too."""
    days: dict[date, dict[Result, int]] = {}
    day = first
    while day <= last:
        days[day] = dict.fromkeys(Result, 0)
        day += timedelta(days=1)
    for each in tallies:
        if each.day in days:
            days[each.day][each.result] += each.count
    return list(days.items())


def failures(tallies: Iterable[Tally]) -> list[tuple[Result, str, int]]:
    """Return what the sender can mend: rejected and held by reason, the most frequent first."""
    sums: dict[tuple[Result, str], int] = {}
    for each in tallies:
        if each.result in (Result.REJECTED, Result.HELD):
            key = (each.result, each.reason)
            sums[key] = sums.get(key, 0) + each.count
    ordered = sorted(sums.items(), key=lambda pair: (-pair[1], pair[0]))
    return [(result, reason, count) for (result, reason), count in ordered]


def redacted(payload: Mapping[str, object]) -> list[PayloadLine]:
    """Return a body with what its sender may see again; of all else only that it was sent.

    Open are the sender's own ids, times, consent texts and attribution. Who the person is and what they
    wrote about their health is the clinic's from the moment it was delivered.
    """
    return list(_lines(payload, ()))


def _lines(value: object, path: Sequence[str]) -> Iterator[PayloadLine]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _lines(inner, (*path, str(key)))
    elif isinstance(value, list) and path and path[0] == "consent":
        for place, inner in enumerate(value):
            yield from _lines(inner, (*path, str(place)))
    elif value not in (None, "", []):
        is_open = _is_open(path) and isinstance(value, str | int | float)
        yield PayloadLine(".".join(path), str(value) if is_open else "", is_hidden=not is_open)


def _is_open(path: Sequence[str]) -> bool:
    if path[0] == "attribution":
        return True
    if path[0] == "consent":
        return path[-1] in _OPEN_OF_CONSENT
    return len(path) == 1 and path[0] in _OPEN


def may_log(agreement: Mapping[str, object], *, is_stop: bool) -> LogCode:
    """Say whether an agency logs contacts on what it delivered: only where its agreement says so (row TK-08).

    What somebody told it not to do any more it records all the same: whoever hears it does (row CN-14).
    """
    if is_stop or agreement.get(LOGGED_BY) == LoggedAs.AGENCY:
        return LogCode.OK
    return LogCode.CLIENT_LOGS_ONLY
