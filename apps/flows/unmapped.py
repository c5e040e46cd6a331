"""A word nobody knew: the lead that brought it waits, one person says what it means, and all that wait go on.

The way: `note_words` at arrival; `map_word`, `map_name` or `ignore_word` by who keeps the mapping; `reread`, whenever
a mapping begins to rule or the catalog learns a word, fills the value in and lets the lead be routed anew.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.terms import FieldGroup, Permission
from apps.audit import ledger
from apps.capture.mapping import PICKLISTS, names_in
from apps.capture.models import Submission
from apps.capture.queries import MAPPING, mapping_documents, mapping_number
from apps.capture.text import fold
from apps.catalog.models import UnmappedWord, WaitingLead
from apps.catalog.private_words import hidden_label, text_of
from apps.catalog.queries import custom_fields, words
from apps.catalog.terms import REREAD, WordState
from apps.catalog.unmapped import (
    add_synonym,
    is_of_catalog,
    locked_word,
    note_decision,
    note_word,
    settle_word,
)
from apps.exceptions.queries import has_open
from apps.exceptions.terms import ItemType
from apps.flows.arrival import Case, draft_of, open_case
from apps.flows.first_steps import answers_of
from apps.flows.release import reconsider
from apps.flows.repeats import fill_gaps
from apps.leads.actions import lock_lead, lock_people_of_leads, save_lead, tell
from apps.leads.models import Lead
from apps.policies.actions import save_draft
from apps.policies.models import RuleSetVersion
from apps.policies.queries import live_document
from apps.privacy import details
from apps.privacy.phi import look_at_phi
from apps.tenancy import outbox
from apps.tenancy.actor import Actor, system_actor
from apps.tenancy.errors import Refused
from apps.tenancy.scope import current_organization_id

BATCH = 50
EVERYWHERE = "default"
_READ_AS = {"service": "service_key", "location": "location_key"}


def note_words(case: Case, lead: Lead) -> None:
    """Open a mapping task for each unknown value of the inquiry, once per source, field and value (row DD-04).

    Unknown names count where the source has a mapping: then a new name is a change of the sender's form. Their
    values stay sealed. Tests open no task.
    """
    if lead.is_test or case.submission.is_rehearsal:
        return
    told = [(each.field, fold(each.typed), each.typed, each.name) for each in case.draft.unmapped]
    if case.mapping_number:
        told += [("", fold(each.name), "", each.name) for each in case.mapped.unknown]
    for field, word, typed, name in told:
        if word:
            note_word(
                case.source,
                field=field,
                word=word,
                typed=typed,
                name=name,
                submission_id=case.submission.id,
                lead_id=lead.id,
                at=case.now,
            )


def may_read_word(actor: Actor, row: UnmappedWord) -> bool:
    """Say whether a value may be shown: what a field that is not plain holds is for who reads health details."""
    reads_health = actor.may(Permission.HEALTH_READ) and FieldGroup.HEALTH not in actor.hidden_fields
    return reads_health or not hidden_label(row)


def read_words(*, actor: Actor, rows: Sequence[UnmappedWord]) -> dict[UUID, str]:
    """Return what was typed, by word, of those that the actor may read; what was opened is noted in the ledger."""
    shown = [row for row in rows if may_read_word(actor, row)]
    opened = [row for row in shown if hidden_label(row)]
    fields = sorted({row.field for row in opened})
    ledger.record_read(actor=actor, what="unmapped_word", object_ids=[row.id for row in opened], fields=fields)
    return {row.id: text_of(row).typed for row in shown}


def _require_reading(actor: Actor, row: UnmappedWord) -> None:
    if not may_read_word(actor, row):
        raise Refused(
            f"Answers to “{hidden_label(row)}” are hidden from your role. "
            "Who reads health details and may change mappings says what they mean.",
            code="masked",
            action="unmapped_word.read",
            object_type="unmapped_word",
            object_id=row.id,
        )


def map_word(*, actor: Actor, word_id: UUID, means: str, where: str, now: datetime) -> RuleSetVersion | None:
    """Say what a value means. In the catalog it counts at once; in a mapping it is a draft for another person.

    `where` is "catalog", "source" or "default" (every source). Returns the draft, or None where it counts already.
    Refuses who may not change settings or rules, who may not read the value, and values that the picklist does not
    have.
    """
    row = locked_word(word_id)
    _require_reading(actor, row)
    private, typed = hidden_label(row), text_of(row).typed
    if where == "catalog" and is_of_catalog(row.field):
        add_synonym(actor=actor, field=row.field, key=means, word=typed)
        note_decision(actor, row, "unmapped_word.map", **({} if private else {"means": means}))
        return None
    key = EVERYWHERE if where == EVERYWHERE else row.source.key
    document = _document(key, now)
    values = {name: dict(words) for name, words in dict(document.get("values") or {}).items()}
    values.setdefault(row.field, {})[typed] = means
    said = f"An answer to “{private}” has a meaning" if private else f"“{typed}” means {means}"
    reason = f"{said} ({row.source.name})"
    return _draft(actor, row, key, {**document, "values": values}, reason, now)


def map_name(*, actor: Actor, word_id: UUID, target: str, transform: str, now: datetime) -> RuleSetVersion:
    """Say which of our fields a sender's name fills: a draft of the source's mapping for another person."""
    row = locked_word(word_id)
    key = row.source.key
    document = _document(key, now)
    line = {"from": row.name, "to": target, **({"transform": transform} if transform else {})}
    lines = [each for each in document.get("fields") or () if fold(str(each.get("from", ""))) != row.word]
    return _draft(actor, row, key, {**document, "fields": [*lines, line]}, f"“{row.name}” fills {target}", now)


def ignore_word(*, actor: Actor, word_id: UUID, now: datetime) -> None:
    """Leave a word as it is: it means nothing to us, and the leads that wait for it go on without.

    Refuses who may not change rules, and who may not read the value.
    """
    if not actor.may(Permission.RULES_WRITE):
        raise Refused(
            "Your role may not change mappings. Ask marketing operations.",
            action="unmapped_word.ignore",
            object_type="unmapped_word",
        )
    row = locked_word(word_id)
    _require_reading(actor, row)
    settle_word(row, state=WordState.IGNORED, means="", version=None, by=actor.label, now=now)
    note_decision(actor, row, "unmapped_word.ignore")
    outbox.enqueue(REREAD, row.id)


@outbox.handler(REREAD)
def reread(row_id: UUID, now: datetime) -> None:
    """Look again at the words that wait, and fill in those that mean something now, fifty leads at a time."""
    for row in UnmappedWord.rows().filter(state=WordState.OPEN).select_related("source").order_by("id"):
        means = meaning_of(row, now)
        if means:
            number = mapping_number(row.source.key, now) if not _is_of_catalog(row, now) else None
            settle_word(row, state=WordState.MAPPED, means=means, version=number, by="mapping", now=now)
    settled = [WordState.MAPPED, WordState.IGNORED]
    waiting = WaitingLead.rows().filter(word__state__in=settled, filled_at__isnull=True).select_related("word")
    batch = list(waiting.order_by("lead_id", "id")[:BATCH])
    lock_people_of_leads(each.lead_id for each in batch)
    for each in batch:
        _fill(each, now)
    if len(batch) == BATCH:
        outbox.enqueue(REREAD, row_id)


def newest_draft(key: str) -> RuleSetVersion | None:
    """Return the newest draft of a mapping that waits for approval."""
    drafts = RuleSetVersion.rows().filter(rule_set__kind=MAPPING, rule_set__key=key, state__in=["draft", "tested"])
    found: RuleSetVersion | None = drafts.order_by("-number").first()
    return found


def meaning_of(row: UnmappedWord, now: datetime) -> str:
    """Return what a word means by the mapping and the catalog of now; "" while nobody has said it."""
    documents = mapping_documents(row.source.key, now)
    if not row.field:
        rule = names_in(documents).get(row.word)
        own = {fold(key) for key in custom_fields()}
        return rule.target if rule else row.name if row.word in own else ""
    return _read(row, documents)


def _is_of_catalog(row: UnmappedWord, now: datetime) -> bool:
    return bool(row.field) and bool(_read(row, ()))


def _read(row: UnmappedWord, documents: Any) -> str:
    if row.field not in PICKLISTS:
        return _read_choice(row, documents)
    draft = draft_of({PICKLISTS[row.field]: {row.field: text_of(row).typed}}, documents)
    if row.field == "relation":
        return draft.on_behalf_of.relation if draft.on_behalf_of else ""
    return str(getattr(draft, _READ_AS.get(row.field, row.field)))


def _read_choice(row: UnmappedWord, documents: Any) -> str:
    """Return the value of the tenant's own field that a word stands for; "" too where the field is no choice now."""
    if row.field not in words().choices:
        return ""
    draft = draft_of({"answers": [{"key": row.field, "values": [text_of(row).typed]}]}, documents)
    return next((value for answer in draft.answers for value in answer.values), "")


