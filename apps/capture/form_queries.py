"""Read public forms: what is worked on, what is on the net, and everything that a page shows."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext

from apps.capture.choices import choice_words
from apps.capture.form_checks import FormFacts
from apps.capture.form_documents import content_of
from apps.capture.form_terms import (
    STANDARD_QUESTIONS,
    ConsentAsk,
    FormContent,
    FormKind,
    FormLayout,
    Question,
    QuestionKind,
    read_choices,
    said,
)
from apps.capture.models import Form, FormQuestion, FormVersion
from apps.catalog.business_hours import Hours
from apps.catalog.field_names import STANDARD_FIELDS
from apps.catalog.models import Calendar, Location, Offering, Queue, Service
from apps.catalog.queries import all_hours, custom_fields, offered, services_today, spec_of, words
from apps.catalog.terms import ConsentStep, FieldKind
from apps.consent.models import ConsentWording
from apps.policies.queries import versions_in_force
from apps.tenancy.models import Address, Organization
from apps.tenancy.organizations import current_organization

FORM_ADDRESS = "form"
CRITERIA_KINDS = ("scoring", "validity", "routing", "gates")
#: How a form asks for a field of the tenant's own; all others take a line of text.
_KIND_OF = {FieldKind.CHOICE: QuestionKind.CHOICE, FieldKind.YES_NO: QuestionKind.CHOICE}


@dataclass(frozen=True, slots=True)
class Wording:
    """One permission as the page words it; `field` is the name of its box."""

    ask: ConsentAsk
    text: str
    version: str

    @property
    def field(self) -> str:
        """The name of the box."""
        return self.ask.field


@dataclass(frozen=True, slots=True)
class FormSheet:
    """A published form with everything its page shows, in one language."""

    form: Form
    content: FormContent
    version_id: UUID | None
    language: str
    organization: Organization
    services: dict[str, str]
    locations: dict[str, str]
    at: Mapping[str, frozenset[str]]
    visit_types: Mapping[str, tuple[str, ...]]
    wordings: tuple[Wording, ...]
    hours: Hours | None

    @property
    def layout(self) -> FormLayout:
        """How the hosted page asks."""
        return self.content.layout or FormLayout(self.form.layout)

    @property
    def must_consent(self) -> bool:
        """Whether the channel takes no inquiry that permits nothing."""
        return spec_of(self.form.source).consent_step is ConsentStep.REFUSE

    @property
    def title(self) -> str:
        """The heading."""
        return said(self.content.title, self.language)

    def offices_for(self, service: str) -> dict[str, str]:
        """Return the offices to choose from: those that have the service, of all the form's without one."""
        return {
            key: name for key, name in self.locations.items() if not service or service in self.at.get(key, frozenset())
        }

    @property
    def intro(self) -> str:
        """The text below the heading."""
        return said(self.content.intro, self.language)

    @property
    def next_steps(self) -> list[str]:
        """What happens next, a line for each step."""
        return [line.strip() for line in said(self.content.next_steps, self.language).splitlines() if line.strip()]


def find_form(slug: str) -> Address | None:
    """Return the tenant and row of a public form by its slug, before any scope is open."""
    return Address.objects.filter(kind=FORM_ADDRESS, key=slug).first()


def form_by_id(form_id: UUID) -> Form | None:
    """Return a form of the tenant in scope as it is worked on."""
    return Form.rows().select_related("source__owning_team", "asset").filter(id=form_id).first()


def latest_version(form_id: UUID) -> FormVersion | None:
    """Return what the form says since its last publication; variants that are only tried are left out."""
    return FormVersion.rows().filter(form_id=form_id, is_variant=False).order_by("-number").first()


def content_worked_on(form: Form) -> FormContent:
    """Return what the form would say if it were published now."""
    texts = {
        "title": (form.title, form.title_es),
        "intro": (form.intro, form.intro_es),
        "next_steps": (form.what_happens_next, form.what_happens_next_es),
        "consent_version": (form.consent_version, form.consent_version_es),
    }
    rows = tuple(map(question_of, form.questions.all()))
    return FormContent(
        kind=FormKind(form.kind),
        layout=FormLayout(form.layout),
        services=tuple(form.services),
        asset=form.asset.key if form.asset else "",
        field_cap=form.field_cap,
        questions=rows or STANDARD_QUESTIONS,
        **{name: {"en": english, "es": spanish} for name, (english, spanish) in texts.items()},
    )


def question_of(row: FormQuestion) -> Question:
    """Return a question as the checks and the pages see it."""
    return Question(
        key=row.key,
        kind=QuestionKind(row.kind),
        label=row.label,
        hint=row.hint,
        is_required=row.is_required,
        purpose=row.purpose,
        criterion=row.criterion,
        choices=read_choices(row.choices),
        label_es=row.label_es,
        hint_es=row.hint_es,
    )


