"""Where pages find the stream, and which pages may listen. Plain functions: settings use them too."""

from collections.abc import Iterable
from urllib.parse import urlsplit

PATH = "/live/"


def stream_url(setting: str, *, scheme: str, host: str) -> str:
    """Return the stream's address for a page at this host; "" where there is no stream.

    The setting is a path (`/live/`, behind a proxy), a whole address, or a port and a path (`:8001/live/`):
    the page's own host with another port, so that the session's cookie goes along whatever name was typed.
    """
    return f"{scheme}://{_name_of(host)}{setting}" if setting.startswith(":") else setting


def stream_origins(setting: str, *, scheme: str, hosts: Iterable[str]) -> list[str]:
    """Return what `connect-src` needs besides the pages' own origin: exactly the stream's origins."""
    if setting.startswith(":"):
        port = setting[1:].partition("/")[0]
        return [f"{scheme}://{host}:{port}" for host in hosts if _is_name(host)]
    found = urlsplit(setting)
    return [f"{found.scheme}://{found.netloc}"] if found.netloc else []


def page_origins(base_url: str, hosts: Iterable[str]) -> frozenset[str]:
    """Return the origins whose pages may listen: the product's own, under each of its names."""
    base = urlsplit(base_url)
    port = f":{base.port}" if base.port else ""
    return frozenset(
        [f"{base.scheme}://{base.netloc}", *(f"{base.scheme}://{host}{port}" for host in hosts if _is_name(host))]
    )


def _name_of(host: str) -> str:
    """Return a host without its port; an IPv6 address keeps its brackets."""
    return host if host.endswith("]") else host.rpartition(":")[0] or host


def _is_name(host: str) -> bool:
    """Say whether an allowed host is one name: no pattern for many, and no IPv6 address, which no policy can name."""
    return bool(host) and not any(mark in host for mark in "*[") and not host.startswith(".")
