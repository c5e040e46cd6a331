"""Bodies: length, compression, lies about the length."""

from io import BytesIO

import pytest

from leadcrm.http.limits import (
    BATCH_BODY_BYTES,
    BODY_BYTES,
    DOCUMENT_BODY_BYTES,
    HOOK_BODY_BYTES,
    BodyRefused,
    limit_for,
    read_body,
)


def environ(body=b"", **more):
    return {"wsgi.input": BytesIO(body), **more}


class Drip:
    """A stream that gives one byte at a time, as a slow network does."""

    def __init__(self, body):
        self.rest = body

    def read(self, size):
        first, self.rest = self.rest[:1], self.rest[1:]
        return first


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        (environ(b"x" * 11, CONTENT_LENGTH="11"), 413, "body_too_large"),
        (environ(b"x" * 11, **{"wsgi.input_terminated": True}), 413, "body_too_large"),
        (environ(b"x", CONTENT_LENGTH="1", HTTP_CONTENT_ENCODING="gzip"), 415, "content_encoding"),
        (environ(b"x", CONTENT_LENGTH="-1"), 400, "content_length"),
        (environ(b"x", CONTENT_LENGTH="1e1"), 400, "content_length"),
        (environ(b"x", CONTENT_LENGTH="٣"), 400, "content_length"),
        (environ(b"x", CONTENT_LENGTH="9" * 400), 400, "content_length"),
        (environ(b"short", CONTENT_LENGTH="9"), 400, "body_incomplete"),
        (environ(b"x", HTTP_TRANSFER_ENCODING="chunked"), 411, "length_required"),
    ],
)
def test_refuses(given, status, code):
    with pytest.raises(BodyRefused) as caught:
        read_body(given, 10)
    assert (caught.value.status, caught.value.code) == (status, code)


@pytest.mark.parametrize(
    ("given", "body"),
    [
        (environ(b"x" * 10, CONTENT_LENGTH="10"), b"x" * 10),
        (environ(b"xyz", CONTENT_LENGTH="2"), b"xy"),
        (environ(b"chunks", **{"wsgi.input_terminated": True}), b"chunks"),
        (environ(b"", CONTENT_LENGTH="", HTTP_CONTENT_ENCODING="identity"), b""),
        ({"wsgi.input": Drip(b"slow"), "CONTENT_LENGTH": "4"}, b"slow"),
    ],
)
def test_reads_the_whole_body(given, body):
    assert read_body(given, 10) == body


def test_a_broken_connection_is_an_answer_not_a_fault():
    class Broken:
        def read(self, size):
            raise ConnectionResetError

    with pytest.raises(BodyRefused, match="broke"):
        read_body({"wsgi.input": Broken(), "CONTENT_LENGTH": "4"}, 10)


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/api/v1/leads", BODY_BYTES),
        ("/api/v1/leads/batch", BATCH_BODY_BYTES),
        ("/api/v1/leads/batch/", BATCH_BODY_BYTES),
        ("/api/v1/leads/batch/x", BODY_BYTES),
        ("/f/api/v1/leads/batch", BODY_BYTES),
    ],
)
def test_only_the_batch_address_takes_more(path, limit):
    assert limit_for(path) == limit


@pytest.mark.parametrize(
    ("path", "content_type", "limit"),
    [
        ("/f/harbor-refer/", "multipart/form-data; boundary=x", DOCUMENT_BODY_BYTES),
        ("/f/harbor-refer/", "application/x-www-form-urlencoded", BODY_BYTES),
        ("/leads/new/", "Multipart/Form-Data; boundary=x", DOCUMENT_BODY_BYTES),
        ("/leads/new/draft/", "multipart/form-data; boundary=x", BODY_BYTES),
        ("/hooks/inbound-email/abc/", "application/json", DOCUMENT_BODY_BYTES),
        ("/hooks/typeform/abc/", "multipart/form-data; boundary=x", HOOK_BODY_BYTES),
    ],
)
def test_documents_have_room_where_they_are_taken_and_in_parts_only(path, content_type, limit):
    assert limit_for(path, content_type) == limit


def test_documents_that_are_much_too_large_are_refused_with_what_to_do(client):
    body, parts = b"x" * (DOCUMENT_BODY_BYTES + 1), "multipart/form-data; boundary=x"
    answer = client.post("/f/harbor-refer/", body, content_type=parts)
    assert answer.status_code == 413 and "5 MB each and 10 MB together. Go back" in answer.content.decode()


def test_through_the_door(visitor):
    big = b"x" * (BODY_BYTES + 1)
    page = visitor.post("/echo", big, content_type="text/plain")
    assert (page.status_code, page["Content-Type"]) == (413, "text/html; charset=utf-8")
    program = visitor.post("/api/v1/echo", big, content_type="application/json")
    assert (program.status_code, program.json()["code"]) == (413, "body_too_large")
    assert program["X-Request-Id"] == program.json()["request_id"]
    fits = visitor.post("/echo", big[1:], content_type="text/plain")
    assert fits.json() == {"length": BODY_BYTES, "again": BODY_BYTES}
    form = visitor.post("/echo", {"a": "b"})
    assert form.status_code == 200


def test_a_batch_body_beyond_djangos_own_limit_can_be_read(visitor):
    body = b"[" + b"1," * 150_000 + b"1]"
    assert len(body) > BODY_BYTES
    answer = visitor.post("/api/v1/leads/batch", body, content_type="application/json")
    assert answer.json()["code"] == "too_many_items"


def test_too_many_form_fields_are_a_page_not_a_fault(visitor):
    fields = {f"f{number}": "x" for number in range(301)}
    answer = visitor.post("/form", fields)
    assert (answer.status_code, answer.content.split(b":")[0]) == (400, b"400 bad_request")
