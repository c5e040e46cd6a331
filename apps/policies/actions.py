"""The life of a rule version: draft, approval by another person, effective date, rollback.

Every verb is audited with the version's id and number. What decided once is never changed: an
approved document is frozen by a trigger, and a rollback makes the older version rule again by a
new version with the same document.
"""

import hashlib
import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.policies import queries, registry, schedule, testing
from apps.policies.decisions.life_cycle import next_state
from apps.policies.decisions.schedule import has_ruled
from apps.policies.models import RuleSet, RuleSetVersion
from apps.policies.terms import LifeCycleCode, Problem, Severity, VersionEvent, VersionState
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Refused
from apps.tenancy.errors import Problem as InputProblem


def digest_of(document: dict[str, Any]) -> str:
    """Return the SHA-256 of a document in canonical form."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def find_problems(kind: str, document: object) -> list[Problem]:
    """Return what is wrong with a document, warnings included."""
    return list(registry.check_of(kind)(document, queries.field_specs(), registry.known()))


def save_draft(
    *,
    actor: Actor,
    kind: str,
    document: dict[str, Any],
    reason: str,
    now: datetime,
    key: str = "default",
    replaces: UUID | None = None,
) -> RuleSetVersion:
    """Store a new draft. Refuses actors without `rules:write`, documents with errors, and a change without a reason.

    `replaces` names the draft that the new one was made from: it no longer waits for approval, if it is
    the actor's own. A colleague's draft and a version that rules stay as they are. One that was approved
    and has not begun loses its approval: what would begin is no longer what its author wants.
    """
    _require(actor, Permission.RULES_WRITE, "change rules")
    _refuse(find_problems(kind, document), Severity.ERROR)
    if not reason.strip():
        raise Invalid("Say why this changes.", (InputProblem("/reason", "missing", "Say why this changes."),))
    version = _new_version(_rule_set(kind, key), actor, document, reason, now)
    version.save(force_insert=True)
    _note(actor, "rules.draft", version)
    if replaces is not None:
        _replace(actor, replaces, version, now)
    return version


def approve(*, actor: Actor, version_id: UUID, now: datetime, effective_from: datetime | None = None) -> RuleSetVersion:
    """Let a draft rule from a date on, which ends the reign of the version before it.

    Refuses actors without `rules:approve`, the author of the draft, a version that is neither draft nor
    suspended, documents that have become wrong since (a queue was closed, say), and what has not passed the
    tests that its kind asks for. Approved versions that would begin after this one are suspended.
    """
    _require(actor, Permission.RULES_APPROVE, "approve rules")
    version = _locked(version_id)
    _refuse(find_problems(version.rule_set.kind, version.document), Severity.ERROR, Severity.BLOCKS)
    state = version.state
    if state != VersionState.SUSPENDED:
        state = _step(state, VersionEvent.TEST_PASSED, version, actor, now)
    _step(state, VersionEvent.APPROVE, version, actor, now, effective_from)
    testing.require_passed(version)
    version.approver_id = actor.membership_id
    schedule.let_rule(actor=actor, version=version, now=now, effective_from=effective_from or now)
    _note(actor, "rules.approve", version)
    return version


def roll_back(
    *, actor: Actor, kind: str, to_number: int, reason: str, now: datetime, key: str = "default"
) -> RuleSetVersion:
    """Let an earlier document rule again at once, as a new version.

    Refuses actors without `rules:approve` and versions that never ruled. The document was approved
    by two people before, so no second approval is asked: going back is the safe direction.
    """
    _require(actor, Permission.RULES_APPROVE, "roll rules back")
    old = RuleSetVersion.rows().filter(rule_set__kind=kind, rule_set__key=key, number=to_number).first()
    if old is None or old.approved_at is None or not has_ruled(schedule.fact_of(old), now):
        raise Conflict(f"Version {to_number} never ruled, so there is nothing to go back to.")
    schedule.lock(old.rule_set_id)
    ruling = queries.version_in_force(kind, now, key)
    version = _new_version(old.rule_set, actor, dict(old.document), reason, now)
    version.approver_id, version.author_id = actor.membership_id, old.author_id
    if version.approver_id == version.author_id:
        version.author_id = None
    version.save(force_insert=True)
    schedule.let_rule(actor=actor, version=version, now=now, effective_from=now)
    if ruling is not None:
        RuleSetVersion.rows().filter(id=ruling.id).update(state="rolled_back")
    _note(actor, "rules.roll_back", version, of=old.number)
    return version


def install(
    *,
    kind: str,
    document: dict[str, Any],
    actor: Actor,
    now: datetime,
    key: str = "default",
    name: str = "",
    reason: str = "",
    effective_from: datetime | None = None,
) -> RuleSetVersion:
    """Let a reviewed document from a tenant file rule; nothing happens when the same one rules already.

    For platform operators at the command line, whose file was reviewed as a file. Raises Invalid
    naming each error by JSON pointer.
    """
    if not actor.is_system:
        raise Refused(
            "Only a tenant file is installed without approval. Save a draft instead.",
            action="rules.install",
            object_type="rule_set",
        )
    ruling = queries.version_in_force(kind, now, key)
    if ruling is not None and ruling.digest == digest_of(document):
        return ruling
    _refuse(find_problems(kind, document), Severity.ERROR, Severity.BLOCKS)
    version = _new_version(_rule_set(kind, key, name), actor, document, reason or "tenant file", now)
    version.save(force_insert=True)
    schedule.let_rule(actor=actor, version=version, now=now, effective_from=effective_from or now)
    _note(actor, "rules.install", version)
    return version


def _rule_set(kind: str, key: str, name: str = "") -> RuleSet:
    words = dict(RuleSet._meta.get_field("kind").choices or ())
    RuleSet.objects.bulk_create(
        [RuleSet(kind=kind, key=key, name=name or _titled(str(words[kind])))], ignore_conflicts=True
    )
    found: RuleSet = RuleSet.rows().select_for_update().get(kind=kind, key=key)
    return found


def _titled(words: str) -> str:
    return words[:1].upper() + words[1:]


def _step(
    state: str,
    event: VersionEvent,
    version: RuleSetVersion,
    actor: Actor,
    now: datetime,
    effective_from: datetime | None = None,
) -> str:
    verdict = next_state(
        VersionState(state),
        event,
        author=version.author_id,
        person=actor.membership_id,
        now=now,
        effective_from=effective_from,
    )
    if verdict.allowed:
        return verdict.state
    if verdict.code is LifeCycleCode.AUTHOR_CANNOT_APPROVE:
        raise Refused(
            verdict.sentence,
            code=verdict.code,
            action="rules.approve",
            object_type="rule_version",
            object_id=version.id,
        )
    raise Conflict(verdict.sentence, code=verdict.code)


def _new_version(
    rule_set: RuleSet, actor: Actor, document: dict[str, Any], reason: str, now: datetime
) -> RuleSetVersion:
    last = RuleSetVersion.rows().filter(rule_set=rule_set).order_by("-number").first()
    return RuleSetVersion(
        rule_set=rule_set,
        number=(last.number if last else 0) + 1,
        document=document,
        digest=digest_of(document),
        reason=reason,
        author_id=actor.membership_id,
        created_at=now,
    )


def _locked(version_id: UUID) -> RuleSetVersion:
    schedule.lock(RuleSetVersion.rows().values_list("rule_set_id", flat=True).get(id=version_id))
    found: RuleSetVersion = (
        RuleSetVersion.rows().select_for_update(of=("self",)).select_related("rule_set").get(id=version_id)
    )
    return found


def _replace(actor: Actor, replaced: UUID, draft: RuleSetVersion, now: datetime) -> None:
    old = RuleSetVersion.rows().select_related("rule_set").filter(id=replaced, rule_set=draft.rule_set).first()
    if old is None:
        return
    is_own = actor.membership_id is not None and old.author_id == actor.membership_id
    if is_own and old.state in (VersionState.DRAFT, VersionState.TESTED):
        old.state = VersionState.SUPERSEDED
        old.save(update_fields=["state"])
    schedule.withdraw_edited(actor=actor, version=old, draft=draft, now=now)


def _refuse(problems: Iterable[Problem], *severities: Severity) -> None:
    """Raise Invalid for problems of these severities; what only lacks something is told all that it lacks."""
    errors = [each for each in problems if each.severity in severities]
    if errors:
        lacking = [each.sentence for each in errors if each.severity is Severity.BLOCKS]
        raise Invalid(
            errors[0].sentence if len(lacking) < len(errors) else " ".join(dict.fromkeys(lacking)),
            tuple(InputProblem(each.path, each.code, each.sentence) for each in errors),
            code="rules_invalid",
        )


def _require(actor: Actor, permission: Permission, deed: str) -> None:
    if not actor.may(permission):
        raise Refused(
            f"Your role may not {deed}. Ask marketing operations.", action=str(permission), object_type="rule_set"
        )


def _note(actor: Actor, action: str, version: RuleSetVersion, **detail: Any) -> None:
    ledger.record(
        actor=actor,
        action=action,
        object_type="rule_version",
        object_id=version.id,
        detail={"kind": version.rule_set.kind, "number": version.number, **detail},
    )
