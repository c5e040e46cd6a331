"""What marketing and administrators are answered, beside the seven whose answers stand in the list of addresses.

Both see every lead, own none and change none, as a viewer does; both keep the registers that a viewer does not open.
"""

#: Where they are answered what a manager is: imports, data quality, reports.
KEPT = ("imports/", "quality/", "reports/", "segments/")
#: Groups that a tenant's administrator looks at, as the other tenant's manager does at theirs; marketing does not.
GROUPS = ("relationships/", "api/v1/relationships")
#: What follows from neither: marketing's answer and an administrator's.
OWN_ANSWERS = {
    ("POST", "api/v1/open-slots"): "200 200",
    # Both may change settings.
    ("POST", "api/v1/do-not-contact"): "201 201",
    # Looks at groups, works on none.
    ("POST", "api/v1/relationships"): "403 403",
    ("GET", "api/v1/leads/<uuid:lead_id>/clearance"): "403 200",
    ("GET", "api/v1/leads/<uuid:lead_id>/insurance"): "403 200",
    ("GET", "api/v1/leads/<uuid:lead_id>/reviews"): "403 403",
    ("GET", "api/v1/templates"): "200 200",
    ("GET", "partner/"): "200 404",
    ("GET", "partner/deliveries/"): "200 404",
    ("POST", "partner/deliveries/find/"): "200 404",
    ("GET", "partner/keys/"): "200 404",
    ("POST", "partner/keys/"): "302 404",
    ("POST", "partner/keys/<uuid:key_id>/roll/"): "302 404",
    ("POST", "partner/keys/<uuid:key_id>/revoke/"): "302 404",
    ("GET", "partner/test/"): "200 404",
    ("POST", "partner/test/"): "422 404",
    ("GET", "partner/submit/"): "403 404",
    ("POST", "partner/submit/"): "403 404",
    ("GET", "api/v1/deliveries"): "200 403",
    ("GET", "api/v1/attribution"): "200 403",
    # Approves what a compliance officer proposes to erase; proposes and holds nothing.
    ("GET", "compliance/retention/"): "404 200",
    ("GET", "compliance/retention/due/"): "404 200",
    ("POST", "compliance/retention/propose/"): "404 403",
    ("POST", "compliance/retention/holds/"): "404 403",
    ("POST", "compliance/retention/holds/<uuid:hold_id>/release/"): "404 403",
}
#: What the people of another team are answered on their own lead, where ours are answered otherwise on ours.
OF_OTHERS = {
    # They have it already; and the visit's office is ours.
    ("POST", "api/v1/leads/<uuid:lead_id>/transfers"): {"colleague": "409"},
    ("POST", "api/v1/leads/<uuid:lead_id>/appointments"): {"colleague": "422"},
    # He may not read what was sent in, ours may.
    ("GET", "leads/<canonical_uuid:lead_id>/touches/<canonical_uuid:touch_id>/split/"): {"colleague": "403"},
    ("POST", "leads/<canonical_uuid:lead_id>/touches/<canonical_uuid:touch_id>/split/"): {"colleague": "403"},
    # He works in that team and does not lead it.
    ("POST", "api/v1/leads/<uuid:lead_id>/shares"): {"colleague": "403"},
    ("DELETE", "api/v1/leads/<uuid:lead_id>/shares/<uuid:share_id>"): {"colleague": "403"},
}


def answers(method: str, route: str, said: dict[str, str]) -> dict[str, str]:
    """Return what marketing and an administrator are answered, from what others are."""
    if (method, route) in OWN_ANSWERS:
        return dict(zip(("marketing", "administrator"), OWN_ANSWERS[method, route].split(), strict=True))
    if route.startswith(GROUPS):
        return {"marketing": said["viewer"], "administrator": said["outsider"]}
    kept = route.startswith(KEPT) and not route.startswith("quality/change/")
    return dict.fromkeys(("marketing", "administrator"), said["outsider" if kept else "viewer"])
