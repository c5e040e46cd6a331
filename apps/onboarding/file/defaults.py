"""What a new tenant has when its file says nothing of it: channels, the patient pipeline, its gates, contact rules.

Only a tenant without any pipeline gets them: whoever set up an own way keeps it as it is.
"""

from collections.abc import Mapping
from typing import Any

from pydantic import JsonValue

from apps.catalog.models import Channel
from apps.catalog.terms import STARTS, CaptureMethod, StartEvent
from apps.consent.decisions import default_contact_rules
from apps.leads.closing import Proof
from apps.leads.decisions import default_gates, default_pipeline
from apps.leads.models import Pipeline
from apps.leads.terms import Disqualification
from apps.onboarding.file.run import Run
from apps.onboarding.file.schema import PipelinePart, StagePart, TenantFile
from apps.onboarding.file.schema_catalog import ChannelPart
from apps.onboarding.file.schema_pipelines import ClosureReasonPart
from apps.onboarding.file.sections.channels import apply_channels
from apps.onboarding.file.sections.texts import apply_pipelines
from apps.onboarding.starter.cadences import starter_cadences
from apps.onboarding.terms import Effect
from apps.policies.actions import install
from apps.policies.queries import versions_in_force


def _reason(key: str, label: str, **more: Any) -> ClosureReasonPart:
    return ClosureReasonPart(key=key, label=label, **more)


_CLOSURE_REASONS = (
    _reason("completed", "First appointment completed", won=True, needs=Proof.VISIT_COMPLETED),
    _reason("no_show", "No-show", needs=Proof.VISIT_LOST),
    _reason("booked_elsewhere", "Booked elsewhere"),
    _reason("no_response", "No response", needs=Proof.ATTEMPTS, disqualification=Disqualification.NO_RESPONSE),
    _reason(
        "unable_to_reach",
        "Unable to reach",
        needs=Proof.ATTEMPTS,
        attempts=5,
        days=5,
        channels=2,
        disqualification=Disqualification.NO_RESPONSE,
    ),
    _reason("not_interested", "Not interested", disqualification=Disqualification.NOT_INTERESTED),
    _reason("not_eligible", "Not eligible", disqualification=Disqualification.ELIGIBILITY_NOT_MET),
    _reason("out_of_area", "Out of area", disqualification=Disqualification.OUT_OF_AREA),
    _reason("service_not_offered", "Service not offered", disqualification=Disqualification.SERVICE_MISMATCH),
    _reason("wrong_contact", "Wrong contact", disqualification=Disqualification.NO_VALID_CONTACT),
    _reason("duplicate", "Duplicate", disqualification=Disqualification.DUPLICATE),
    _reason("spam", "Spam", disqualification=Disqualification.SPAM),
    _reason("asked_not_to_be_contacted", "Asked not to be contacted", disqualification=Disqualification.NOT_INTERESTED),
)
_CHANNELS = {
    CaptureMethod.WEB_FORM: "Web form",
    CaptureMethod.CALL: "Phone",
    CaptureMethod.CHAT: "Chat",
    CaptureMethod.EMAIL: "E-mail",
    CaptureMethod.EVENT: "Event",
    CaptureMethod.REFERRAL: "Referral",
    CaptureMethod.IMPORT: "Import",
    CaptureMethod.MANUAL: "Entered by hand",
    CaptureMethod.API: "API",
}

#: The steps that a new tenant begins with (row TN-15); a message goes once its template is approved.
STARTER_STEPS: Mapping[str, tuple[JsonValue, ...]] = {
    "scheduled": ({"do": "message", "template": "records-request", "after_seconds": 3600},),
}


def patient_pipeline() -> PipelinePart:
    """Return the pipeline of row ST-01."""
    stages = [
        StagePart(key=each.key, label=each.label, is_open=each.is_open, next_actions=STARTER_STEPS.get(each.key, ()))
        for each in default_pipeline()
    ]
    return PipelinePart(key="patient", name="Patient inquiry", closure_reasons=_CLOSURE_REASONS, stages=tuple(stages))


def usual_channels() -> list[ChannelPart]:
    """Return a channel for each way in; no team owns it and nothing is required until somebody says so."""
    return [
        ChannelPart(
            key=str(method),
            name=_CHANNELS[method],
            capture_method=method,
            initial_fields=("first_name", "last_name", "phone", "email", "preferred_channel", "consent_any"),
            start_event=next(iter(sorted(STARTS.get(method, frozenset({StartEvent.RECORD_RECEIVED}))))),
        )
        for method in CaptureMethod
    ]


def add_channels(run: Run) -> None:
    """Give a tenant without any channel the usual ones."""
    if not Channel.rows().exists():
        apply_channels(run, usual_channels())


def add_pipeline(run: Run) -> None:
    """Give a tenant without any pipeline the patient pipeline."""
    if not Pipeline.rows().exists():
        apply_pipelines(run, [patient_pipeline()])


def add_rules(run: Run, file: TenantFile) -> None:
    """Let the default gates, contact rules and cadences rule beside a pipeline that was a default just now."""
    if file.pipelines is not None or not run.ids["pipelines"]:
        return
    ruling = versions_in_force(run.now)
    documents = {"gates": default_gates(), "contact": default_contact_rules(), "cadences": starter_cadences()}
    for kind, document in documents.items():
        if kind not in ruling:
            version = install(kind=kind, document=document, actor=run.actor, now=run.now, reason="default")
            run.note("rules", "rules", kind, version.id, Effect.CREATED)
