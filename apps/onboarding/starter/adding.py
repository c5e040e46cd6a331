"""Give a tenant the templates that ship with the product: proposals that wait for approval, or approved (TN-15)."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

from apps.accounts.saving import Change
from apps.onboarding.file.run import Run
from apps.onboarding.file.schema import TemplatePart
from apps.onboarding.file.sections.texts import template_key, words_of_part
from apps.outreach.models import Template
from apps.outreach.template_tags import known_tags
from apps.outreach.templating import install, propose
from apps.tenancy.actor import Door, system_actor

LIBRARY = Path(__file__).parent / "templates.yaml"


@cache
def starter_templates() -> tuple[TemplatePart, ...]:
    """Return the templates that ship."""
    rows = yaml.safe_load(LIBRARY.read_text(encoding="utf-8"))
    return tuple(TemplatePart.model_validate(row) for row in rows)


def add_starter(run: Run, asked: str | None) -> None:
    """Add those that the tenant does not have under the same name; proposals are made for a new library alone.

    Stages that the tenant does not have are left out of their tags.
    """
    known = set(Template.rows().values_list("key", "channel", "language"))
    if asked == "none" or (known and asked is None):
        return
    stages = known_tags().stages
    actor = system_actor(run.actor.organization_id, label="starter library", door=Door.COMMAND)
    for part in starter_templates():
        if (part.key, part.channel, part.language) in known:
            continue
        find = {"key": part.key, "channel": part.channel, "language": part.language}
        words: dict[str, Any] = words_of_part(part)
        words["stages"] = [each for each in part.stages if each in stages]
        if asked == "approved":
            saved = install(actor=actor, find=find, words=words, now=run.now)
        else:
            saved = propose(actor=actor, find=find, words=words, now=run.now)
        if saved.change is not Change.UNCHANGED:
            run.note("templates", "template", template_key(part), saved.row.template_id, saved.change)
