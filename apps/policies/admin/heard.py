"""What colleagues were told (a rule that broke, say): put aside by the person who has read it."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST

from apps.accounts.notices import put_aside
from apps.accounts.terms import Permission
from leadcrm.admin_site import Page, site
from leadcrm.http.scoping import ActorRequest


@require_POST
def heard(request: ActorRequest, notice_id: UUID) -> HttpResponse:
    """Put one's own notice aside, and go back to the first page."""
    put_aside(actor=request.actor, notice_id=notice_id, now=request.now)
    return redirect("admin:index")


site.add_page(Page("notices/<uuid:notice_id>/put-aside/", "notice_heard", heard, permission=Permission.ADMIN_USE))
