"""The periodic review of the scorecard: each quarter people look whether scores foretold what came (row SC-14)."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from apps.accounts.notices import tell_people
from apps.accounts.terms import Permission
from apps.leads.models import Lead
from apps.policies.models import Review
from apps.policies.queries import versions_in_force
from apps.policies.reviews import open_review
from apps.tenancy.organizations import current_organization

SCORE_REVIEW = "score_conversion"
QUARTER = 3
DUE_AFTER = timedelta(days=14)


def review_scores(now: datetime) -> Review | None:
    """Open the review of the quarter that ended last, once; nothing where no scorecard rules or nobody asked then.

    Whoever may write rules is told. It may be called as often as the clock ticks.
    """
    zone = ZoneInfo(current_organization().zone)
    first, last = quarter_before(now.astimezone(zone).date())
    key = f"{SCORE_REVIEW}:{first}"
    version = versions_in_force(now).get("scoring")
    if version is None or Review.rows().filter(dedup_key=key).exists():
        return None
    begun, ended = (datetime.combine(day, time.min, zone) for day in (first, last + timedelta(days=1)))
    if not Lead.rows().filter(captured_at__gte=begun, captured_at__lt=ended, is_test=False).exists():
        return None
    quarter = f"{(first.month + 2) // QUARTER} of {first.year}"
    sentence = f"Compare scores with what came of them: quarter {quarter}, scorecard v{version.number} rules now."
    url = f"/reports/scores/?since={first}&until={last}"
    due_on = last + timedelta(days=1) + DUE_AFTER
    review = open_review(
        kind=SCORE_REVIEW,
        subject=version.rule_set.key,
        sentence=sentence,
        dedup_key=key,
        due_on=due_on,
        now=now,
        url=url,
    )
    tell_people(
        kind=SCORE_REVIEW, sentence=sentence, dedup_key=key, now=now, permission=Permission.RULES_WRITE, url=url
    )
    return review


def quarter_before(today: date) -> tuple[date, date]:
    """Return the first and the last day of the last quarter that is over."""
    begun = today.replace(month=today.month - (today.month - 1) % QUARTER, day=1)
    last = begun - timedelta(days=1)
    return last.replace(month=last.month - 2, day=1), last
