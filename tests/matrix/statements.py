"""Which statements an answer took: two answers that take the same ones take the same time, as far as ids tell (S2)."""

import re
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.http import HttpResponse

#: What differs between two statements of one shape: names of savepoints, and how many values stand in a list.
_SAVEPOINTS = re.compile(r"\bs\d+_x\d+\b")
_LISTS = re.compile(r"\(%s(?:, %s)+\)")


def counted(ask: Callable[[], HttpResponse]) -> tuple[HttpResponse, list[str]]:
    """Return an answer and the shapes of its statements, first to last; values stand in none of them."""
    read: list[str] = []

    def keep(execute: Any, statement: Any, params: Any, many: bool, context: Any) -> Any:
        read.append(_LISTS.sub("(%s)", _SAVEPOINTS.sub("-", str(statement))))
        return execute(statement, params, many, context)

    with connection.execute_wrapper(keep):
        answer = ask()
    return answer, read
