"""Whose submissions somebody may look at: those of a form or a calling list only its owner and whom it is shared with.

What a lead's own page shows of its inquiries is the lead's to say, not this module's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from apps.accounts.asset_models import CaptureAsset
from apps.accounts.assets import require_asset_view, sees_every_asset, visible_assets
from apps.capture.models import FormVersion, Submission
from apps.tenancy.actor import Actor


@dataclass(frozen=True, slots=True)
class Sight:
    """How an app above, whose assets bring submissions too, keeps those of its own.

    `condition` names the submissions that an actor may look at, `asset_of` the asset that one came through.
    """

    condition: Callable[[Actor], Q]
    asset_of: Callable[[UUID], CaptureAsset | None]


_ALSO: list[Sight] = []


def register_sight(sight: Sight) -> None:
    """Let an app above keep the submissions of its own assets."""
    _ALSO.append(sight)


def visible_submissions(actor: Actor) -> Q:
    """Return the condition for submissions that came through no asset which is kept from the actor."""
    if sees_every_asset(actor):
        return Q()
    seen = FormVersion.rows().filter(visible_assets(actor, "form__"))
    condition = Q(form_version__isnull=True) | Q(form_version__in=seen.values("id"))
    for also in _ALSO:
        condition &= also.condition(actor)
    return condition


def refuse_hidden(actor: Actor, submission_id: UUID | str) -> None:
    """Raise Refused with whose the form or list is, where a submission exists and is kept from the actor."""
    try:
        wanted = UUID(str(submission_id))
    except ValueError:
        return
    row = Submission.rows().select_related("form_version__form").filter(id=wanted).first()
    if row is not None:
        require_submission_view(actor, row)


def require_submission_view(actor: Actor, row: Submission) -> None:
    """Raise Refused with whose the form or list is, for a submission that is kept from the actor."""
    if row.form_version is not None:
        require_asset_view(actor, row.form_version.form)
        return
    for also in _ALSO:
        asset = also.asset_of(row.id)
        if asset is not None:
            require_asset_view(actor, asset)
