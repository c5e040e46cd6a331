"""Write, submit, approve and retire the words of messages: one writes, another approves (row PH-14)."""

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from apps.accounts.saving import Change, Saved, require_settings
from apps.accounts.terms import Permission
from apps.audit import ledger
from apps.outreach.message_rules import KIND, blocks_of, missing_blocks
from apps.outreach.models import Template, TemplateVersion
from apps.outreach.template_decisions import NOT_RECORDED, goal_of, sentences, template_problems
from apps.outreach.template_places import known_places, postal_address
from apps.outreach.template_tags import known_tags
from apps.outreach.template_terms import OPEN, UNTAGGED, WORDS, TemplateState
from apps.outreach.templates import wording_of
from apps.policies.queries import live_document
from apps.tenancy.actor import Actor, Door
from apps.tenancy.clock import scope_opened_at
from apps.tenancy.errors import Conflict, Invalid, NotFound, Problem, Refused
from apps.tenancy.ids import new_id


def problems_of(row: TemplateVersion) -> list[Problem]:
    """Return why a version must not be approved as things are today."""
    has_address = bool(postal_address())
    wording = wording_of(row)
    found = template_problems(wording, known_places(), has_address=has_address, known=known_tags())
    blocks = blocks_of(live_document(KIND, scope_opened_at()))
    return found + missing_blocks(row.body, goal=goal_of(wording), channel=wording.channel, blocks=blocks)


def save_draft(
    *, actor: Actor, find: Mapping[str, Any], words: Mapping[str, Any], now: datetime
) -> Saved[TemplateVersion]:
    """Keep the words that are worked on as the template's draft, the next version; whoever saves is its author.

    One that was submitted goes back to being a draft. Words equal to the newest version's change nothing.
    """
    require_settings(actor, "template")
    words = {**UNTAGGED, **words}
    template = _template(actor, find)
    newest = TemplateVersion.rows().filter(template=template).order_by("-number").first()
    if newest is not None and newest.state != TemplateState.RETIRED and _says(newest, words):
        return Saved(newest, Change.UNCHANGED)
    if newest is None or newest.state not in OPEN:
        number = newest.number + 1 if newest is not None else 1
        row = _new(template, number, words, actor, now)
        row.save(force_insert=True)
        _note(actor, "draft", row)
        return Saved(row, Change.CREATED)
    changed = tuple(name for name in WORDS if getattr(newest, name) != words[name])
    for name in WORDS:
        setattr(newest, name, words[name])
    newest.state, newest.submitted_at = TemplateState.DRAFT, None
    newest.author_id, newest.author_label, newest.written_at = actor.membership_id, actor.label, now
    newest.save()
    _note(actor, "draft", newest, changed)
    return Saved(newest, Change.UPDATED, changed)


def submit(*, actor: Actor, version_id: UUID, now: datetime) -> TemplateVersion:
    """Put a draft before whoever approves. Refuses words that could not be approved, with all that is wrong."""
    require_settings(actor, "template")
    row = _locked(version_id)
    if row.state != TemplateState.DRAFT:
        raise Conflict(f"Version {row.number} is {row.state}; only a draft is submitted.", code="not_a_draft")
    _require_sound(row, "submit")
    row.state, row.submitted_at, row.sent_back_because = TemplateState.SUBMITTED, now, ""
    row.save(update_fields=["state", "submitted_at", "sent_back_because"])
    _note(actor, "submit", row)
    return row


def approve(
    *, actor: Actor, version_id: UUID, seen: str, now: datetime, expires_at: datetime | None = None
) -> TemplateVersion:
    """Let submitted words be sent from now on, until `expires_at` where it is given; the version before is retired.

    `seen` is the digest of the words that the approver read. Refuses actors without `template:approve` and the author.
    What is wrong with the words is looked for again.
    """
    row = _locked(version_id)
    _require_approver(actor, row)
    if row.author_id is not None and row.author_id == actor.membership_id:
        raise Refused(
            "Nobody approves their own words: another person with the right to approve templates looks at them.",
            code="own_words",
            action="template.approve",
            object_type="template",
            object_id=row.template_id,
        )
    if row.state != TemplateState.SUBMITTED:
        raise Conflict(f"Version {row.number} is {row.state}; submit it first.", code="not_submitted")
    if seen != digest_of(row):
        raise Conflict("The words were changed meanwhile: read them again.", code="changed")
    if expires_at is not None and expires_at <= now:
        sentence = "The words would have expired already."
        raise Invalid(sentence, (Problem("/expires_at", "in_the_past", sentence),))
    _require_sound(row, "approve")
    _let_go_out(row, actor, now, expires_at)
    _note(actor, "approve", row)
    return row


def send_back(*, actor: Actor, version_id: UUID, reason: str, now: datetime) -> TemplateVersion:
    """Return submitted words to their author, with why."""
    row = _locked(version_id)
    _require_approver(actor, row)
    if row.state != TemplateState.SUBMITTED:
        raise Conflict(f"Version {row.number} is {row.state}; nothing waits for an answer.", code="not_submitted")
    if not reason.strip():
        raise Invalid("Say what has to change.", (Problem("/reason", "missing", "Say what has to change."),))
    row.state, row.submitted_at, row.sent_back_because = TemplateState.DRAFT, None, reason.strip()[:300]
    row.save(update_fields=["state", "submitted_at", "sent_back_because"])
    _note(actor, "send_back", row)
    return row


