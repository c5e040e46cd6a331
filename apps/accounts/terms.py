"""Words of accounts: permissions, team functions, kinds of party, availability, key scopes."""

from enum import StrEnum

#: The wake-up of a team whose people changed.
STAFFING = "accounts.staffing"


class Permission(StrEnum):
    """The one vocabulary of rights. Roles hold sets of these; every door asks for them by name."""

    LEAD_VIEW = "lead:view"
    LEAD_VIEW_ALL = "lead:view_all"
    LEAD_CLAIM = "lead:claim"
    LEAD_EDIT = "lead:edit"
    LEAD_CONTACT = "lead:contact"
    LEAD_TRANSFER = "lead:transfer"
    LEAD_DOWNLOAD = "lead:download"
    RELATIONSHIP_VIEW = "relationship:view"
    HEALTH_READ = "health:read"
    PHI_CLASSIFY = "phi:classify"
    RECORDING_OPEN = "recording:open"
    CONSENT_NARROW = "consent:narrow"
    CONSENT_WIDEN = "consent:widen"
    SUBMISSION_READ = "submission:read"
    ADMIN_USE = "admin:use"
    SETTINGS_READ = "settings:read"
    SETTINGS_WRITE = "settings:write"
    RULES_READ = "rules:read"
    RULES_WRITE = "rules:write"
    RULES_APPROVE = "rules:approve"
    TEMPLATE_APPROVE = "template:approve"
    KEY_MANAGE = "key:manage"
    AUDIT_READ = "audit:read"
    COMPLIANCE_VIEW = "compliance:view"
    VENDOR_MANAGE = "vendor:manage"
    BREACH_MANAGE = "breach:manage"
    RETENTION_PROPOSE = "retention:propose"
    RETENTION_APPROVE = "retention:approve"
    RIGHTS_HANDLE = "rights:handle"
    REPORT_READ = "report:read"
    DELIVERY_POST = "delivery:post"
    DELIVERY_READ = "delivery:read"
    ATTRIBUTION_READ = "attribution:read"
    ACTIVITY_LOG = "activity:log"
    AGENCY_MANAGE = "agency:manage"
    ASSET_VIEW_ALL = "asset:view_all"
    ASSET_EDIT_ALL = "asset:edit_all"


class TeamFunction(StrEnum):
    """What a team is for (row TA-03)."""

    MARKETING_OPS = "marketing_ops"
    SDR_CALL = "sdr_call"
    TELE_SALES = "tele_sales"
    INTAKE = "intake"
    SCHEDULING = "scheduling"
    PATIENT_SERVICES = "patient_services"
    CLINICAL = "clinical"
    ACCOUNT_MANAGEMENT = "account_management"
    RECRUITING = "recruiting"
    PARTNERSHIPS = "partnerships"
    OPERATIONS = "operations"
    COMPLIANCE = "compliance"


class PartyKind(StrEnum):
    """Organisations around the tenant (row TA-02)."""

    HEALTH_SYSTEM = "health_system"
    PARTNER_CLINIC = "partner_clinic"
    PHYSICIAN_GROUP = "physician_group"
    PAYER = "payer"
    EMPLOYER = "employer"
    REFERRAL_PROGRAM = "referral_program"
    AGENCY = "agency"
    AFFILIATE_PROVIDER = "affiliate_provider"
    VENDOR = "vendor"


class Availability(StrEnum):
    """What a person's switch in the top bar says; new leads pass over whoever is on a break or away."""

    AVAILABLE = "available"
    ON_CALL = "on_call"
    WRAP_UP = "wrap_up"
    BREAK = "break"
    AWAY = "away"


#: Said to programs and agencies, who have no switch.
NO_SWITCH = "Only a colleague can say that they are available."
#: Who is at work gets new leads, also on the phone or finishing notes: how many they hold is the cap's to limit,
#: and a lead's clock runs from its arrival, whoever is talking.
TAKES_LEADS = (Availability.AVAILABLE, Availability.ON_CALL, Availability.WRAP_UP)


class KeyChoice(StrEnum):
    """How single keys work on staff pages: by letter, with Alt, or not at all."""

    LETTERS = "letters"
    ALT = "alt"
    OFF = "off"


#: Letters that a command may have on staff pages; g begins a way, j and k go along rows.
OWN_KEYS = frozenset("abcdefhilmnopqrstuvwxyz")


class KeyMode(StrEnum):
    """Live keys deliver; test keys deliver test leads only."""

    LIVE = "live"
    TEST = "test"


class FieldGroup(StrEnum):
    """Groups of fields that a role may see or edit (row TA-09)."""

    CONTACT = "contact"
    MARKETING = "marketing"
    HEALTH = "health"
    INSURANCE = "insurance"
    CONSENT = "consent"
    OUTCOME = "outcome"


#: Scopes that an agency's key may carry.
AGENCY_SCOPES = (
    Permission.DELIVERY_POST,
    Permission.DELIVERY_READ,
    Permission.ATTRIBUTION_READ,
    Permission.ACTIVITY_LOG,
)

#: What a person of an agency may hold at most, whatever their role says.
AGENCY_PERSON_RIGHTS = (*AGENCY_SCOPES, Permission.AGENCY_MANAGE)


def choices(words: type[StrEnum]) -> list[tuple[str, str]]:
    """Return a vocabulary as form choices."""
    return [(word.value, word.value.replace("_", " ").replace(":", ": ")) for word in words]


class AccessState(StrEnum):
    """What became of a team's request for access to a form or a calling list."""

    OPEN = "open"
    GRANTED = "granted"
    DECLINED = "declined"
