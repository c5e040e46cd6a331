"""Testing a version before it is approved: what is asked, what was passed, and keeping what came of a test.

A test counts for the document it was made with, word for word: a changed draft is another version and is tested
anew. Of several tests of one kind the latest counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.policies import registry
from apps.policies.models import RuleSetVersion, VersionTest
from apps.policies.registry import NeededTest
from apps.policies.terms import Outcome, VersionState
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Refused

OPEN = (VersionState.DRAFT, VersionState.TESTED, VersionState.SUSPENDED)


@dataclass(frozen=True, slots=True)
class Tested:
    """A test that is asked for, the latest that was made of this document, and why that one counts no more."""

    need: NeededTest
    latest: VersionTest | None
    outdated: str = ""

    @property
    def is_passed(self) -> bool:
        """Whether nothing more is asked."""
        return self.latest is not None and self.latest.passed and not self.outdated


def tests_of(version: RuleSetVersion) -> tuple[Tested, ...]:
    """Return every test that a version of its kind is asked for, with what came of it."""
    needs = registry.test_needs(version.rule_set.kind)
    latest: Mapping[str, VersionTest] = (
        {
            row.kind: row
            for row in VersionTest.rows()
            .filter(version=version, digest=version.digest)
            .select_related("made_by__user")
            .order_by("made_at", "id")
        }
        if needs
        else {}
    )
    return tuple(_tested(need, latest.get(need.kind)) for need in needs)


def _tested(need: NeededTest, latest: VersionTest | None) -> Tested:
    return Tested(need, latest, need.outdated(latest) if latest is not None and latest.passed else "")


def require_passed(version: RuleSetVersion) -> None:
    """Refuse a version that has not passed every test asked of its kind; the sentence says which is missing."""
    missing = [each for each in tests_of(version) if not each.is_passed]
    if missing:
        said = [
            each.need.sentence if each.latest is None else f"{each.need.label}: {each.outdated or each.latest.sentence}"
            for each in missing
        ]
        sentence = f"Version {version.number} cannot be approved yet. {' '.join(said)}"
        raise Conflict(sentence, code="not_tested")


def run_tests(*, actor: Actor, version_id: UUID, now: datetime) -> Sequence[Tested]:
    """Run every test asked of a version, and return how it stands now.

    Refuses whoever may neither write nor approve rules, and a version that no longer waits for an approval.
    """
    if not (actor.may(Permission.RULES_WRITE) or actor.may(Permission.RULES_APPROVE)):
        raise Refused("Your role may not test rules.", action="rules.test", object_type="rule_version")
    rows = RuleSetVersion.rows().select_related("rule_set").select_for_update(of=("self",))
    version: RuleSetVersion = rows.get(id=version_id)
    if version.state not in OPEN:
        raise Conflict("This version was approved: there is nothing to test any more.", code="wrong_state")
    for need in registry.test_needs(version.rule_set.kind):
        outcome = need.run(version, actor, now)
        if outcome is not None:
            keep_test(actor=actor, version=version, kind=need.kind, outcome=outcome, now=now)
    return tests_of(version)


def keep_test(
    *,
    actor: Actor,
    version: RuleSetVersion,
    kind: str,
    outcome: Outcome,
    now: datetime,
    made_by_id: UUID | None = None,
) -> VersionTest:
    """Note what came of a test of the document that the version has. A draft that has passed all is tested.

    `made_by_id` names who asked for a test that the background reports of.
    """
    row = VersionTest(
        version=version,
        digest=version.digest,
        kind=kind,
        passed=outcome.passed,
        sentence=outcome.sentence[:300],
        summary=dict(outcome.summary),
        made_at=now,
        made_by_id=made_by_id or actor.membership_id,
    )
    row.save(force_insert=True)
    ledger.record(
        actor=actor,
        action="rules.test",
        object_type="rule_version",
        object_id=version.id,
        detail={
            "kind": version.rule_set.kind,
            "number": version.number,
            "test": kind,
            "passed": outcome.passed,
        },
    )
    if version.state in (VersionState.DRAFT, VersionState.TESTED):
        passed = all(each.is_passed for each in tests_of(version))
        version.state = VersionState.TESTED if passed else VersionState.DRAFT
        version.save(update_fields=["state"])
    return row
