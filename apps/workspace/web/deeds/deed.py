"""One thing that is done with a lead by a form: what it offers, shows beside, and hands to its flow."""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.leads.models import Lead
from apps.tenancy.actor import Actor
from apps.workspace.web import forms
from apps.workspace.words import Wall

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that was filled in: by whom, about which lead, with which version and key."""

    actor: Actor
    lead: Lead
    values: Values
    now: datetime
    version: int | None
    key: str


def _nothing(*_args: object) -> dict[str, Any]:
    return {}


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing to do. `pointers` maps a flow's problem to the field it is shown at;
    `fills` names the lead's field behind each field of the form, where one shows what is on file;
    `from_address` names fields whose first value an address may carry;
    `offered` narrows a field's choices to those that this person is offered; `around` shows what belongs to
    what the form says."""

    path: str
    template: str
    form: type[forms.Act]
    carry_out: Callable[[Sent], object]
    done: str
    choices: Callable[[Lead, datetime], dict[str, forms.Choices]] = _nothing
    initial: Callable[[Lead, Wall], dict[str, Any]] = _nothing
    fills: Callable[[Lead, datetime], Mapping[str, str]] = _nothing
    beside: Callable[[Lead, Actor, Wall], dict[str, Any]] = _nothing
    around: Callable[[Lead, Actor, Wall, forms.Act], dict[str, Any]] = _nothing
    pointers: Mapping[str, str] = field(default_factory=dict)
    from_address: tuple[str, ...] = ()
    offered: Callable[[Actor, Lead, datetime], Mapping[str, Container[str]]] = _nothing
