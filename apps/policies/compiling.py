"""Documents compiled once per version in this process. A version's document never changes while its digest stays."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from uuid import UUID

from apps.policies.models import RuleSetVersion

Compiled = TypeVar("Compiled")

MOST_KEPT = 256
_kept: dict[tuple[Callable[..., Any], UUID, str], Any] = {}


def compiled(version: RuleSetVersion | None, compile_document: Callable[[Mapping[str, object]], Compiled]) -> Compiled:
    """Return a version's document in its compiled form; without a version that of an empty document."""
    if version is None:
        return compile_document({})
    key = (compile_document, version.id, version.digest)
    found: Compiled | None = _kept.get(key)
    if found is None:
        found = compile_document(version.document)
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        _kept[key] = found
    return found
