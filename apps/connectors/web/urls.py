"""Addresses of hooks: provider and an opaque token, and a last word where the body does not name the event."""

from django.urls import path

from apps.connectors.web.views import hook

app_name = "connectors"

urlpatterns = [
    path("<slug:provider>/<str:token>/", hook, name="hook"),
    path("<slug:provider>/<str:token>/<slug:part>/", hook, name="hook_part"),
]
