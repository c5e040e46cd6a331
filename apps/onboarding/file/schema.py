"""The shape of a tenant file, from which its JSON Schema and its reference are made.

A section that is left out is left alone when the file is applied; a section that is there says all
there is: rows that it does not name are deactivated where the row can be.
"""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field, JsonValue, StringConstraints

from apps.capture.form_terms import ORIGIN, FormKind, FormLayout, Purpose, QuestionKind
from apps.catalog.terms import ServiceKind
from apps.consent.terms import Purpose as ConsentPurpose
from apps.onboarding.file.part import Key, Name, Part, Text
from apps.onboarding.file.schema_catalog import (
    CalendarPart,
    CampaignPart,
    ChannelPart,
    CustomFieldPart,
    FieldKeepingPart,
    LocationPart,
    OutsideSystemPart,
    ProviderPart,
    QueuePart,
    SensitiveTopicPart,
    ServicePart,
    SourcePart,
    WorkflowPart,
)
from apps.onboarding.file.schema_people import (
    ApiKeyPart,
    OrganizationPart,
    PartyPart,
    PersonPart,
    RolePart,
    TeamPart,
)
from apps.onboarding.file.schema_pipelines import ClosureReasonPart, MissingDataPart, OutcomePart
from apps.onboarding.file.schema_senders import ConnectionPart, TrackingNumberPart
from apps.onboarding.file.schema_vendors import VendorPart
from apps.outreach.template_terms import Goal

Language = Annotated[str, StringConstraints(min_length=2, max_length=8)]
Version = Annotated[str, StringConstraints(min_length=1, max_length=20)]
Channel = Literal["call", "text", "email"]
Document = dict[str, JsonValue]


class StagePart(Part):
    """Where a lead can be."""

    key: Key
    """Stable name, used by rules."""
    label: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    """Word that people see."""
    is_open: bool = True
    """False for a stage in which nothing is left to do."""
    next_actions: tuple[JsonValue, ...] = ()
    """What is proposed to do here."""


class PipelinePart(Part):
    """A kind of way; its stages in order."""

    key: Key
    """Stable name."""
    name: Name
    """Name that people see."""
    person_word: Annotated[str, StringConstraints(min_length=1, max_length=60)] = "Potential patient"
    """What people are called in it."""
    requires_phone: bool = False
    """True where only a lead with a phone number is routed."""
    closure_reasons: tuple[ClosureReasonPart, ...] = ()
    """Reasons for closing."""
    outcomes: tuple[OutcomePart, ...] = ()
    """What can come of a lead; without any, the usual ones."""
    missing_data_reasons: tuple[MissingDataPart, ...] = ()
    """Why an outcome may be unknown; without any, the usual ones."""
    stages: tuple[StagePart, ...]
    """The stages, first to last."""


class OptionPart(Part):
    """One option of a form's own question; of a consent question: the channel, and what for."""

    value: Annotated[str, StringConstraints(min_length=1, max_length=100, pattern=r"^[^|\n]+$")]
    """What is stored; of a consent question the channel."""
    label: Annotated[str, StringConstraints(max_length=100, pattern=r"^[^|\n]*$")] = ""
    """What people see; of a consent question the purpose, `care_inquiry` when left out."""
    label_es: Annotated[str, StringConstraints(max_length=100, pattern=r"^[^|\n]*$")] = ""
    """The same in Spanish."""


