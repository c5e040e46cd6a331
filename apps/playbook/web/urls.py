"""Address of the playbook."""

from django.urls import path

from apps.playbook.web import views

app_name = "playbook"

urlpatterns = [path("", views.book, name="book")]
