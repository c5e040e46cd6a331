"""What the parts of an ownership policy are called: models, events, steps and sections, as forms and pages say them."""

from collections.abc import Mapping

from apps.ownership.terms import Model, OwnerEvent

MODELS: Mapping[Model, str] = {
    Model.SINGLE_OWNER: "single owner",
    Model.TERRITORY: "territory or program",
    Model.PARTNERSHIP: "partnership in two stages",
    Model.CHANNEL: "by channel",
}
EVENTS: Mapping[OwnerEvent, str] = {
    OwnerEvent.QUALIFIED: "qualified",
    OwnerEvent.CONTACTED: "contacted",
    OwnerEvent.SCHEDULED: "visit booked",
    OwnerEvent.NO_VALID_CONTACT: "no valid contact is left",
    OwnerEvent.MEETING_AGREED: "meeting agreed",
    OwnerEvent.TERMS_APPROVED: "terms and next steps approved",
    OwnerEvent.CUSTOM: "an event of your own",
}
STEP_NAMES: Mapping[str, str] = {
    "capture": "Capture",
    "enrichment": "Enrichment",
    "routing": "Routing",
    "first_outreach": "First outreach",
    "follow_up": "Follow-up",
    "closure_notes": "Closure notes",
}
SECTION_NAMES: Mapping[str, str] = {
    "lead_definition": "What counts as a lead",
    "start_time": "When ownership starts",
    "routing": "Routing",
    "statuses": "Statuses",
    "triggers": "What hands a lead over",
    "duplicates": "Duplicates",
    "enrichment": "Enrichment",
    "compliance_fields": "Compliance fields",
    "activity_logging": "Logging of contacts",
    "disputes": "Disputes",
}
