"""What higher apps tell policies: how to check and test a kind of document, and which words exist."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.policies.decisions.watch import Watch
from apps.policies.models import RuleSetVersion, VersionTest
from apps.policies.terms import FieldSpec, Known, Labels, Outcome, Problem
from apps.tenancy.actor import Actor

Hits = Callable[[datetime], Mapping[str, int]]
Check = Callable[[Any, Mapping[str, FieldSpec], Known], Sequence[Problem]]
WatchOf = Callable[[RuleSetVersion, datetime], Watch | None]
Reader = Callable[[Any, Mapping[str, FieldSpec], Labels], Sequence[str]]


@dataclass(frozen=True, slots=True)
class NeededTest:
    """A test that a version must have passed before it is approved.

    `run` plays it and returns what came of it, or None when it keeps that itself (`testing.keep_test`), at once or
    later from the background. `label` stands on the button, `sentence` says what is missing. `outdated` says why one
    that was passed counts no more; "" while it does.
    """

    kind: str
    label: str
    sentence: str
    run: Callable[[RuleSetVersion, Actor, datetime], Outcome | None]
    outdated: Callable[[VersionTest], str] = lambda test: ""


@dataclass(frozen=True, slots=True)
class Way:
    """A way to the form of a part of a version, in words."""

    words: str
    address: str


WaysOf = Callable[[RuleSetVersion], Sequence[tuple[str, Sequence[Way]]]]
_ways: dict[str, WaysOf] = {}
_tests: dict[str, tuple[NeededTest, ...]] = {}
_readers: dict[str, Reader] = {}
_wakeups: dict[str, str] = {}
_checks: dict[str, Check] = {}
_hits: dict[str, Hits] = {}
_watches: dict[str, WatchOf] = {}
_words: dict[str, Callable[[], frozenset[str]]] = {}


def register_check(kind: str, check: Check) -> None:
    """Name the check of a kind of document; called once by the app that owns the kind."""
    _checks[kind] = check


def register_hits(kind: str, hits: Hits) -> None:
    """Name what counts how often each rule of a kind held lately; called once by the app that keeps the decisions."""
    _hits[kind] = hits


def register_reader(kind: str, reader: Reader) -> None:
    """Name what reads a kind aloud in sentences of its own; the others are read part by part."""
    _readers[kind] = reader


def reader_of(kind: str) -> Reader | None:
    """Return what reads a kind aloud, if it has sentences of its own."""
    return _readers.get(kind)


def register_wakeup(kind: str, wakeup: str) -> None:
    """Name the wake-up that is due, with the version's id, when a version of a kind begins to rule."""
    _wakeups[kind] = wakeup


def wakeup_of(kind: str) -> str:
    """Return the wake-up of a kind; "" where nothing has to be done when a version begins."""
    return _wakeups.get(kind, "")


def hits_of(kind: str, now: datetime) -> Mapping[str, int] | None:
    """Return how often each rule of a kind held lately; None where nobody counts."""
    return _hits[kind](now) if kind in _hits else None


def register_watch(kind: str, watch: WatchOf) -> None:
    """Name what looks at the first days of a version of a kind; called once by the app that keeps the decisions."""
    _watches[kind] = watch


def watch_of(version: RuleSetVersion, now: datetime) -> Watch | None:
    """Return what came of a version in its first days; None where nobody looks."""
    watch = _watches.get(version.rule_set.kind)
    return watch(version, now) if watch else None


def register_ways(kind: str, ways: WaysOf) -> None:
    """Name what lists the ways to the forms of a kind, by what they are parts of."""
    _ways[kind] = ways


def ways_of(version: RuleSetVersion) -> Sequence[tuple[str, Sequence[Way]]]:
    """Return the ways to the forms of a version's parts; none where the kind is written as JSON only."""
    found = _ways.get(version.rule_set.kind)
    return found(version) if found else ()


def register_words(name: str, words: Callable[[], frozenset[str]]) -> None:
    """Name the source of one set of keys (`queues`, `teams`, `stages`, ...)."""
    _words[name] = words


def register_test(kind: str, need: NeededTest) -> None:
    """Let versions of a kind pass a test before they are approved; a second one of the same kind takes its place."""
    others = tuple(each for each in _tests.get(kind, ()) if each.kind != need.kind)
    _tests[kind] = (*others, need)


def test_needs(kind: str) -> tuple[NeededTest, ...]:
    """Return the tests that a version of a kind must have passed; none where nothing can be tried."""
    return _tests.get(kind, ())


def check_of(kind: str) -> Check:
    """Return the check of a kind; a kind without one is a programming error."""
    return _checks[kind]


def kinds() -> frozenset[str]:
    """Return the kinds that have a check."""
    return frozenset(_checks)


def known() -> Known:
    """Return the keys that exist in the tenant in scope."""
    return Known(**{name: words() for name, words in _words.items()})
