"""Comparing a stored verdict with its replay: the proof that a decision can be explained by its version."""

from collections.abc import Mapping

from apps.policies.terms import Difference, ReplayVerdict

_ABSENT = object()


def differences(stored: Mapping[str, object], replayed: Mapping[str, object]) -> ReplayVerdict:
    """Name each key whose values differ, inner objects by dotted keys. Lists and tuples count as the same."""
    found = tuple(_compare(stored, replayed, ""))
    return ReplayVerdict(same=not found, differences=found)


def _compare(stored: Mapping[str, object], replayed: Mapping[str, object], prefix: str) -> list[Difference]:
    found: list[Difference] = []
    for key in [*stored, *(key for key in replayed if key not in stored)]:
        old, new = stored.get(key, _ABSENT), replayed.get(key, _ABSENT)
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            found.extend(_compare(old, new, f"{prefix}{key}."))
        elif _plain(old) != _plain(new) or isinstance(old, bool) is not isinstance(new, bool):
            found.append(Difference(f"{prefix}{key}", _shown(old), _shown(new)))
    return found


def _plain(value: object) -> object:
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return value


def _shown(value: object) -> object:
    return None if value is _ABSENT else value
