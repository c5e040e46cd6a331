"""The section of rules: each document becomes the version in force; an equal one is left alone."""

from apps.onboarding.file.reading import path_of_pointer
from apps.onboarding.file.run import Run
from apps.onboarding.file.schema import RulesPart
from apps.onboarding.terms import Effect, Fault, FileRefused
from apps.policies import queries
from apps.policies.actions import install
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Invalid


def apply_rules(run: Run, part: RulesPart) -> None:
    """Install the documents of the file. All documents are looked at before the first fault is told."""
    faults: list[Fault] = []
    for kind in RulesPart.model_fields:
        document = getattr(part, kind)
        if document is None:
            continue
        before = queries.version_in_force(kind, run.now)
        try:
            version = install(kind=kind, document=document, actor=run.actor, now=run.now, reason="tenant file")
        except Invalid as error:
            faults += _faults(kind, error)
            continue
        effect = Effect.CREATED if before is None else Effect.UPDATED
        if before is not None and before.id == version.id:
            effect = Effect.UNCHANGED
        run.note("rules", "rules", kind, version.id, effect)
    if faults:
        raise FileRefused(tuple(faults))


def export_rules() -> RulesPart:
    """Return the documents in force."""
    now = database_now()
    kinds = {kind: queries.live_document(kind, now) for kind in RulesPart.model_fields}
    return RulesPart(**{kind: document for kind, document in kinds.items() if document})


def _faults(kind: str, error: Invalid) -> list[Fault]:
    if not error.problems:
        return [Fault(("rules", kind), error.detail)]
    return [Fault(("rules", kind, *path_of_pointer(problem.pointer)), problem.detail) for problem in error.problems]
