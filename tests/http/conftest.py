"""A small site with every kind of door, and bare error pages: the frame without the product."""

import pytest
from django.test import Client

PAGE = "{{ status }} {{ code }}: {{ detail }} [{{ request_id }}]"
ERROR_PAGES = {f"errors/{name}.html": PAGE for name in ("400", "403", "404", "409", "429", "500", "csrf")}


@pytest.fixture
def site(settings, tmp_path):
    """Serve tests/http/site.py behind the real middleware chain."""
    settings.ROOT_URLCONF = "tests.http.site"
    settings.STATIC_ROOT = tmp_path
    settings.ALLOWED_HOSTS = ["testserver"]
    engine = dict(settings.TEMPLATES[0], DIRS=[], APP_DIRS=False)
    engine["OPTIONS"] = dict(engine["OPTIONS"], loaders=[("django.template.loaders.locmem.Loader", ERROR_PAGES)])
    settings.TEMPLATES = [engine]
    return settings


@pytest.fixture
def visitor(site):
    """A browser without a cookie; faults come back as answers."""
    return Client(raise_request_exception=False)
