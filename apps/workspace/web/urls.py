"""Addresses of the coordinators' pages."""

from django.urls import URLPattern, path

from apps.workspace.web.addresses import register
from apps.workspace.web.deeds import DEEDS
from apps.workspace.web.views import (
    asset_requests,
    assets,
    bulk,
    exceptions,
    handing_off,
    relationship_contacts,
    relationships,
    saved_views,
    segments,
)
from apps.workspace.web.views.acts import act, answer, call, claim, step_done
from apps.workspace.web.views.availability import availability
from apps.workspace.web.views.break_glass import glass
from apps.workspace.web.views.classifying import classify
from apps.workspace.web.views.consent import consent_ledger
from apps.workspace.web.views.documents import document
from apps.workspace.web.views.drafts import draft
from apps.workspace.web.views.duplicates import duplicate, duplicates, merge
from apps.workspace.web.views.export import leads_file
from apps.workspace.web.views.keys import keys, own_key
from apps.workspace.web.views.lead import background, lead
from apps.workspace.web.views.leases import heartbeat, start
from apps.workspace.web.views.messages import messages
from apps.workspace.web.views.moved_on import moved
from apps.workspace.web.views.my_work import my_work
from apps.workspace.web.views.new_inquiry import entered, entry_draft, new_inquiry
from apps.workspace.web.views.notices import heard
from apps.workspace.web.views.parked import parked, taken_up
from apps.workspace.web.views.person import person
from apps.workspace.web.views.presence import present
from apps.workspace.web.views.quarantine import dismiss, quarantine, restore
from apps.workspace.web.views.queue import queue, search
from apps.workspace.web.views.recordings import recording_open, recordings
from apps.workspace.web.views.revealing import insurance_number
from apps.workspace.web.views.scripts import script
from apps.workspace.web.views.splitting import split
from apps.workspace.web.views.staying import stay
from apps.workspace.web.views.trouble import trouble
from apps.workspace.web.views.why import why

register()
app_name = "workspace"
RELATIONSHIP = "relationships/<canonical_uuid:relationship_id>/"

