"""For which leads a template's words are: by stage, category, service line and what they speak of (TN-01, TN-02)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from apps.catalog.queries import services_by_key
from apps.leads.models import Lead
from apps.outreach.models import Message, TemplateVersion
from apps.outreach.template_decisions import disagreement, why_not_by_hand
from apps.outreach.template_terms import Need, Tags
from apps.outreach.templates import sendable, tags_of, wording_of

#: How a template's kind of service is said.
KINDS = {
    "therapy": "therapy",
    "specialty_care": "specialty care",
    "diagnostic": "diagnostics",
    "program_enrolment": "programs",
}


@dataclass(frozen=True, slots=True)
class Judged:
    """Approved words, and why they are not for a lead; "" where people may choose them."""

    row: TemplateVersion
    why: str


def why_not_fitting(lead: Lead, row: TemplateVersion) -> str:
    """Return why a template must not be sent about a lead: its category or service line is another; "" where it may."""
    asked = lead.service
    return disagreement(
        tags_of(row),
        called=row.template.key,
        service=asked.key if asked else "",
        category=str(asked.kind) if asked else "",
        said=for_what(tags_of(row)),
    )


def why_not_its_words(message: Message, lead: Lead) -> str:
    """Return why the words that a message was written from are not for its lead any more; "" where they are."""
    if message.words_id is None:
        return ""
    row = TemplateVersion.rows().select_related("template").filter(id=message.words_id).first()
    return why_not_fitting(lead, row) if row is not None else ""


def for_what(tags: Tags) -> str:
    """Say for which service line, else for which category words are; "" for any."""
    row = services_by_key().get(tags.service)
    return (row.name if row else tags.service) or KINDS.get(tags.category, tags.category)


def judged_templates(lead: Lead, now: datetime, has: Collection[Need]) -> list[Judged]:
    """Return the approved words in the person's language where there are some, each with why it is not for the lead.

    `has` is what the lead has of what words may speak of.
    """
    language = ((lead.contact_person or lead.person).language or "en")[:2]
    found: dict[tuple[str, str], TemplateVersion] = {}
    for row in sendable(now):
        name, spoken = (row.template.key, row.template.channel), row.template.language
        if spoken in (language, "en") and (name not in found or spoken == language):
            found[name] = row
    rows = sorted(found.values(), key=lambda each: (each.template.key, each.template.channel))
    return [Judged(row, why_not_chosen_by_hand(lead, row, has)) for row in rows]


def why_not_chosen_by_hand(lead: Lead, row: TemplateVersion, has: Collection[Need]) -> str:
    """Return why people may not send words about a lead by hand; "" where they may."""
    return why_not_fitting(lead, row) or why_not_by_hand(wording_of(row), lead.stage.key, has)
