"""What a new tenant has when its file says nothing of it: channels, the patient pipeline, its gates, contact rules.

Only a tenant without any pipeline gets them: whoever set up an own way keeps it as it is.
"""

from apps.catalog.models import Channel
from apps.catalog.terms import STARTS, CaptureMethod, StartEvent
from apps.consent.decisions import default_contact_rules
from apps.leads.decisions import default_gates, default_pipeline
from apps.leads.models import Pipeline
from apps.onboarding.file.run import Run
from apps.onboarding.file.schema import ClosureReasonPart, PipelinePart, StagePart, TenantFile
from apps.onboarding.file.schema_catalog import ChannelPart
from apps.onboarding.file.sections.channels import apply_channels
from apps.onboarding.file.sections.texts import apply_pipelines
from apps.onboarding.terms import Effect
from apps.policies.actions import install
from apps.policies.queries import versions_in_force

_CLOSURE_REASONS = {
    "completed": "First appointment completed",
    "booked_elsewhere": "Booked elsewhere",
    "no_response": "No response",
    "unable_to_reach": "Unable to reach",
    "not_interested": "Not interested",
    "not_eligible": "Not eligible",
    "out_of_area": "Out of area",
    "service_not_offered": "Service not offered",
    "wrong_contact": "Wrong contact",
    "duplicate": "Duplicate",
    "asked_not_to_be_contacted": "Asked not to be contacted",
}
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


def patient_pipeline() -> PipelinePart:
    """Return the pipeline of row ST-01."""
    stages = [StagePart(key=each.key, label=each.label, is_open=each.is_open) for each in default_pipeline()]
    reasons = [ClosureReasonPart(key=key, label=label) for key, label in _CLOSURE_REASONS.items()]
    return PipelinePart(key="patient", name="Patient inquiry", closure_reasons=tuple(reasons), stages=tuple(stages))


def usual_channels() -> list[ChannelPart]:
    """Return a channel for each way in; no team owns it and nothing is required until somebody says so."""
    return [
        ChannelPart(
            key=str(method),
            name=_CHANNELS[method],
            capture_method=method,
            initial_fields=("first_name", "last_name", "phone", "email"),
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
    """Let the default gates and contact rules rule beside a pipeline that was a default just now."""
    if file.pipelines is not None or not run.ids["pipelines"]:
        return
    ruling = versions_in_force(run.now)
    for kind, document in (("gates", default_gates()), ("contact", default_contact_rules())):
        if kind not in ruling:
            version = install(kind=kind, document=document, actor=run.actor, now=run.now, reason="default")
            run.note("rules", "rules", kind, version.id, Effect.CREATED)
