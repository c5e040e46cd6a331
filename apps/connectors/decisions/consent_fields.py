"""Boxes that a person ticked, as claims; which box stands for which channel the connection's settings say.

`{"consent_fields": {"ok_text": "text", "agree": ["call", "email"]}}`. A box that is not ticked says nothing: the
person was asked and did not answer, which neither grants nor withdraws.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from apps.connectors.terms import Event

SETTING = "consent_fields"
CHANNELS = ("call", "text", "email")
_YES = re.compile(
    r"\s*(yes|y|true|on|1|ok|checked|agree[ds]?|accept(ed)?|i (agree|consent|accept|authori[sz]e))\b", re.I
)
_NO = re.compile(
    r"\b(no|n|not|none|never|false|off|0|unchecked|don['’]?t|do not|declined?|refused?|disagree|stop|without"
    r"|opt(ed)?[ -]?out)\b",
    re.I,
)


def is_ticked(text: str) -> bool:
    """Say whether a value means agreement: a yes, or a box's own wording. In doubt it does not."""
    return bool(text.strip()) and (bool(_YES.match(text)) or not _NO.search(text))


def channels_of(settings: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the channels of each field that the settings name."""
    fields = settings.get(SETTING)
    if not isinstance(fields, dict):
        return {}
    return {str(name): [meant] if isinstance(meant, str) else list(meant or ()) for name, meant in fields.items()}


def setting_problems(settings: Mapping[str, Any]) -> Sequence[str]:
    """Return a sentence for each line of the setting that names no channel."""
    fields = settings.get(SETTING, {})
    if not isinstance(fields, dict):
        return [f"“{SETTING}” is an object: field name to channel."]
    problems = []
    for name, meant in fields.items():
        named = [meant] if isinstance(meant, str) else meant
        if not isinstance(named, list) or not named or any(each not in CHANNELS for each in named):
            problems.append(f"“{name}”: name one or more of {', '.join(CHANNELS)}.")
    return problems


def ticked_claims(event: Event, settings: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a claim per channel of each ticked box, with the text that the person saw."""
    claims = []
    for name, channels in channels_of(settings).items():
        ticked = [each for each in event.values.get(name, ()) if is_ticked(each)]
        if ticked:
            text = event.questions.get(name, "") or event.evidence.get("text", "") or "; ".join(ticked)
            claims += [{"channel": channel, "state": "granted", "text": text[:4000]} for channel in channels]
    return claims
