"""Addresses of compliance."""

from django.urls import path

from apps.compliance.web.index import index
from apps.compliance.web.sections import SECTIONS

app_name = "compliance"

urlpatterns = [path("", index, name="index"), *(route for section in SECTIONS for route in section.routes)]
