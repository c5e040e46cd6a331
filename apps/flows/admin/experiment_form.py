"""The form of an experiment: what was posted as a proposal, and the choices that it offers."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from apps.accounts.assets import may_change_asset, visible_assets
from apps.capture.models import Form
from apps.capture.trials import KIND as FORM
from apps.capture.trials import SENT
from apps.catalog.queries import services_by_key
from apps.catalog.terms import CaptureMethod
from apps.flows.stage_trials import KIND as STAGE
from apps.flows.trial_results import GOALS
from apps.leads.models import Stage
from apps.leads.queries import pipelines_by_key, stages_by_key
from apps.policies.experiments import ROUTING, Proposal
from apps.policies.models import RuleSetVersion
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, NotFound, Problem

#: The numbers of a plan, each with what it is where nothing was posted.
NUMBERS = {
    "percent": "",
    "wanted_points": "",
    "most_fallback": "2",
    "most_mismatch": "2",
    "most_refused": "10",
    "least_per_arm": "100",
    "priority": "",
}
PRIORITIES = ((1, "1, first"), (2, "2"), (3, "3, when there is room"))


@dataclass(frozen=True, slots=True)
class Tried:
    """What an experiment is about: routing rules, a hosted form, or the steps of a stage; with what B starts from."""

    kind: str = ROUTING
    row_id: UUID | None = None
    name: str = "Routing rules"
    steps: str = ""

    @property
    def key(self) -> str:
        """What an address or a form says for it."""
        return f"{self.kind}:{self.row_id}" if self.row_id else self.kind


def tried(key: str) -> Tried:
    """Return what a key names. Raises NotFound for a form or a stage that is not there."""
    kind, _, text = key.partition(":")
    try:
        row_id = UUID(text) if text else None
    except ValueError as error:
        raise NotFound from error
    if row_id is None:
        return Tried()
    form = Form.rows().filter(id=row_id, is_published=True).first() if kind == FORM else None
    if form is not None:
        return Tried(FORM, form.pk, f"Form “{form.title}”")
    stage = Stage.rows().select_related("pipeline").filter(id=row_id).first() if kind == STAGE else None
    if stage is None:
        raise NotFound("There is nothing of that name to try.")
    steps = json.dumps(stage.next_actions, indent=2, ensure_ascii=False)
    return Tried(STAGE, stage.pk, f"Steps of the stage “{stage.label}” ({stage.pipeline.name})", steps)


def read_posted(post: QueryDict) -> Proposal:
    """Return what the form describes. Raises Invalid for a date that is missing or none, and for unreadable steps."""
    ends_at, about = _instant(post, "ends_at"), tried(post.get("about", ""))
    if ends_at is None:
        raise Invalid("Say when it ends.", (Problem("/ends_at", "missing", "Say when it ends."),))
    return Proposal(
        candidate=whole(post.get("candidate", "")),
        kind=about.kind,
        subject_id=about.row_id,
        change=_steps(post.get("steps", "")) if about.kind == STAGE else None,
        title=post.get("title", ""),
        hypothesis=post.get("hypothesis", ""),
        plan=post.get("plan", ""),
        ends_at=ends_at,
        starts_at=_instant(post, "starts_at"),
        goal=post.get("goal", "") if post.get("goal") in goals_of(about.kind) else "",
        is_pilot="is_pilot" in post,
        services=tuple(each for each in post.getlist("services") if each in services_by_key()),
        channels=tuple(each for each in post.getlist("channels") if each in set(CaptureMethod)),
        **{name: whole(post.get(name, usual)) for name, usual in NUMBERS.items()},
    )


def choices(about: Tried, actor: Actor) -> dict[str, Any]:
    """Return what can be chosen: what is tried; drafts, services, channels, goals, priorities."""
    drafts = RuleSetVersion.rows().filter(
        rule_set__kind="routing", rule_set__key="default", state__in=["draft", "tested"]
    )
    is_routing = about.kind == ROUTING
    return {
        "subjects": _subjects(actor),
        "candidates": list(drafts.defer("document").order_by("-number")) if is_routing else [],
        "services": [(key, row.name) for key, row in services_by_key().items() if row.is_active],
        "channels": [(str(each), channel_word(each)) for each in CaptureMethod],
        "goals": [(each, goal_word(each)) for each in goals_of(about.kind)],
        "usual_goal": SENT if about.kind == FORM else "scheduled",
        "priorities": PRIORITIES,
    }


def goals_of(kind: str) -> tuple[str, ...]:
    """Return what may count as success: a stage; of a form that it was sent besides."""
    return (*((SENT,) if kind == FORM else ()), *map(str, GOALS))


def _subjects(actor: Actor) -> list[tuple[str, str]]:
    """Return what may be tried: the rules, the forms that the actor may change, the stages."""
    published = Form.rows().filter(visible_assets(actor), is_published=True).order_by("title")
    forms = [row for row in published if may_change_asset(actor, row)]
    stages = Stage.rows().filter(is_open=True).select_related("pipeline").order_by("pipeline__name", "position")
    return [
        (Tried().key, Tried().name),
        *((f"{FORM}:{row.pk}", f"Form: {row.title}") for row in forms),
        *((f"{STAGE}:{row.pk}", f"Stage: {row.label} ({row.pipeline.name})") for row in stages),
    ]


def _steps(text: str) -> Any:
    try:
        return json.loads(text or "[]")
    except ValueError as error:
        sentence = f"The steps are no JSON: {error}."
        raise Invalid(sentence, (Problem("/steps", "bad_value", sentence),)) from error


def channel_word(key: str) -> str:
    """Return a channel as people say it."""
    return key.replace("_", " ")


def goal_word(key: str) -> str:
    """Return what counts as success in words: that a form was sent, or a stage of the patients' pipeline."""
    if key == SENT:
        return "Sent the form"
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
