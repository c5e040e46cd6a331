"""Every address of the product and who gets which answer there; a new address fails until it is listed.

The answers are held against the product by tests/matrix/test_addresses.py.

Whoever has no business with an id gets 404, as for an id that does not exist. A colleague, who may know that
the lead exists, gets 403 with a sentence. Who is not signed in is led to sign-in by pages; the API says 401.
"""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from tests.leads_made import inquiry

PAGE, API = "leads/<canonical_uuid:lead_id>/", "api/v1/leads/<uuid:lead_id>"
ASSET_PAGE = "forms/<slug:kind>/<canonical_uuid:asset_id>/"
ASSET = "api/v1/capture-assets/<slug:kind>/<uuid:asset_id>"
GROUP, GROUP_API = "relationships/<canonical_uuid:relationship_id>/", "api/v1/relationships/<uuid:relationship_id>"
DEAL = f"{GROUP}opportunities/<canonical_uuid:opportunity_id>/"
DEAL_API = f"{GROUP_API}/opportunities/<uuid:opportunity_id>"
PAPER = {"name": "report.pdf", "content": "JVBERi0xLjcgdGhlIHJlcG9ydA=="}
LATER = "2026-12-02T16:00:00Z"
VISIT = {"starts_at": "2026-12-03T17:00:00Z", "location": "elm-st", "confirmed_by": "patient"}
CALL = {"kind": "call", "outcome": "voicemail", "next_action_at": LATER}
BULK = {"act": "snooze", "until": LATER, "leads": ["01939d4e-7b1c-7c3a-9f00-3d1f0c5a2b11"], "dry_run": True}
SLOTS = {"items": [{"provider": "dr-kim", "office": "elm-st", "service": "orthopedics", "starts": [LATER]}]}
LISTED = {"kind": "phone", "value": "+13125550198", "reason": "asked by letter"}
BUSINESS_MAIL = {"template": "business-introduction", "about": "Screening days", "basis": "published"}
SHARED = {"team": "scheduling", "reason": "They find a date", "ends_at": LATER}
ASKED = {"field": "stage", "proposed": "nurture", "reason": "They asked me"}
GROUP_CONTACT = {"name": "Dr Kim", "role": "decides"}
GROUP_ASKED = {"field": "owner_team", "proposed": "operations", "reason": "They asked me"}
VERDICT = {"verdict": "nurture", "reason": "The service is wanted later"}
PAUSE = {"reason": "asked_for_day", "until": LATER}
WISH = {"wanted": "Podiatry", "reason": "Nobody offers it yet"}
STEP = {"step": "pre_authorisation", "status": "done", "since": "2026-12-01"}
RECORDING = {"activity": "00000000-0000-7000-8000-000000000001", "kind": "recording", "address": "https://r.example/1"}
VERDICT |= {"next_step": "Ask again", "next_step_at": LATER}
#: Forms of a lead that only the owning team may fill in; an empty one is shown again with 422.
DEEDS = (
    *("log-call", "skip", "transfer", "move", "note", "party", "close", "contact-point"),
    *("qualify", "decider", "priority", "coverage", "clearance", "review", "park", "return", "mismatch"),
    *("pause", "share", "visit", "message", "pause-automation", "resume-automation"),
)

