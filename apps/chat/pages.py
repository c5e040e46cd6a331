"""Keep the chat's public pages: each has an address of its own, and names the sites that may frame it."""

import re
from collections.abc import Mapping
from typing import Any

from apps.accounts.saving import Saved, save_row
from apps.capture.form_queries import wordings_of
from apps.chat.models import ChatPage
from apps.chat.queries import ADDRESS
from apps.tenancy.actor import Actor
from apps.tenancy.errors import Conflict, Invalid, Problem
from apps.tenancy.models import Address
from apps.tenancy.scope import current_organization_id

#: A site as a frame's policy names it: scheme, host and perhaps a port, nothing behind it.
_SITE = re.compile(r"https://[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::\d{1,5})?", re.ASCII)


def save_page(*, actor: Actor, slug: str, values: Mapping[str, Any]) -> Saved[ChatPage]:
    """Create or update a chat page; its address leads to this tenant.

    Refuses actors without `settings:write`, a slug that another tenant has, sites in another form than
    https://www.example.com, and going out without a consent wording that exists (row CN-02).
    """
    problems = list(_problems(values))
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))
    organization_id = current_organization_id()
    address = Address.objects.filter(kind=ADDRESS, key=slug).first()
    if address is not None and address.organization_id != organization_id:
        raise Conflict(f"The chat address “{slug}” is taken; choose another one.", code="slug_taken")
    saved = save_row(ChatPage, actor=actor, find={"slug": slug}, values=values)
    if address is None:
        Address.objects.create(kind=ADDRESS, key=slug, organization_id=organization_id, row_id=saved.row.id)
    return saved


def snippet(page_url: str, title: str) -> str:
    """Return what a site pastes to show the chat; `page_url` is the address of the framed page."""
    safe = title.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return f'<iframe src="{page_url}" title="{safe}" width="380" height="560" loading="lazy"></iframe>'


def _problems(values: Mapping[str, Any]) -> list[Problem]:
    found = []
    sites = values.get("allowed_sites", [])
    if not isinstance(sites, list) or not all(isinstance(each, str) and _SITE.fullmatch(each) for each in sites):
        sentence = "Name each site as https://www.example.com, without a path."
        found.append(Problem("/allowed_sites", "not_a_site", sentence))
    if values.get("is_published") and not wordings_of(str(values.get("consent_version", ""))):
        sentence = "Name a consent wording that exists."
        found.append(Problem("/consent_version", "consent_block_missing", sentence))
    return found
