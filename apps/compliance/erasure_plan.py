"""What is erased of a lead and of a person, table by table (decision 0027). Data alone: the function is made of it.

A row is found by `leads`, `subs` (the lead's submissions), `persons` (whom no other lead needs any more) or `values`
(their numbers and addresses). Columns are emptied by their type; rows that serve the counts stay. Every column with
words of a table that hangs on a lead stands here or among the kept ones of `tests/compliance/test_erasure_plan.py`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from apps.privacy.retention import FIELD, DataClass

OF_LEAD = "t.lead_id = ANY({leads})"
OF_SUBMISSION = "t.submission_id = ANY({subs})"
OF_PERSON = "t.person_id = ANY({persons})"
ITSELF = "t.id = ANY({leads})"
IN_SUBJECT = "t.subject_id = ANY({leads} || {subs})"


@dataclass(frozen=True, slots=True)
class Step:
    """Columns of a table that are emptied, or with none: rows that go. `to` gives a column another end than empty."""

    part: str
    table: str
    where: str
    columns: tuple[str, ...] = ()
    to: Mapping[str, str] = field(default_factory=dict)

    @property
    def drops(self) -> bool:
        """Whether the rows themselves go."""
        return not self.columns and not self.to


def _blank(part: str, table: str, columns: str, where: str = OF_LEAD, **to: str) -> Step:
    return Step(part, table, where, tuple(columns.split()), to)


def _drop(part: str, table: str, where: str) -> Step:
    return Step(part, table, where)


_H, _M, _N = DataClass.HEALTH, DataClass.MESSAGES, DataClass.NOTES
_D, _S, _I = DataClass.DOCUMENTS, DataClass.SUBMISSIONS, DataClass.IDENTITY
_OF_MESSAGE = "t.message_id IN (SELECT m.id FROM outreach_message m WHERE m.lead_id = ANY({leads}))"
_OF_VISIT = "t.appointment_id IN (SELECT a.id FROM appointments_appointment a WHERE a.lead_id = ANY({leads}))"
_NOBODY_ELSE = (
    "t.id = ANY({people}) AND NOT EXISTS (SELECT FROM leads_lead o WHERE o.organization_id = t.organization_id"
    " AND (o.person_id = t.id OR o.contact_person_id = t.id) AND o.id <> ALL({leads}) AND o.erased_at IS NULL)"
)
_OF_CHAT = "t.chat_id IN (SELECT c.id FROM chat_chat c WHERE c.submission_id = ANY({subs}))"
_OF_RUN = "t.id IN (SELECT r.run_id FROM imports_importrow r WHERE r.submission_id = ANY({subs}))"
_OF_WORD = "t.id IN (SELECT w.word_id FROM catalog_waitinglead w WHERE w.lead_id = ANY({leads}))"
_OF_HOOK = "t.id IN (SELECT e.hook_id FROM connectors_hookevent e WHERE e.submission_id = ANY({subs}))"

STEPS: tuple[Step, ...] = (
    _drop(_H, "privacy_healthdetail", IN_SUBJECT),
    _drop(_H, "privacy_leadtopic", IN_SUBJECT),
    _blank(_H, "privacy_phimark", "reason", IN_SUBJECT),
    _blank(_H, "qualification_verification", "answers"),
    _blank(_H, "qualification_qualification", "criteria facts reason next_step flags"),
    _blank(_H, "qualification_criteriaresult", "facts verdict"),
    _blank(_H, "qualification_scoreresult", "facts heard"),
    _blank(_H, "routing_routingdecision", "facts heard"),
    _blank(_H, "qualification_clearanceevent", "reference note"),
    _blank(_H, "qualification_reviewevent", "note"),
    _blank(_H, "qualification_coverageanswer", "payer plan reference"),
    _blank(_H, "leads_inferredvalue", "value"),
    _blank(_H, "exceptions_exceptionitem", "answers proposal guess detail reason"),
    _blank(_H, "leads_lead", "payer appointment_type part_of_day best_time flags", ITSELF),
    _blank(_M, "outreach_message", "subject body"),
    _blank(_M, "outreach_automationpause", "note ended_because"),
    _blank(_M, "outreach_recording", "address"),
    _blank(_M, "outreach_datarequest", "sealed asked token_digest"),
    _blank(_M, "outreach_schedulinglink", "token_digest"),
    _blank(_M, "outreach_businessmail", "", _OF_MESSAGE, about="'erased'"),
    _blank(_M, "outreach_engagement", "reference"),
    _blank(_M, "outreach_deliveryevent", "contact_value", _OF_MESSAGE),
    _blank(_N, "leads_timelineentry", "note sentence"),
    _blank(_N, "outreach_activity", "note"),
    _blank(_N, "handoffs_handoff", "note checklist travels withheld reason"),
    _blank(_N, "handoffs_mismatch", "reason"),
    _blank(_N, "appointments_appointmentevent", "note", _OF_VISIT),
    _blank(_N, "appointments_appointment", "external_ref"),
    _blank(_N, "quality_fixitem", "explained_because"),
    _blank(_N, "leads_task", "title closed_because"),
    _blank(_N, "leads_changerequest", "proposed reason answer"),
    _blank(_N, "qualification_parkedlead", "wanted reason"),
    _blank(_N, "leads_closure", "proof missing_data"),
    _blank(_N, "leads_reopening", "reason"),
    _blank(_N, "leads_outsidereport", "said means why"),
    _blank(_N, "leads_outsideupdate", "reference problem"),
    _blank(_N, "leads_priorityoverride", "reason"),
    _blank(_N, "sla_slapause", "note"),
    _blank(_N, "ownership_leadshare", "reason"),
    _blank(_N, "ownership_spell", "reason"),
    _drop(_N, "leads_draft", IN_SUBJECT),
    _blank(_N, "privacy_brokenglass", "note", IN_SUBJECT),
    _drop(_D, "capture_submissiondocument", OF_SUBMISSION),
    _blank(
        _S,
        "capture_submission",
        "external_id screening reasons sender_digest request_id",
        "t.id = ANY({subs})",
        raw="decode(p_tombs ->> t.id::text, 'base64')",
        raw_digest="'erased'",
    ),
    _blank(
        _S,
        "connectors_hook",
        "headers",
        _OF_HOOK,
        raw="decode(p_tombs ->> t.id::text, 'base64')",
        raw_digest="'erased'",
    ),
    _blank(_S, "connectors_hookevent", "object_id", OF_SUBMISSION),
    _blank(_S, "identity_matchdecision", "facts near keys reason"),
    _blank(_S, "leads_touch", "attribution"),
    _drop(_S, "capture_formdraft", OF_SUBMISSION),
    _drop(_S, "capture_idempotencyrecord", OF_SUBMISSION),
    _drop(_S, "chat_chatline", _OF_CHAT),
    _blank(_S, "chat_chat", "contact address_digest", OF_SUBMISSION),
    _blank(_S, "imports_importrun", "file file_name", _OF_RUN),
    _blank(_S, "imports_importrow", "problems", OF_SUBMISSION),
    _blank(_S, "flows_bulkitem", "before sentence"),
    _blank(_S, "flows_replaychange", "before after"),
    _blank(_S, "catalog_unmappedword", "sealed typed", _OF_WORD),
    _drop(_I, "identity_matchkey", OF_PERSON),
    _blank(_I, "compliance_rightsrequest", "words", OF_PERSON),
    _drop(_I, "consent_preferencelink", OF_PERSON),
    _blank(
        _I,
        "identity_duplicatepair",
        "why lines reason",
        "(t.first_id = ANY({persons}) OR t.second_id = ANY({persons}))",
    ),
    _blank(
        _I,
        "identity_merge",
        "moved before after reason",
        "(t.survivor_id = ANY({persons}) OR t.absorbed_id = ANY({persons}))",
    ),
    _blank(_I, "leads_decisionmaker", "role said_by", OF_PERSON),
    _blank(_I, "outreach_deliveryevent", "contact_value", "t.contact_value = ANY({values})"),
    _blank(
        _I,
        "leads_contactpoint",
        "typed health_reason",
        OF_PERSON,
        value="'erased:' || t.id",
        validity="'invalid'",
        takes_texts="false",
    ),
    _blank(
        _I,
        "leads_person",
        "first_name last_name name_key date_of_birth city postal_code latitude longitude prior_values said_at",
        "t.id = ANY({persons})",
        erased_at="p_at",
    ),
    _blank(FIELD + "date_of_birth", "leads_person", "date_of_birth", _NOBODY_ELSE),
    _blank(FIELD + "postal_code", "leads_person", "postal_code latitude longitude", _NOBODY_ELSE),
    _blank(FIELD + "city", "leads_person", "city", _NOBODY_ELSE),
    _blank(FIELD + "best_time", "leads_lead", "best_time", ITSELF),
    _blank(FIELD + "appointment_type", "leads_lead", "appointment_type", ITSELF),
    _blank(FIELD + "part_of_day", "leads_lead", "part_of_day", ITSELF),
    _blank(FIELD + "payer", "leads_lead", "payer", ITSELF),
    _drop(FIELD + "member_id", "privacy_healthdetail", IN_SUBJECT + " AND t.kind = 'insurance_member'"),
    _drop(FIELD + "message", "privacy_healthdetail", IN_SUBJECT + " AND t.kind = 'message'"),
)

#: Submissions of leads: what came in for them, and what was counted to them.
SUBMISSIONS = """
    SELECT s.id FROM capture_submission s WHERE s.organization_id = {org} AND s.lead_id = ANY({leads})
    UNION SELECT t.submission_id FROM leads_touch t WHERE t.organization_id = {org} AND t.lead_id = ANY({leads})
