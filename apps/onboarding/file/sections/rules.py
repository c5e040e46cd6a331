"""The section of rules: each document becomes the version in force; an equal one is left alone."""

from collections.abc import Iterator
from typing import Any

from apps.onboarding.file.reading import path_of_pointer
from apps.onboarding.file.run import Run
from apps.onboarding.file.schema import RulesPart
from apps.onboarding.terms import Effect, Fault, FileRefused
from apps.policies import queries
from apps.policies.actions import install
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Invalid

#: The part of the file that holds a mapping for each source.
BY_SOURCE = "mappings"


def apply_rules(run: Run, part: RulesPart) -> None:
    """Install the documents of the file. All documents are looked at before the first fault is told."""
    faults: list[Fault] = []
    for kind, key, path, document in _documents(part):
        before = queries.version_in_force(kind, run.now, key)
        try:
            version = install(kind=kind, key=key, document=document, actor=run.actor, now=run.now, reason="tenant file")
        except Invalid as error:
            faults += _faults(path, error)
            continue
        effect = Effect.CREATED if before is None else Effect.UPDATED
        if before is not None and before.id == version.id:
            effect = Effect.UNCHANGED
        run.note("rules", "rules", ".".join(path), version.id, effect)
    if faults:
        raise FileRefused(tuple(faults))


def export_rules() -> RulesPart:
    """Return the documents in force."""
    now = database_now()
    kinds: dict[str, Any] = {
        kind: queries.live_document(kind, now) for kind in RulesPart.model_fields if kind != BY_SOURCE
    }
    ruling = queries.versions_by_key("mapping", now)
    kinds[BY_SOURCE] = {key: each.document for key, each in sorted(ruling.items()) if key != "default"}
    return RulesPart(**{kind: document for kind, document in kinds.items() if document})


def _documents(part: RulesPart) -> Iterator[tuple[str, str, tuple[str, ...], dict[str, Any]]]:
    """Yield kind, key, place in the file and document of everything that is said."""
    for kind in RulesPart.model_fields:
        said = getattr(part, kind)
        if kind == BY_SOURCE:
            for key, document in (said or {}).items():
                yield "mapping", key, (kind, key), document
        elif said is not None:
            yield kind, "default", (kind,), said


def _faults(path: tuple[str, ...], error: Invalid) -> list[Fault]:
    if not error.problems:
        return [Fault(("rules", *path), error.detail)]
    return [Fault(("rules", *path, *path_of_pointer(problem.pointer)), problem.detail) for problem in error.problems]
