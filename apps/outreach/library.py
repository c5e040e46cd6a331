"""The library of message templates: versions that are worked on or sent, by what they are for (row TN-01)."""

from dataclasses import dataclass

from apps.catalog.queries import services_by_key
from apps.outreach.models import TemplateVersion
from apps.outreach.template_agreement import Discord, Said, discords
from apps.outreach.template_tags import stage_names, team_names
from apps.outreach.template_terms import TemplateState
from apps.outreach.templates import tags_of


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for; an empty word is not asked for."""

    channel: str = ""
    stage: str = ""
    category: str = ""
    service: str = ""
    purpose: str = ""
    goal: str = ""
    state: str = ""


def library(sought: Sought) -> list[TemplateVersion]:
    """Return the versions that are worked on or sent; words for every stage or service are found by name alone."""
    rows = TemplateVersion.rows().exclude(state=TemplateState.RETIRED).select_related("template")
    if sought.channel:
        rows = rows.filter(template__channel=sought.channel)
    if sought.stage:
        rows = rows.filter(stages__contains=[sought.stage])
    for name in ("category", "service", "purpose", "goal", "state"):
        if value := getattr(sought, name):
            rows = rows.filter(**{name: value})
    return list(rows.order_by("template__key", "template__channel", "template__language", "number"))


def teams_that_differ(key: str = "") -> list[Discord]:
    """Return where teams say another category or goal at the same step, of all approved templates or about one key."""
    rows = library(Sought(state=TemplateState.APPROVED))
    found = discords([Said(row.template.key, tags_of(row)) for row in rows], stage_names())
    return [each for each in found if not key or key in each.templates]


def discord_sentence(found: Discord) -> str:
    """Say where two teams differ, with what each says."""
    names, labels = team_names(), stage_names()
    service = services_by_key().get(found.service)
    one, other = (names.get(each, each) for each in found.teams)
    return (
        f"{service.name if service else found.service}, {', '.join(labels.get(each, each) for each in found.stages)}: "
        f"{one} and {other} name another {found.differs} ({found.says[0]}; {found.says[1]})."
    )
