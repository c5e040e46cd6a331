"""WPForms for WordPress (Webhooks add-on): keys and values as the site's admin chose them, as JSON or as a form.

No signature is known; a static header of the webhook can carry the connection's secret.
"""

from collections.abc import Sequence

from apps.connectors.decisions.free_fields import free_event
from apps.connectors.decisions.payloads import posted_object
from apps.connectors.decisions.proofs import secret_if_set
from apps.connectors.terms import Event, Group, HookRequest, Provider


def _read(request: HookRequest) -> Sequence[Event]:
    return [free_event(posted_object(request))]


PROVIDER = Provider(
    key="wpforms",
    name="WPForms",
    group=Group.FORMS,
    capture_method="web_form",
    proof_hint="Optional: a header X-Hook-Secret of the webhook. Without one the address is the only proof.",
    prove=secret_if_set,
    read=_read,
    mapping={"form_id": "attribution.form_id"},
    guesses=True,
)
