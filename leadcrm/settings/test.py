"""Settings of the suite: the real ones, with cheap password hashing and addresses from the test stack."""

import os

_STAND_IN = "postgresql://nobody@127.0.0.1:1/none"
for _name, _value in {
    "LEADCRM_SECRET_KEY": "test-only-secret-key-that-no-real-run-uses-0123456789",
    "LEADCRM_MASTER_KEY": "1:dGVzdC1vbmx5LW1hc3Rlci1rZXktb2YtMzItYnl0ZXM=",
    "DATABASE_URL": _STAND_IN,
    "DATABASE_OWNER_URL": _STAND_IN,
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "LEADCRM_DEMO": "1",
}.items():
    os.environ.setdefault(_name, _value)

from leadcrm.settings.base import *  # noqa: E402, F403

PASSWORD_HASHERS = ["leadcrm.settings.cheap.CheapArgon2"]
TEXT_SENDER = "apps.outreach.texts.NullTexts"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
FAILPOINTS = True
STATIC_ROOT = ROOT / "static"  # noqa: F405 - a folder that exists; the finders serve the rest
