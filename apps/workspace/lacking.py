"""What a lead has nothing of, known from the statement that read it: its page asks no further for that.

Most leads have no review, no scheduling link, no topic and nobody on the phone. One look ahead at each spares the page
a statement of its own for every one of them.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from apps.leads.models import Lead
from apps.outreach.models import AutomationPause, LiveAttempt, SchedulingLink
from apps.privacy.models import HealthDetail, PhiMark, PhiState
from apps.privacy.topic_models import BrokenGlass, LeadTopic
from apps.qualification.models import ClearanceEvent, CoverageAnswer, ReviewEvent

_ONE, _SUBJECT = {"lead": OuterRef("id")}, {"subject_id": OuterRef("id")}


def looked_ahead(member_id: UUID, now: datetime) -> dict[str, Any]:
    """Return the columns that say whether a lead has any of what its page tells only then; see `lacks`."""
    who = Coalesce(OuterRef("contact_person_id"), OuterRef("person_id"))
    with_them = Q(**_ONE) | Q(lead__contact_person=who) | Q(lead__person=who)
    people = [OuterRef("person_id"), OuterRef("contact_person_id")]
    paused = [Q(person=each) | Q(person__merged_into=each) for each in people]
    return {
        "has_live": Exists(LiveAttempt.rows().filter(with_them, ended_at__isnull=True, until__gt=now)),
        "has_links": Exists(SchedulingLink.rows().filter(**_ONE)),
        "has_pause": Exists(AutomationPause.rows().filter(paused[0] | paused[1], ended_at__isnull=True)),
        "has_details": Exists(HealthDetail.rows().filter(**_SUBJECT)),
        "has_phi": Exists(PhiMark.rows().filter(**_SUBJECT)) | Exists(PhiState.rows().filter(**_SUBJECT)),
        "has_topics": Exists(LeadTopic.rows().filter(**_SUBJECT)),
        "has_glass": Exists(BrokenGlass.rows().filter(**_SUBJECT, member_id=member_id, until__gt=now)),
        "has_reviews": Exists(ReviewEvent.rows().filter(**_ONE)),
        "has_insurance": Exists(CoverageAnswer.rows().filter(**_ONE)) | Exists(ClearanceEvent.rows().filter(**_ONE)),
    }


def lacks(lead: Lead, what: str) -> bool:
    """Whether a lead is known to have none; of a lead that was read without the look ahead nothing is known."""
    return vars(lead).get(f"has_{what}") is False
