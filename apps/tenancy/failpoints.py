"""Named points at which a test build may lose its worker: to see that what was half done is done once (rule R5).

`LEADCRM_FAILPOINT=outbox.before_commit` ends the process there as a kill does: nothing is cleaned up. Only a run under
the test settings dies so; anywhere else it is an error.
"""

import os

from django.conf import settings

NAMES = ("outbox.claimed", "outbox.before_commit", "outbox.after_commit", "outbox.before_mark")
KILLED = 137
_WANTED = os.environ.get("LEADCRM_FAILPOINT", "")


def failpoint(name: str) -> None:
    """Pass a named point; a test build that was asked to dies here."""
    if name != _WANTED:
        return
    if not getattr(settings, "FAILPOINTS", False):
        raise RuntimeError(f"LEADCRM_FAILPOINT={name} is for test builds only.")
    os._exit(KILLED)
