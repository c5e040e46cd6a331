"""The data dictionary: every field of a lead with its meaning, from the live set-up (row DD-01).

Nothing of it is kept: a service that is added now stands here now.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.accounts.models import Team
from apps.capture.form_queries import contents_on_the_net
from apps.capture.form_terms import FILLS, OWN_QUESTIONS, FormContent, Question
from apps.capture.mapping import CUSTOM, field_rules
from apps.capture.mapping_document import OWN_PICKLISTS
from apps.catalog.field_names import STANDARD_FIELDS
from apps.catalog.field_purposes import recorded_uses
from apps.catalog.field_uses import USUAL
from apps.catalog.keeping import keepings
from apps.catalog.models import FieldKeeping
from apps.catalog.queries import (
    campaigns_by_key,
    channels_by_key,
    custom_fields,
    local_today,
    locations_by_key,
    services_by_key,
    sources_by_key,
    spec_of,
)
from apps.catalog.terms import FieldUse, PrivacyClass
from apps.connectors.models import Connection
from apps.connectors.providers import providers
from apps.leads.models import Pipeline, Stage
from apps.ownership.terms import KEY_FIELDS
from apps.policies.decisions.documents import as_document, as_texts
from apps.policies.queries import live_document, versions_by_key

Forms = list[tuple[str, FormContent]]
"""Title and published content of every form on the net."""

#: How long a field is kept of which nobody said anything else (`FieldKeeping`).
KEPT = "as long as the lead"
SEALED = "as long as the lead, sealed"
OWNER = "the lead's owning team"
_SEALED = frozenset({"message", "member_id"})
_CONSENT = frozenset({"consent_call", "consent_text", "consent_email", "consent_any"})


@dataclass(frozen=True, slots=True)
class Entry:
    """One field as the dictionary shows it; lists are in the order they are read."""

    name: str
    label: str
    meaning: str
    kind: str
    picklist: tuple[str, ...]
    maintained_by: str
    editors: str
    privacy: str
    stages: tuple[str, ...]
    retention: str
    uses: str
    origins: tuple[str, ...]
    is_own: bool = False

    @property
    def text(self) -> str:
        """All of it in lower case, to be searched."""
        parts = (
            self.name,
            self.label,
            self.meaning,
            self.kind,
            self.maintained_by,
            self.privacy,
            self.retention,
            self.uses,
        )
        return " ".join((*parts, *self.picklist, *self.stages, *self.origins)).casefold()


HEAD = (
    *("name", "label", "meaning", "type", "values", "maintained by", "editors", "privacy", "required for"),
    *("kept", "used for", "comes from"),
)


def entries(now: datetime, wanted: str = "") -> list[Entry]:
    """Return the fields whose entry holds all the words wanted, the product's own first."""
    words = wanted.casefold().split()
    return [each for each in _entries(now) if all(word in each.text for word in words)]


def csv_row(entry: Entry) -> tuple[str, ...]:
    """Return an entry as a row under `HEAD`."""
    return (
        *(entry.name, entry.label, entry.meaning, entry.kind, "; ".join(entry.picklist)),
        *(entry.maintained_by, entry.editors, entry.privacy, "; ".join(entry.stages)),
        *(entry.retention, entry.uses, "; ".join(entry.origins)),
    )


def _entries(now: datetime) -> Iterator[Entry]:
    forms = contents_on_the_net()
    picklists, required, origins = _picklists(), _required(now), _origins(now, forms)
    rules = as_document(live_document("ownership", now))
    locked = KEY_FIELDS | set(as_texts(rules.get("locked_fields")))
    keeper = str(as_document(rules.get("consent")).get("team") or "")
    uses = recorded_uses()
    teams, kept = dict(Team.rows().values_list("key", "name")), keepings()
    for name, each in STANDARD_FIELDS.items():
        owner, editors = OWNER, "every editor who sees the lead"
        if name in _CONSENT:
            owner = teams.get(keeper, "nobody: no team is named")
            editors = f"{owner}; anyone may record an opt-out"
        elif name in locked:
            editors = "the owning team alone"
        yield Entry(
            name,
            each.label,
            each.meaning,
            str(each.kind).replace("_", " "),
            picklists.get(name, ()),
            _maintainer(kept.get(name), owner),
            editors,
            str(each.privacy),
            required.get(name, ()),
            _retention(kept.get(name), is_sealed=name in _SEALED),
            _uses(uses[name]),
            tuple(origins.get(each.target or name, ())),
        )
    fields = custom_fields()
    for key, own in fields.items():
        yield Entry(
            key,
            own.label,
            own.meaning,
            own.get_kind_display(),
            tuple(own.picklist),
            _maintainer(kept.get(key), OWNER),
            "nobody: an answer stays as it was given",
            own.get_privacy_display(),
            required.get(key, ()),
            _retention(kept.get(key), is_sealed=True),
            _uses(uses[key]),
            tuple(filter(None, (own.origin, *origins.get(f"{CUSTOM}.{key}", ())))),
            is_own=True,
        )
    for key, asked in _own_questions(forms).items():
        if key not in fields:
            yield _question_entry(key, asked, required.get(key, ()), origins[f"{CUSTOM}.{key}"])


def _maintainer(said: FieldKeeping | None, usual: str) -> str:
    return said.team.name if said is not None and said.team is not None else usual


