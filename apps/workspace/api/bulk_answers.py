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
    """What would come, or came, of many leads. `run` is what `undo` is asked for; a preview has none."""

    run: UUID | None
    done: int
    refused: int
    undo_until: datetime | None
    leads: list[BulkLine]