class QuestionPart(Part):
    """One question of a public form."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[-a-zA-Z0-9_]+$")]
    """Stable name, unique in the form."""
    kind: QuestionKind
    """What is asked; options of services and locations come from the catalog."""
    label: Annotated[str, StringConstraints(max_length=200)] = ""
    """Words of the question; empty for the usual ones."""
    hint: Annotated[str, StringConstraints(max_length=300)] = ""
    """Why we ask, as people read it."""
    is_required: bool = False
    """True when it has to be answered."""
    purpose: Purpose | Literal[""] = ""
    """Why it is asked; needed before publishing."""
    criterion: Annotated[str, StringConstraints(max_length=40)] = ""
    """Id of the rule that its answer serves."""
    choices: tuple[OptionPart, ...] = ()
    """Options of a question of your own, or of a city."""
    label_es: Annotated[str, StringConstraints(max_length=200)] = ""
    """Words of the question in Spanish."""
    hint_es: Annotated[str, StringConstraints(max_length=300)] = ""
    """Why we ask, in Spanish."""


class AssetPart(Part):
    """What a download form gives, by its address; a file is put in by the admin."""

    key: Key
    """Stable name."""
    title: Name
    """Name that people see."""
    url: Annotated[str, StringConstraints(max_length=500, pattern=r"^https?://")]
    """Where it lies."""


class FormPart(Part):
    """A public form."""

    slug: Key
    """Last part of its address; unique among all tenants."""
    title: Name
    """Heading."""
    intro: Text = ""
    """Text below the heading."""
    source: Key
    """Source its leads get, by key."""
    what_happens_next: Text = ""
    """What the person is told to expect; needed before publishing."""
    services: tuple[Key, ...] = ()
    """Services to choose from, by key."""
    consent_version: Annotated[str, StringConstraints(max_length=20)] = ""
    """Version of the consent wording shown; needed before publishing."""
    is_published: bool = False
    """True when people can fill it in; what the file says is then the version on the net."""
    kind: FormKind = FormKind.INQUIRY
    """What it is for."""
    layout: FormLayout = FormLayout.ONE_PAGE
    """Whether the hosted page asks all at once or one thing at a time."""
    questions: tuple[QuestionPart, ...] = ()
    """The questions in order; without any, the usual ones."""
    title_es: Annotated[str, StringConstraints(max_length=200)] = ""
    """Heading in Spanish."""
    intro_es: Text = ""
    """Text below the heading, in Spanish."""
    what_happens_next_es: Text = ""
    """What to expect, in Spanish."""
    consent_version_es: Annotated[str, StringConstraints(max_length=20)] = ""
    """Version of the Spanish consent wording, where it is another one."""
    field_cap: Annotated[int, Field(ge=1, le=100)] = 15
    """More questions than this are warned of."""
    needs_approval: bool = False
    """True where another person than the last editor publishes."""
    allowed_sites: tuple[Annotated[str, StringConstraints(pattern=ORIGIN, max_length=200)], ...] = ()
    """Sites that may show the form in a frame, such as https://www.example.com."""
    asset: Key | None = None
    """What a download form gives, by key."""
    owner: Key | None = None
    """Team that owns the form and alone changes it, by key; left out, it stays whose it is."""
    shared_with: tuple[Key, ...] = ()
    """Teams that see what came through it, by key; counts with an owner only."""


class ChatPart(Part):
    """A public chat."""

    slug: Key
    """Last part of its address; unique among all tenants."""
    title: Name
    """Heading."""
    source: Key
    """Source its leads get, by key."""
    consent_version: Annotated[str, StringConstraints(max_length=20)] = ""
    """Version of the consent wording shown where people leave an address."""
    allowed_sites: tuple[str, ...] = ()
    """Sites that may show it in a frame, as https://www.example.com."""
    is_published: bool = False
    """True when people can write."""


class WordingPart(Part):
    """A text people agree to. Once used it never changes: a new text is a new version."""

    channel: Channel
    """What it permits."""
    purpose: ConsentPurpose = ConsentPurpose.CARE_INQUIRY
    """What for."""
    version: Version
    """Version of the text."""
    language: Language = "en"
    """Language of the text."""
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    """The text itself."""


class TemplatePart(Part):
    """A message's text; `{word}` places are filled at sending."""

    key: Key
    """Stable name of the message."""
    channel: Literal["email", "text"] = "email"
    """How it is sent."""
    language: Language = "en"
    """Language of the text."""
    subject: Annotated[str, StringConstraints(max_length=200)] = ""
    """Subject of an e-mail."""
    purpose: ConsentPurpose = ConsentPurpose.CARE_INQUIRY
    """What the person must have permitted for it to go: an answer to the inquiry, a reminder, marketing."""
    holds_phi: bool = False
    """True where a mail is approved to hold health data; texts and marketing never are."""
    expires_at: AwareDatetime | None = None
    """From when on the words are not sent any more, as 2027-12-31T00:00:00-06:00."""
    stages: tuple[Key, ...] = ()
    """At which stages people are offered it; none: at each."""
    category: ServiceKind | None = None
    """For which kind of service it is."""
    service: Key | None = None
    """For which service line it is."""
    goal: Goal | None = None
    """What it is to bring about."""
    team: Key | None = None
    """The team that writes it."""
    body: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
    """The text itself."""


