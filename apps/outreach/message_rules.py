"""What messages of a goal have to say: the blocks of the tenant's rules about messages (row TN-18). Pure.

A block is there where one of its words is in the text; a place such as {next_contact} is a word too.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.outreach.template_terms import Goal
from apps.policies.decisions.documents import as_document, as_items, as_text, as_texts, duplicate_ids, unknown_keys
from apps.policies.terms import FieldSpec, Known
from apps.policies.terms import Problem as RuleProblem
from apps.tenancy.errors import Problem

KIND = "messages"
#: What holds where the tenant has no rules about messages: an answer says when we call, what we ask, what of records.
USUAL: Mapping[str, Any] = {
    "blocks": [
        {"id": "B-1", "name": "when we call", "goal": "acknowledge", "words": ["{next_contact}"]},
        {
            "id": "B-2",
            "name": "what we will ask",
            "goal": "acknowledge",
            "words": ["will ask", "ask what", "preguntar"],
        },
        {
            "id": "B-3",
            "name": "how records are reviewed",
            "goal": "acknowledge",
            "words": ["records", "images", "expediente", "imágenes"],
        },
    ]
}


@dataclass(frozen=True, slots=True)
class Block:
    """What a message of a goal has to say, by any of its words; on these channels, or on all."""

    id: str
    name: str
    goal: str
    words: tuple[str, ...]
    channels: tuple[str, ...] = ()


def blocks_of(document: Mapping[str, Any]) -> list[Block]:
    """Return the blocks of the rules in force, else the usual ones."""
    rows = as_items((document if "blocks" in document else USUAL).get("blocks"))
    return [
        Block(
            as_text(row.get("id")),
            as_text(row.get("name")),
            as_text(row.get("goal")),
            tuple(as_texts(row.get("words"))),
            tuple(as_texts(row.get("channels"))),
        )
        for row in map(as_document, rows)
        if row.get("is_active", True) is not False
    ]


def missing_blocks(body: str, *, goal: str, channel: str, blocks: list[Block]) -> list[Problem]:
    """Return which blocks a message of a goal lacks, by name."""
    said = body.replace("{{", "{").replace("}}", "}").casefold()
    return [
        Problem("/body", "block_missing", f"It does not say {block.name} ({block.id}). {_way(block)}")
        for block in blocks
        if block.goal == goal
        and (not block.channels or channel in block.channels)
        and not any(word.casefold() in said for word in block.words)
    ]


def _way(block: Block) -> str:
    return f"Use one of: {', '.join(block.words)}."


def check_document(document: object, fields: Mapping[str, FieldSpec], known: Known) -> list[RuleProblem]:
    """Name everything wrong with rules about messages."""
    top = as_document(document)
    problems = unknown_keys(top, frozenset({"blocks"}), "")
    ids = []
    for place, item in enumerate(as_items(top.get("blocks"))):
        row, path = as_document(item), f"/blocks/{place}"
        ids.append((f"{path}/id", as_text(row.get("id"))))
        problems += unknown_keys(row, frozenset({"id", "name", "goal", "words", "channels", "is_active"}), path)
        problems += [
            RuleProblem(f"{path}/{key}", f"{key}_missing", f"A block needs its {key}.")
            for key in ("id", "name")
            if not as_text(row.get(key))
        ]
        if as_text(row.get("goal")) not in list(Goal):
            problems.append(RuleProblem(f"{path}/goal", "unknown_goal", "One of: " + ", ".join(Goal) + "."))
        if not any(each.strip() for each in as_texts(row.get("words"))):
            sentence = "Name words of which one has to be there."
            problems.append(RuleProblem(f"{path}/words", "words_missing", sentence))
        for channel in as_texts(row.get("channels")):
            if channel not in ("email", "text"):
                problems.append(RuleProblem(f"{path}/channels", "unknown_channel", "A channel is email or text."))
    return problems + duplicate_ids(ids)