#: Method, address, what is sent, and the answers in the order of the first seven ASKERS (tests/matrix/world.py).
OF_STAFF: list[tuple[str, str, Any, str]] = [
    ("GET", "", None, "302 200 200 200 302 200 200"),
    ("POST", "keys/", {"keys": "letters"}, "302 303 303 303 302 303 303"),
    ("POST", "keys/own/", {"usual": "l", "chosen": "v"}, "302 303 303 303 302 303 303"),
    ("GET", "stay/", None, "302 204 204 204 302 204 204"),
    ("POST", "availability/", {"availability": "available"}, "302 303 303 303 302 303 303"),
    ("POST", "start/", {}, "302 403 403 303 302 303 303"),
    ("POST", "notices/<canonical_uuid:notice_id>/put-aside/", {}, "302 404 404 404 302 404 404"),
    ("GET", "queue/", None, "302 200 200 200 302 200 200"),
    ("GET", "queue/leads.csv", None, "302 403 403 403 302 403 403"),
    ("GET", "queue/moved-on/", None, "302 200 200 200 302 200 200"),
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
    ("GET", "compliance/", None, "302 404 404 404 302 404 404"),
    ("GET", "compliance/access/", None, "302 404 404 404 302 404 404"),
    ("GET", "compliance/access/export/", None, "302 404 404 404 302 404 404"),
    ("GET", "compliance/unusual/", None, "302 404 404 404 302 404 404"),
    ("POST", "compliance/unusual/<uuid:unusual_id>/looked-at/", {}, "302 404 404 404 302 404 404"),
    ("GET", "compliance/exports/", None, "302 404 404 404 302 404 404"),
    ("GET", "compliance/security/", None, "302 404 404 404 302 404 404"),
    ("POST", "compliance/exports/month/", {}, "302 404 404 404 302 404 404"),
    ("GET", "compliance/data-flow/", None, "302 404 404 404 302 404 404"),
    ("GET", "compliance/restricted/", None, "302 404 404 404 302 404 404"),
    ("POST", "compliance/restricted/<uuid:glass_id>/looked-at/", {}, "302 404 404 404 302 404 404"),
    ("GET", "compliance/disclosures/", None, "302 404 404 404 302 404 404"),
    ("GET", "compliance/vendors/", None, "302 404 404 404 302 404 404"),
    ("GET", "compliance/vendors/new/", None, "302 404 404 404 302 404 404"),
    ("POST", "compliance/vendors/new/", {}, "302 404 404 404 302 404 404"),
    ("GET", "compliance/vendors/<slug:key>/", None, "302 404 404 404 302 404 404"),
    ("GET", "compliance/vendors/<slug:key>/edit/", None, "302 404 404 404 302 404 404"),
    ("POST", "compliance/vendors/<slug:key>/edit/", {}, "302 404 404 404 302 404 404"),
    ("GET", "compliance/vendors/<slug:key>/agreement/", None, "302 404 404 404 302 404 404"),
    ("POST", "compliance/vendors/<slug:key>/agreement/", {}, "302 404 404 404 302 404 404"),
    ("POST", "compliance/vendors/<slug:key>/agreement/end/", {}, "302 404 404 404 302 404 404"),
    ("GET", "compliance/vendors/<slug:key>/certificate/", None, "302 404 404 404 302 404 404"),
    ("POST", "compliance/vendors/<slug:key>/certificate/", {}, "302 404 404 404 302 404 404"),
    ("GET", "compliance/rights/", None, "302 404 404 404 302 404 404"),
    ("GET", "compliance/rights/new/", None, "302 404 404 404 302 404 404"),
    ("POST", "compliance/rights/new/", {}, "302 404 404 404 302 404 404"),
    ("GET", "compliance/rights/<int:number>/", None, "302 404 404 404 302 404 404"),
    ("POST", "compliance/rights/<int:number>/release/", {}, "302 404 404 404 302 404 404"),
    ("GET", "compliance/rights/<int:number>/record/", None, "302 404 404 404 302 404 404"),
    ("POST", "compliance/rights/<int:number>/<slug:step>/", {}, "302 404 404 404 302 404 404"),
    ("GET", "compliance/retention/", None, "302 404 404 404 302 404 404"),
    ("GET", "compliance/retention/due/", None, "302 404 404 404 302 404 404"),
    ("POST", "compliance/retention/propose/", {}, "302 404 404 404 302 404 404"),
    ("POST", "compliance/retention/holds/", {}, "302 404 404 404 302 404 404"),
    ("POST", "compliance/retention/holds/<uuid:hold_id>/release/", {}, "302 404 404 404 302 404 404"),
    ("GET", "compliance/retention/<int:number>/", None, "302 404 404 404 302 404 404"),
    ("POST", "compliance/retention/<int:number>/decide/", {}, "302 404 404 404 302 404 404"),
    ("GET", "compliance/retention/<int:number>/receipt/", None, "302 404 404 404 302 404 404"),
    ("GET", "compliance/breach/", None, "302 404 404 404 302 404 404"),
    ("GET", "compliance/breach/new/", None, "302 404 404 404 302 404 404"),
    ("POST", "compliance/breach/new/", {}, "302 404 404 404 302 404 404"),
    ("GET", "compliance/breach/<int:number>/", None, "302 404 404 404 302 404 404"),
    ("GET", "compliance/breach/<int:number>/persons/", None, "302 404 404 404 302 404 404"),
    ("POST", "compliance/breach/<int:number>/persons/leave-out/", {}, "302 404 404 404 302 404 404"),
    ("GET", "compliance/breach/<int:number>/persons/export/", None, "302 404 404 404 302 404 404"),
    ("POST", "compliance/breach/<int:number>/tasks/<slug:key>/", {}, "302 404 404 404 302 404 404"),
    ("GET", "compliance/breach/<int:number>/letters/<slug:kind>/", None, "302 404 404 404 302 404 404"),
    ("POST", "compliance/breach/<int:number>/letters/<slug:kind>/", {}, "302 404 404 404 302 404 404"),
    ("GET", "compliance/breach/<int:number>/<slug:step>/", None, "302 404 404 404 302 404 404"),
    ("POST", "compliance/breach/<int:number>/<slug:step>/", {}, "302 404 404 404 302 404 404"),
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
    ("GET", "reports/cadences/", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/cadences.csv", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/promises/", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/promises.csv", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/credits/", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/credits.csv", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/marketing/", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/marketing.csv", None, "302 404 403 403 302 200 403"),
    ("GET", "messages/", None, "302 404 200 404 302 200 404"),
    ("GET", "reports/outreach/", None, "302 404 403 403 302 200 403"),
    ("GET", "reports/outreach.csv", None, "302 404 403 403 302 200 403"),
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
    ("GET", f"{PAGE}break-glass/", None, "302 404 200 403 302 404 200"),
    ("POST", f"{PAGE}break-glass/", {}, "302 404 422 403 302 404 422"),
    ("GET", f"{PAGE}trouble/", None, "302 404 200 403 302 404 200"),
    ("GET", f"{PAGE}consent/", None, "302 404 200 403 302 404 200"),
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
    ("GET", "segments/", None, "302 403 403 403 302 200 403"),
    ("GET", "segments/<slug:key>/", None, "302 403 403 403 302 404 403"),
    ("POST", "segments/<slug:key>/", {"cadence": "learning"}, "302 403 403 403 302 404 403"),
    ("GET", "parked/", None, "302 404 200 200 302 200 200"),
    ("POST", f"{PAGE}take-up/", {}, "302 404 403 403 302 404 303"),
    ("GET", "relationships/", None, "302 403 403 403 302 200 403"),
    ("GET", "relationships/new/", None, "302 403 403 403 302 200 403"),
    ("POST", "relationships/new/", {}, "302 403 403 403 302 422 403"),
    ("GET", GROUP, None, "302 403 403 403 302 404 403"),
    ("GET", f"{GROUP}<slug:deed>/", None, "302 403 403 403 302 404 403"),
    ("POST", f"{GROUP}<slug:deed>/", {}, "302 403 403 403 302 404 403"),
    ("GET", f"{DEAL}<slug:act>/", None, "302 403 403 403 302 404 403"),
    ("POST", f"{DEAL}<slug:act>/", {}, "302 403 403 403 302 404 403"),
    ("GET", f"{GROUP}contacts/<canonical_uuid:contact_id>/", None, "302 403 403 403 302 404 403"),
    ("POST", f"{GROUP}contacts/<canonical_uuid:contact_id>/", {}, "302 403 403 403 302 404 403"),
    ("POST", f"{GROUP}contacts/<canonical_uuid:contact_id>/end/", {}, "302 403 403 403 302 404 403"),
    ("POST", f"{GROUP}requests/<canonical_uuid:request_id>/", {"answer": "accept"}, "302 403 403 403 302 404 403"),
    ("GET", "quarantine/", None, "302 403 403 403 302 200 200"),
    ("POST", "quarantine/dismiss/", {}, "302 403 403 403 302 303 303"),
    ("POST", "quarantine/<canonical_uuid:submission_id>/restore/", {}, "302 403 403 403 302 404 303"),
    ("GET", f"{PAGE}handoff/", None, "302 404 403 403 302 404 200"),
    ("POST", f"{PAGE}handoff/", {"do": "offer"}, "302 404 403 403 302 404 422"),
    ("GET", f"{PAGE}handoffs/<canonical_uuid:handoff_id>/", None, "302 404 404 404 302 404 404"),
    ("POST", f"{PAGE}handoffs/<canonical_uuid:handoff_id>/", {"do": "accept"}, "302 404 404 404 302 404 404"),
    ("GET", "handoffs/", None, "302 404 200 200 302 200 200"),
    ("GET", "forms/", None, "302 404 200 200 302 200 200"),
    ("GET", ASSET_PAGE, None, "302 404 404 404 302 404 404"),
    ("POST", f"{ASSET_PAGE}access/", {}, "302 404 404 404 302 404 404"),
    ("POST", f"{ASSET_PAGE}ask/", {}, "302 404 404 404 302 404 404"),
    ("POST", f"{ASSET_PAGE}requests/<canonical_uuid:access_id>/", {"answer": "accept"}, "302 404 404 404 302 404 404"),
    ("GET", "api/v1/capture-assets", None, "401 404 200 200 404 200 200"),
    ("GET", f"{ASSET}/submissions", None, "401 404 404 404 404 404 404"),
    ("GET", f"{ASSET}/access-requests", None, "401 404 404 404 404 404 404"),
    ("POST", f"{ASSET}/access-requests", {"reason": "x"}, "401 404 404 404 404 404 404"),
    ("POST", f"{ASSET}/access-requests/<uuid:access_id>/answer", {"accept": True}, "401 404 404 404 404 404 404"),
    ("PUT", f"{ASSET}/access", {"owner": "elm-calls"}, "401 404 404 404 404 404 404"),
    ("POST", f"{PAGE}claim/", {}, "302 404 403 403 302 404 303"),
    ("POST", f"{PAGE}resume/", {}, "302 404 403 403 302 404 409"),
    ("GET", f"{PAGE}resume/", None, "302 404 403 403 302 404 200"),
    ("GET", f"{PAGE}ask/", None, "302 404 200 403 302 404 200"),
    ("POST", f"{PAGE}ask/", {}, "302 404 422 403 302 404 422"),
    ("POST", f"{PAGE}requests/<canonical_uuid:task_id>/", {"answer": "accept"}, "302 404 403 403 302 404 404"),
    ("POST", f"{PAGE}steps/<canonical_uuid:task_id>/", {}, "302 404 403 403 302 404 303"),
    ("POST", f"{PAGE}lease/", {}, "302 404 409 403 302 404 409"),
    ("POST", f"{PAGE}present/", {"doing": "viewing"}, "302 404 200 403 302 404 200"),
    ("POST", f"{PAGE}call/", {}, "302 404 403 403 302 404 303"),
    ("POST", f"{PAGE}script/", {"answer-S-4": "Aetna"}, "302 404 403 403 302 404 303"),
    *(("GET", f"{PAGE}{deed}/", None, "302 404 403 403 302 404 200") for deed in DEEDS),
    *(("POST", f"{PAGE}{deed}/", {}, "302 404 403 403 302 404 422") for deed in DEEDS),
    # Nobody books before the contact.
    ("GET", f"{PAGE}book/", None, "302 404 403 403 302 404 409"),
    ("POST", f"{PAGE}book/", {}, "302 404 403 403 302 404 409"),
    # To classify is a right of its own; to read why takes the right to read health.
    ("GET", f"{PAGE}phi/", None, "302 404 403 403 302 404 200"),
    ("POST", f"{PAGE}phi/", {}, "302 404 403 403 302 404 403"),
    ("GET", f"{PAGE}recordings/", None, "302 404 200 403 302 404 200"),
    # To open one is a right of its own.
    ("POST", f"{PAGE}recordings/<canonical_uuid:recording_id>/open/", {}, "302 404 403 403 302 404 403"),
    ("GET", f"{PAGE}insurance-number/", None, "302 404 403 403 302 404 200"),
    ("POST", f"{PAGE}insurance-number/", {"purpose": "booking"}, "302 404 403 403 302 404 409"),
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
    ("GET", f"{PAGE}cadence/", None, "302 404 403 403 302 404 200"),
    ("POST", f"{PAGE}cadence/", {"cadence": "gone-quiet"}, "302 404 403 403 302 404 303"),
    # It is in no cadence.
    ("GET", f"{PAGE}cadence-stop/", None, "302 404 403 403 302 404 200"),
    ("POST", f"{PAGE}cadence-stop/", {}, "302 404 403 403 302 404 409"),
    ("GET", f"{PAGE}business-mail/", None, "302 404 403 403 302 404 409"),
    ("POST", f"{PAGE}business-mail/", {}, "302 404 403 403 302 404 409"),
    ("GET", f"{PAGE}scheduling-link/", None, "302 404 403 403 302 404 200"),
    ("POST", f"{PAGE}scheduling-link/", {}, "302 404 403 403 302 404 409"),
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
    ("GET", f"{API}/insurance", None, "401 404 200 403 404 404 200"),
    ("GET", f"{API}/reviews", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/reviews", {"track": "intake", "status": "complete"}, "401 404 403 403 404 404 201"),
    ("GET", f"{API}/automation", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/automation", {"state": "paused", "reason": "As they asked"}, "401 404 403 403 404 404 200"),
    ("GET", f"{API}/recordings", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/recordings", RECORDING, "401 404 403 403 404 404 404"),
    ("POST", f"{API}/recordings/<uuid:recording_id>/open", {}, "401 404 403 403 404 404 403"),
    ("GET", f"{API}/clearance", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/clearance", STEP, "401 404 403 403 404 404 201"),
    ("DELETE", f"{API}/pause", None, "401 404 403 403 404 404 409"),
    ("POST", f"{API}/pause", PAUSE, "401 404 403 403 404 404 201"),
    ("DELETE", f"{API}/parking", None, "401 404 403 403 404 404 409"),
    ("POST", f"{API}/parking", WISH, "401 404 403 403 404 404 201"),
    ("GET", "api/v1/never-attempted", None, "401 200 200 200 404 200 200"),
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
    ("GET", f"{API}/phi", None, "401 404 403 403 404 404 200"),
    ("POST", f"{API}/phi", {"is_phi": False, "reason": "Asked for a job"}, "401 404 403 403 404 404 403"),
    ("POST", f"{API}/reveal", {"kind": "insurance_member", "purpose": "booking"}, "401 404 403 403 404 404 409"),
    ("GET", f"{API}/consents", None, "401 404 200 403 404 404 200"),
    # Row CN-14: a colleague of any team may record that a person wants no more calls.
    ("POST", f"{API}/consents", {"channel": "call", "state": "withdrawn"}, "401 404 403 201 404 404 201"),
    ("POST", f"{API}/contact-points/<uuid:point_id>", {"works": True}, "401 404 403 403 404 404 404"),
    ("GET", f"{API}/business-mails", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/business-mails", BUSINESS_MAIL, "401 404 403 403 404 404 409"),
    ("GET", f"{API}/messages", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/messages", {"template": "missed-call"}, "401 404 403 403 404 404 201"),
    ("GET", f"{API}/message-templates", None, "401 404 200 403 404 404 200"),
    ("GET", "api/v1/message-results", None, "401 403 403 403 403 200 403"),
    ("GET", "api/v1/templates", None, "401 403 403 403 403 200 403"),
    ("GET", f"{API}/cadences", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/cadences", {"cadence": "gone-quiet"}, "401 404 403 403 404 404 201"),
    ("POST", f"{API}/cadences/stop", {}, "401 404 403 403 404 404 409"),
    ("GET", f"{API}/data-requests", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/data-requests", {}, "401 404 403 403 404 404 409"),
    ("GET", f"{API}/tasks", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/tasks", {"title": "Send forms", "due_at": LATER}, "401 404 403 403 404 404 201"),
    ("PATCH", f"{API}/tasks/<uuid:task_id>", {"state": "done"}, "401 404 403 403 404 404 422"),
    ("GET", f"{API}/scheduling-links", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/scheduling-links", {}, "401 404 403 403 404 404 409"),
    ("GET", f"{API}/slots", None, "401 404 200 403 404 404 200"),
    ("GET", f"{API}/appointments", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/appointments", VISIT, "401 404 403 403 404 404 409"),
    ("PATCH", f"{API}/appointments/<uuid:appointment_id>", {"state": "cancelled"}, "401 404 403 403 404 404 422"),
    ("GET", f"{API}/activities", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/activities", CALL, "401 404 403 403 404 404 201"),
    ("GET", f"{API}/change-requests", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/change-requests", ASKED, "401 404 201 403 404 404 409"),
    ("POST", f"{API}/change-requests/<uuid:task_id>/answer", {"answer": "accept"}, "401 404 403 403 404 404 404"),
    ("GET", f"{API}/shares", None, "401 404 200 403 404 404 200"),
    ("POST", f"{API}/shares", SHARED, "401 404 403 403 404 404 201"),
    ("DELETE", f"{API}/shares/<uuid:share_id>", None, "401 404 403 403 404 404 404"),
    # Only the key of an outside system or of a partner reports.
    ("POST", f"{API}/reports", {"field": "status", "value": "closed"}, "401 404 403 403 404 404 403"),
    ("GET", "api/v1/relationships", None, "401 403 403 403 404 200 403"),
    ("POST", "api/v1/relationships", {"name": "Acme", "team": "nobody"}, "401 403 403 403 404 422 403"),
    ("GET", GROUP_API, None, "401 403 403 403 404 404 403"),
    ("POST", f"{GROUP_API}/contacts", GROUP_CONTACT, "401 403 403 403 404 404 403"),
    ("PUT", f"{GROUP_API}/contacts/<uuid:contact_id>", GROUP_CONTACT, "401 403 403 403 404 404 403"),
    ("POST", f"{GROUP_API}/contacts/<uuid:contact_id>/end", {}, "401 403 403 403 404 404 403"),
    ("POST", f"{GROUP_API}/owner", {"team": "operations", "reason": "x"}, "401 403 403 403 404 404 403"),
    ("POST", f"{GROUP_API}/opportunities", {"name": "MRI", "reason": "x"}, "401 403 403 403 404 404 403"),
    ("PATCH", DEAL_API, {"terms": "x"}, "401 403 403 403 404 404 403"),
    ("POST", f"{DEAL_API}/approve", {}, "401 403 403 403 404 404 403"),
    ("POST", f"{GROUP_API}/change-requests", GROUP_ASKED, "401 403 403 403 404 404 403"),
    ("POST", f"{GROUP_API}/change-requests/<uuid:request_id>/answer", {"accept": True}, "401 403 403 403 404 404 403"),
    ("POST", "api/v1/opt-outs", {"phone": "+13125550199"}, "401 403 403 200 200 200 200"),
    ("GET", "api/v1/do-not-contact", None, "401 403 200 403 403 200 403"),
    ("POST", "api/v1/do-not-contact", LISTED, "401 403 403 403 403 201 403"),
    ("POST", "api/v1/do-not-contact/<uuid:entry_id>/end", {}, "401 404 404 404 404 404 404"),
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
BY_TOKEN += ("b/<str:token>/", "p/<str:token>/", "p/<str:token>/one-click/")
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
