"""For which leads a template's words are: by stage, category and service line (rows TN-01, TN-02)."""

from datetime import datetime

from apps.catalog.queries import services_by_key
from apps.leads.models import Lead
from apps.outreach.models import Message, TemplateVersion
from apps.outreach.template_decisions import disagreement, is_offered_at
from apps.outreach.template_terms import Tags
from apps.outreach.templates import sendable, tags_of

#: How a template's kind of service is said.
KINDS = {
    "therapy": "therapy",
    "specialty_care": "specialty care",
    "diagnostic": "diagnostics",
    "program_enrolment": "programs",
}


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


def offered_templates(lead: Lead, now: datetime) -> list[TemplateVersion]:
    """Return the approved words that people may choose for a lead, in the person's language where there are some.

    Those for another stage, category or service line are left out, and those that only an automatic step can fill.
    """
    language = ((lead.contact_person or lead.person).language or "en")[:2]
    found: dict[tuple[str, str], TemplateVersion] = {}
    for row in sendable(now):
        name, spoken = (row.template.key, row.template.channel), row.template.language
        if spoken not in (language, "en") or (name in found and spoken != language):
            continue
        if is_offered_at(tags_of(row), lead.stage.key) and not why_not_fitting(lead, row):
            found[name] = row
    return sorted(found.values(), key=lambda each: (each.template.key, each.template.channel))
