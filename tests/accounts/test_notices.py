"""Notices: one matter is told once to whoever has to know, and each puts aside their own."""

import pytest

from apps.accounts.notices import notices_of, put_aside, tell_people
from apps.accounts.terms import Permission
from apps.policies.models import Review
from apps.policies.reviews import close_review, open_review
from apps.tenancy.clock import database_now
from apps.tenancy.errors import Conflict, Invalid, NotFound, Refused


def told(tenant, **more):
    """Tell of rule R-41 once more; return how many heard of it now."""
    with tenant.scope():
        return tell_people(
            kind="rule", sentence="Rule R-41 is broken.", dedup_key="fault:R-41", now=database_now(), **more
        )


def test_one_matter_is_told_once_to_who_may_write_rules(harbor) -> None:
    first, again = told(harbor, permission=Permission.RULES_WRITE), told(harbor, permission=Permission.RULES_WRITE)
    assert first > 0 and again == 0
    with harbor.scope():
        heard = {name: [each.sentence for each in notices_of(harbor.actor(name))] for name in ("cleo", "ana")}
    assert heard == {"cleo": ["Rule R-41 is broken."], "ana": []}
    with harbor.scope():
        ana = harbor.member("ana")
    assert told(harbor, members=[ana.id]) == 1


def test_only_the_own_notice_is_put_aside(harbor) -> None:
    told(harbor, permission=Permission.RULES_WRITE)
    with harbor.scope():
        cleo, ana, now = harbor.actor("cleo"), harbor.actor("ana"), database_now()
        (notice,) = notices_of(cleo)
        with pytest.raises(NotFound):
            put_aside(actor=ana, notice_id=notice.id, now=now)
        put_aside(actor=cleo, notice_id=notice.id, now=now)
        assert notices_of(cleo) == []


def test_a_review_is_opened_once_and_closed_in_words(harbor) -> None:
    with harbor.scope():
        now = database_now()
        said = {
            "kind": "campaign",
            "subject": "knee-ad-4",
            "sentence": "Look at its rules.",
            "dedup_key": "c:knee-ad-4",
        }
        first = open_review(**said, due_on=now.date(), now=now, rules=["R-41"])
        assert open_review(**said, due_on=now.date(), now=now).id == first.id and Review.rows().count() == 1
        with pytest.raises(Refused):
            close_review(actor=harbor.actor("ana"), review_id=first.id, outcome="Fine.", now=now)
        with pytest.raises(Invalid):
            close_review(actor=harbor.actor("cleo"), review_id=first.id, outcome=" ", now=now)
        closed = close_review(actor=harbor.actor("cleo"), review_id=first.id, outcome="R-41 fits.", now=now)
        assert (closed.outcome, closed.closed_at) == ("R-41 fits.", now)
        with pytest.raises(Conflict):
            close_review(actor=harbor.actor("cleo"), review_id=first.id, outcome="Again.", now=now)
