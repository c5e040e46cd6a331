"""Every address of the product and who gets which answer there; a new address fails until it is listed.

Whoever has no business with an id gets 404, as for an id that does not exist. A colleague, who may know that
the lead exists, gets 403 with a sentence. Who is not signed in is led to sign-in by pages; the API says 401.
"""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from apps.accounts.actions import Place, save_person, save_role
from apps.accounts.models import ApiKey
from apps.audit.models import AuditEntry
from apps.capture.models import Submission
from apps.leads.models import Lead, Task
from apps.tenancy.clock import travelling
from tests.cast import Tenant, new_tenant
from tests.doors import sign_in
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead

#: Not signed in; staff without any right; staff who see all leads and change none; an agent of another team;
#: the key of an agency that did not deliver the lead; a manager of another tenant; the lead's owner.
ASKERS = ("anonymous", "bystander", "viewer", "colleague", "agency", "outsider", "owner")
PAGE, API = "leads/<canonical_uuid:lead_id>/", "api/v1/leads/<uuid:lead_id>"
PAPER = {"name": "report.pdf", "content": "JVBERi0xLjcgdGhlIHJlcG9ydA=="}
LATER = "2026-12-02T16:00:00Z"
VISIT = {"starts_at": "2026-12-03T17:00:00Z", "location": "elm-st", "confirmed_by": "patient"}
CALL = {"kind": "call", "outcome": "voicemail", "next_action_at": LATER}
BULK = {"act": "snooze", "until": LATER, "leads": ["01939d4e-7b1c-7c3a-9f00-3d1f0c5a2b11"], "dry_run": True}
SLOTS = {"items": [{"provider": "dr-kim", "office": "elm-st", "service": "orthopedics", "starts": [LATER]}]}
VERDICT = {"verdict": "nurture", "reason": "The service is wanted later"}
PAUSE = {"reason": "asked_for_day", "until": LATER}
WISH = {"wanted": "Podiatry", "reason": "Nobody offers it yet"}
STEP = {"step": "pre_authorisation", "status": "done", "since": "2026-12-01"}
VERDICT |= {"next_step": "Ask again", "next_step_at": LATER}
VIEWER = ["lead:view", "lead:view_all"]
OWNER = [
    "lead:view",
    "lead:claim",
    "lead:edit",
    "lead:contact",
    "lead:transfer",
    "health:read",
    "consent:narrow",
    "submission:read",
    "attribution:read",
]
#: Forms of a lead that only the owning team may fill in; an empty one is shown again with 422.
DEEDS = (
    *("log-call", "skip", "transfer", "book", "move", "note", "party", "close", "contact-point"),
    *("qualify", "decider", "priority", "coverage", "clearance", "park", "return", "mismatch"),
    "pause",
)

