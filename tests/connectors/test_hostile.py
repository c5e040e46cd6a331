"""Whatever a proven sender posts: never a failure of ours; either one kept hook or a clear refusal and nothing kept."""

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from django.http import HttpResponse

from apps.capture.actions import payload_of
from apps.capture.models import Submission
from apps.capture.normalise import normalise
from apps.connectors.decisions.mapping import body_of
from apps.connectors.decisions.synonyms import mapping_for
from apps.connectors.models import Connection, Hook
from apps.connectors.providers import providers
from apps.connectors.rehearsing import FORM_TYPE
from apps.connectors.terms import HookRequest, Unmappable, Unreadable
from apps.leads.models import Lead
from apps.tenancy.ids import new_id
from tests.cast import Tenant, new_tenant
from tests.connectors.senders import Sender, connect
from tests.connectors.signing import NO_INQUIRY, SIGNING, first_sample, push, sender_of
from tests.hostile import TEXTS

PROVIDERS = sorted(SIGNING)
#: In the usual run every second sender is asked at the door, others by each test; `make matrix` asks all.
FULL = os.environ.get("LEADCRM_MATRIX") == "full"
EVENS, ODDS = (PROVIDERS, PROVIDERS) if FULL else (PROVIDERS[::2], PROVIDERS[1::2])
JSON_TYPE, PARTS_TYPE = "application/json", "multipart/form-data; boundary=edge"
ODD_BODIES = [
    (b"", JSON_TYPE),
    (b"", FORM_TYPE),
    (b"   \n", JSON_TYPE),
    (b"{", JSON_TYPE),
    (b'{"a": ', JSON_TYPE),
    (b"[1, 2", JSON_TYPE),
    (b"null", JSON_TYPE),
    (b"7", JSON_TYPE),
    (b'"text"', JSON_TYPE),
    (b"[]", JSON_TYPE),
    (b"{}", JSON_TYPE),
    (b"[[]]", JSON_TYPE),
    (b"[null, 3]", JSON_TYPE),
    (b'{"a": NaN}', JSON_TYPE),
    (b'{"a": 1e999}', JSON_TYPE),
    (b'{"a": ' + b"9" * 6_000 + b"}", JSON_TYPE),
    (b"[" * 50_000 + b"]" * 50_000, JSON_TYPE),
    (b'{"a":' * 30 + b"1" + b"}" * 30, JSON_TYPE),
    (b'{"a": [' + b"1," * 2_000 + b"1]}", JSON_TYPE),
    (b"\xff\xfe\x00\x01", JSON_TYPE),
    (b"&" * 2_000, FORM_TYPE),
    (b"a=1&" * 900, FORM_TYPE),
    (b"%00=%00&%ff=%fe", FORM_TYPE),
    (b"--edge", PARTS_TYPE),
    (b'--edge\r\nContent-Disposition: form-data; name="a"\r\n\r\n1', PARTS_TYPE),
    (b"--edge\r\nContent-Disposition: form-data; name*=x''%ff\r\n\r\n\xff\r\n--edge--\r\n", PARTS_TYPE),
    (b"no parts at all", "multipart/form-data"),
]
WRONG: tuple[Any, ...] = (None, 7, [[1]], {"x": {"y": [None]}}, "\x00\ud800x")


@pytest.fixture(scope="module")
def harbor() -> Tenant:
    """One Harbor Health for all senders: what each of them leaves is counted by its own connection."""
    return new_tenant("harbor")


def kept(sender: Sender) -> int:
    """Return how many hooks are kept."""
    with sender.tenant.scope():
        return Hook.rows().filter(connection=sender.connection).count()


def judge(sender: Sender, answer: HttpResponse, before: int, what: object) -> None:
    """Check that the answer is one of the two good ends."""
    more = kept(sender) - before
    assert answer.status_code < 500, what
    if answer.status_code < 300:
        assert more <= 1, what
    else:
        assert answer.status_code >= 400, what
        assert more == 0, what
        assert answer.content, what


@pytest.mark.parametrize("key", EVENS)
def test_odd_bodies_and_bodies_beyond_all_measure(harbor: Tenant, key: str) -> None:
    sender = sender_of(harbor, key)
    for raw, content_type in ODD_BODIES:
        before = kept(sender)
        judge(sender, push(sender, raw, content_type), before, raw[:40])
    before = kept(sender)
    assert push(sender, b'{"a": "' + b"x" * 17_000_000 + b'"}').status_code == 413
    assert kept(sender) == before
    assert all(each.verdict != "new" for each in sender.submissions())


@pytest.mark.parametrize("key", PROVIDERS)
def test_wrong_types_in_every_place_of_the_sample_are_read_or_refused(key: str) -> None:
    """Every wrong value in every place: what is read of it is an inquiry that can be stored and normalised."""
    provider, tried = providers()[key], 0
    for place, wrong, sent, content_type in _wrong_samples(key):
        try:
            events = provider.read(HookRequest("POST", "", {"content-type": content_type}, {}, sent))
        except (Unreadable, Unmappable) as problem:
            assert str(problem), (place, wrong)
            events = ()
        for event in events:
            mapping = mapping_for(event, provider.mapping, guesses=provider.guesses)
            body = body_of(event, mapping, source="landing-pages", capture_method="call")
            text = json.dumps(body, ensure_ascii=False)
            assert text.encode(), (place, wrong)
            normalise(json.loads(text), region="US", services={}, locations={}, towns=())
        tried += 1
    assert tried >= 4 * len(WRONG)


