"""Clients: threads of this process, each with one connection that it keeps."""

import http.client
import json
import math
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Load:
    """What a number of clients got: answers per second and how long one took, in milliseconds."""

    per_second: float
    p50_ms: float
    p95_ms: float


def share(values: Sequence[float], part: float) -> float:
    """Return the value that `part` of all values do not exceed (nearest rank)."""
    ordered = sorted(values)
    return ordered[max(math.ceil(part * len(ordered)) - 1, 0)]


class Client:
    """One kept connection; an answer other than the one expected is an error, never a figure."""

    def __init__(self, port: int, headers: Mapping[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = dict(headers)

    def send(self, method: str, path: str, body: bytes | None, expected: int) -> bytes:
        """Send one request and read its answer whole."""
        self._connection.request(method, path, body, self._headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status != expected:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300]!r}")
        return content

    def close(self) -> None:
        """Let the connection go."""
        self._connection.close()


def post_headers(secret: str) -> dict[str, str]:
    """Return what an agency's program sends with each post."""
    return {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}


def closed_loop(
    port: int, path: str, headers: Mapping[str, str], make: Callable[[], object], *, clients: int, seconds: float
) -> Load:
    """Let each client post again as soon as it was answered."""
    ends = threading.Barrier(clients + 1)
    taken: list[float] = []
    failures: list[Exception] = []
    stop_at = 0.0

    def work() -> None:
        client, own = Client(port, headers), []
        ends.wait()
        try:
            while time.perf_counter() < stop_at:
                body = json.dumps(make()).encode()
                began = time.perf_counter()
                client.send("POST", path, body, 202)
                own.append(1000 * (time.perf_counter() - began))
        except Exception as error:
            failures.append(error)
        finally:
            client.close()
        taken.extend(own)

    threads = [threading.Thread(target=work) for _ in range(clients)]
    for thread in threads:
        thread.start()
    began = time.perf_counter()
    stop_at = began + seconds
    ends.wait()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return Load(len(taken) / (time.perf_counter() - began), share(taken, 0.5), share(taken, 0.95))