"""
#: People of leads: who needs care, who asked, who decides; each with whoever was merged into them.
PEOPLE = """
    WITH named AS (
        SELECT l.person_id AS id FROM leads_lead l WHERE l.organization_id = {org} AND l.id = ANY({leads})
        UNION SELECT l.contact_person_id FROM leads_lead l WHERE l.organization_id = {org} AND l.id = ANY({leads})
            AND l.contact_person_id IS NOT NULL
        UNION SELECT d.person_id FROM leads_decisionmaker d WHERE d.organization_id = {org} AND d.lead_id = ANY({leads})
    ), root AS (
        SELECT DISTINCT coalesce(p.merged_into_id, p.id) AS id FROM leads_person p JOIN named n ON n.id = p.id
        WHERE p.organization_id = {org}
    )
    SELECT p.id, r.id AS root FROM leads_person p JOIN root r ON p.id = r.id OR p.merged_into_id = r.id
    WHERE p.organization_id = {org}
"""
#: Of those the ones whom nothing else needs: no lead that stays, and no hold.
PERSONS = """
    WITH people AS (PEOPLE), staying AS (
        SELECT l.person_id AS one, l.contact_person_id AS other FROM leads_lead l
        WHERE l.organization_id = {org} AND l.erased_at IS NULL AND l.id <> ALL({leads})
            AND (l.person_id IN (SELECT id FROM people) OR l.contact_person_id IN (SELECT id FROM people))
        UNION SELECT d.person_id, NULL FROM leads_decisionmaker d JOIN leads_lead l ON l.id = d.lead_id
            AND l.organization_id = d.organization_id
        WHERE d.organization_id = {org} AND l.erased_at IS NULL AND l.id <> ALL({leads})
            AND d.person_id IN (SELECT id FROM people)
        UNION SELECT h.person_id, NULL FROM compliance_legalhold h
        WHERE h.organization_id = {org} AND h.ended_at IS NULL AND h.person_id IN (SELECT id FROM people)
    )
    SELECT p.id FROM people p WHERE p.root NOT IN (
        SELECT q.root FROM people q JOIN staying s ON q.id = s.one OR q.id = s.other)
""".replace("PEOPLE", PEOPLE)
