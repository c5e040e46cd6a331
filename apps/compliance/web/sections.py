"""The sections of compliance, in the order of the index."""

from apps.compliance.web.access import ACCESS
from apps.compliance.web.breach import BREACH
from apps.compliance.web.frame import Section

SECTIONS: tuple[Section, ...] = (ACCESS, BREACH)
