"""The shapes of clocks in the API's answers."""

from datetime import datetime

from pydantic import BaseModel


class PauseView(BaseModel):
    """For which listed reason clocks stand still, by whom, since when, and when they go on by themselves."""

    reason: str
    name: str
    paused_by: str
    paused_at: datetime
    until: datetime


class ClockView(BaseModel):
    """One clock of a lead. `number` of `total` counts attempts, else both are 0; `pause` says why it stands still."""

    kind: str
    light: str
    due_at: datetime
    seconds_left: int
    is_running: bool
    policy: str
    number: int
    total: int
    pause: PauseView | None
