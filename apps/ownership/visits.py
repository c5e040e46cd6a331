"""Who sets which state of a visit, by the ownership rules: the lead's owner, or the teams that they name (row AP-02).

A state that the rules do not mention is the owner's to set, as the outcome is.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from apps.accounts.terms import FieldGroup, Permission
from apps.ownership.terms import ActorFacts, ChangeCode, ChangeVerdict
from apps.policies.decisions.documents import as_document, as_items, as_text, as_texts, unknown_keys
from apps.policies.decisions.sentences import listed
from apps.policies.terms import Known, Problem

HOW_TO_ASK = "Use “Ask to change”, or ask for a transfer."
#: The states of a visit in their order, as people read them; `appointments.terms.AppointmentState` has the same keys.
VISIT_STATES = {
    "scheduled": "Scheduled",
    "confirmed": "Confirmed",
    "rescheduled": "Rescheduled",
    "attended": "Attended",
    "no_show": "No-show",
    "cancelled": "Cancelled",
    "completed_intake": "Completed intake",
}
_PARTS = frozenset({"state", "teams", "owner"})


@dataclass(frozen=True, slots=True)
class Setters:
    """Who sets a state: these teams, and, if `owner`, whoever owns the lead."""

    teams: tuple[str, ...]
    owner: bool

    def words(self, names: Mapping[str, str]) -> str:
        """Name them: "Scheduling or the team that owns the lead"."""
        called = [names.get(each, each) for each in self.teams]
        return listed([*called, *(["the team that owns the lead"] if self.owner else [])], "or")


def read_setters(document: Mapping[str, object]) -> dict[str, Setters]:
    """Return who sets each state that the document mentions."""
    found: dict[str, Setters] = {}
    for row in map(as_document, as_items(document.get("visits"))):
        state, setters = as_text(row.get("state")), Setters(as_texts(row.get("teams")), row.get("owner") is True)
        if state in VISIT_STATES and (setters.teams or setters.owner):
            found.setdefault(state, setters)
    return found


def may_set(
    state: str,
    *,
    actor: ActorFacts,
    by_owner: ChangeVerdict,
    document: Mapping[str, object],
    names: Mapping[str, str],
) -> ChangeVerdict:
    """Say whether this actor may set a state of a visit, and if not, who does and how to ask.

    `by_owner` is the verdict on the lead's own field, which holds where the rules say nothing of the state. A team
    that they name needs no ownership, but the right to edit leads and the group of outcomes; `actor.edits_lead` says
    whether it sees the lead at all. `names` are teams by key.
    """
    setters = read_setters(document).get(state)
    if setters is None or actor.is_system or actor.is_agency:
        return by_owner
    if setters.owner and (by_owner.allowed or not setters.teams):
        return by_owner
    if actor.team_keys.intersection(setters.teams) and actor.edits_lead:
        if Permission.LEAD_EDIT not in actor.permissions or FieldGroup.OUTCOME in actor.fixed_groups:
            sentence = "Your role does not change how a visit stands. Ask a colleague of your team whose role does."
            return ChangeVerdict(False, ChangeCode.NO_PERMISSION, sentence)
        return ChangeVerdict(True, ChangeCode.OK, "The ownership rules name your team.")
    ask = as_text(document.get("how_to_ask"), HOW_TO_ASK)
    sentence = f"“{VISIT_STATES[state]}” is set by {setters.words(names)}, because the ownership rules say so. {ask}"
    return ChangeVerdict(False, ChangeCode.VISIT_STATE, sentence)


def check_visits(rules: Mapping[str, object], known: Known) -> Iterable[Problem]:
    """Name what is wrong with who sets which state."""
    if not isinstance(rules.get("visits", []), list):
        yield Problem("/visits", "bad_value", "“visits” is a list.")
        return
    seen: set[str] = set()
    for place, item in enumerate(as_items(rules.get("visits"))):
        row, path = as_document(item), f"/visits/{place}"
        yield from unknown_keys(row, _PARTS, path)
        state, teams = as_text(row.get("state")), as_texts(row.get("teams"))
        if state not in VISIT_STATES:
            yield Problem(f"{path}/state", "unknown_state", f"A visit's state is one of {', '.join(VISIT_STATES)}.")
        elif state in seen:
            yield Problem(f"{path}/state", "state_twice", f"The state “{state}” is named twice.")
        seen.add(state)
        for each in teams:
            if each not in known.teams:
                yield Problem(f"{path}/teams", "unknown_team", f"There is no team “{each}”.")
        if not isinstance(row.get("owner", False), bool):
            yield Problem(f"{path}/owner", "bad_value", "“owner” is true or false.")
        elif not teams and row.get("owner") is not True:
            yield Problem(f"{path}/teams", "nobody_sets", "Name teams, or let the owner of the lead set it.")