def _fill(each: WaitingLead, now: datetime) -> None:
    """Fill a lead's gaps from the inquiry that waited, say so in its story, and let it go on if nothing else lacks."""
    each.filled_at = now
    each.save(update_fields=["filled_at"])
    lead = lock_lead(each.lead_id)
    submission = Submission.rows().select_related("source__campaign", "party").get(id=each.submission_id)
    if lead.closed_at is not None:
        return
    case = open_case(submission, now)
    filled = fill_gaps(case, lead)
    if filled:
        save_lead(lead, filled)
    chosen = _keep_choice(case, lead, each.word)
    if filled or chosen or each.word.state == WordState.IGNORED:
        tell(
            lead,
            kind="mapped",
            sentence=_sentence(each.word),
            actor=system_actor(current_organization_id(), "mapping"),
            now=now,
        )
    if has_open(lead, ItemType.UNMAPPED_VALUE):
        reconsider(lead.id, now=now)


def _keep_choice(case: Case, lead: Lead, word: UnmappedWord) -> bool:
    """Add what an answer to a field of the tenant's own means now to the lead's answers; say whether there is any."""
    if not word.field or word.field in PICKLISTS or word.state != WordState.MAPPED:
        return False
    text = answers_of(case.draft, [word.field])
    details.keep(subject_id=lead.id, kind="answers", text=text, now=case.now)
    look_at_phi(lead.id, {"answers": text}, now=case.now)
    return bool(text)


def _sentence(row: UnmappedWord) -> str:
    private, text = hidden_label(row), text_of(row)
    if row.state == WordState.IGNORED:
        said = f"an answer to “{private}”" if private else f"“{text.typed or row.name}”"
        return f"{row.decided_by} decided that {said} means nothing to us."
    by = f"mapping v{row.version}" if row.version else "the catalog"
    if private:
        return f"An answer to “{private}” has a meaning by {by}: the value is filled in."
    return f"“{text.typed or row.name}” means {text.means} by {by}: the value is filled in."


def _document(key: str, now: datetime) -> Mapping[str, Any]:
    """Return what the next draft starts from: the newest draft that waits, or what rules."""
    newest = newest_draft(key)
    return dict(newest.document) if newest else live_document(MAPPING, now, key)


def _draft(
    actor: Actor, row: UnmappedWord, key: str, document: Mapping[str, Any], reason: str, now: datetime
) -> RuleSetVersion:
    older = newest_draft(key)
    version = save_draft(
        actor=actor,
        kind=MAPPING,
        key=key,
        document=dict(document),
        reason=reason[:500],
        now=now,
        replaces=older.id if older else None,
    )
    note_decision(actor, row, "unmapped_word.draft", version=str(version.number))
    return version