def facts_of_form(form: Form, content: FormContent, now: datetime) -> FormFacts:
    """Return what must be known of the tenant to judge a form."""
    offered = Offering.rows().filter(service__is_active=True, location__is_available=True)
    wordings = ConsentWording.rows().values_list("channel", "purpose", "version")
    documents, own = versions_in_force(now), custom_fields()
    return FormFacts(
        offered=frozenset(offered.values_list("service__key", flat=True)),
        known_services=frozenset(Service.rows().filter(is_active=True).values_list("key", flat=True)),
        wordings=frozenset(wordings),
        criteria=frozenset(
            name for kind in CRITERIA_KINDS if kind in documents for name in _ids(documents[kind].document)
        ),
        source_is_active=form.source.is_active,
        has_asset=form.asset_id is not None,
        fields={
            **{key: each.label for key, each in STANDARD_FIELDS.items()},
            **{key: row.label for key, row in own.items()},
        },
        own_kinds={key: _KIND_OF.get(FieldKind(row.kind), QuestionKind.SHORT_TEXT) for key, row in own.items()},
        own_choices={key: choice_words(known) for key, known in words().choices.items()},
    )


def preview_sheet(form: Form, language: str = "en") -> FormSheet:
    """Return the page of what is worked on, published or not."""
    return _sheet(form, content_worked_on(form), None, language)


def form_sheet(form_id: UUID, language: str = "en", version_id: UUID | None = None) -> FormSheet | None:
    """Return a published form, its services in its own order, and its wording per channel.

    It says what its latest version says, or the one that is named: what an experiment tries. A form published before
    versions were kept shows what is worked on.
    """
    rows = Form.rows().filter(id=form_id, is_published=True)
    form = rows.select_related("source__owning_team", "source__party", "asset").first()
    if form is None:
        return None
    named = FormVersion.rows().filter(form_id=form.id, id=version_id).first() if version_id else None
    version = named or latest_version(form.id)
    content = content_of(version.document) if version else content_worked_on(form)
    return _sheet(form, content, version.id if version else None, language)


def contents_on_the_net() -> list[tuple[str, FormContent]]:
    """Return every published form's title and what it says to people now, by title; three queries however many."""
    forms = list(Form.rows().filter(is_published=True).select_related("asset").prefetch_related("questions"))
    latest = (
        FormVersion.rows().filter(form__in=forms, is_variant=False).order_by("form_id", "-number").distinct("form_id")
    )
    documents = dict(latest.values_list("form_id", "document"))
    found = []
    for form in forms:
        content = content_of(documents[form.id]) if form.id in documents else content_worked_on(form)
        found.append((said(content.title, "en") or form.title, content))
    return sorted(found, key=lambda each: each[0].casefold())


def _sheet(form: Form, content: FormContent, version_id: UUID | None, language: str) -> FormSheet:
    names = services_to_choose(content.services)
    return FormSheet(
        form,
        content,
        version_id,
        language,
        current_organization(),
        {key: names[key] for key in content.services or names if key in names},
        _locations(list(names)),
        offered(),
        {key: tuple(row.appointment_types) for key, row in services_today().items() if key in names},
        shown_wordings(content, language),
        _hours(form),
    )


def services_to_choose(keys: Sequence[str]) -> dict[str, str]:
    """Return the names of those services that count today, of all where none is named; by name.

    One that takes no new patients says so.
    """
    rows = [row for row in services_today().values() if not keys or row.key in keys]
    closed = gettext("%(service)s (established patients only)")
    return {
        row.key: row.name if row.accepts_new_patients else closed % {"service": row.name}
        for row in sorted(rows, key=lambda row: row.name)
    }


def shown_wordings(content: FormContent, language: str) -> tuple[Wording, ...]:
    """Return the wording of each permission asked for, in the language or else in English; none without text."""
    english, own = content.consent_version.get("en", ""), said(content.consent_version, language)
    rows = ConsentWording.rows().filter(version__in={english, own}, language__in={"en", language})
    texts = {(row.channel, row.purpose, row.version, row.language): row.text for row in rows}
    found = []
    for ask in content.asks:
        for version, tongue in ((own, language), (english, "en")):
            text = texts.get((ask.channel, ask.purpose, version, tongue))
            if text is not None:
                found.append(Wording(ask, text, version))
                break
    return tuple(found)


def wordings_of(version: str, language: str = "en") -> dict[str, str]:
    """Return the wording of a version by channel, in the language or else in English."""
    rows = ConsentWording.rows().filter(version=version, purpose="care_inquiry", language__in=[language, "en"])
    found: dict[str, str] = {}
    for row in sorted(rows, key=lambda each: each.language == language):
        found[row.channel] = row.text
    return {channel: found[channel] for channel in ("call", "text", "email") if channel in found}


def _locations(services: list[str]) -> dict[str, str]:
    """Return the offices that offer at least one of the services, by key."""
    rows = Location.rows().filter(is_available=True, offerings__service__key__in=services).distinct()
    return dict(rows.order_by("name").values_list("key", "name"))


def _hours(form: Form) -> Hours | None:
    """Return when the team that gets the form's leads is open, else the tenant's first calendar."""
    team_id = spec_of(form.source).owning_team_id
    queues = Queue.rows().filter(team_id=team_id, is_active=True) if team_id else Queue.rows().none()
    calendar_id = queues.order_by("key").values_list("calendar_id", flat=True).first()
    calendar_id = calendar_id or Calendar.rows().order_by("key").values_list("id", flat=True).first()
    return all_hours()[calendar_id] if calendar_id else None


def _ids(part: object) -> Iterator[str]:
    """Yield the ids of the rules in a document, however deep they lie."""
    if isinstance(part, Mapping):
        if isinstance(part.get("id"), str):
            yield part["id"]
        for each in part.values():
            yield from _ids(each)
    elif isinstance(part, list):
        for each in part:
            yield from _ids(each)
