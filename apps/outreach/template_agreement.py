"""Whether teams that write at one step say the same service and goal (row TN-19). Pure.

Two teams write at one step where their templates are for one service line and a common stage. They agree where they
say the same category, and where at least one goal is both teams'.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from apps.outreach.template_terms import Tags


@dataclass(frozen=True, slots=True)
class Said:
    """An approved template: how it is called, and its tags."""

    called: str
    tags: Tags


@dataclass(frozen=True, slots=True)
class Discord:
    """Two teams that do not agree for a service at some stages: in what, and what each says in which templates."""

    service: str
    stages: tuple[str, ...]
    differs: str
    teams: tuple[str, str]
    says: tuple[str, str]
    templates: tuple[str, ...]


def discords(rows: Iterable[Said], stages: Iterable[str]) -> list[Discord]:
    """Return where teams do not agree; templates without a team or a service line say nothing for a team."""
    known, steps = list(stages), dict[tuple[str, str], dict[str, list[Said]]]()
    for row in rows:
        if row.tags.team and row.tags.service:
            for stage in row.tags.stages or known:
                steps.setdefault((row.tags.service, stage), {}).setdefault(row.tags.team, []).append(row)
    found: dict[tuple[str, str, str, str], Discord] = {}
    for (service, stage), teams in steps.items():
        for one, other in combinations(sorted(teams), 2):
            for differs, says in _differences(teams[one], teams[other]).items():
                key = (service, differs, one, other)
                before = found[key].stages if key in found else ()
                names = tuple(sorted({each.called for each in (*teams[one], *teams[other])}))
                found[key] = Discord(service, (*before, stage), differs, (one, other), says, names)
    return [found[key] for key in sorted(found)]


def _differences(one: list[Said], other: list[Said]) -> Mapping[str, tuple[str, str]]:
    """Return in what two teams differ at a step, with what each says."""
    found = {}
    categories = [{each.tags.category for each in rows} for rows in (one, other)]
    if categories[0] != categories[1]:
        found["category"] = (_said(categories[0]), _said(categories[1]))
    goals = [{each.tags.goal for each in rows} for rows in (one, other)]
    if not goals[0] & goals[1]:
        found["goal"] = (_said(goals[0]), _said(goals[1]))
    return found


def _said(words: set[str]) -> str:
    return ", ".join(sorted(each.replace("_", " ") or "none" for each in words))
