"""Addresses of the page on which a person books a visit."""

from django.urls import path

from apps.patients.web import scheduling

app_name = "scheduling"

urlpatterns = [path("<str:token>/", scheduling.schedule, name="schedule")]
