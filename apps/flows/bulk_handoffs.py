"""Handing several leads to another team in one go: the offer of one lead, made for each, with the same checks (HO-01).

What the sender ticks and says holds for each of the leads; the service in each note is the lead's own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.actors import actor_of_key, actor_of_user
from apps.accounts.models import ApiKey, User
from apps.flows.handing_off import Offer, judge_handoff, offer_lead, withdraw_handoff
from apps.handoffs.terms import Note, Ticks
from apps.leads.models import Lead
from apps.tenancy.actor import Actor, Door
from apps.tenancy.errors import Conflict, Refused

TAKEN_BACK = "Taken back with the others of its list."


@dataclass(frozen=True, slots=True)
class HandOff:
    """Offer leads to another team by a type; the note's service is left to each lead."""

    type_id: str
    team_key: str = ""
    ticks: Ticks = field(default_factory=Ticks)
    note: Note = field(default_factory=Note)

    def offer_for(self, lead: Lead) -> Offer:
        """Return the offer of one lead."""
        note = replace(self.note, service=lead.service.key if lead.service else "")
        return Offer(self.type_id, self.team_key, self.ticks, note)

    def as_detail(self) -> dict[str, Any]:
        """Return what a run keeps of it, so that a worker can go on."""
        return {
            "type": self.type_id,
            "team": self.team_key,
            "done": sorted(self.ticks.done),
            "excused": dict(self.ticks.excused or {}),
            "confirmed": list(self.note.confirmed),
            "next_step": self.note.next_step,
            "eligibility": self.note.eligibility,
        }


def kept(detail: Mapping[str, Any]) -> HandOff:
    """Return the act that a run keeps."""
    note = Note("", tuple(detail["confirmed"]), detail["next_step"], detail["eligibility"])
    return HandOff(detail["type"], detail["team"], Ticks(frozenset(detail["done"]), detail["excused"]), note)


def judge(actor: Actor, lead: Lead, act: HandOff, now: datetime) -> None:
    """Raise what the offer of this lead would be refused by; nothing is written."""
    judge_handoff(actor, lead, act.offer_for(lead), now)


def offer(actor: Actor, lead: Lead, act: HandOff, now: datetime) -> dict[str, str]:
    """Offer one lead; return what takes it back."""
    row = offer_lead(actor=actor, lead_id=lead.id, offer=act.offer_for(lead), now=now)
    return {"handoff": str(row.id)}


def take_back(actor: Actor, lead_id: UUID, before: Mapping[str, Any], now: datetime) -> bool:
    """Take one offer back; False where it was answered meanwhile or is not the sender's any more."""
    try:
        handoff_id = UUID(str(before["handoff"]))
        withdraw_handoff(actor=actor, lead_id=lead_id, handoff_id=handoff_id, reason=TAKEN_BACK, now=now)
    except (Conflict, Refused):
        return False
    return True


def actor_again(actor_id: UUID) -> Actor | None:
    """Return who asked for a run, with the rights that they have now; None for who has no access any more."""
    user = User.objects.filter(id=actor_id).first()
    if user is not None:
        return actor_of_user(user, Door.WORKER)
    key = ApiKey.rows().filter(id=actor_id, revoked_at__isnull=True).first()
    return actor_of_key(key) if key is not None else None
