"""Words that nobody has said the meaning of: noted once for a source, settled once, with the leads that wait."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, Q

from apps.accounts.models import Team
from apps.accounts.saving import save_row
from apps.accounts.terms import TeamFunction
from apps.audit import ledger
from apps.catalog.models import CustomField, Location, Service, Source, UnmappedWord, WaitingLead
from apps.catalog.private_words import WordText, put_text, seal_words, stored_as, text_of
from apps.catalog.queries import local_today, private_labels, services_today, words
from apps.catalog.terms import REREAD, WordState
from apps.tenancy import outbox
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Invalid, NotFound, Problem
from apps.tenancy.ids import new_id

MOST_SHOWN = 200
SETTLE_WITHIN = timedelta(days=1)
#: Rows of the catalog that carry words of their own, by picklist field.
OF_CATALOG: dict[str, type[Service] | type[Location]] = {"service": Service, "location": Location}


def is_of_catalog(field: str) -> bool:
    """Say whether words for this field can be kept in the catalog: services, offices, choices of the tenant's own."""
    return field in OF_CATALOG or field in words().choices


def note_word(
    source: Source, *, field: str, word: str, typed: str, name: str, submission_id: UUID, lead_id: UUID, at: datetime
) -> UnmappedWord:
    """Note that a lead waits for a word. The first one opens the mapping task; the source's team or marketing has it.

    Asks at once for a second look, in case somebody settled the word while this lead was on its way. A value of a
    field that is not plain is sealed.
    """
    row = _known(source, field, word) or _opened(source, field, word, typed, name, at)
    UnmappedWord.rows().filter(id=row.id, last_at__lt=at).update(last_at=at)
    WaitingLead.objects.bulk_create(
        [WaitingLead(id=new_id(), word=row, submission_id=submission_id, lead_id=lead_id)], ignore_conflicts=True
    )
    outbox.enqueue(REREAD, row.id)
    return row


def _known(source: Source, field: str, word: str) -> UnmappedWord | None:
    rows = UnmappedWord.rows().filter(source=source, field=field, word__in=stored_as(field, word))
    found: UnmappedWord | None = rows.order_by("first_at", "id").first()
    if found is not None and found.sealed is None and field in private_labels():
        # It came while the field's privacy was being changed.
        seal_words(field)
        found.refresh_from_db()
    return found


def _opened(source: Source, field: str, word: str, typed: str, name: str, at: datetime) -> UnmappedWord:
    fresh = UnmappedWord(
        id=new_id(),
        source=source,
        field=field,
        word=stored_as(field, word)[0],
        name=name[:100],
        team_id=source.owning_team_id or _marketing(),
        first_at=at,
        last_at=at,
        due_at=at + SETTLE_WITHIN,
    )
    put_text(fresh, WordText(typed, ""))
    UnmappedWord.objects.bulk_create([fresh], ignore_conflicts=True)
    row: UnmappedWord = UnmappedWord.rows().get(source=source, field=field, word=fresh.word)
    return row


def ignored_words(source: Source) -> frozenset[tuple[str, str]]:
    """Return field and stored form of what was decided to mean nothing at a source; see `is_ignored`."""
    rows = UnmappedWord.rows().filter(source=source, state=WordState.IGNORED)
    return frozenset(rows.values_list("field", "word"))


def is_ignored(ignored: frozenset[tuple[str, str]], field: str, word: str) -> bool:
    """Say whether a folded word is among those that mean nothing."""
    return bool(ignored) and any((field, each) in ignored for each in stored_as(field, word))


def wait_elsewhere(submission_id: UUID, lead_id: UUID) -> int:
    """Let another lead wait for the words of an inquiry that became its own; return how many words."""
    return WaitingLead.rows().filter(submission_id=submission_id).update(lead_id=lead_id)


def settle_word(
    row: UnmappedWord, *, state: WordState, means: str, version: int | None, by: str, now: datetime
) -> None:
    """End a mapping task: the word means something now, or is left as it is. The leads are the caller's to fill."""
    put_text(row, WordText(text_of(row).typed, means))
    row.state, row.version, row.decided_by, row.decided_at = state, version, by[:200], now
    row.save(update_fields=["state", "typed", "means", "sealed", "version", "decided_by", "decided_at"])


def locked_word(word_id: UUID) -> UnmappedWord:
    """Return a word that is still open, locked. Raises NotFound for one that is settled."""
    rows = UnmappedWord.rows().select_for_update(of=("self",)).select_related("source")
    row: UnmappedWord | None = rows.filter(id=word_id, state=WordState.OPEN).first()
    if row is None:
        raise NotFound
    return row


def add_synonym(*, actor: Actor, field: str, key: str, word: str) -> None:
    """Let a word stand for a service, an office or a choice at every source. Refuses who may not change settings."""
    model = OF_CATALOG.get(field)
    if model is None and field in words().choices:
        _add_choice_word(actor, field, key, word)
        return
    row = model.rows().select_for_update().filter(key=key).first() if model else None
    if model is None or row is None:
        raise Invalid("The meaning.", (Problem("/means", "unknown", f"There is no {field} “{key}”."),))
    save_row(model, actor=actor, find={"key": key}, values={"synonyms": [*row.synonyms, word]})
    look_again([row.id])


def _add_choice_word(actor: Actor, field: str, value: str, word: str) -> None:
    row: CustomField = CustomField.rows().select_for_update().get(key=field)
    if value not in row.picklist:
        sentence = f"{row.label} has no value “{value}”."
        raise Invalid(sentence, (Problem("/means", "unknown", sentence),))
    said = {**row.synonyms, value: [*row.synonyms.get(value, ()), word]}
    save_row(CustomField, actor=actor, find={"key": field}, values={"synonyms": said})
    look_again([row.id])


def look_again(row_ids: Iterable[UUID]) -> None:
    """Have the open words looked at again, because the words of the catalog changed."""
    if UnmappedWord.rows().filter(state=WordState.OPEN).exists():
        for row_id in row_ids:
            outbox.enqueue(REREAD, row_id)


def look_on_first_day() -> None:
    """Have leads that wait for a service looked at again on the day from which it counts (row DD-09)."""
    today = local_today()
    begun = [row.id for row in services_today().values() if row.effective_on == today]
    if begun and UnmappedWord.rows().filter(state=WordState.OPEN, field="service").exists():
        outbox.enqueue(REREAD, begun[0])


def note_decision(actor: Actor, row: UnmappedWord, action: str, **detail: str) -> None:
    """Keep who decided about a word."""
    ledger.record(actor=actor, action=action, object_type="unmapped_word", object_id=row.id, detail=detail)


def _marketing() -> UUID | None:
    teams = Team.rows().filter(function=TeamFunction.MARKETING_OPS, is_active=True).order_by("key")
    found: UUID | None = teams.values_list("id", flat=True).first()
    return found


def open_words() -> list[UnmappedWord]:
    """Return the words that wait for a meaning, the latest first, each with `leads`, the number of leads that wait."""
    rows = UnmappedWord.rows().filter(state=WordState.OPEN).select_related("source", "team")
    counted = rows.annotate(leads=Count("waiting__lead_id", filter=Q(waiting__filled_at__isnull=True), distinct=True))
    return list(counted.order_by("-last_at", "id")[:MOST_SHOWN])
