"""The simulator: the same seed brings the same people; nobody it invents can exist; forms are filled in."""

import re
from collections import Counter
from datetime import UTC, datetime
from random import Random

from apps.onboarding.demo.keeping import Demo, DemoKey
from apps.onboarding.simulation import running
from apps.onboarding.simulation.arrivals import Crowd, Wish, answers_of, delivery_of
from apps.onboarding.simulation.doors import Answer, ServerAway, _filled_in, _FormReader
from apps.onboarding.simulation.running import Simulator

NOW = datetime(2026, 11, 20, 15, tzinfo=UTC)


def wishes(seed: int, number: int = 400) -> list[Wish]:
    crowd = Crowd(Random(seed))
    return [crowd.next_wish(NOW) for _ in range(number)]


def test_a_seed_brings_the_same_crowd() -> None:
    assert wishes(7) == wishes(7)
    assert wishes(7) != wishes(8)


def test_the_crowd_is_varied() -> None:
    kinds = Counter(wish.kind for wish in wishes(1))
    assert {"new", "again", "no_consent", "bad_phone", "no_location", "blank", "opt_out"} <= set(kinds)
    assert kinds["new"] > 200
    assert len({wish.service for wish in wishes(1)}) == 7


def test_phone_numbers_are_fictional_and_addresses_reserved() -> None:
    for wish in wishes(2):
        person = wish.person
        digits = re.sub(r"\D", "", person.phone)
        assert not digits or len(digits) < 10 or digits.endswith("0000000000") or "55501" in digits
        assert not person.email or person.email.rpartition(".")[0].endswith("example")


def test_a_delivery_has_the_shape_of_the_contract() -> None:
    for wish in wishes(3):
        body = delivery_of(wish, "imaging-spring", "x-1")
        assert set(body) == {
            "external_id",
            "source",
            "submitted_at",
            "capture_method",
            "person",
            "request",
            "insurance",
            "consent",
            "attribution",
        }
        assert body["submitted_at"] == "2026-11-20T15:00:00Z"
        assert all(claim["state"] in {"granted", "denied"} for claim in body["consent"])


def test_a_form_is_filled_in_with_what_it_asks_and_hidden_fields_are_kept() -> None:
    page = _FormReader()
    page.feed(
        '<form><input name="q"></form><form method="post" action="/f/x/">'
        '<input type="hidden" name="csrfmiddlewaretoken" value="T"><input name="website">'
        '<input name="first_name"><select name="service"><option value="">-</option>'
        '<option value="imaging">I</option></select><input type="radio" name="patient_type" value="new">'
        '<input type="radio" name="patient_type" value="established">'
        '<input type="checkbox" name="consent_call"><button type="submit">Send</button></form>'
    )
    wish = next(each for each in wishes(4) if each.service == "imaging" and "call" in each.permissions)
    pairs = [pair for each in page.fields if (pair := _filled_in(each, answers_of(wish)))]
    assert page.action == "/f/x/"
    assert dict(pairs) | {"patient_type": ""} == {
        "csrfmiddlewaretoken": "T",
        "website": "",
        "first_name": wish.person.first_name,
        "service": "imaging",
        "patient_type": "",
        "consent_call": "on",
    }


def test_a_server_that_is_away_is_asked_again_with_the_same_inquiry(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    tried: list[str] = []

    def deliver(base_url: str, secret: str, body: dict[str, object], idempotency_key: str) -> Answer:
        tried.append(f"{secret} {idempotency_key} {body['external_id']}")
        if len(tried) < 3:
            raise ServerAway("ConnectionRefusedError")
        return Answer(202)

    monkeypatch.setattr(running, "deliver", deliver)
    key = DemoKey("k", "harbor", "brightpath", "live", "s", ["delivery:post"], ["imaging-spring"])
    waits: list[float] = []
    simulator = Simulator(Demo(api_keys=[key]), "http://127.0.0.1:1", 1, lambda line: None, waits.append)
    simulator.run(per_minute=60, count=1, burst=1)
    assert len(set(tried)) == 1 and len(tried) == 3
    assert waits[:2] == [1.0, 2.0]
    assert simulator.counts == {"taken": 1, "waited": 2}


def test_forms_are_visited_no_oftener_than_one_household_would(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    clock, visits = [1000.0], []
    monkeypatch.setattr(running.time, "monotonic", lambda: clock[0])
    monkeypatch.setattr(running, "deliver", lambda *args: Answer(202))
    monkeypatch.setattr(Simulator, "_fill_in", lambda self, url, answers: visits.append(clock[0]) or Answer(202))
    key = DemoKey("k", "harbor", "brightpath", "live", "s", ["delivery:post"], ["imaging-spring"])
    form = {"slug": "harbor-contact", "services": ["imaging", "orthopedics"]}
    simulator = Simulator(Demo(api_keys=[key], forms=[form]), "http://127.0.0.1:1", 1, lambda line: None)
    for _ in range(200):
        simulator.send_one()
        clock[0] += 3
    assert len(visits) > 20
    assert all(sum(start <= each < start + 60 for each in visits) <= 3 for start in visits)
