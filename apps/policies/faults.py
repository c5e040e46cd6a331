"""Rules that break after their approval: looked for, kept with their time, told, and mended when they work again.

A queue is closed, an office, a field is taken away: what an approval would refuse today is a fault of the version
that rules. The lead takes the fallback meanwhile; that is the kind's own way of reading a broken rule.
"""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.urls import reverse

from apps.accounts.notices import tell_people
from apps.accounts.terms import Permission
from apps.policies.actions import find_problems
from apps.policies.decisions.documents import as_text
from apps.policies.models import RuleFault, RuleSetVersion
from apps.policies.queries import ruling_versions
from apps.policies.terms import Problem, Severity
from apps.tenancy.stamps import settings_read

LONGEST_PATH = 200


def recheck(now: datetime) -> int:
    """Compare what rules with what exists; return how many faults came or went.

    What a check finds is kept until a setting changes, so that asking every minute costs one query. A version that
    no longer rules has no faults any more.
    """
    known: dict[tuple[UUID, str, str], RuleFault] = {
        (row.version_id, row.path, row.code): row
        for row in RuleFault.rows().filter(mended_at=None).select_related("version__rule_set")
    }
    touched = 0
    for version in ruling_versions(now):
        for problem in _breaking(version.id):
            key = version.id, problem.path[:LONGEST_PATH], problem.code
            if known.pop(key, None) is None:
                _keep(version, problem, now)
                touched += 1
    if known:
        RuleFault.rows().filter(id__in=[row.id for row in known.values()]).update(mended_at=now)
    return touched + len(known)


def open_faults(version: RuleSetVersion) -> list[RuleFault]:
    """Return what is broken in a version now, oldest first."""
    return list(RuleFault.rows().filter(version=version, mended_at=None).order_by("found_at", "id"))


@settings_read
def _breaking(version_id: UUID) -> tuple[Problem, ...]:
    """Return what would keep a version from being approved today."""
    version = RuleSetVersion.rows().select_related("rule_set").get(id=version_id)
    found = find_problems(version.rule_set.kind, version.document)
    return tuple(each for each in found if each.severity is not Severity.WARNING)


def _keep(version: RuleSetVersion, problem: Problem, now: datetime) -> None:
    rule_id = rule_at(version.document, problem.path)
    fault = RuleFault(
        version=version,
        path=problem.path[:LONGEST_PATH],
        rule_id=rule_id[:60],
        code=problem.code,
        sentence=problem.sentence[:300],
        found_at=now,
    )
    fault.save(force_insert=True)
    what = f"{version.rule_set.name} v{version.number}{f', {rule_id}' if rule_id else ''}"
    tell_people(
        kind="rule_fault",
        sentence=f"A rule broke. {what}: {problem.sentence}",
        dedup_key=f"rule_fault:{fault.id}",
        now=now,
        permission=Permission.RULES_WRITE,
        members=[each for each in (version.author_id, version.approver_id) if each is not None],
        url=reverse("admin:policies_rulesetversion_change", args=[version.id]),
    )


def rule_at(document: object, path: str) -> str:
    """Return the id of the innermost rule that a JSON pointer leads into; "" where it leads into none."""
    found, here = "", document
    for part in path.split("/")[1:]:
        if isinstance(here, Mapping):
            here = here.get(part)
        elif isinstance(here, list | tuple) and part.isdecimal() and int(part) < len(here):
            here = here[int(part)]
        else:
            break
        if isinstance(here, Mapping):
            found = as_text(here.get("id")) or found
    return found
