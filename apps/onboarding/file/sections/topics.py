"""The section about sensitive topics: what marks each, and who is trained for it."""

from collections.abc import Iterable

from apps.accounts.models import Team
from apps.accounts.saving import switch_off
from apps.onboarding.file.run import Run, at
from apps.onboarding.file.schema_catalog import SensitiveTopicPart
from apps.onboarding.terms import Effect
from apps.privacy.topic_models import SensitiveTopic
from apps.privacy.topics import save_topic


def apply_topics(run: Run, parts: Iterable[SensitiveTopicPart]) -> None:
    """Save the topics; one that is not named is switched off."""
    parts, teams = list(parts), dict(Team.rows().values_list("key", "id"))
    for place, part in enumerate(parts):
        values = {
            "name": part.name,
            "services": list(part.services),
            "words": list(part.words),
            "team_ids": [teams[each] for each in part.teams],
        }
        with at("sensitive_topics", place):
            saved = save_topic(actor=run.actor, key=part.key, values=values)
        run.note("sensitive_topics", "sensitive topic", part.key, saved.row.id, saved.change)
    for row in switch_off(SensitiveTopic, actor=run.actor, keep={part.key for part in parts}, key="key"):
        run.changes.note(Effect.DEACTIVATED, "sensitive topic", row.key)


def export_topics() -> list[SensitiveTopicPart]:
    """Return the topics in use."""
    keys = dict(Team.rows().values_list("id", "key"))
    return [
        SensitiveTopicPart(
            key=row.key,
            name=row.name,
            services=tuple(row.services),
            words=tuple(row.words),
            teams=tuple(keys[each] for each in row.team_ids if each in keys),
        )
        for row in SensitiveTopic.rows().filter(is_active=True).order_by("key")
    ]
