"""Which channels a stage of a lead allows, and in which order they are tried (rows TK-09, TN-04). Pure."""

from collections.abc import Mapping
from typing import Any

from apps.consent.terms import CHANNEL_WORDS, Channel, InStage
from apps.policies.decisions.documents import as_document, as_texts
from apps.policies.terms import Known, Problem


def stage_asked(lead: Any, document: Mapping[str, Any]) -> InStage | None:
    """Return the stage of a lead to ask about; None where no stage of the contact document limits its channels."""
    return InStage(lead.stage.key, lead.stage.label) if document.get("stages") else None


def stage_channels(document: object, stage: str) -> tuple[str, ...] | None:
    """Return the channels that a stage allows, in the order in which they are tried; None where it names none."""
    named = as_document(as_document(document).get("stages")).get(stage)
    return as_texts(named) if named is not None else None


def barred_by_stage(channel: str, stage: InStage, document: object) -> str:
    """Return why a channel is not used in a stage; "" where it is."""
    allowed = stage_channels(document, stage.key)
    if allowed is None or channel in allowed:
        return ""
    words = {str(each): word for each, word in CHANNEL_WORDS.items()}
    instead = ", ".join(words[each] for each in allowed if each in words) or "nothing"
    return f"{words[channel].capitalize()} are not used in stage {stage.label}; there we use: {instead}."


def stage_problems(stages: Mapping[str, object], known: Known) -> list[Problem]:
    """Name unknown stages and channels among those that stages allow."""
    problems = []
    for stage, named in stages.items():
        if stage not in known.stages:
            problems.append(Problem(f"/stages/{stage}", "unknown_stage", f"There is no stage “{stage}”."))
        for each in as_texts(named):
            if each not in frozenset(map(str, Channel)):
                problems.append(Problem(f"/stages/{stage}", "unknown_channel", f"There is no channel “{each}”."))
    return problems
