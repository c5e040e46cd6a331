"""What capture stores is what came: nothing is cut to fit in silence."""

from dataclasses import replace

import pytest
from django.db import DataError

from apps.capture.actions import Envelope, receive
from apps.capture.models import Submission
from apps.catalog.models import Source
from apps.tenancy.clock import database_now
from tests.cast import Tenant


def test_a_value_that_does_not_fit_its_column_fails_and_is_not_cut(harbor: Tenant) -> None:
    now = database_now()
    with harbor.scope():
        source = Source.rows().get(key="imaging-spring")
    envelope = Envelope(
        source=source, source_typed=source.key, payload={}, capture_method="api", event_at=now, received_at=now
    )
    with pytest.raises(DataError), harbor.scope():
        receive(actor=harbor.system, envelope=replace(envelope, capture_method="x" * 30), now=now)
    with harbor.scope():
        assert Submission.rows().count() == 0