class RulesPart(Part):
    """The tenant's rule documents, one per kind."""

    validity: Document | None = None
    """What makes a lead valid, held or excluded."""
    duplicates: Document | None = None
    """Which keys, in which window, make a second arrival a duplicate."""
    scoring: Document | None = None
    """Fit and intent."""
    routing: Document | None = None
    """Layers of rules that choose queue, priority and office."""
    ownership: Document | None = None
    """Who may change what, and who owns next."""
    gates: Document | None = None
    """Moves between stages, the event behind each, and what must be known."""
    sla: Document | None = None
    """By when, and who hears of it if not."""
    contact: Document | None = None
    """Quiet hours, consent and limits."""
    mapping: Document | None = None
    """What names and words of senders mean, at every source."""
    mappings: dict[Key, Document] | None = None
    """What names and words mean at one source, by its key; asked before what holds at every source."""
    quality: Document | None = None
    """What may not disagree, what each finding takes, and when contact data is to be looked at again."""
    retention: Document | None = None
    """How many months each class of data is kept, and for which purpose."""
    cadences: Document | None = None
    """Planned contacts over days by stage, and groups of leads that are written to."""
    inference: Document | None = None
    """What the words of calls and chats tell that the sender left open."""
    suite: Document | None = None
    """Test leads and what has to become of each; played before rules are approved."""
    chat: Document | None = None
    """Which questions the chat answers, and how."""
    scripts: Document | None = None
    """What is asked on calls and in chats, and which field each answer fills."""
    criteria: Document | None = None
    """What a lead has to meet before it is qualified, as sentences with tests, by pipeline, campaign or service."""
    exceptions: Document | None = None
    """Who handles each type of exception, what they may decide, and by when."""
    messages: Document | None = None
    """What messages of a goal have to say before they are approved."""
    handoffs: Document | None = None
    """Which team hands leads to which, what must and must not pass, what is checked, and by when."""
    intake: Document | None = None
    """Who counsels where the insurance does not cover; statuses of reviews; words of danger, and who reads then."""
    follow_up: Document | None = None
    """What follows on how a contact ended: the next contact, by when, and a text."""
    process: Document | None = None
    """Where each pipeline starts and ends, statuses by the clock, whose word counts, and what partners' words mean."""


class TenantFile(Part):
    """A whole tenant as one reviewable file."""

    organization: OrganizationPart
    """The tenant itself."""
    roles: tuple[RolePart, ...] | None = None
    """Jobs and their rights."""
    parties: tuple[PartyPart, ...] | None = None
    """Organisations around the tenant."""
    calendars: tuple[CalendarPart, ...] | None = None
    """Opening hours."""
    locations: tuple[LocationPart, ...] | None = None
    """Offices."""
    services: tuple[ServicePart, ...] | None = None
    """Services and where they are offered."""
    providers: tuple[ProviderPart, ...] | None = None
    """Who sees patients, where and for what."""
    teams: tuple[TeamPart, ...] | None = None
    """Teams that can own leads."""
    people: tuple[PersonPart, ...] | None = None
    """People who sign in."""
    queues: tuple[QueuePart, ...] | None = None
    """Where routing puts leads."""
    workflows: tuple[WorkflowPart, ...] | None = None
    """How services get scheduled."""
    outside_systems: tuple[OutsideSystemPart, ...] | None = None
    """Systems beside ours that hear where leads are."""
    vendors: tuple[VendorPart, ...] | None = None
    """Who carries protected health information for the tenant, and by which agreement."""
    sensitive_topics: tuple[SensitiveTopicPart, ...] | None = None
    """Topics of which only trained teams read."""
    campaigns: tuple[CampaignPart, ...] | None = None
    """Campaigns."""
    channels: tuple[ChannelPart, ...] | None = None
    """What holds of all sources of a channel."""
    sources: tuple[SourcePart, ...] | None = None
    """Lead sources."""
    tracking_numbers: tuple[TrackingNumberPart, ...] | None = None
    """Phone numbers that stand for advertisements."""
    connections: tuple[ConnectionPart, ...] | None = None
    """Addresses for sending systems."""
    custom_fields: tuple[CustomFieldPart, ...] | None = None
    """Fields of the tenant's own."""
    field_keeping: tuple[FieldKeepingPart, ...] | None = None
    """Who maintains fields, and how long they are kept."""
    pipelines: tuple[PipelinePart, ...] | None = None
    """Ways and their stages."""
    wordings: tuple[WordingPart, ...] | None = None
    """Consent texts."""
    assets: tuple[AssetPart, ...] | None = None
    """Files that download forms give."""
    forms: tuple[FormPart, ...] | None = None
    """Public forms."""
    chats: tuple[ChatPart, ...] | None = None
    """Public chats."""
    templates: tuple[TemplatePart, ...] | None = None
    """Texts of messages."""
    starter_templates: Literal["proposed", "approved", "none"] | None = None
    """What becomes of the templates that ship with the product; without a word a tenant that has no templates gets
    them as proposals, which wait for approval."""
    api_keys: tuple[ApiKeyPart, ...] | None = None
    """Credentials of programs."""
    rules: RulesPart | None = None
    """The tenant's rules."""


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema of a tenant file, for editors that complete and check it."""
    dialect = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return dialect | TenantFile.model_json_schema() | {"title": "leadcrm tenant file"}