urlpatterns: list[URLPattern] = [
    path("", my_work, name="my_work"),
    path("keys/", keys, name="keys"),
    path("keys/own/", own_key, name="own_key"),
    path("stay/", stay, name="stay"),
    path("availability/", availability, name="availability"),
    path("start/", start, name="start"),
    path("notices/<canonical_uuid:notice_id>/put-aside/", heard, name="put_aside"),
    path("queue/", queue, name="queue"),
    path("queue/leads.csv", leads_file, name="leads_file"),
    path("queue/moved-on/", moved, name="moved_on"),
    path("queue/bulk/", bulk.bulk, name="bulk"),
    path("queue/bulk/<canonical_uuid:run_id>/", bulk.bulk_run, name="bulk_run"),
    path("queue/bulk/<canonical_uuid:run_id>/undo/", bulk.bulk_undo, name="bulk_undo"),
    path("queue/views/", saved_views.listed, name="views"),
    path("queue/views/new/", saved_views.new, name="view_new"),
    path("queue/views/<canonical_uuid:view_id>/", saved_views.change, name="view"),
    path("messages/", messages, name="messages"),
    path("search/", search, name="search"),
    path("leads/new/", new_inquiry, name="new_inquiry"),
    path("leads/new/draft/", entry_draft, name="entry_draft"),
    path("leads/new/<canonical_uuid:submission_id>/", entered, name="entered"),
    path("leads/<canonical_uuid:lead_id>/", lead, name="lead"),
    path("people/<canonical_uuid:person_id>/", person, name="person"),
    path("people/<canonical_uuid:person_id>/merges/<canonical_uuid:merge_id>/", merge, name="merge"),
    path("duplicates/", duplicates, name="duplicates"),
    path("duplicates/<canonical_uuid:pair_id>/", duplicate, name="duplicate"),
    path("exceptions/", exceptions.exceptions, name="exceptions"),
    path("exceptions/<canonical_uuid:item_id>/", exceptions.decide, name="exception_decide"),
    path("exceptions/<canonical_uuid:item_id>/approval/", exceptions.approval, name="exception_approval"),
    path("segments/", segments.segments, name="segments"),
    path("segments/<slug:key>/", segments.segment, name="segment"),
    path("parked/", parked, name="parked"),
    path("leads/<canonical_uuid:lead_id>/take-up/", taken_up, name="take_up"),
    path("relationships/", relationships.relationships, name="relationships"),
    path("relationships/new/", relationships.new_relationship, name="new_relationship"),
    path(RELATIONSHIP, relationships.relationship, name="relationship"),
    path(f"{RELATIONSHIP}<slug:deed>/", relationships.act, name="relationship_act"),
    path(
        f"{RELATIONSHIP}opportunities/<canonical_uuid:opportunity_id>/<slug:act>/",
        relationships.act_on_opportunity,
        name="opportunity_act",
    ),
    path(f"{RELATIONSHIP}contacts/<canonical_uuid:contact_id>/", relationship_contacts.change, name="contact_change"),
    path(f"{RELATIONSHIP}contacts/<canonical_uuid:contact_id>/end/", relationship_contacts.end, name="contact_end"),
    path(f"{RELATIONSHIP}requests/<canonical_uuid:request_id>/", relationships.answer, name="relationship_answer"),
    path("quarantine/", quarantine, name="quarantine"),
    path("quarantine/dismiss/", dismiss, name="dismiss"),
    path("quarantine/<canonical_uuid:submission_id>/restore/", restore, name="restore"),
    path("leads/<canonical_uuid:lead_id>/background/", background, name="background"),
    path("leads/<canonical_uuid:lead_id>/documents/<canonical_uuid:document_id>/", document, name="document"),
    path("leads/<canonical_uuid:lead_id>/why/", why, name="why"),
    path("leads/<canonical_uuid:lead_id>/trouble/", trouble, name="trouble"),
    path("leads/<canonical_uuid:lead_id>/break-glass/", glass, name="break_glass"),
    path("leads/<canonical_uuid:lead_id>/consent/", consent_ledger, name="consent_ledger"),
    path("leads/<canonical_uuid:lead_id>/phi/", classify, name="classify"),
    path("leads/<canonical_uuid:lead_id>/recordings/", recordings, name="recordings"),
    path(
        "leads/<canonical_uuid:lead_id>/recordings/<canonical_uuid:recording_id>/open/",
        recording_open,
        name="recording_open",
    ),
    path("leads/<canonical_uuid:lead_id>/insurance-number/", insurance_number, name="reveal"),
    path("leads/<canonical_uuid:lead_id>/touches/<canonical_uuid:touch_id>/split/", split, name="split"),
    path("leads/<canonical_uuid:lead_id>/handoff/", handing_off.hand_off, name="hand_off"),
    path("leads/<canonical_uuid:lead_id>/handoffs/<canonical_uuid:handoff_id>/", handing_off.handoff, name="handoff"),
    path("handoffs/", handing_off.handoffs, name="handoffs"),
    path("forms/", assets.assets, name="assets"),
    path("forms/<slug:kind>/<canonical_uuid:asset_id>/", assets.asset, name="asset"),
    path("forms/<slug:kind>/<canonical_uuid:asset_id>/access/", assets.access, name="asset_access"),
    path("forms/<slug:kind>/<canonical_uuid:asset_id>/ask/", asset_requests.ask, name="ask_asset"),
    path(
        "forms/<slug:kind>/<canonical_uuid:asset_id>/requests/<canonical_uuid:access_id>/",
        asset_requests.answer,
        name="answer_asset",
    ),
    path("leads/<canonical_uuid:lead_id>/claim/", claim, name="claim"),
    path("leads/<canonical_uuid:lead_id>/lease/", heartbeat, name="lease"),
    path("leads/<canonical_uuid:lead_id>/present/", present, name="present"),
    path("leads/<canonical_uuid:lead_id>/requests/<canonical_uuid:task_id>/", answer, name="answer"),
    path("leads/<canonical_uuid:lead_id>/steps/<canonical_uuid:task_id>/", step_done, name="step_done"),
    path("leads/<canonical_uuid:lead_id>/call/", call, name="call"),
    path("leads/<canonical_uuid:lead_id>/script/", script, name="script"),
    path("leads/<canonical_uuid:lead_id>/drafts/<slug:form>/", draft, name="draft"),
    *(
        path(f"leads/<canonical_uuid:lead_id>/{each.path}/", act, {"name": name}, name=name)
        for name, each in DEEDS.items()
    ),
]
