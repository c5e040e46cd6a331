"""The sections of compliance, in the order of the index."""

from apps.compliance.web.access import ACCESS
from apps.compliance.web.breach import BREACH
from apps.compliance.web.dataflow import DATA_FLOW
from apps.compliance.web.disclosures import DISCLOSURES
from apps.compliance.web.exports import EXPORTS
from apps.compliance.web.frame import Section
from apps.compliance.web.restricted import RESTRICTED
from apps.compliance.web.retention import RETENTION
from apps.compliance.web.rights import RIGHTS
from apps.compliance.web.security import SECURITY
from apps.compliance.web.unusual import UNUSUAL
from apps.compliance.web.vendors import VENDORS

SECTIONS: tuple[Section, ...] = (
    *(ACCESS, UNUSUAL, RESTRICTED, BREACH),
    *(VENDORS, DATA_FLOW, DISCLOSURES),
    *(RIGHTS, RETENTION, EXPORTS, SECURITY),
)
