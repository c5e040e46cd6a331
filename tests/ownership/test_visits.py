"""Who sets which state of a visit: as a table, without a database."""

import pytest

from apps.accounts.terms import Permission
from apps.appointments.terms import AppointmentState
from apps.ownership.terms import ActorFacts, ChangeCode, ChangeVerdict
from apps.ownership.visits import VISIT_STATES, may_set

OWNER = ChangeVerdict(True, ChangeCode.OK, "The owning team changes it.")
OTHER = ChangeVerdict(False, ChangeCode.LOCKED_BY_OWNER, "Elm owns it.")
RULES = {
    "visits": [
        {"state": "no_show", "teams": ["scheduling"]},
        {"state": "confirmed", "teams": ["scheduling"], "owner": True},
    ]
}
EDITS = frozenset({Permission.LEAD_EDIT})


def test_the_rules_know_the_states_of_visits() -> None:
    assert list(VISIT_STATES) == [str(each) for each in AppointmentState]


@pytest.mark.parametrize(
    ("state", "team", "sees", "by_owner", "code"),
    [
        ("no_show", "elm", True, OWNER, ChangeCode.VISIT_STATE),
        ("no_show", "scheduling", True, OTHER, ChangeCode.OK),
        ("no_show", "scheduling", False, OTHER, ChangeCode.VISIT_STATE),
        ("confirmed", "elm", False, OWNER, ChangeCode.OK),
        ("confirmed", "oak", True, OTHER, ChangeCode.VISIT_STATE),
        ("cancelled", "scheduling", True, OTHER, ChangeCode.LOCKED_BY_OWNER),
        ("cancelled", "elm", True, OWNER, ChangeCode.OK),
    ],
)
def test_a_state_is_set_by_whom_the_rules_name(
    state: str, team: str, sees: bool, by_owner: ChangeVerdict, code: ChangeCode
) -> None:
    actor = ActorFacts("Ana", frozenset({team}), permissions=EDITS, edits_lead=sees)
    verdict = may_set(state, actor=actor, by_owner=by_owner, document=RULES, names={"scheduling": "Scheduling"})
    assert (verdict.code, verdict.allowed) == (code, code is ChangeCode.OK)


def test_a_named_team_needs_the_right_to_edit() -> None:
    actor = ActorFacts("Ana", frozenset({"scheduling"}), edits_lead=True)
    verdict = may_set("no_show", actor=actor, by_owner=OTHER, document=RULES, names={})
    assert verdict.code is ChangeCode.NO_PERMISSION
