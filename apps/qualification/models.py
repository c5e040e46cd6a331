"""Tables of qualification: scores with the lines that make them."""

from typing import ClassVar

from django.db import models

from apps.leads.models import Lead
from apps.policies.models import RuleSetVersion
from apps.tenancy.fields import TenantForeignKey
from apps.tenancy.models import TenantModel


class ScoreResult(TenantModel):
    """One scoring of a lead: fit and intent, their lines, the scorecard's version and the facts seen."""

    grants: ClassVar[str] = "SELECT, INSERT"

    lead = TenantForeignKey(Lead, related_name="scores", indexed=False)
    version = TenantForeignKey(RuleSetVersion, null=True, related_name="+", indexed=False)
    fit = models.PositiveSmallIntegerField()
    intent = models.PositiveSmallIntegerField()
    verdict = models.JSONField()
    facts = models.JSONField(default=dict)
    #: The messages whose words the rules heard, by id; None where nobody noted it.
    heard = models.JSONField(null=True)
    #: Why it was scored: the arrival, another inquiry, changed data, new rules.
    cause = models.CharField(max_length=120, blank=True, default="", db_default="")
    scored_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organization", "lead", "-scored_at"], name="score_lead")]

    def __str__(self) -> str:
        return f"fit {self.fit}, intent {self.intent}"


from apps.qualification.clearance_models import ClearanceEvent as ClearanceEvent  # noqa: E402 - beside the table above
from apps.qualification.coverage_models import CoverageAnswer as CoverageAnswer  # noqa: E402 - beside the table above
from apps.qualification.parking_models import ParkedLead as ParkedLead  # noqa: E402
from apps.qualification.review_models import ReviewEvent as ReviewEvent  # noqa: E402 - beside the table above
from apps.qualification.verdict_models import CriteriaResult as CriteriaResult  # noqa: E402 - beside the table above
from apps.qualification.verdict_models import Qualification as Qualification  # noqa: E402
from apps.qualification.verdict_models import Verification as Verification  # noqa: E402
