"""Addresses of links in our messages."""

from django.urls import path

from apps.patients.web import views

app_name = "patients"

urlpatterns = [path("<str:token>/", views.missing, name="missing")]