def retire(*, actor: Actor, version_id: UUID, now: datetime) -> TemplateVersion:
    """End approved words: nothing is written from them any more. What waits to go keeps the words it has."""
    row = _locked(version_id)
    _require_approver(actor, row)
    if row.state != TemplateState.APPROVED:
        raise Conflict(f"Version {row.number} is {row.state}; only approved words are retired.", code="not_approved")
    row.state, row.retired_at = TemplateState.RETIRED, now
    row.save(update_fields=["state", "retired_at"])
    _note(actor, "retire", row)
    return row


def install(
    *,
    actor: Actor,
    find: Mapping[str, Any],
    words: Mapping[str, Any],
    now: datetime,
    expires_at: datetime | None = None,
) -> Saved[TemplateVersion]:
    """Let the words of a tenant file be sent: whoever runs the command approves them; the same rule holds."""
    if actor.door is not Door.COMMAND and "*" not in actor.permissions:
        raise Refused("Only a tenant file is installed without approval.", action="template.install")
    words = {**UNTAGGED, **words}
    template = _template(actor, find)
    live = TemplateVersion.rows().filter(template=template, state=TemplateState.APPROVED).first()
    if live is not None and _says(live, words) and live.expires_at == expires_at:
        return Saved(live, Change.UNCHANGED)
    rows = TemplateVersion.rows().filter(template=template)
    newest = rows.order_by("-number").first()
    for waiting in rows.filter(state__in=OPEN):
        waiting.state, waiting.retired_at = TemplateState.RETIRED, now
        waiting.save(update_fields=["state", "retired_at"])
    row = _new(template, newest.number + 1 if newest is not None else 1, words, actor, now)
    _require_sound(row, "install")
    row.submitted_at = now
    row.save(force_insert=True)
    _let_go_out(row, actor, now, expires_at)
    _note(actor, "install", row)
    return Saved(row, Change.CREATED if newest is None else Change.UPDATED)


def propose(
    *, actor: Actor, find: Mapping[str, Any], words: Mapping[str, Any], now: datetime
) -> Saved[TemplateVersion]:
    """Put words that ship with the product before whoever approves; a template of that name is left as it is.

    What keeps them from being approved, such as a postal address that is not set, is said there.
    """
    require_settings(actor, "template")
    template = _template(actor, find)
    newest = TemplateVersion.rows().filter(template=template).order_by("-number").first()
    if newest is not None:
        return Saved(newest, Change.UNCHANGED)
    row = _new(template, 1, {**UNTAGGED, **words}, actor, now)
    row.state, row.submitted_at = TemplateState.SUBMITTED, now
    row.save(force_insert=True)
    _note(actor, "propose", row)
    return Saved(row, Change.CREATED)


def _template(actor: Actor, find: Mapping[str, Any]) -> Template:
    row: Template | None = Template.rows().select_for_update().filter(**find).first()
    if row is None:
        row = Template(**find)
        row.save(force_insert=True)
        ledger.record(actor=actor, action="template.create", object_type="template", object_id=row.id)
    return row


def _new(template: Template, number: int, words: Mapping[str, Any], actor: Actor, now: datetime) -> TemplateVersion:
    return TemplateVersion(
        id=new_id(),
        template=template,
        number=number,
        author_id=actor.membership_id,
        author_label=actor.label,
        written_at=now,
        **{name: words[name] for name in WORDS},
    )


def _let_go_out(row: TemplateVersion, actor: Actor, now: datetime, expires_at: datetime | None) -> None:
    before = TemplateVersion.rows().filter(template_id=row.template_id, state=TemplateState.APPROVED)
    before.update(state=TemplateState.RETIRED, retired_at=now)
    row.state, row.approved_at, row.expires_at = TemplateState.APPROVED, now, expires_at
    row.approver_id, row.approver_label, row.digest = actor.membership_id, actor.label, digest_of(row)
    row.save()


def digest_of(row: TemplateVersion) -> str:
    """Return the SHA-256 of a version's words, with the tags that it carries."""
    words: list[Any] = [row.subject, row.body, str(row.purpose), row.holds_phi]
    tags = {name: getattr(row, name) for name in UNTAGGED if getattr(row, name)}
    words += [tags] if tags else []
    return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()


def _says(row: TemplateVersion, words: Mapping[str, Any]) -> bool:
    return all(getattr(row, name) == words[name] for name in WORDS)


def _locked(version_id: UUID) -> TemplateVersion:
    rows = TemplateVersion.rows().select_for_update(of=("self",)).select_related("template")
    row = rows.filter(id=version_id).first()
    if row is None:
        raise NotFound
    return row


def _require_approver(actor: Actor, row: TemplateVersion) -> None:
    if not actor.may(Permission.TEMPLATE_APPROVE):
        raise Refused(
            "Only people who may approve templates can do this. Ask your tenant's compliance.",
            action="template.approve",
            object_type="template",
            object_id=row.template_id,
        )


def _require_sound(row: TemplateVersion, verb: str) -> None:
    problems = problems_of(row)
    misused = [each for each in problems if each.code == NOT_RECORDED]
    if misused:
        raise Refused(
            sentences(misused),
            code=NOT_RECORDED,
            action=f"template.{verb}",
            object_type="template",
            object_id=row.template_id,
        )
    if problems:
        raise Invalid(problems[0].detail, tuple(problems))


def _note(actor: Actor, verb: str, row: TemplateVersion, fields: tuple[str, ...] = ()) -> None:
    ledger.record(
        actor=actor,
        action=f"template.{verb}",
        object_type="template",
        object_id=row.template_id,
        fields=fields,
        detail={"version": row.number, "holds_phi": row.holds_phi, "digest": row.digest},
    )
