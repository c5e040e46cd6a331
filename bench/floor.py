"""The floor of the capture: a WSGI application whose only work is one INSERT of the body's bytes."""

import os
import threading
import uuid
from collections.abc import Callable, Iterable
from typing import Any

import psycopg

TABLE = "CREATE TABLE bench_post (id uuid PRIMARY KEY, body bytea NOT NULL, at timestamptz NOT NULL DEFAULT now())"
_own = threading.local()


def make_table(owner_url: str, role: str) -> None:
    """Make the floor's own table, as the owner, and let the runtime role write to it."""
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute(TABLE)
        connection.execute(f'GRANT SELECT, INSERT ON bench_post TO "{role}"')


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Store the body under a fresh id; each thread keeps one connection, as the product does."""
    if environ["REQUEST_METHOD"] == "GET":
        start_response("200 OK", [("Content-Length", "0")])
        return [b""]
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    if not hasattr(_own, "connection"):
        _own.connection = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)
    own_id = uuid.uuid4()
    _own.connection.execute("INSERT INTO bench_post (id, body) VALUES (%s, %s)", [own_id, body])
    answer = f'{{"id": "{own_id}"}}'.encode()
    start_response("202 Accepted", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))])
    return [answer]
