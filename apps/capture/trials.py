"""Hosted forms in experiments (row RV-06): what both arms are, who sees which, and how many came and sent.

Arm A is what is on the net, B what was worked on when the experiment was planned. Nothing is kept of who came: a row
says that a form was shown to somebody new, another that it was sent.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from apps.capture.form_checks import find_problems
from apps.capture.form_documents import content_of
from apps.capture.form_queries import facts_of_form, form_by_id, latest_version
from apps.capture.forms import adopt_variant, freeze_variant
from apps.capture.models import Form, FormVersion, FormVisit, Submission
from apps.policies.decisions.experiments import Arm
from apps.policies.models import Experiment
from apps.policies.terms import Severity
from apps.policies.trials import Kind, Standing, Subject, part_of, register_kind, running_on, subject_of
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, NotFound

KIND = "form"
#: Counts as success: the form was sent. The stages of the leads that come of it count besides.
SENT = "sent"
#: More new visitors than these in a minute are machines: they see arm A and are counted nowhere.
MOST_A_MINUTE = 600


@dataclass(frozen=True, slots=True)
class ArmCount:
    """One arm of a form: to how many it was shown, how many sent it, and what of that was refused as spam or a test."""

    shown: int = 0
    sent: int = 0
    refused: int = 0


def running_trial(form_id: UUID, now: datetime) -> Experiment | None:
    """Return the experiment that runs with a form; None where A is on the net no more."""
    row = running_on(KIND, form_id, now)
    return row if row is not None and _standing(row) is Standing.CONTROL else None


def version_shown(experiment_id: UUID, arm: str) -> UUID | None:
    """Return the version that an arm showed, whatever became of the experiment since."""
    row = Experiment.rows().filter(id=experiment_id, kind=KIND).first()
    return UUID(part_of(row, arm)) if row is not None and arm in set(Arm) else None


def version_sent(submission_id: UUID) -> UUID | None:
    """Return the version that a form's submission was sent from."""
    rows = Submission.rows().filter(id=submission_id)
    found: UUID | None = rows.values_list("form_version_id", flat=True).first()
    return found


def has_room(row: Experiment, now: datetime) -> bool:
    """Say whether somebody new may be counted, or too many came within a minute."""
    return FormVisit.rows().filter(experiment=row, at__gt=now - timedelta(minutes=1)).count() < MOST_A_MINUTE


def count_shown(row: Experiment, arm: Arm, now: datetime) -> None:
    """Count a form shown to somebody who had not seen it in this experiment."""
    FormVisit(experiment=row, arm=arm, at=now).save(force_insert=True)


def count_sent(experiment_id: UUID, arm: str, submission_id: UUID, now: datetime) -> None:
    """Count a form that was sent from an arm; the same one sent twice counts once."""
    if Experiment.rows().filter(id=experiment_id, kind=KIND).exists():
        row = FormVisit(experiment_id=experiment_id, arm=Arm(arm), at=now, submission_id=submission_id)
        FormVisit.objects.bulk_create([row], ignore_conflicts=True)


def counts_of(experiment_ids: Iterable[UUID]) -> Mapping[tuple[UUID, str], ArmCount]:
    """Return the numbers of each arm, by experiment and arm, in one query."""
    sent = Submission.rows().filter(id=OuterRef("submission_id"))
    refused = Q(state__in=["quarantined", "dismissed"]) | Q(verdict="rejected") | Q(is_test=True)
    visits = FormVisit.rows().filter(experiment__in=list(experiment_ids))
    found = visits.values("experiment", "arm").annotate(
        shown=Count("id", filter=Q(submission_id=None)),
        sent=Count("id", filter=Q(submission_id__isnull=False)),
        refused=Count("id", filter=Exists(sent.filter(refused))),
    )
    return {
        (each["experiment"], each["arm"]): ArmCount(each["shown"], each["sent"], each["refused"])
        for each in found.order_by("experiment", "arm")
    }


def _plan(actor: Actor, subject_id: UUID, _change: Any, now: datetime) -> Subject:
    form = Form.rows().select_for_update(of=("self",)).select_related("source").filter(id=subject_id).first()
    control = latest_version(subject_id)
    if form is None:
        raise NotFound("There is no such form.")
    variant = freeze_variant(actor=actor, form=form, now=now)
    arms = {Arm.CONTROL.value: str(control.id) if control else "", Arm.CANDIDATE.value: str(variant.id)}
    return Subject(form.title, arms)


def _standing(row: Experiment) -> Standing:
    form = Form.rows().filter(id=subject_of(row), is_published=True).first()
    live = latest_version(form.id) if form is not None else None
    if live is None:
        return Standing.OTHER
    if str(live.id) == part_of(row, Arm.CONTROL):
        return Standing.CONTROL
    tried = FormVersion.rows().filter(id=part_of(row, Arm.CANDIDATE), digest=live.digest)
    return Standing.CANDIDATE if tried.exists() else Standing.OTHER


def _check(row: Experiment, now: datetime) -> None:
    """Raise what keeps B from being shown by now: a wording or a service may be gone since it was planned."""
    form = form_by_id(subject_of(row))
    if form is None:
        raise NotFound("There is no such form.")
    content = content_of(FormVersion.rows().get(id=part_of(row, Arm.CANDIDATE)).document)
    for each in find_problems(content, facts_of_form(form, content, now)):
        if each.severity is Severity.ERROR:
            raise Conflict(f"Arm B cannot be shown: {each.sentence}", code="not_publishable")


def _adopt(actor: Actor, row: Experiment, now: datetime) -> None:
    standing = _standing(row)
    if standing is Standing.OTHER:
        raise Conflict("Another version is on the net by now. Work on the form instead.", code="control_changed")
    if standing is Standing.CANDIDATE:
        return
    adopt_variant(actor=actor, version_id=UUID(part_of(row, Arm.CANDIDATE)), now=now)


def _authors(row: Experiment) -> frozenset[UUID]:
    ids = FormVersion.rows().filter(id=part_of(row, Arm.CANDIDATE)).values_list("author_id", flat=True)
    return frozenset(each for each in ids if each is not None)


def register() -> None:
    """Let hosted forms be tried."""
    register_kind(KIND, Kind(_plan, _standing, _check, _adopt, _authors, goals=(SENT,)))
