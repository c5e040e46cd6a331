"""What came along with an inquiry and was not taken is named in the lead's story: somebody may ask for it again.

Names of files may say what somebody suffers from, so they stand where only readers of health details see them.
"""

from apps.capture.document_rules import LONGEST_NAME, Reason
from apps.capture.documents import refusal
from apps.flows.arrival import Case
from apps.leads.actions import tell
from apps.leads.models import Lead
from apps.policies.decisions.documents import as_document, as_items, as_text
from apps.tenancy.actor import system_actor

NAMED_AT_MOST = 20


def tell_refused(case: Case, lead: Lead) -> None:
    """Say that attachments of a mail became no documents; its note names each with the reason."""
    items = [as_document(each) for each in as_items(case.mapped.body.get("refused_documents"))]
    told = [(as_text(each.get("name"))[:LONGEST_NAME], as_text(each.get("reason"))) for each in items]
    lines = [refusal(name, reason) for name, reason in told if reason in set(Reason)]
    if not lines:
        return
    sentence = "One attachment was not taken." if len(lines) == 1 else f"{len(lines)} attachments were not taken."
    note = "\n".join(lines[:NAMED_AT_MOST])
    actor = system_actor(case.organization.id)
    tell(lead, kind="document", sentence=sentence, actor=actor, now=case.now, note=note)
