"""ASGI entry point of the live event stream; pages and API are `leadcrm.wsgi`."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadcrm.settings.base")
django.setup()

from leadcrm.live.application import Live  # noqa: E402 - the apps must be ready first

application = Live()
