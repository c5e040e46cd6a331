"""Addresses of the agency's pages. None of them holds a person's data, an external id or a key."""

from django.urls import URLPattern, path

from apps.partners.web.views.deliveries import deliveries, delivery, find
from apps.partners.web.views.home import home
from apps.partners.web.views.keys import keys, revoke, roll
from apps.partners.web.views.rehearsal import test_lead
from apps.partners.web.views.submitting import submit

app_name = "partner"

urlpatterns: list[URLPattern] = [
    path("", home, name="home"),
    path("deliveries/", deliveries, name="deliveries"),
    path("deliveries/find/", find, name="find"),
    path("deliveries/<uuid:submission_id>/", delivery, name="delivery"),
    path("keys/", keys, name="keys"),
    path("keys/<uuid:key_id>/roll/", roll, name="roll"),
    path("keys/<uuid:key_id>/revoke/", revoke, name="revoke"),
    path("test/", test_lead, name="test"),
    path("submit/", submit, name="submit"),
]
