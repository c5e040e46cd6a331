"""The form of an experiment: what was posted as a proposal, and the choices that it offers."""

from datetime import datetime
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.catalog.queries import services_by_key
from apps.catalog.terms import CaptureMethod
from apps.flows.trial_results import GOALS
from apps.leads.queries import pipelines_by_key, stages_by_key
from apps.policies.experiments import Proposal
from apps.policies.models import RuleSetVersion
from apps.tenancy.errors import Invalid, Problem

PRIORITIES = ((1, "1, first"), (2, "2"), (3, "3, when there is room"))


def read_posted(post: QueryDict) -> Proposal:
    """Return what the form describes. Raises Invalid for a date that is missing or none."""
    ends_at = _instant(post, "ends_at")
    if ends_at is None:
        raise Invalid("Say when it ends.", (Problem("/ends_at", "missing", "Say when it ends."),))
    return Proposal(
        candidate=whole(post.get("candidate", "")),
        title=post.get("title", ""),
        hypothesis=post.get("hypothesis", ""),
        plan=post.get("plan", ""),
        ends_at=ends_at,
        starts_at=_instant(post, "starts_at"),
        goal=post.get("goal", "") if post.get("goal") in GOALS else "",
        is_pilot="is_pilot" in post,
        services=tuple(each for each in post.getlist("services") if each in services_by_key()),
        channels=tuple(each for each in post.getlist("channels") if each in set(CaptureMethod)),
        percent=whole(post.get("percent", "")),
        wanted_points=whole(post.get("wanted_points", "")),
        most_fallback=whole(post.get("most_fallback", "")),
        most_mismatch=whole(post.get("most_mismatch", "")),
        priority=whole(post.get("priority", "")),
    )


def choices() -> dict[str, Any]:
    """Return what can be chosen: drafts, services, channels, stages, priorities."""
    drafts = RuleSetVersion.rows().filter(
        rule_set__kind="routing", rule_set__key="default", state__in=["draft", "tested"]
    )
    return {
        "candidates": list(drafts.defer("document").order_by("-number")),
        "services": [(key, row.name) for key, row in services_by_key().items() if row.is_active],
        "channels": [(str(each), channel_word(each)) for each in CaptureMethod],
        "goals": [(str(each), goal_word(each)) for each in GOALS],
        "priorities": PRIORITIES,
    }


def channel_word(key: str) -> str:
    """Return a channel as people say it."""
    return key.replace("_", " ")


def goal_word(key: str) -> str:
    """Return the name of a stage of the patients' pipeline."""
    pipeline = pipelines_by_key().get("patient")
    stage = stages_by_key(pipeline.id).get(key) if pipeline else None
    return stage.label if stage else key.replace("_", " ")


def whole(text: str) -> int:
    """Return a whole number; what is none is out of every bound."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


def _instant(post: QueryDict, name: str) -> datetime | None:
    """Return an instant typed in the tenant's zone; None for nothing. Raises Invalid for what is no date."""
    typed = post.get(name, "").strip()
    if not typed:
        return None
    try:
        found = parse_datetime(typed)
    except ValueError:
        found = None
    if found is None:
        raise Invalid("This is no date and time.", (Problem(f"/{name}", "bad_value", "This is no date and time."),))
    return found if timezone.is_aware(found) else timezone.make_aware(found)
