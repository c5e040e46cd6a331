"""Errors every app may raise; `leadcrm.http.errors` turns each into one status code."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


class LeadcrmError(Exception):
    """The root of errors that a door may show to the person."""

    code = "error"
    status = 400

    def __init__(self, detail: str, *, code: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        if code:
            self.code = code


class NoTenantScope(RuntimeError):
    """Code touched a tenant's table outside `tenant_scope`: a programming error, never shown."""


class NotFound(LeadcrmError):
    """Absent, or another tenant's: the two must look alike."""

    code, status = "not_found", 404

    def __init__(self, detail: str = "Not found.") -> None:
        super().__init__(detail)


class Refused(LeadcrmError):
    """A colleague without the right. The sentence says who owns it, since when and how to ask.

    Raising it inside a scope leaves an audit entry of the attempt, written after the rollback.
    """

    code, status = "no_permission", 403

    def __init__(
        self,
        detail: str,
        *,
        code: str | None = None,
        action: str = "",
        object_type: str = "",
        object_id: UUID | None = None,
        fields: tuple[str, ...] = (),
    ) -> None:
        super().__init__(detail, code=code)
        self.action, self.object_type = action, object_type
        self.object_id, self.fields = object_id, fields


@dataclass(frozen=True, slots=True)
class Clash:
    """One field that two people changed: what the later one sends, what is on record, by whom and since when."""

    field: str
    mine: str
    theirs: str
    by: str = ""
    at: datetime | None = None


class Conflict(LeadcrmError):
    """Somebody was faster, or the record moved on since it was read; `clashes` names the fields of an old version."""

    code, status = "conflict", 409
    clashes: tuple[Clash, ...] = ()


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one place of the input. `pointer` is a JSON pointer (RFC 6901)."""

    pointer: str
    code: str
    detail: str


class Invalid(LeadcrmError):
    """The input is understood but not acceptable; lists each problem. Nothing was changed."""

    code, status = "invalid", 422

    def __init__(self, detail: str, problems: tuple[Problem, ...] = (), *, code: str | None = None) -> None:
        super().__init__(detail, code=code)
        self.problems = problems
