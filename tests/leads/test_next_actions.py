"""What a stage starts when it is entered: read from its configuration, faults named before they are saved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.leads.decisions import check_next_actions, next_actions
from apps.leads.terms import NextAction, NextStep

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["do", "after_seconds", "x"]), inner),
    max_leaves=12,
)


def test_a_step_is_a_task_within_a_day_unless_it_says_otherwise() -> None:
    assert next_actions([{"title": "Look"}]) == (NextAction(NextStep.TASK, "Look", "review", "", 86_400, ""),)
    [message] = next_actions([{"do": "message", "template": "hello", "after_seconds": 0}])
    assert (message.do, message.template, message.after_seconds) == (NextStep.MESSAGE, "hello", 0)


@pytest.mark.parametrize(
    "wrong", ["call", 7, None, {}, {"do": "dance"}, {"do": "message"}, {"do": "task", "after_seconds": -1}]
)
def test_a_step_that_nobody_could_carry_out_is_named_and_left_out(wrong: object) -> None:
    configured = [{"do": "alert"}, wrong]
    assert [each.path for each in check_next_actions(configured, "/steps")] == ["/steps/1"]
    assert [each.do for each in next_actions(configured)] == ["alert"]


@given(JSON)
def test_reading_never_fails_and_takes_what_has_no_fault(configured: object) -> None:
    read = next_actions(configured)
    if isinstance(configured, list):
        assert len(read) == len(configured) - len(check_next_actions(configured, ""))