@pytest.mark.parametrize("key", ODDS)
def test_wrong_types_in_every_place_of_the_sample_pass_the_door(harbor: Tenant, key: str) -> None:
    """Each place goes through the door and the intake with one of the wrong values, each value in turn."""
    sender, tried = sender_of(harbor, key), 0
    for number, (place, wrong, sent, content_type) in enumerate(_wrong_samples(key)):
        if number // len(WRONG) % len(WRONG) == number % len(WRONG):
            before = kept(sender)
            judge(sender, push(sender, sent, content_type), before, (place, wrong))
            tried += 1
    assert tried >= 4
    harbor.drain()
    with harbor.scope():
        assert not Submission.rows().filter(source=sender.connection.source, state="received").exists()


@pytest.mark.parametrize("key", EVENS)
def test_hostile_texts_in_what_people_wrote_and_in_every_place_pass_the_door(harbor: Tenant, key: str) -> None:
    """Every eighth text, others for each sender: in the person's own words, and in one more place of the sample."""
    sender, (raw, content_type) = sender_of(harbor, key), first_sample(key)
    body = json.loads(raw) if content_type == JSON_TYPE else _fields(key)
    places = [place for place in _places(body) if isinstance(_at(body, place), str)]
    own = [place for place in places if any(word in _at(body, place) for word in ("Ren", "Alvarez", "knee", "Knee"))]
    for number, text in list(enumerate(TEXTS))[PROVIDERS.index(key) % 8 :: 8]:
        odd: Any = body
        for place in {*own, places[number % len(places)]}:
            odd = _replaced(odd, place, text)
        sent, before = json.dumps(odd).encode() if content_type == JSON_TYPE else _form(odd), kept(sender)
        judge(sender, push(sender, sent, content_type), before, text[:40])
    harbor.drain()
    with harbor.scope():
        assert not Submission.rows().filter(source=sender.connection.source, state="received").exists()
        people = (
            Lead.rows().filter(source=sender.connection.source).values_list("person__first_name", "person__last_name")
        )
        stored = " ".join(f"{first} {last}" for first, last in people)
    assert [mark for mark in ("\x00", "\x07", "\r", "\n") if mark in stored] == []


@pytest.mark.parametrize("key", sorted(set(PROVIDERS) - NO_INQUIRY))
def test_what_nobody_expected_stays_in_an_answer_or_the_raw_copy(harbor: Tenant, key: str) -> None:
    sender = sender_of(harbor, key)
    raw, content_type = first_sample(key)
    extra = {"never heard of": "a strange value", "\u202eodd\tname": ["one", "two"]}
    if content_type == JSON_TYPE:
        sent = json.dumps({**json.loads(raw), **extra}).encode()
    else:
        sent = _form({**_fields(key), **extra})
    assert push(sender, sent, content_type).status_code == 200
    sender.lead()
    (submission,) = sender.submissions()
    with harbor.scope():
        payload = payload_of(Submission.rows().get(id=submission.id))
    for part in ("person", "request", "attribution", "insurance"):
        assert "a strange value" not in payload.get(part, {}).values()
    assert len(sender.hooks()) == 1


@pytest.mark.parametrize("key", PROVIDERS)
def test_a_wrong_or_missing_proof_leaves_a_count_only(harbor: Tenant, key: str) -> None:
    sender = connect(harbor, key, source="landing-pages", secret=f"another-{new_id().hex}")
    raw, content_type = first_sample(key)
    assert push(sender, raw, content_type).status_code in (401, 403)
    assert sender.post(raw, content_type=content_type).status_code in (401, 403)
    assert kept(sender) == 0
    with harbor.scope():
        assert Connection.rows().get(id=sender.connection.id).refused_count == 2


def _wrong_samples(key: str) -> Iterator[tuple[tuple[Any, ...], Any, bytes, str]]:
    """Yield the sample with each wrong value in each of its places: place, value, bytes and content type."""
    raw, content_type = first_sample(key)
    body = json.loads(raw) if content_type == JSON_TYPE else _fields(key)
    for place in _places(body):
        for wrong in WRONG:
            odd = _replaced(body, place, wrong)
            yield place, wrong, json.dumps(odd).encode() if content_type == JSON_TYPE else _form(odd), content_type


def _places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the path of every value in a body, inner and outer."""
    if path:
        yield path
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in parts:
        yield from _places(inner, (*path, name))


def _at(value: Any, path: tuple[Any, ...]) -> Any:
    """Return what stands at a path."""
    return _at(value[path[0]], path[1:]) if path else value


def _replaced(value: Any, path: tuple[Any, ...], wrong: Any) -> Any:
    if not path:
        return wrong
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _replaced(value[path[0]], path[1:], wrong)
    return copy


def _fields(key: str) -> dict[str, Any]:
    """Return a form's fields; JSON within a field counts as its parts."""
    raw, _ = first_sample(key)
    return {
        name: json.loads(text) if text.startswith("{") else text
        for name, text in parse_qsl(raw.decode(), keep_blank_values=True)
    }


def _form(fields: Mapping[str, Any]) -> bytes:
    """Write fields as a form: objects as JSON text, lists as repeated names, nothing as an absent field."""
    pairs = []
    for name, value in fields.items():
        for each in value if isinstance(value, list) else [value]:
            text = json.dumps(each) if isinstance(each, dict | list) else str(each)
            pairs += [] if each is None else [(name, text.encode("utf-8", "surrogatepass"))]
    return urlencode(pairs).encode()
