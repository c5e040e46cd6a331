"""The access log: who read or did what, with the questions that a compliance officer asks again and again."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from apps.accounts.models import Membership, Party, TeamMembership
from apps.audit.asking import Asked, Kind, page_of
from apps.audit.models import AuditEntry
from apps.compliance.subjects import OF_LEADS, ids_shown, leads_shown
from apps.compliance.words import action_words, class_words, classes_of, door_of, purpose_of
from apps.ownership.models import Spell
from apps.tenancy.actor import ActorKind

PAGE, BATCH, MOST_LOOKED_AT = 50, 200, 4_000
#: A list or file that showed at least so many at once.
BULK = 200
#: How long before and after a look an act on the same lead makes it part of the work.
ACTED_WITHIN = timedelta(hours=24)
REFS_SHOWN = 3


class Question(StrEnum):
    """Saved questions about reads."""

    OUTSIDE = "outside"
    UNACTED = "unacted"
    GLASS = "glass"
    BULK = "bulk"


@dataclass(frozen=True, slots=True)
class Ref:
    """A lead as the log names it."""

    id: UUID
    ref: str


@dataclass(frozen=True, slots=True)
class Line:
    """An entry as the log shows it; names of patients stand nowhere in it."""

    seq: int
    at: datetime
    actor: str
    role: str
    party: str
    action: str
    refs: tuple[Ref, ...]
    more: int
    classes: str
    purpose: str
    door: str


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the log. `after` is where the next one starts; None: there is none."""

    entries: list[AuditEntry]
    after: int | None


def answer(asked: Asked, question: Question | None, *, before: int | None = None) -> Page:
    """Return a page of what is asked for.

    A saved question looks at 4,000 entries at most for a page: with few or no answers among them the page is short or
    empty and says where to look on.
    """
    if question is None:
        found = page_of(asked, PAGE + 1, before=before)
        return Page(found[:PAGE], found[PAGE - 1].seq if len(found) > PAGE else None)
    kept: list[AuditEntry] = []
    looked_at = 0
    asked = _for_question(asked, question)
    while looked_at < MOST_LOOKED_AT:
        batch = page_of(asked, BATCH, before=before)
        looked_at += len(batch)
        for entry in _KEEPS[question](batch):
            kept.append(entry)
            if len(kept) == PAGE:
                return Page(kept, entry.seq)
        if len(batch) < BATCH:
            return Page(kept, None)
        before = batch[-1].seq
    return Page(kept, before)


def _for_question(asked: Asked, question: Question) -> Asked:
    kind = {Question.GLASS: Kind.BREAK_GLASS, Question.BULK: asked.kind}.get(question, Kind.READ)
    return Asked(
        things=asked.things,
        actor_id=asked.actor_id,
        party_id=asked.party_id,
        since=asked.since,
        until=asked.until,
        kind=kind,
    )


def outside_own_team(entries: Sequence[AuditEntry]) -> list[AuditEntry]:
    """Return reads of leads by people who were in no team that owned one of them at that instant.

    Teams are those of today: who belonged to which team when is not kept. An act of sharing does not make a team own.
    """
    reads = [each for each in entries if each.object_type in OF_LEADS and each.actor_kind == ActorKind.USER]
    leads = {each for entry in reads for each in ids_shown(entry)}
    owners: dict[UUID, list[tuple[datetime, datetime | None, UUID]]] = {}
    spells = (
        Spell.rows()
        .filter(lead_id__in=leads, kind="primary")
        .values_list("lead_id", "started_at", "ended_at", "team_id")
    )
    for lead_id, start, end, team in spells:
        owners.setdefault(lead_id, []).append((start, end, team))
    teams: dict[UUID, set[UUID]] = {}
    members = TeamMembership.rows().filter(membership__user_id__in={each.actor_id for each in reads})
    for user_id, team in members.values_list("membership__user_id", "team_id"):
        teams.setdefault(user_id, set()).add(team)

    def is_outside(entry: AuditEntry) -> bool:
        own = teams.get(entry.actor_id, set()) if entry.actor_id else set()
        for lead_id in ids_shown(entry):
            spells_then = owners.get(lead_id, ())
            held = {team for start, end, team in spells_then if start <= entry.at and (end is None or entry.at < end)}
            if held and not held & own:
                return True
        return False

    return [each for each in reads if is_outside(each)]


def without_act(entries: Sequence[AuditEntry]) -> list[AuditEntry]:
    """Return reads of one lead by people who did nothing on it within a day before or after."""
    reads = [
        each
        for each in entries
        if each.object_type == "lead" and each.object_id is not None and each.actor_kind == ActorKind.USER
    ]
    if not reads:
        return []
    acts: dict[tuple[UUID | None, UUID | None], list[datetime]] = {}
    rows = AuditEntry.rows().filter(
        object_id__in={each.object_id for each in reads},
        actor_id__in={each.actor_id for each in reads},
        at__gte=min(each.at for each in reads) - ACTED_WITHIN,
        at__lte=max(each.at for each in reads) + ACTED_WITHIN,
    )
    for actor, thing, at in rows.exclude(action__endswith=".read").values_list("actor_id", "object_id", "at"):
        acts.setdefault((actor, thing), []).append(at)
    return [
        each
        for each in reads
        if not any(abs(at - each.at) <= ACTED_WITHIN for at in acts.get((each.actor_id, each.object_id), ()))
    ]


def in_bulk(entries: Sequence[AuditEntry]) -> list[AuditEntry]:
    """Return exports, and reads of at least 200 things at once."""
    return [each for each in entries if each.action.endswith(".export") or len(ids_shown(each)) >= BULK]


_KEEPS: dict[Question, Callable[[Sequence[AuditEntry]], Iterable[AuditEntry]]] = {
    Question.OUTSIDE: outside_own_team,
    Question.UNACTED: without_act,
    Question.GLASS: list,
    Question.BULK: in_bulk,
}


def lines_of(entries: Sequence[AuditEntry], things: frozenset[UUID] | None = None) -> list[Line]:
    """Return entries as the log shows them; of a list, where a person is asked for, what was theirs comes first."""
    leads, roles = leads_shown(entries), roles_of({each.actor_id for each in entries if each.actor_id})
    parties = dict(
        Party.rows().filter(id__in={each.party_id for each in entries if each.party_id}).values_list("id", "name")
    )
    lines = []
    for entry in entries:
        ids = ids_shown(entry)
        if things is not None:
            ids.sort(key=lambda each: each not in things)
        own = [leads[each] for each in ids if each in leads]
        lines.append(
            Line(
                seq=entry.seq,
                at=entry.at,
                actor=entry.actor_label,
                role=roles.get(entry.actor_id, "") if entry.actor_id else "",
                party=parties.get(entry.party_id, "") if entry.party_id else "",
                action=action_words(entry.action),
                refs=tuple(Ref(each.id, each.ref) for each in own[:REFS_SHOWN]),
                more=max(0, len(ids) - min(len(own), REFS_SHOWN)) if len(ids) > 1 else 0,
                classes=class_words(classes_of(entry.object_type, entry.fields)),
                purpose=purpose_of(entry.action, entry.object_type, str(entry.detail.get("purpose", ""))),
                door=door_of(entry.door),
            )
        )
    return lines


def roles_of(actor_ids: set[UUID]) -> dict[UUID, str]:
    """Return the role that people have today, by their user's id."""
    rows = Membership.rows().filter(user_id__in=actor_ids).values_list("user_id", "role__name")
    return dict(rows)
