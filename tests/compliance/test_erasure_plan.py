"""Nothing that can hold words of a person is forgotten: each column is planned for, or named here as kept (AU-06)."""

from typing import Any

import pytest
from django.apps import apps
from django.db import models

from apps.compliance.erasure_plan import STEPS
from apps.leads.models import Lead, Person
from apps.privacy.retention import Due, default_retention_rules, rules_of, schedule
from apps.tenancy.models import TenantModel

#: Columns without words of a person: codes, keys, labels of colleagues, versions; and proofs that are kept by law.
KEPT: dict[str, str] = {
    "privacy_phistate": "field rule",
    "privacy_phimark": "actor_label field rule",
    "catalog_unmappedword": "decided_by field means name word",
    "policies_experiment": "arms goal hypothesis outcome plan subject_name title",
    "leads_person": "language region zone zone_by",
    "leads_contactpoint": "belongs_to health_by",
    "leads_lead": (
        "band capture_method closure_reason contact_relation exception hold_reason last_outcome lead_class "
        "outcome patient_type preferred_channel priority status timed_status timeframe validity workflow"
    ),
    "leads_touch": "verdict",
    "outreach_cadencerun": "cadence segment stage started_by",
    "leads_leadparty": "part",
    "leads_stagespell": "actor_label event",
    "leads_timelineentry": "actor_label kind",
    "leads_task": "channel kind",
    "leads_changerequest": "asker_label field",
    "leads_inferredvalue": "ended_by field rule_id",
    "leads_priorityoverride": "actor_label ended_by priority was",
    "leads_closure": "actor_label disqualification outcome reason",
    "leads_reopening": "actor_label owner_policy rule_id was_reason",
    "leads_outsideupdate": "event",
    "leads_outsidereport": "field ours reporter reporter_name seen_by",
    "ownership_spell": "actor_label policy trigger",
    "ownership_leadshare": "ended_because granted_by",
    "sla_slapause": "actor_label ended_by name reason",
    "sla_slatimer": "clock ended_by picked policy_id policy_name",
    "exceptions_exceptionitem": "allowed approves code criteria decided_label decision missing_data then",
    "handoffs_handoff": "answered_label offered_label type_id type_name",
    "handoffs_mismatch": "reported_label",
    "relationships_opportunity": "approved_label name next_steps owned_because terms terms_label",
    "capture_formvisit": "arm",
    "capture_submission": "capture_method door source_typed verdict",
    "identity_matchdecision": "action rule_id verdict",
    "identity_duplicatepair": "decided_by",
    "identity_merge": "merged_by undone_by",
    "qualification_scoreresult": "cause verdict",
    "qualification_clearanceevent": "actor_label",
    "qualification_coverageanswer": "actor_label",
    "qualification_reviewevent": "actor_label name reporter status",
    "qualification_parkedlead": "actor_label ended_because",
    "qualification_verification": "actor_label script_id",
    "qualification_qualification": "actor_label disqualification set_id",
    "qualification_criteriaresult": "set_id",
    "routing_routingdecision": "arm cause exception network rule_id turn verdict",
    "outreach_activity": "actor_label dedup_key script",
    "outreach_inboundcall": "call_ref",
    "outreach_liveattempt": "actor_label provider_ref",
    "outreach_automationpause": "ended_by paused_by",
    "outreach_message": "channel dedup_key line provider_ref purpose reason template_key written_by",
    "outreach_recording": "added_by",
    "outreach_deliveryevent": "channel event_key reason",
    "privacy_brokenglass": "looked_by",
    "outreach_businessmail": "check_result written_by",
    "outreach_reply": "about",
    "outreach_datarequest": "asked_label",
    "outreach_engagement": "source_label",
    "appointments_appointment": "confirmed_by provider",
    "appointments_appointmentevent": "actor_label state",
    "flows_bulkitem": "code undone",
    "flows_leadarm": "arm",
    "flows_channeltrial": "reached_by",
    "chat_chat": "language reason",
    "connectors_hook": "problem",
    "connectors_hookevent": "ignored key kind",
    "quality_fixitem": "explained_by",
    "imports_importrun": "actor_label file_digest plan undone_by",
    "compliance_legalhold": "data_class ended_because ended_by reason set_by",
    "compliance_rightsrequest": (
        "decided_because decided_by digest identity_by identity_proof opened_by put_off_because released_by"
    ),
    "compliance_breachperson": "excluded_because excluded_by",
}
#: Tables that stay whole: the proofs, and what compliance itself notes.
WHOLE = {
    "consent_consentevent",
    "consent_setaside",
    "compliance_erased",
    "compliance_retentionitem",
    "privacy_disclosure",
}
LINKS = {"lead_id", "person_id", "contact_person_id", "submission_id", "subject_id"}
WORDS = (models.CharField, models.TextField, models.JSONField, models.BinaryField)


def words_of(model: Any) -> set[str]:
    return {
        str(each.column)
        for each in model._meta.concrete_fields
        if (isinstance(each, WORDS) or each.get_internal_type() == "BinaryField") and not each.choices
    }


@pytest.mark.row("AU-06")
def test_every_column_with_words_is_erased_or_named_as_kept() -> None:
    planned: dict[str, set[str]] = {}
    dropped = {each.table for each in STEPS if each.drops and "kind" not in each.where}
    for step in STEPS:
        names = {each.attname: str(each.column) for each in _model(step.table)._meta.concrete_fields}
        planned.setdefault(step.table, set()).update(names.get(each, each) for each in (*step.columns, *step.to))
    forgotten = {}
    for model in apps.get_models():
        table = model._meta.db_table
        columns = {str(each.column) for each in model._meta.concrete_fields}
        if not issubclass(model, TenantModel) or table in WHOLE | dropped:
            continue
        if columns & LINKS or model in (Lead, Person) or table in planned:
            kept = set(KEPT.get(table, "").split())
            left = words_of(model) - planned.get(table, set()) - kept
            if left:
                forgotten[table] = " ".join(sorted(left))
            assert kept <= words_of(model), (table, kept - words_of(model))
    assert forgotten == {}


def _model(table: str) -> Any:
    return next(each for each in apps.get_models() if each._meta.db_table == table)


@pytest.mark.row("AU-06")
def test_a_field_with_months_of_its_own_goes_earlier_or_holds_its_class_back() -> None:
    rules = rules_of(default_retention_rules())
    due = schedule(rules, {"date_of_birth": 6, "email": 36, "payer": 24})
    assert Due("field:date_of_birth", 6, "date_of_birth") in due
    assert Due("identity", 36, "RT-identity, held by a field") in due
    assert [each.months for each in due if each.part == "health"] == [24]
    assert schedule([], {"payer": 3}) == ()
