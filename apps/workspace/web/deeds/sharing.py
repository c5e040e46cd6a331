"""Showing a lead to a team or a person that does not own it."""

from uuid import UUID

from django.utils.translation import gettext_noop

from apps.flows import sharing
from apps.workspace import picklists
from apps.workspace.web import share_form
from apps.workspace.web.deeds.deed import Deed, Sent


def _share(sent: Sent) -> object:
    values = sent.values
    wanted = sharing.Share(
        team_key=values["team"],
        member_id=UUID(values["member"]) if values["member"] else None,
        contact=values["contact"],
        download=values["download"],
        reason=values["reason"],
        ends_at=values["ends_at"],
    )
    return sharing.share_lead(actor=sent.actor, lead_id=sent.lead.id, wanted=wanted, now=sent.now)


SHARING_DEEDS: dict[str, Deed] = {
    "share": Deed(
        "share",
        "share",
        share_form.Share,
        _share,
        gettext_noop("Shared."),
        choices=lambda lead, now: {"team": picklists.teams(), "member": picklists.members()},
    ),
}