def _retention(said: FieldKeeping | None, *, is_sealed: bool) -> str:
    """Return how long a field is kept, as the tenant says it, with the reason; else as long as its lead."""
    if said is None or said.kept_months is None:
        return SEALED if is_sealed else KEPT
    months, note = said.kept_months, f" ({said.note})" if said.note else ""
    period = f"{months // 12} years" if months % 12 == 0 and months > 12 else f"{months} months"
    return f"{period} after the lead is closed{', sealed' if is_sealed else ''}{note}"


def _uses(found: frozenset[FieldUse]) -> str:
    return ", ".join(each for each in FieldUse if each in found)


def _question_entry(key: str, asked: list[Question], required: tuple[str, ...], origins: list[str]) -> Entry:
    """Return the entry of a tenant's question, as all forms that ask it put it."""
    options = dict.fromkeys(each.label or each.value for question in asked for each in question.choices)
    criteria = dict.fromkeys(question.criterion for question in asked if question.criterion)
    meaning = "A question of our own forms, kept as an answer."
    return Entry(
        name=key,
        label=asked[0].label or key,
        meaning=f"{meaning} Judged by {', '.join(criteria)}." if criteria else meaning,
        kind=str(asked[0].kind).replace("_", " "),
        picklist=tuple(options),
        maintained_by="whoever builds the form",
        editors="nobody: an answer stays as it was given",
        privacy=str(PrivacyClass.HEALTH),
        stages=required,
        retention=SEALED,
        uses=_uses(USUAL[PrivacyClass.HEALTH]),
        origins=tuple(origins),
        is_own=True,
    )


def _own_questions(forms: Forms) -> dict[str, list[Question]]:
    """Return the tenant's questions on the net by key."""
    found: dict[str, list[Question]] = defaultdict(list)
    for _title, content in forms:
        for question in content.questions:
            if question.kind in OWN_QUESTIONS:
                found[question.key].append(question)
    return dict(sorted(found.items()))


def _asked_by(content: FormContent) -> Iterator[str]:
    """Yield by target what a form asks for; permissions and the tenant's questions have their own names."""
    for question in content.questions:
        if question.kind in OWN_QUESTIONS:
            yield f"{CUSTOM}.{question.key}"
        yield from FILLS.get(question.kind, ())
    for ask in content.asks:
        yield from (f"consent_{ask.channel}", "consent_any")


def _picklists() -> dict[str, tuple[str, ...]]:
    """Return the values of the picklists in words: the catalog's of now, and the product's own."""
    stages = Stage.rows().filter(pipeline__key="patient").order_by("position").values_list("label", flat=True)
    reasons = Pipeline.rows().filter(key="patient").values_list("closure_reasons", flat=True).first() or []
    own = {name: tuple(key.replace("_", " ") for key in keys) for name, keys in OWN_PICKLISTS.items()}
    return own | {
        "service": _services(),
        "location": tuple(row.name for row in locations_by_key().values()),
        "source": tuple(row.name for row in sources_by_key().values() if row.is_active),
        "campaign": tuple(row.name for row in campaigns_by_key().values()),
        "channel": tuple(row.name for row in channels_by_key().values() if row.is_active),
        "stage": tuple(stages),
        "closure_reason": tuple(str(each.get("label", "")) for each in reasons if isinstance(each, dict)),
        "owner_team": tuple(Team.rows().filter(is_active=True).order_by("name").values_list("name", flat=True)),
    }


def _services() -> tuple[str, ...]:
    """Return the services in use; one that is not asked for yet says from which day it is."""
    today, rows = local_today(), [row for row in services_by_key().values() if row.is_active]
    return tuple(row.name if row.counts_on(today) else f"{row.name} (from {row.effective_on})" for row in rows)


def _required(now: datetime) -> dict[str, tuple[str, ...]]:
    """Return by field the stages whose gate asks for it, and the sources that must bring it."""
    labels = dict(Stage.rows().order_by("position").values_list("key", "label"))
    found: dict[str, list[str]] = defaultdict(list)
    for stage, names in as_document(live_document("gates", now).get("gates")).items():
        for name in as_texts(names):
            for each in ("phone", "email") if name == "reachable_point" else (name,):
                found[each].append(labels.get(stage, stage))
    for source in sources_by_key().values():
        for name in spec_of(source).required_fields if source.is_active else ():
            found[name].append(f"source {source.name}")
    return {name: tuple(said) for name, said in found.items()}


def _origins(now: datetime, forms: Forms) -> dict[str, list[str]]:
    """Return by target where a field comes from: API, forms, mappings with the sender's names, connectors."""
    found: dict[str, list[str]] = defaultdict(list)
    for each in STANDARD_FIELDS.values():
        if each.target:
            found[each.target] += ["API, imports"]
    for channel in channels_by_key().values():
        for name in channel.initial_fields if channel.is_active else ():
            if (field := STANDARD_FIELDS.get(name)) is not None:
                found[field.target] += [f"asked first by {channel.name}"]
    for title, content in forms:
        for target in _asked_by(content):
            found[target].append(f"form “{title}”")
    for key, version in sorted(versions_by_key("mapping", now).items()):
        where = "every source" if key == "default" else key
        for rule in field_rules(version.document):
            found[rule.target].append(f"{rule.name} ({where}, mapping v{version.number})")
    for name, target in _connected():
        found[target].append(name)
    return {target: list(dict.fromkeys(said)) for target, said in found.items()}


def _connected() -> Iterator[tuple[str, str]]:
    """Yield what each connection's sender calls our fields."""
    for row in Connection.rows().filter(is_active=True).order_by("name"):
        spec = providers().get(row.provider)
        named: Mapping[str, Any] = {**(spec.mapping if spec else {}), **row.mapping}
        for name, target in named.items():
            yield f"{name} ({row.name})", str(target)
