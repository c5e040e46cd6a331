"""Addresses of hooks: provider and an opaque token, and nothing else."""

from django.urls import path

from apps.connectors.web.views import hook

app_name = "connectors"

urlpatterns = [path("<slug:provider>/<str:token>/", hook, name="hook")]
