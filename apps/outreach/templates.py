"""Message templates as they are sent: the newest approved version, as long as it stands (row PH-14)."""

from datetime import datetime

from apps.outreach.models import Template, TemplateVersion
from apps.outreach.template_decisions import field_problems, sentences
from apps.outreach.template_places import known_places
from apps.outreach.template_terms import Tags, TemplateState, Wording
from apps.tenancy.stamps import settings_read

Name = tuple[str, str, str]


def find_template(key: str, language: str, channel: str = "email", *, now: datetime) -> TemplateVersion | None:
    """Return the words to send on a channel in the person's language, else in English.

    None where the template has no approved version that stands now.
    """
    rows = _approved()
    for name in ((key, channel, language[:2]), (key, channel, "en")):
        row = rows.get(name)
        if row is not None and not _why_not(row, now):
            return row
    return None


def why_not_sent(key: str, language: str, channel: str, *, now: datetime) -> str:
    """Return why a template that exists has no words to send now; "" for one that is unknown, or that has some."""
    if find_template(key, language, channel, now=now) is not None:
        return ""
    rows = _approved()
    for name in ((key, channel, language[:2]), (key, channel, "en")):
        if name in rows:
            return f"the template “{key}” {_why_not(rows[name], now)}"
    known = Template.rows().filter(key=key, channel=channel).exists()
    return f"the template “{key}” has no approved version." if known else ""


def sendable(now: datetime) -> list[TemplateVersion]:
    """Return all words that may be sent now."""
    return [row for row in _approved().values() if not _why_not(row, now)]


def wording_of(row: TemplateVersion) -> Wording:
    """Return a version's words as they are judged."""
    named = row.template
    return Wording(named.key, named.channel, row.subject, row.body, row.purpose, row.holds_phi, tags_of(row))


def tags_of(row: TemplateVersion) -> Tags:
    """Return which leads a version's words are for, and who says them to what end."""
    return Tags(tuple(row.stages), row.category, row.service, row.goal, row.team)


def standing_words(row: TemplateVersion, now: datetime) -> str:
    """Say how a version stands, for its register."""
    if row.state != TemplateState.APPROVED:
        return row.get_state_display()
    why = _why_not(row, now)
    return f"approved, but it {why}" if why else "approved"


def _why_not(row: TemplateVersion, now: datetime) -> str:
    if row.expires_at is not None and row.expires_at <= now:
        return f"expired on {row.expires_at:%Y-%m-%d}."
    problem = _faults().get((row.template.key, row.template.channel, row.template.language), "")
    return f"may not be sent any more. {problem}" if problem else ""


@settings_read
def template_names() -> frozenset[str]:
    """Return which templates there are, each as "key:channel", whatever the state of their words."""
    return frozenset(f"{key}:{channel}" for key, channel in Template.rows().values_list("key", "channel"))


@settings_read
def _approved() -> dict[Name, TemplateVersion]:
    rows = TemplateVersion.rows().filter(state=TemplateState.APPROVED).select_related("template").order_by("number")
    return {(row.template.key, row.template.channel, row.template.language): row for row in rows}


@settings_read
def _faults() -> dict[Name, str]:
    """Return what became wrong with approved words: a field may hold health data today, or serve less."""
    places = known_places()
    found = {name: field_problems(wording_of(row), places) for name, row in _approved().items()}
    return {name: sentences(problems) for name, problems in found.items() if problems}
