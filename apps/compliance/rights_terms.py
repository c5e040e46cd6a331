"""Words of the rights of a person."""

from enum import StrEnum

#: 45 CFR 164.524(b)(2): within 30 days, and once put off by 30 more with a reason told in writing.
ANSWER_WITHIN_DAYS = 30
PUT_OFF_BY_DAYS = 30
#: 45 CFR 164.528: the disclosures of the six years before the request.
ACCOUNTED_YEARS = 6


class Ask(StrEnum):
    """What a person asks for."""

    COPY = "copy"
    AMENDMENT = "amendment"
    ACCOUNTING = "accounting"
    ERASURE = "erasure"


class AskState(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    APPROVED = "approved"
    DECLINED = "declined"


#: Requests that are answered with a package.
WITH_PACKAGE = (Ask.COPY, Ask.ACCOUNTING)
