"""References inside a tenant file: every key named somewhere exists, and no key exists twice."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.accounts.terms import AGENCY_SCOPES
from apps.catalog.terms import CaptureMethod
from apps.onboarding.file.part import Part
from apps.onboarding.file.schema import TenantFile
from apps.onboarding.terms import Fault, Path
from apps.policies.decisions.documents import as_document, as_items, as_text

#: Section, the attribute that names a row in it, and what one row is called.
NAMED_BY: Mapping[str, tuple[str, str]] = {
    "roles": ("key", "role"),
    "parties": ("key", "party"),
    "calendars": ("key", "calendar"),
    "locations": ("key", "location"),
    "services": ("key", "service"),
    "providers": ("key", "provider"),
    "teams": ("key", "team"),
    "people": ("email", "person"),
    "queues": ("key", "queue"),
    "workflows": ("key", "workflow"),
    "outside_systems": ("key", "outside system"),
    "vendors": ("key", "vendor"),
    "sensitive_topics": ("key", "sensitive topic"),
    "campaigns": ("key", "campaign"),
    "channels": ("key", "channel"),
    "sources": ("key", "source"),
    "tracking_numbers": ("number", "tracking number"),
    "connections": ("key", "connection"),
    "custom_fields": ("key", "field"),
    "field_keeping": ("field", "field"),
    "pipelines": ("key", "pipeline"),
    "assets": ("key", "asset"),
    "forms": ("slug", "form"),
    "chats": ("slug", "chat"),
    "api_keys": ("name", "API key"),
}

#: In a row of a section, which attribute names rows of which other section.
_NAMES: Mapping[str, Mapping[str, str]] = {
    "locations": {"calendar": "calendars", "fallback": "locations"},
    "services": {
        "at": "locations",
        "specialty_at": "locations",
        "established_only_at": "locations",
        "workflow": "workflows",
        "owner": "teams",
    },
    "providers": {"services": "services", "offices": "locations"},
    "vendors": {"owner": "people"},
    "sensitive_topics": {"services": "services", "teams": "teams"},
    "workflows": {"team": "teams"},
    "people": {"shift": "calendars", "role": "roles", "party": "parties", "teams": "teams", "leads": "teams"},
    "queues": {
        "team": "teams",
        "calendar": "calendars",
        "location": "locations",
        "after_hours": "queues",
        "overflow": "queues",
    },
    "campaigns": {"party": "parties", "services": "services"},
    "field_keeping": {"team": "teams"},
    "channels": {"owning_team": "teams"},
    "sources": {"party": "parties", "campaign": "campaigns", "owning_team": "teams"},
    "tracking_numbers": {"campaign": "campaigns", "location": "locations"},
    "connections": {"source": "sources"},
    "forms": {
        "source": "sources",
        "services": "services",
        "asset": "assets",
        "owner": "teams",
        "shared_with": "teams",
    },
    "chats": {"source": "sources"},
    "templates": {"service": "services", "team": "teams"},
    "api_keys": {"party": "parties", "person": "people"},
}

Known = Mapping[str, frozenset[str]]


def find_broken_references(file: TenantFile, known: Known) -> list[Fault]:
    """Return what is named and not there, and what is there twice."""
    words = {section: _words(file, section, known) for section in NAMED_BY}
    faults: list[Fault] = []
    for section in NAMED_BY:
        faults += _doubles(file, section)
    for section, names in _NAMES.items():
        for place, row in enumerate(getattr(file, section) or ()):
            for attribute, target in names.items():
                faults += _missing(getattr(row, attribute), (section, place, attribute), target, words)
    for place, team in enumerate(file.teams or ()):
        covers: Path = ("teams", place, "covers")
        faults += _missing(team.covers.locations, (*covers, "locations"), "locations", words)
        faults += _missing(team.covers.services, (*covers, "services"), "services", words)
    for key in (file.rules.mappings if file.rules else None) or {}:
        faults += _missing(key, ("rules", "mappings", key), "sources", words)
    return faults + list(_other_faults(file))


def _words(file: TenantFile, section: str, known: Known) -> frozenset[str] | None:
    """Return the keys of a section; None where the file leaves it out and nobody told us what exists."""
    rows: Sequence[Part] | None = getattr(file, section)
    if rows is None:
        return known.get(section)
    return frozenset(getattr(row, NAMED_BY[section][0]) for row in rows)


def _doubles(file: TenantFile, section: str) -> Iterator[Fault]:
    attribute, word = NAMED_BY[section]
    seen: set[str] = set()
    for place, row in enumerate(getattr(file, section) or ()):
        key = getattr(row, attribute)
        if key in seen:
            yield Fault((section, place, attribute), f"there is a {word} “{key}” already.")
        seen.add(key)


def _missing(named: Any, path: Path, target: str, words: Mapping[str, frozenset[str] | None]) -> Iterator[Fault]:
    there = words[target]
    if named is None or there is None:
        return
    several = isinstance(named, tuple)
    for place, key in enumerate(named if several else (named,)):
        if key not in there:
            where: Path = (*path, place) if several else path
            yield Fault(where, f"there is no {NAMED_BY[target][1]} “{key}”.")


def _other_faults(file: TenantFile) -> Iterator[Fault]:
    for place, person in enumerate(file.people or ()):
        for number, key in enumerate(person.leads):
            if key not in person.teams:
                yield Fault(("people", place, "leads", number), f"who leads “{key}” must belong to it.")
        if person.party and person.teams:
            yield Fault(("people", place, "teams"), "a person of an agency belongs to no team.")
    for place, api_key in enumerate(file.api_keys or ()):
        if (api_key.party is None) == (api_key.person is None):
            yield Fault(("api_keys", place), "a key belongs to a party or to a person: name exactly one.")
        for number, scope in enumerate(api_key.scopes):
            if api_key.party and scope not in AGENCY_SCOPES:
                where: Path = ("api_keys", place, "scopes", number)
                yield Fault(where, f"a party's key may not carry “{scope}”.")
    for place, office in enumerate(file.locations or ()):
        if office.fallback == office.key:
            yield Fault(("locations", place, "fallback"), "an office cannot take its own leads over.")
    for place, queue in enumerate(file.queues or ()):
        if queue.after_hours == queue.key:
            yield Fault(("queues", place, "after_hours"), "a queue cannot take over from itself.")
        if queue.overflow and queue.capacity is None:
            yield Fault(("queues", place, "overflow"), "say with how many leads the queue is full: capacity.")
    if file.sources is not None and "unknown" not in {source.key for source in file.sources}:
        yield Fault(("sources",), "a source “unknown” is needed, for leads whose source nobody knows.")
    for place, service in enumerate(file.services or ()):
        for part in ("specialty_at", "established_only_at"):
            for number, key in enumerate(getattr(service, part)):
                if key not in service.at:
                    where = ("services", place, part, number)
                    yield Fault(where, f"“{key}” does not offer it: name it under “at” too.")
        if file.workflows and service.workflow is None:
            yield Fault(("services", place), f"“{service.key}” has no scheduling workflow: nobody could book it.")
        if file.workflows and (service.owner is None or service.effective_on is None):
            yield Fault(("services", place), f"“{service.key}” needs the team that owns it, and its first day.")
    yield from _channel_faults(file)
    yield from _text_faults(file)


def _channel_faults(file: TenantFile) -> Iterator[Fault]:
    there = {str(each) for each in CaptureMethod} | {channel.key for channel in file.channels or ()}
    for place, source in enumerate(file.sources or ()):
        if file.channels is not None and source.channel not in there:
            yield Fault(("sources", place, "channel"), f"there is no channel “{source.channel}”.")
    document = as_document(file.rules.sla if file.rules else None)
    policies = {as_text(as_document(each).get("id")) for each in as_items(document.get("policies"))}
    for place, channel in enumerate(file.channels or ()):
        if document and channel.sla_policy and channel.sla_policy not in policies:
            yield Fault(("channels", place, "sla_policy"), f"there is no service level “{channel.sla_policy}”.")


def _text_faults(file: TenantFile) -> Iterator[Fault]:
    versions = {wording.version for wording in file.wordings or ()}
    for place, form in enumerate(file.forms or ()):
        if form.is_published and not (form.what_happens_next and form.consent_version):
            sentence = "a published form says what happens next and names its consent wording."
            yield Fault(("forms", place), sentence)
        keys = [question.key for question in form.questions]
        for number, key in enumerate(keys):
            if key in keys[:number]:
                yield Fault(("forms", place, "questions", number, "key"), f"there is a question “{key}” already.")
        if form.consent_version and file.wordings is not None and form.consent_version not in versions:
            where: Path = ("forms", place, "consent_version")
            yield Fault(where, f"there is no consent wording “{form.consent_version}”.")
    for place, pipeline in enumerate(file.pipelines or ()):
        keys = [stage.key for stage in pipeline.stages]
        for number, key in enumerate(keys):
            if key in keys[:number]:
                there: Path = ("pipelines", place, "stages", number, "key")
                yield Fault(there, f"there is a stage “{key}” already.")
    seen: set[tuple[str, ...]] = set()
    for place, text in enumerate(file.templates or ()):
        name: tuple[str, ...] = (text.key, text.channel, text.language)
        if name in seen:
            yield Fault(("templates", place), f"there is a template {' '.join(name)} already.")
        seen.add(name)
    for place, wording in enumerate(file.wordings or ()):
        name = ("", wording.channel, wording.purpose, wording.version, wording.language)
        if name in seen:
            yield Fault(("wordings", place), f"there is a wording {' '.join(name[1:])} already.")
        seen.add(name)
