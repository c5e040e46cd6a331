"""The calendar of a rule set: letting a version rule from a date, and suspending schedules that no longer hold.

Called by the verbs of `actions` within their transaction, with the rule set locked; they have decided
who may do it.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from apps.audit import ledger
from apps.policies import registry
from apps.policies.decisions.life_cycle import next_state
from apps.policies.decisions.schedule import edited_sentence, effect_on, overtaken_sentence
from apps.policies.models import RuleSet, RuleSetVersion
from apps.policies.terms import Effect, VersionEvent, VersionFact, VersionState
from apps.tenancy import outbox
from apps.tenancy.actor import Actor
from apps.tenancy.organizations import current_organization
from apps.tenancy.stamps import forget_reads


def lock(rule_set_id: UUID) -> None:
    """Let one approval, rollback or edit of a rule set happen at a time."""
    RuleSet.rows().select_for_update().get(id=rule_set_id)


def let_rule(*, actor: Actor, version: RuleSetVersion, now: datetime, effective_from: datetime) -> None:
    """Let a version rule from an instant, at the earliest now.

    What rules until then ends then. An approved version that would begin later is suspended, because it
    was written without this one's changes; its page says so, and an approval anew lets it go on.
    """
    starts_at = max(effective_from, now)
    overtaken = []
    for other in _approved(version.rule_set_id, but=version.id):
        effect = effect_on(fact_of(other), starts_at=starts_at, now=now)
        if effect is Effect.ENDS:
            other.effective_until = starts_at
            other.save(update_fields=["effective_until"])
        elif effect is Effect.REPLACED:
            other.state, other.effective_until = VersionState.SUPERSEDED, now
            other.save(update_fields=["state", "effective_until"])
        elif effect is Effect.SUSPENDED:
            overtaken.append(other)
    version.state, version.approved_at, version.effective_from = VersionState.APPROVED, now, starts_at
    version.effective_until, version.suspended_because = None, ""
    version.save(
        update_fields=["state", "approved_at", "effective_from", "effective_until", "suspended_because", "approver"]
    )
    if wakeup := registry.wakeup_of(version.rule_set.kind):
        outbox.enqueue(wakeup, version.id, due_at=starts_at if starts_at > now else None)
    if overtaken:
        sentence = overtaken_sentence(version.number, _spoken(starts_at))
        _suspend(actor, overtaken, sentence, now)
    forget_reads()


def withdraw_edited(*, actor: Actor, version: RuleSetVersion, draft: RuleSetVersion, now: datetime) -> None:
    """Take the approval back of a version that was changed before its start; nothing happens to one that ruled.

    What it would have ended rules on.
    """
    if version.state != VersionState.APPROVED or version.effective_from is None or version.effective_from <= now:
        return
    for other in _approved(version.rule_set_id, but=version.id):
        if other.effective_until == version.effective_from:
            other.effective_until = version.effective_until
            other.save(update_fields=["effective_until"])
    _suspend(actor, [version], edited_sentence(draft.number), now)
    forget_reads()


def fact_of(version: RuleSetVersion) -> VersionFact:
    """Return what the pure rules ask of a version."""
    return VersionFact(version.number, VersionState(version.state), version.effective_from, version.effective_until)


def _suspend(actor: Actor, versions: Iterable[RuleSetVersion], sentence: str, now: datetime) -> None:
    for version in versions:
        verdict = next_state(
            VersionState(version.state),
            VersionEvent.SUSPEND,
            author=version.author_id,
            person=actor.membership_id,
            now=now,
        )
        version.state, version.effective_until, version.suspended_because = verdict.state, None, sentence
        version.save(update_fields=["state", "effective_until", "suspended_because"])
        ledger.record(
            actor=actor,
            action="rules.suspend",
            object_type="rule_version",
            object_id=version.id,
            detail={"kind": version.rule_set.kind, "number": version.number},
        )


def _spoken(at: datetime) -> str:
    local = at.astimezone(ZoneInfo(current_organization().zone))
    return f"{local.day} {local:%b %Y, %H:%M}"


def _approved(rule_set_id: UUID, *, but: UUID) -> list[RuleSetVersion]:
    rows = RuleSetVersion.rows().filter(rule_set_id=rule_set_id, state=VersionState.APPROVED).exclude(id=but)
    return list(rows.select_related("rule_set"))