#: Method, address, what is sent, and the answers in the order of ASKERS.
OF_STAFF: list[tuple[str, str, Any, str]] = [
    ("GET", "", None, "302 200 200 200 302 200 200"),
    ("POST", "keys/", {"keys": "letters"}, "302 303 303 303 302 303 303"),
    ("POST", "availability/", {"availability": "available"}, "302 303 303 303 302 303 303"),
    ("POST", "start/", {}, "302 403 403 303 302 303 303"),
    ("POST", "notices/<canonical_uuid:notice_id>/put-aside/", {}, "302 404 404 404 302 404 404"),
    ("GET", "queue/", None, "302 200 200 200 302 200 200"),
    ("GET", "queue/views/", None, "302 200 200 200 302 200 200"),
    ("GET", "queue/views/new/", None, "302 200 200 200 302 200 200"),
    ("POST", "queue/views/new/", {}, "302 422 422 422 302 422 422"),
    ("POST", "queue/views/<canonical_uuid:view_id>/", {"act": "delete"}, "302 404 404 404 302 404 404"),
    ("POST", "queue/bulk/", {"act": "assign"}, "302 403 403 422 302 422 422"),
    ("GET", "queue/bulk/<canonical_uuid:run_id>/", None, "302 404 404 404 302 404 404"),
    ("POST", "queue/bulk/<canonical_uuid:run_id>/undo/", {}, "302 404 404 404 302 404 404"),
    ("GET", "chats/", None, "302 403 403 200 302 200 200"),
    ("GET", "chats/<uuid:chat_id>/", None, "302 403 403 404 302 404 404"),
    ("POST", "chats/<uuid:chat_id>/accept/", {}, "302 403 403 404 302 404 404"),
    ("POST", "chats/<uuid:chat_id>/say/", {"text": "Hello"}, "302 403 403 404 302 404 404"),
    ("POST", "chats/<uuid:chat_id>/script/", {}, "302 403 403 404 302 404 404"),
    ("POST", "chats/<uuid:chat_id>/end/", {}, "302 403 403 404 302 404 404"),
    ("GET", "playbook/", None, "302 200 200 200 302 200 200"),
    ("GET", "board/", None, "302 404 200 403 302 200 403"),
    ("GET", "board/queues.csv", None, "302 404 200 403 302 200 403"),
    ("GET", "board/reassign/", None, "302 404 403 403 302 200 403"),
    ("POST", "board/reassign/", {}, "302 404 403 403 302 422 403"),
    ("GET", "board/exceptions.csv", None, "302 404 200 403 302 200 403"),
    ("GET", "board/causes.csv", None, "302 404 200 403 302 200 403"),
    ("GET", "board/hours.csv", None, "302 404 200 403 302 200 403"),
    ("GET", "board/people.csv", None, "302 404 200 403 302 200 403"),
    ("GET", "imports/", None, "302 403 403 403 302 200 403"),
    ("POST", "imports/", {}, "302 403 403 403 302 422 403"),
    ("GET", "imports/<uuid:run_id>/", None, "302 403 403 403 302 404 403"),
    ("POST", "imports/<uuid:run_id>/plan/", {}, "302 403 403 403 302 404 403"),
    ("POST", "imports/<uuid:run_id>/confirm/", {}, "302 403 403 403 302 404 403"),
    ("POST", "imports/<uuid:run_id>/undo/", {}, "302 403 403 403 302 404 403"),
    ("POST", "imports/<uuid:run_id>/discard/", {}, "302 403 403 403 302 404 403"),
    ("GET", "quality/", None, "302 403 403 403 302 200 403"),
    ("POST", "quality/run/", {}, "302 403 403 403 302 303 403"),
    ("POST", "quality/recheck/", {}, "302 403 403 403 302 303 403"),
    ("GET", "quality/change/", None, "302 403 403 403 302 200 403"),
    ("POST", "quality/change/", {}, "302 403 403 403 302 200 403"),
    ("GET", "quality/change/<uuid:run_id>/", None, "302 404 404 404 302 404 404"),
    ("POST", "quality/change/<uuid:run_id>/undo/", {}, "302 404 404 404 302 404 404"),
    ("POST", "quality/items/<uuid:item_id>/", {"do": "give"}, "302 403 403 403 302 404 403"),
    ("GET", "quality/<slug:key>/", None, "302 403 403 403 302 404 403"),
    ("GET", "reports/", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/funnel/", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/speed/", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/cycle/", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/cycle.csv", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/endings/", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/endings.csv", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/promises/", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/promises.csv", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/credits/", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/credits.csv", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/lines/", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/lines.csv", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/quality/", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/quality.csv", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/routes/", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/routes.csv", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/scores/", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/scores.csv", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/handoffs/", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/handoffs.csv", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/drops.csv", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/funnel.csv", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/duplicates/", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/duplicates.csv", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/speed.csv", None, "302 404 403 403 302 200 403"),
    ("POST", "search/", {"q": "nobody"}, "302 200 200 200 302 200 200"),
    ("GET", "leads/new/", None, "302 403 403 200 302 200 200"),
    ("POST", "leads/new/", {}, "302 403 403 422 302 422 422"),
    ("GET", "leads/new/draft/", None, "302 403 403 200 302 200 200"),
    ("POST", "leads/new/draft/", {"reason": "Called"}, "302 403 403 204 302 204 204"),
    ("GET", "leads/new/<canonical_uuid:submission_id>/", None, "302 404 404 404 302 404 404"),
    ("GET", PAGE, None, "302 404 200 403 302 404 200"),
    ("GET", f"{PAGE}why/", None, "302 404 200 403 302 404 200"),
    ("GET", f"{PAGE}background/", None, "302 404 200 403 302 404 200"),
    ("GET", f"{PAGE}documents/<canonical_uuid:document_id>/", None, "302 404 403 403 302 404 404"),
    ("GET", f"{PAGE}touches/<canonical_uuid:touch_id>/split/", None, "302 404 403 403 302 404 404"),
    ("POST", f"{PAGE}touches/<canonical_uuid:touch_id>/split/", {}, "302 404 403 403 302 404 404"),
    ("GET", "people/<canonical_uuid:person_id>/", None, "302 404 200 404 302 404 200"),
    ("GET", "people/<canonical_uuid:person_id>/merges/<canonical_uuid:merge_id>/", None, "302 404 404 404 302 404 404"),
    ("POST", "people/<canonical_uuid:person_id>/merges/<canonical_uuid:merge_id>/", {}, "302 404 404 404 302 404 404"),
    ("GET", "duplicates/", None, "302 404 403 403 302 200 200"),
    ("GET", "duplicates/<canonical_uuid:pair_id>/", None, "302 404 403 403 302 404 404"),
    ("POST", "duplicates/<canonical_uuid:pair_id>/", {}, "302 404 403 403 302 404 404"),
    ("GET", "exceptions/", None, "302 404 403 403 302 200 200"),
    ("POST", "exceptions/<canonical_uuid:item_id>/", {}, "302 404 403 403 302 404 404"),
    ("POST", "exceptions/<canonical_uuid:item_id>/approval/", {}, "302 404 403 403 302 404 404"),
    ("GET", "parked/", None, "302 404 200 200 302 200 200"),
    ("POST", f"{PAGE}take-up/", {}, "302 404 403 403 302 404 303"),
    ("GET", "quarantine/", None, "302 403 403 403 302 200 200"),
    ("POST", "quarantine/dismiss/", {}, "302 403 403 403 302 303 303"),
    ("POST", "quarantine/<canonical_uuid:submission_id>/restore/", {}, "302 403 403 403 302 404 303"),
    ("GET", f"{PAGE}handoff/", None, "302 404 403 403 302 404 200"),
    ("POST", f"{PAGE}handoff/", {"do": "offer"}, "302 404 403 403 302 404 422"),
    ("GET", f"{PAGE}handoffs/<canonical_uuid:handoff_id>/", None, "302 404 404 404 302 404 404"),
    ("POST", f"{PAGE}handoffs/<canonical_uuid:handoff_id>/", {"do": "accept"}, "302 404 404 404 302 404 404"),
    ("GET", "handoffs/", None, "302 404 200 200 302 200 200"),
    ("POST", f"{PAGE}claim/", {}, "302 404 403 403 302 404 303"),
    ("POST", f"{PAGE}resume/", {}, "302 404 403 403 302 404 409"),
    ("GET", f"{PAGE}resume/", None, "302 404 403 403 302 404 200"),
    ("GET", f"{PAGE}ask/", None, "302 404 200 403 302 404 403"),
    ("POST", f"{PAGE}ask/", {}, "302 404 422 403 302 404 403"),
    ("POST", f"{PAGE}requests/<canonical_uuid:task_id>/", {"answer": "accept"}, "302 404 403 403 302 404 404"),
    ("POST", f"{PAGE}steps/<canonical_uuid:task_id>/", {}, "302 404 403 403 302 404 303"),
    ("POST", f"{PAGE}lease/", {}, "302 404 409 403 302 404 409"),
    ("POST", f"{PAGE}call/", {}, "302 404 403 403 302 404 303"),
    ("POST", f"{PAGE}script/", {"answer-S-4": "Aetna"}, "302 404 403 403 302 404 303"),
    *(("GET", f"{PAGE}{deed}/", None, "302 404 403 403 302 404 200") for deed in DEEDS),
    *(("POST", f"{PAGE}{deed}/", {}, "302 404 403 403 302 404 422") for deed in DEEDS),
    ("GET", f"{PAGE}opt-out/", None, "302 404 403 200 302 404 200"),
    ("POST", f"{PAGE}opt-out/", {}, "302 404 403 422 302 404 422"),
    ("GET", f"{PAGE}edit/", None, "302 404 403 403 302 404 200"),
    ("POST", f"{PAGE}edit/", {}, "302 404 403 403 302 404 303"),
    ("GET", f"{PAGE}drafts/<slug:form>/", None, "302 404 200 200 302 404 200"),
    ("POST", f"{PAGE}drafts/<slug:form>/", {"text": "Prefers"}, "302 404 204 204 302 404 204"),
    ("GET", f"{PAGE}verify/", None, "302 404 403 403 302 404 200"),
    ("POST", f"{PAGE}verify/", {}, "302 404 403 403 302 404 409"),
    ("GET", f"{PAGE}reopen/", None, "302 404 403 403 302 404 409"),
    ("POST", f"{PAGE}reopen/", {}, "302 404 403 403 302 404 409"),
    # The policy of this lead acts on no event of its own.
    ("GET", f"{PAGE}record-event/", None, "302 404 403 403 302 404 409"),
    ("POST", f"{PAGE}record-event/", {}, "302 404 403 403 302 404 409"),
    # Nothing that this person could tell is missing.
    ("GET", f"{PAGE}ask-person/", None, "302 404 403 403 302 404 409"),
    ("POST", f"{PAGE}ask-person/", {}, "302 404 403 403 302 404 409"),
    ("GET", f"{PAGE}allow/", None, "302 404 403 403 302 404 403"),
    ("POST", f"{PAGE}allow/", {}, "302 404 403 403 302 404 403"),
    ("GET", "api/v1/me/availability", None, "401 200 200 200 403 200 200"),
    ("PUT", "api/v1/me/availability", {"availability": "available"}, "401 200 200 200 403 200 200"),
    ("GET", "api/v1/leads", None, "401 403 200 200 200 200 200"),
    ("POST", "api/v1/leads", inquiry(source="imaging-spring"), "401 403 403 403 202 403 403"),
    ("POST", "api/v1/leads/batch", {"leads": [inquiry(source="imaging-spring")]}, "401 403 403 403 202 403 403"),
    ("POST", "api/v1/leads/bulk", BULK, "401 403 403 200 403 200 200"),
    ("POST", "api/v1/leads/bulk/<uuid:run_id>/undo", {}, "401 404 404 404 404 404 404"),
    ("GET", API, None, "401 404 200 403 404 404 200"),
    ("GET", f"{API}/why", None, "401 404 200 403 404 404 200"),
    ("PATCH", API, {"payer": "Blue"}, "401 404 403 403 404 404 200"),
    ("POST", f"{API}/stage", {"to": "nurture", "reason": "The service is wanted later"}, "401 404 403 403 404 404 200"),
    ("POST", f"{API}/transfers", {"team": "oak-calls", "reason": "Near"}, "401 404 403 403 404 404 201"),
    ("POST", f"{API}/transfers/return", {"reason": "No photo"}, "401 404 403 403 404 404 409"),
    ("POST", f"{API}/mismatches", {"service": "cosmetic", "reason": "Botox"}, "401 404 403 403 404 404 422"),
    ("GET", f"{API}/handoffs", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/handoffs", {"type": "H-1"}, "401 404 403 403 404 404 422"),
    ("GET", f"{API}/handoffs/<uuid:handoff_id>", None, "401 404 404 404 404 404 404"),
    ("POST", f"{API}/handoffs/<uuid:handoff_id>/accept", {}, "401 404 404 404 404 404 404"),
    ("POST", f"{API}/handoffs/<uuid:handoff_id>/return", {"reason": "x"}, "401 404 404 404 404 404 404"),
    ("POST", f"{API}/handoffs/<uuid:handoff_id>/withdraw", {"reason": "x"}, "401 404 403 403 404 404 404"),
    ("GET", "api/v1/handoffs", None, "401 404 200 200 404 200 200"),
    ("POST", f"{API}/owner-events", {"event": "signed", "note": "x"}, "401 404 403 403 404 404 422"),
    ("POST", f"{API}/claim", {}, "401 404 403 403 404 404 200"),
    (
        "POST",
        f"{API}/close",
        {"reason": "not_interested", "note": "Said so", "outcome": "not_qualified"},
        "401 404 403 403 404 404 200",
    ),
    ("GET", f"{API}/verification", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/verification", {"answers": {}}, "401 404 403 403 404 404 409"),
    ("POST", f"{API}/qualification", VERDICT, "401 404 403 403 404 404 200"),
    ("GET", f"{API}/criteria", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/decision-makers", {"controls": ["referral"]}, "401 404 403 403 404 404 200"),
    ("POST", f"{API}/priority", {"priority": "P1", "reason": "In pain"}, "401 404 403 403 404 404 200"),
    ("POST", f"{API}/coverage", {"answer": "verified"}, "401 404 403 403 404 404 201"),
    ("GET", f"{API}/clearance", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/clearance", STEP, "401 404 403 403 404 404 201"),
    ("DELETE", f"{API}/pause", None, "401 404 403 403 404 404 409"),
    ("POST", f"{API}/pause", PAUSE, "401 404 403 403 404 404 201"),
    ("DELETE", f"{API}/parking", None, "401 404 403 403 404 404 409"),
    ("POST", f"{API}/parking", WISH, "401 404 403 403 404 404 201"),
    ("GET", "api/v1/parked", None, "401 404 200 200 404 200 200"),
    (
        "POST",
        f"{API}/engagement",
        {"kind": "scheduling_link", "reference": "slot-1"},
        "401 404 403 403 404 404 201",
    ),
    ("POST", f"{API}/reopen", {"reason": "Asked again"}, "401 404 403 403 404 404 409"),
    ("POST", f"{API}/notes", {"text": "Prefers Tuesdays"}, "401 404 403 403 404 404 201"),
    ("POST", f"{API}/parties", {"party": "acme", "part": "payer"}, "401 404 403 403 404 404 201"),
    ("POST", f"{API}/calls", {}, "401 404 403 403 404 404 200"),
    ("GET", f"{API}/consents", None, "401 404 200 403 404 404 200"),
    # Row CN-14: a colleague of any team may record that a person wants no more calls.
    ("POST", f"{API}/consents", {"channel": "call", "state": "withdrawn"}, "401 404 403 201 404 404 201"),
    ("POST", f"{API}/contact-points/<uuid:point_id>", {"works": True}, "401 404 403 403 404 404 404"),
    ("GET", f"{API}/data-requests", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/data-requests", {}, "401 404 403 403 404 404 409"),
    ("GET", f"{API}/tasks", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/tasks", {"title": "Send forms", "due_at": LATER}, "401 404 403 403 404 404 201"),
    ("PATCH", f"{API}/tasks/<uuid:task_id>", {"state": "done"}, "401 404 403 403 404 404 422"),
    ("GET", f"{API}/appointments", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/appointments", VISIT, "401 404 403 403 404 404 409"),
    ("PATCH", f"{API}/appointments/<uuid:appointment_id>", {"state": "confirmed"}, "401 404 403 403 404 404 422"),
    ("GET", f"{API}/activities", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/activities", CALL, "401 404 403 403 404 404 201"),
    # Only the key of an outside system or of a partner reports.
    ("POST", f"{API}/reports", {"field": "status", "value": "closed"}, "401 404 403 403 404 404 403"),
    ("POST", "api/v1/open-slots", SLOTS, "401 403 403 403 404 422 403"),
    ("GET", "api/v1/exceptions", None, "401 404 403 403 404 200 200"),
    (
        "POST",
        "api/v1/exceptions/<uuid:item_id>/decision",
        {"decision": "escalate", "reason": "x"},
        "401 404 403 403 404 404 404",
    ),
    ("GET", "api/v1/submissions/<uuid:submission_id>", None, "401 404 404 404 404 404 200"),
    ("POST", "api/v1/submissions/<uuid:submission_id>/documents", PAPER, "401 403 403 403 404 403 403"),
    # An agency's key opens no page; its people are asked below. Staff need `delivery:read` to find them at all.
    ("GET", "partner/", None, "302 404 404 404 302 404 404"),
    ("GET", "partner/deliveries/", None, "302 404 404 404 302 404 404"),
    ("POST", "partner/deliveries/find/", {"external_id": "a"}, "302 404 404 404 302 404 404"),
    ("GET", "partner/deliveries/<uuid:submission_id>/", None, "302 404 404 404 302 404 404"),
    ("GET", "partner/keys/", None, "302 404 404 404 302 404 404"),
    ("POST", "partner/keys/", {}, "302 404 404 404 302 404 404"),
    ("POST", "partner/keys/<uuid:key_id>/roll/", {}, "302 404 404 404 302 404 404"),
    ("POST", "partner/keys/<uuid:key_id>/revoke/", {}, "302 404 404 404 302 404 404"),
    ("GET", "partner/test/", None, "302 404 404 404 302 404 404"),
    ("POST", "partner/test/", {}, "302 404 404 404 302 404 404"),
    ("GET", "partner/submit/", None, "302 404 404 404 302 404 404"),
    ("POST", "partner/submit/", {}, "302 404 404 404 302 404 404"),
    ("GET", "api/v1/deliveries", None, "401 403 403 403 200 200 200"),
    ("GET", "api/v1/attribution", None, "401 403 403 403 200 403 200"),
]

#: What a person of the agency, one of another agency, marketing and compliance get on the agency's pages.
OF_AGENCIES = {
    ("GET", "partner/"): "200 200 200 200",
    ("GET", "partner/deliveries/"): "200 200 200 200",
    ("POST", "partner/deliveries/find/"): "200 200 200 200",
    ("GET", "partner/deliveries/<uuid:submission_id>/"): "200 404 200 200",
    ("GET", "partner/keys/"): "200 200 200 200",
    # Without a fresh second step one is led there first.
    ("POST", "partner/keys/"): "302 302 302 403",
    ("POST", "partner/keys/<uuid:key_id>/roll/"): "302 404 302 403",
    ("POST", "partner/keys/<uuid:key_id>/revoke/"): "302 404 302 403",
    ("GET", "partner/test/"): "200 200 200 403",
    ("POST", "partner/test/"): "422 422 422 403",
    ("GET", "partner/submit/"): "200 200 403 403",
    ("POST", "partner/submit/"): "422 422 403 403",
}

#: Open to everybody.
PUBLIC = ("healthz", "readyz", "metrics", "api/v1/schema", "api/v1/docs", "f/<slug:slug>/", "f/<slug:slug>/thanks/")
PUBLIC += ("f/<slug:slug>/embed/", "f/<slug:slug>/challenge/")
#: The visitor's chat, open to everybody too: what a GET gets there.
CHAT = {"chat/<slug:slug>/": 200, "chat/<slug:slug>/embed/": 200, "chat/<slug:slug>/lines/": 405}
#: Addresses whose opaque part opens them; to everybody else they do not exist.
BY_TOKEN = ("hooks/<slug:provider>/<str:token>/", "hooks/<slug:provider>/<str:token>/<slug:part>/", "c/<str:token>/")
#: Pages of a public form that only their signed or opaque text opens.
OF_FORMS = (
    "f/<slug:slug>/preview/<str:token>/",
    "f/<slug:slug>/asset/<str:token>/",
    "f/<slug:slug>/<slug:token>/<slug:name>/",
)

#: The sign-in pages: what somebody who is not signed in gets, and somebody who is.
SIGN_IN = {
    "accounts/login/": (200, 302),
    "accounts/logout/": (302, 200),
    "accounts/inactive/": (200, 200),
    "accounts/reauthenticate/": (302, 200),
    "accounts/password/change/": (302, 200),
    "accounts/password/reset/": (200, 200),
    "accounts/password/reset/done/": (200, 200),
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": (200, 200),
    "accounts/password/reset/key/done/": (200, 200),
    "accounts/signup/": (302, 302),
    "accounts/2fa/": (302, 200),
    "accounts/2fa/authenticate/": (302, 302),
    "accounts/2fa/reauthenticate/": (302, 200),
    "accounts/2fa/totp/activate/": (302, 302),
    "accounts/2fa/totp/deactivate/": (302, 302),
    "accounts/2fa/recovery-codes/": (302, 404),
    "accounts/2fa/recovery-codes/generate/": (302, 302),
    "accounts/2fa/recovery-codes/download/": (302, 404),
}


def walk(patterns: list[Any], before: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield every address of the resolver with its pattern."""
    for each in patterns:
        route = f"{before}{each.pattern}"
        if isinstance(each, URLResolver):
            yield from walk(each.url_patterns, route)
        else:
            yield route, each


EVERY = list(walk(get_resolver().url_patterns))
#: The registers have the same addresses for every table, so their rule is generated from the resolver.
ADMIN = [route for route, _ in EVERY if route.startswith("admin/")]
TO_SIGN_IN = ("admin/login/", "admin/logout/")


@dataclass(frozen=True)
class Cast:
    """Two tenants, and a browser or program for each asker."""

    harbor: Tenant
    clients: dict[str, Client]


@pytest.fixture(scope="module")
def cast() -> Cast:
    """Return the askers; the owner is Ana, who is alone in her team and so gets every lead."""
    harbor, lakeside = new_tenant("harbor"), new_tenant("lakeside")
    with harbor.scope():
        by = harbor.system
        made = {
            name: save_role(actor=by, key=name, name=name, permissions=rights, hidden_field_groups=[]).row
            for name, rights in (("bystander", []), ("viewer", VIEWER), ("worker", OWNER))
        }
        for name in ("bystander", "viewer"):
            save_person(actor=by, email=f"{name}@{harbor.domain}", name=name, role=made[name], places=[])
        for name in ("eli", "lena"):
            member = harbor.member(name)
            save_person(actor=by, email=member.user.email, name=name, role=member.role, places=[])
        save_person(
            actor=by,
            email=f"ana@{harbor.domain}",
            name="Ana Ruiz",
            role=made["worker"],
            places=[Place(harbor.team("elm-calls"))],
        )
    people = {"bystander": "bystander", "viewer": "viewer", "colleague": "ben", "owner": "ana"}
    clients = {asker: sign_in(harbor.user(name)) for asker, name in people.items()}
    clients["outsider"] = sign_in(lakeside.user("max"))
    clients["anonymous"] = Client()
    clients["agency"] = Client(headers={"authorization": f"Bearer {harbor.keys['bp-1']}"})
    return Cast(harbor, clients)


def filled(route: str, values: dict[str, Any]) -> str:
    """Return an address with its places filled in."""
    return "/" + re.sub(r"<\w+:(\w+)>", lambda found: str(values[found[1]]), route)


def send(client: Client, method: str, path: str, body: Any) -> HttpResponse:
    """Ask once, on a Tuesday at nine."""
    with travelling(to=TUESDAY_NINE):
        if path.startswith("/api/"):
            data = "" if body is None else json.dumps(body)
            answer: HttpResponse = client.generic(method, path, data, content_type="application/json")
        else:
            answer = client.post(path, body) if method == "POST" else client.get(path)
    return answer


def as_stored(cast: Cast, lead: Lead) -> dict[str, Any]:
    """Return the lead's row."""
    with cast.harbor.scope():
        found: dict[str, Any] = Lead.rows().values().get(id=lead.id)
        return found


def test_every_address_is_listed() -> None:
    listed = {route for _, route, _, _ in OF_STAFF} | {*PUBLIC, *CHAT, *BY_TOKEN, *OF_FORMS, *SIGN_IN}
    found = {route for route, _ in EVERY if not route.startswith("admin/")}
    assert found - listed == set(), "addresses that nobody has said who may use"
    assert listed - found == set(), "addresses that are gone"


def test_every_method_of_the_api_is_listed() -> None:
    listed = {(method, route) for method, route, _, _ in OF_STAFF}
    found = {
        (method, route)
        for route, pattern in EVERY
        for method in ("GET", "POST", "PATCH", "PUT", "DELETE")
        if hasattr(getattr(pattern.callback, "cls", None), method.lower())
    }
    assert found
    assert found - listed == set()


@pytest.mark.row("TA-01")
@pytest.mark.parametrize(("method", "route", "body", "expected"), OF_STAFF, ids=lambda value: str(value)[:60])
def test_who_gets_what(cast: Cast, method: str, route: str, body: Any, expected: str) -> None:
    lead = make_lead(cast.harbor)
    with cast.harbor.scope():
        values = {
            "lead_id": lead.id,
            "person_id": lead.person_id,
            "task_id": Task.rows().get(lead=lead).id,
            "submission_id": Submission.rows().get(lead_id=lead.id).id,
            "appointment_id": uuid4(),
            "run_id": uuid4(),
            "point_id": uuid4(),
            "view_id": uuid4(),
            "notice_id": uuid4(),
            "pair_id": uuid4(),
            "item_id": uuid4(),
            "touch_id": uuid4(),
            "merge_id": uuid4(),
            "chat_id": uuid4(),
            "document_id": uuid4(),
            "handoff_id": uuid4(),
            "form": "add_note",
            "key": "nowhere",
            "key_id": ApiKey.rows().get(name="bp-1").id,
        }
    found, before = [], as_stored(cast, lead)
    for name in ASKERS:
        answer = send(cast.clients[name], method, filled(route, values), body)
        found.append(str(answer.status_code))
        if name == "outsider":
            assert "Lopez" not in answer.content.decode()
        if name == "owner" or answer.status_code < 300:
            before = as_stored(cast, lead)
        assert as_stored(cast, lead) == before, name
    assert " ".join(found) == expected, dict(zip(ASKERS, found, strict=True))


@pytest.mark.row("TA-10")
@pytest.mark.parametrize(("method", "route", "body"), [row[:3] for row in OF_STAFF], ids=lambda value: str(value)[:60])
def test_what_an_agencys_person_gets(cast: Cast, method: str, route: str, body: Any) -> None:
    """Own pages only: every other page is one that does not exist, and from the start one is led home."""
    if route.startswith("api/"):
        return
    people = {name: sign_in(cast.harbor.user(name)) for name in ("bea", "noa", "cleo", "dev")}
    lead = make_lead(cast.harbor, source="imaging-spring")
    with cast.harbor.scope():
        values = dict.fromkeys(("lead_id", "person_id", "task_id"), lead.id) | {
            "submission_id": Submission.rows().get(lead_id=lead.id).id,
            "form": "add_note",
            "key": "nowhere",
            "key_id": ApiKey.rows().get(name="bp-1").id,
        }
    path = filled(route, defaultdict(uuid4, values))
    answers = {name: send(client, method, path, body) for name, client in people.items()}
    if expected := OF_AGENCIES.get((method, route)):
        assert " ".join(str(each.status_code) for each in answers.values()) == expected
    elif route == "":
        assert answers["bea"]["Location"] == "/partner/"
    else:
        nothing = people["bea"].get("/there/is/no/such/page/")
        assert (answers["bea"].status_code, answers["bea"].content) == (404, nothing.content)


@pytest.mark.parametrize("route", PUBLIC)
def test_what_is_open_to_everybody(cast: Cast, route: str) -> None:
    path = filled(route, {"slug": f"{cast.harbor.slug}-imaging"})
    for name in ("anonymous", "outsider"):
        assert cast.clients[name].get(path).status_code == 200


@pytest.mark.parametrize(("route", "status"), CHAT.items())
def test_the_visitors_chat_is_open_to_everybody(cast: Cast, route: str, status: int) -> None:
    path = filled(route, {"slug": f"{cast.harbor.slug}-chat"})
    assert {client.get(path).status_code for client in cast.clients.values()} == {status}


@pytest.mark.parametrize("route", BY_TOKEN)
def test_without_the_token_there_is_nothing(cast: Cast, route: str) -> None:
    path = filled(route, {"provider": "google-lead-form", "token": "nobody", "part": "post-call"})
    for name in ("anonymous", "outsider", "owner", "agency"):
        for method in ("GET", "POST"):
            assert send(cast.clients[name], method, path, {}).status_code == 404


@pytest.mark.parametrize("route", OF_FORMS)
def test_a_form_opens_nothing_to_a_made_up_text(cast: Cast, route: str) -> None:
    path = filled(route, {"slug": f"{cast.harbor.slug}-visit", "token": "nobody", "name": "nowhere"})
    for name in ("anonymous", "outsider"):
        assert cast.clients[name].get(path).status_code == 404


@pytest.mark.parametrize("route", SIGN_IN)
def test_the_pages_of_sign_in(cast: Cast, route: str) -> None:
    path = "/accounts/password/reset/key/1-set-password/" if "^" in route else f"/{route}"
    found = tuple(cast.clients[name].get(path).status_code for name in ("anonymous", "bystander"))
    assert found == SIGN_IN[route]


@pytest.mark.row("TA-01")
@pytest.mark.parametrize("route", ADMIN)
def test_the_registers(cast: Cast, route: str) -> None:
    """Without `admin:use` nobody enters; a manager of another tenant finds no row of this one."""
    places = {"app_label": "leads", "url": "nowhere", "key": "landing-pages", "notice_id": uuid4()}
    path = filled(route, {"object_id": row_id(cast.harbor, route), **places})
    for name in ("anonymous", "agency"):
        answer = cast.clients[name].get(path)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")
        assert cast.clients[name].post(path).status_code == 302
    if route in TO_SIGN_IN:
        return
    for name in ("bystander", "colleague", "owner"):
        for method in ("GET", "POST"):
            answer = send(cast.clients[name], method, path, {})
            assert answer.status_code == 403, name
            assert "may not open the admin pages" in answer.content.decode()
    outsider = cast.clients["outsider"]
    if "<path:object_id>" not in route:
        assert outsider.get(path).status_code in (200, 403, 404, 405)
        return
    for method in ("GET", "POST"):
        answer = send(outsider, method, path, {})
        if answer.status_code == 302:
            answer = outsider.get(answer["Location"])
        refused = {403, 404} if route.endswith(("/delete/", "/change/")) else {404, 405}
        assert answer.status_code in refused, (method, answer.status_code)
        assert cast.harbor.domain not in answer.content.decode()
    if route.endswith("/change/"):
        assert outsider.get(path).status_code == 404


def row_id(tenant: Tenant, route: str) -> Any:
    """Return the id of a row of the tenant in the register of this address."""
    parts = route.split("/")
    if len(parts) < 4 or "<path:object_id>" not in route:
        return uuid4()
    model = apps.get_model(parts[1], parts[2])
    with tenant.scope():
        if model is AuditEntry:
            return AuditEntry.rows().order_by("seq").first().id
        row = model.rows().order_by("id").first()
    return row.id if row is not None else uuid4()
