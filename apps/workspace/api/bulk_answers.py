"""The shapes of the API's answers about many leads at once."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel


class BulkLine(BaseModel):
    """What would come, or came, of one lead; `detail` is the sentence of its refusal."""

    lead: UUID
    ref: str
    done: bool
    code: str
    detail: str


class BulkAnswer(BaseModel):
    """What would come, or came, of many leads. `run` is what `undo` is asked for; a preview has none.

    `waiting` leads have not had their turn: of more than 25 handoffs the worker makes the offers.
    """

    run: UUID | None
    done: int
    refused: int
    waiting: int
    undo_until: datetime | None
    leads: list[BulkLine]
