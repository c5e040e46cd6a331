"""Two leads of one person: one is contacted, the other stands back until the first one ends."""

from datetime import timedelta

import pytest

from apps.flows.closing import close_lead
from apps.leads.models import Lead, Task
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead


@pytest.mark.row("DU-07")
def test_the_lead_that_stood_back_goes_on_when_the_other_ends(harbor: Tenant) -> None:
    phone = "+13125550163"
    first = make_lead(harbor, person__phone=phone)
    second = make_lead(harbor, person__phone=phone, request__service="bariatrics", request__location="oak-park")
    with harbor.scope():
        waiting = Task.rows().get(lead=second, kind="call")
        assert waiting.state == "suppressed"
        assert Task.rows().get(lead=second, state="open").kind == "coordinate"
        owner = harbor.actor(first.owner.user.email.partition("@")[0])
        now = TUESDAY_NINE + timedelta(hours=1)
        close_lead(
            actor=owner,
            lead_id=first.id,
            reason="not_interested",
            note="Has found another clinic.",
            outcome="not_interested",
            now=now,
        )
    with harbor.scope():
        woken = Task.rows().get(id=waiting.id)
        assert (woken.state, woken.due_at >= now) == ("open", True)
        lead = Lead.rows().get(id=second.id)
        assert (lead.shares_stream_with_id, lead.next_action_at) == (None, woken.due_at)
