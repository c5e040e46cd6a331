"""Where pages find the stream, what the policy lets them connect to, and whose pages may listen."""

import pytest

from leadcrm.live.addresses import page_origins, stream_origins, stream_url

HOSTS = ["127.0.0.1", "localhost", "[::1]", ".example.com", "*"]


@pytest.mark.parametrize(
    ("setting", "host", "url"),
    [
        (":8001/live/", "127.0.0.1:8000", "http://127.0.0.1:8001/live/"),
        (":8001/live/", "localhost", "http://localhost:8001/live/"),
        (":8001/live/", "[::1]:8000", "http://[::1]:8001/live/"),
        ("/live/", "crm.example.com", "/live/"),
        ("", "crm.example.com", ""),
    ],
)
def test_the_stream_has_the_name_that_the_person_typed(setting: str, host: str, url: str) -> None:
    assert stream_url(setting, scheme="http", host=host) == url


def test_the_policy_names_exactly_the_streams_origins() -> None:
    assert stream_origins("/live/", scheme="https", hosts=HOSTS) == []
    assert stream_origins("", scheme="https", hosts=HOSTS) == []
    assert stream_origins(":8001/live/", scheme="http", hosts=HOSTS) == [
        "http://127.0.0.1:8001",
        "http://localhost:8001",
    ]
    assert stream_origins("https://live.example.com/live/", scheme="https", hosts=HOSTS) == ["https://live.example.com"]


def test_only_our_own_pages_may_listen() -> None:
    own = page_origins("http://127.0.0.1:8000", HOSTS)
    assert own == {"http://127.0.0.1:8000", "http://localhost:8000"}
