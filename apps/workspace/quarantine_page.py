"""What waits in quarantine, as its page shows it: where it came in, what it says, what speaks for a machine."""

from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.profiles import is_marketing_view
from apps.capture.actions import payload_of
from apps.capture.quarantine import quarantined
from apps.capture.screening import SIGN_WORDS
from apps.flows.masking import reads_health
from apps.tenancy.actor import Actor
from apps.workspace.lead_page import MASKED
from apps.workspace.words import Wall, shows_contact

MOST_SHOWN = 50


def quarantine_shown(actor: Actor, wall: Wall, *, dismissed: bool = False) -> dict[str, Any]:
    """Return what waits, or what was put aside, newest first; words and names only for roles that read them."""
    found = quarantined(actor=actor, most=MOST_SHOWN + 1, state="dismissed" if dismissed else "quarantined")
    rows, names = found[:MOST_SHOWN], shows_contact(actor) and not is_marketing_view(actor)
    shown = []
    for row in rows:
        body = payload_of(row)
        person = body.get("on_behalf_of") or body.get("person") or {}
        name = f"{person.get('first_name', '')} {person.get('last_name', '')}".strip()
        point = person.get("phone") or person.get("email") or ""
        message = (body.get("request") or {}).get("message", "")
        shown.append(
            {
                "id": row.id,
                "at": wall.at(row.received_at),
                "form": row.form_version.form.title if row.form_version else row.source.name,
                "who": ", ".join(each for each in (name, point) if each) if names else _("Hidden"),
                "words": message if reads_health(actor) else MASKED,
                "signs": [SIGN_WORDS.get(each["sign"], each["sign"]) for each in row.screening.get("signs", [])],
                "score": row.screening.get("score", 0),
            }
        )
    return {"rows": shown, "more": len(found) > MOST_SHOWN, "dismissed": dismissed}
