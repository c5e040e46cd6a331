"""The queue's page around its rows: tabs with counts, filters as a sentence, orders, the spark, what empty means."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from apps.tenancy.organizations import current_organization
from apps.workspace.figures import QueueFigures, label
from apps.workspace.models import SavedView
from apps.workspace.queries import FILTERS, Choices, LeadFilter, due_hour

#: The tabs, in order, and beside them the views that are asked for less often.
TABS = {
    "all": gettext_noop("All open"),
    "new": gettext_noop("New"),
    "mine": gettext_noop("Mine"),
    "unassigned": gettext_noop("Unassigned"),
    "late": gettext_noop("Breaching"),
    "callbacks": gettext_noop("Callbacks"),
    "waiting": gettext_noop("Waiting"),
    "scheduled": gettext_noop("Scheduled"),
}
MORE = {
    "team": gettext_noop("My teams"),
    "held": gettext_noop("Held"),
    "exceptions": gettext_noop("Exceptions"),
    "no_next": gettext_noop("No next action"),
    "never": gettext_noop("Never attempted"),
}
VIEWS = {"": TABS["all"], **TABS, **MORE}
SORTS = {"": gettext_noop("Due first"), "captured": gettext_noop("Newest first")}
FILTER_WORDS = {
    "queue": gettext_noop("in queue"),
    "stage": gettext_noop("at stage"),
    "status": gettext_noop("with status"),
    "service": gettext_noop("for"),
    "location": gettext_noop("at"),
    "source": gettext_noop("from"),
}


def understood(words: dict[str, str], choices: Choices) -> LeadFilter:
    """Read a view's words; a key that the tenant does not have, or no longer has, is no filter."""
    known = {name: dict(getattr(choices, name)) for name in FILTERS}
    view, sort = words.get("view", ""), words.get("sort", "")
    return LeadFilter(
        view=view if view in VIEWS else "",
        sort=sort if sort in SORTS else "",
        due=words.get("due", "") if due_hour(words.get("due", "")) else "",
        **{name: words[name] for name in FILTERS if words.get(name) in known[name]},
    )


def tabs_of(wanted: LeadFilter, figures: QueueFigures, saved: Sequence[SavedView]) -> list[dict[str, Any]]:
    """Return the tabs: the fixed ones with their counts, then the saved ones."""
    words, is_saved = wanted.words, False
    named = []
    for each in saved:
        is_current = not is_saved and bool(words) and LeadFilter(**each.words).words == words
        is_saved = is_saved or is_current
        team = each.team.name if each.team else ""
        named.append(
            {"label": each.name, "count": "", "to": LeadFilter(**each.words), "current": is_current, "team": team}
        )
    view = wanted.view or "all"
    fixed = [
        {
            "label": _(word),
            "count": label(figures.counts[key]) if key in figures.counts else "",
            "to": replace(wanted, view=key),
            "current": key == view and not is_saved,
            "team": "",
        }
        for key, word in TABS.items()
    ]
    return [*fixed, *named]


def more_of(wanted: LeadFilter) -> list[dict[str, Any]]:
    """Return the views behind the tabs."""
    return [
        {"label": _(word), "to": replace(wanted, view=key), "current": key == wanted.view} for key, word in MORE.items()
    ]


def sentence_of(wanted: LeadFilter, choices: Choices) -> list[dict[str, Any]]:
    """Return the filters as the words of a sentence, each with the list without it."""
    hour = due_hour(wanted.due)
    local = hour.astimezone(ZoneInfo(current_organization().zone)) if hour is not None else None
    due = {"name": "due", "word": _("due from"), "to": replace(wanted, due="")}
    return [
        *([due | {"label": f"{local:%H:%M}–{local + timedelta(hours=1):%H:%M}"}] if local is not None else []),
        *_keys_of(wanted, choices),
    ]


def _keys_of(wanted: LeadFilter, choices: Choices) -> list[dict[str, Any]]:
    return [
        {
            "name": name,
            "word": _(FILTER_WORDS[name]),
            "label": dict(getattr(choices, name))[key],
            "to": replace(wanted, **{name: ""}),
        }
        for name, key in wanted.chosen.items()
    ]


def sorts_of(wanted: LeadFilter) -> list[dict[str, Any]]:
    """Return the orders that the list may be asked for."""
    return [
        {"label": _(word), "to": replace(wanted, sort=key), "current": key == wanted.sort}
        for key, word in SORTS.items()
    ]


def empty_of(wanted: LeadFilter) -> dict[str, Any]:
    """Say why the list is empty, and the one thing to do about it."""
    chosen = len(wanted.chosen)
    if chosen:
        return {
            "title": _("No lead fits these filters"),
            "icon": "filter",
            "sentence": "",
            "to": LeadFilter(view=wanted.view, sort=wanted.sort),
            "button": _("Clear 1 filter") if chosen == 1 else _("Clear %(n)d filters") % {"n": chosen},
        }
    return {
        "title": _("No open leads here"),
        "icon": "tick",
        "to": None,
        "button": "",
        "sentence": _("New leads appear by themselves, the most urgent first."),
    }
