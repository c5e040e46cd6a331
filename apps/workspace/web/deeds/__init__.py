"""The things one does with a lead by a form, by their names; each module holds those of one kind."""

from apps.workspace.web.deeds.cadence import CADENCE_DEEDS
from apps.workspace.web.deeds.contact import CONTACT_DEEDS
from apps.workspace.web.deeds.deed import Deed, Sent
from apps.workspace.web.deeds.message import MESSAGE_DEEDS
from apps.workspace.web.deeds.record import RECORD_DEEDS
from apps.workspace.web.deeds.sharing import SHARING_DEEDS
from apps.workspace.web.deeds.verdict import VERDICT_DEEDS
from apps.workspace.web.deeds.visits import VISIT_DEEDS
from apps.workspace.web.deeds.waiting import WAITING_DEEDS
from apps.workspace.web.deeds.way import WAY_DEEDS

__all__ = ["DEEDS", "Deed", "Sent"]

DEEDS: dict[str, Deed] = {
    **CONTACT_DEEDS,
    **MESSAGE_DEEDS,
    **WAY_DEEDS,
    **VISIT_DEEDS,
    **RECORD_DEEDS,
    **VERDICT_DEEDS,
    **WAITING_DEEDS,
    **SHARING_DEEDS,
    **CADENCE_DEEDS,
}
