"""Reading a tenant file: its shape, its references, and the line of each fault; no database."""

from datetime import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from apps.catalog.business_hours import OpeningSpan, merge_spans
from apps.catalog.hours_in_words import spoken_hours
from apps.onboarding.file.differing import differences
from apps.onboarding.file.exporting import normalised, to_yaml
from apps.onboarding.file.hours import one_form, read_hours
from apps.onboarding.file.reading import read_file
from apps.onboarding.file.schema import TenantFile, json_schema
from apps.onboarding.file.yaml_lines import load

DEMO = Path(__file__).resolve().parents[2] / "demo"
HEAD = "organization: {slug: tiny, name: Tiny}\n"


def lines_of(text: str) -> list[str]:
    return read_file(text, "t.yaml").lines()


def file_of(text: str) -> TenantFile:
    reading = read_file(text, "t.yaml")
    assert reading.file is not None and not reading.faults, reading.lines()
    return reading.file


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "t.yaml:1: file: the file is empty."),
        ("a: [1\nb: 2", "t.yaml:2: file: expected ',' or ']', but got ':'."),
        ("- 1\n", "t.yaml:1: file:"),
        ("organization: {slug: a, name: A}\norganization: {}\n", "t.yaml:2: organization: “organization” is"),
        ("organization:\n  slug: tiny\n", "t.yaml:1: organization.name: this is required."),
        (HEAD + "teams:\n  - key: a\n    nam: A\n", "t.yaml:4: teams[0].nam: this is not known here."),
        (
            HEAD + "teams:\n  - {key: a, name: A, function: intak}\n",
            "t.yaml:3: teams[0].function: “intak” is not",
        ),
        (
            "organization: {slug: tiny, name: T, zone: Mars/Base}\n",
            "t.yaml:1: organization.zone: “Mars/Base”",
        ),
        (HEAD + "x: !!python/object:os.system {}\n", "t.yaml:2: x: "),
        (HEAD + "queues: 7\n", "t.yaml:2: queues: "),
        (
            HEAD + "calendars:\n  - key: c\n    name: C\n    zone: UTC\n    hours: ['mon 8-17']\n",
            "t.yaml:6: calendars[0].hours: “mon 8-17” is not understood",
        ),
        (
            HEAD + "people:\n  - {email: no-address, name: N, role: r}\n",
            "t.yaml:3: people[0].email: “no-address” is not well formed",
        ),
        (HEAD + "rules:\n  rooting: {}\n", "t.yaml:3: rules.rooting: this is not known here."),
    ],
)
def test_a_fault_of_shape_names_file_line_and_place(text: str, expected: str) -> None:
    assert any(line.startswith(expected) for line in lines_of(text)), lines_of(text)


TEAM = "teams:\n  - {key: t, name: T, function: intake}\n"


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        (
            TEAM + "roles: []\npeople:\n  - {email: a@b.example, name: A, role: boss, teams: [t]}\n",
            6,
            "role “boss”",
        ),
        (TEAM + "people:\n  - {email: a@b.example, name: A, role: r,\n     teams: [t, u]}\n", 6, "team “u”"),
        (TEAM + "people:\n  - {email: a@b.example, name: A, role: r, leads: [t]}\n", 5, "must belong to it"),
        (TEAM + "queues:\n  - {key: q, name: Q, team: x, calendar: c}\n", 5, "team “x”"),
        (
            TEAM + "queues:\n  - {key: q, name: Q, team: t, calendar: c, after_hours: z}\n",
            5,
            "queue “z”",
        ),
        (
            TEAM + "queues:\n  - {key: q, name: Q, team: t, calendar: c, after_hours: q}\n",
            5,
            "from itself",
        ),
        ("locations: []\nservices:\n  - {key: s, name: S, at: [mars]}\n", 4, "location “mars”"),
        ("services: []\nforms:\n  - {slug: f, title: F, source: x, services: [s]}\n", 4, "service “s”"),
        (TEAM + "  - {key: t, name: T2, function: intake}\n", 4, "team “t” already"),
        (
            "sources:\n  - {key: a, name: A, type: event, channel: event, start_event: form_submitted}\n",
            2,
            "“unknown” is needed",
        ),
        ("api_keys:\n  - {name: k, scopes: []}\n", 3, "name exactly one"),
        (
            "parties: [{key: p, name: P, kind: agency}]\napi_keys:\n  - {name: k, party: p, scopes: [lead:edit]}\n",
            4,
            "may not carry “lead:edit”",
        ),
        (
            "forms:\n  - {slug: f, title: F, source: x, is_published: true}\n",
            3,
            "says what happens next",
        ),
    ],
)
def test_a_broken_reference_is_named_with_its_line(text: str, line: int, sentence: str) -> None:
    assert any(each.startswith(f"t.yaml:{line}: ") and sentence in each for each in lines_of(HEAD + text)), lines_of(
        HEAD + text
    )


def test_a_section_left_out_is_checked_against_what_exists() -> None:
    text = HEAD + "queues:\n  - {key: q, name: Q, team: t, calendar: c}\n"
    assert read_file(text, "t.yaml").faults == ()
    known = {"teams": frozenset({"other"}), "calendars": frozenset({"c"})}
    assert read_file(text, "t.yaml", known=known).lines() == ["t.yaml:3: queues[0].team: there is no team “t”."]


def test_values_are_read_as_written() -> None:
    data = load("a: yes\nb: 08:00\nc: 2026-01-02\nd: 010\ne: true\nf: 12\ng: ~\n").data
    assert data == {"a": "yes", "b": "08:00", "c": "2026-01-02", "d": "010", "e": True, "f": 12, "g": None}


@pytest.mark.parametrize("name", ["harbor.yaml", "lakeside.yaml"])
def test_the_demo_files_are_good_and_keep_their_sense_when_written_again(name: str) -> None:
    file = file_of((DEMO / name).read_text(encoding="utf-8"))
    again = file_of(to_yaml(file))
    assert normalised(again) == normalised(file)
    assert differences(file, again) == []


@pytest.mark.parametrize("name", ["harbor.yaml", "lakeside.yaml"])
def test_the_json_schema_accepts_the_demo_files(name: str) -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    data = load((DEMO / name).read_text(encoding="utf-8")).data
    assert not list(Draft202012Validator(schema).iter_errors(data))


def test_differences_are_sentences() -> None:
    before = file_of(HEAD + TEAM + "queues:\n  - {key: q, name: Q, team: t, calendar: c, max_wait: 1800}\n")
    after = file_of(
        HEAD + TEAM + "  - {key: ortho, name: Ortho, function: intake}\n"
        "queues:\n  - {key: q, name: Q, team: t, calendar: c, max_wait: 900}\n"
    )
    assert differences(before, after) == ["+ team ortho", "~ queue q: max wait default → 900"]
    assert differences(after, before) == ["- team ortho", "~ queue q: max wait 900 → default"]
    assert differences(None, before)[0] == "+ organization tiny"


def test_a_rule_that_comes_is_named_not_spelt_out() -> None:
    rule = "{id: %s, name: N, meaning: M, when: {always: true}, then: {queue: %s}}"
    text = HEAD + "rules:\n  routing:\n    layers:\n      - {key: service, rules: [%s]}\n"
    before = file_of(text % (rule % ("R-1", "a")))
    after = file_of(text % f"{rule % ('R-1', 'b')}, {rule % ('R-2', 'a')}")
    place = "layers.service.rules"
    assert differences(before, after) == [f"~ rules routing: {place}.R-1.then.queue a → b, + {place}.R-2"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (("mon-wed 08:00-17:00", "thu-fri 08:00-17:00"), ("mon-fri 08:00-17:00",)),
        (("sat 22:00-24:00",), ("sat 22:00-24:00",)),
        (("mon 13:00-17:00", "mon 08:00-12:00"), ("mon 08:00-12:00", "mon 13:00-17:00")),
        (("MON-FRI  08:00-17:00",), ("mon-fri 08:00-17:00",)),
    ],
)
def test_hours_have_one_form(lines: tuple[str, ...], expected: tuple[str, ...]) -> None:
    assert one_form(lines) == expected


@pytest.mark.parametrize("line", ["", "mon", "fri-mon 08:00-17:00", "mon 17:00-08:00", "mon 25:00-26:00"])
def test_hours_that_make_no_sense_are_refused(line: str) -> None:
    with pytest.raises(ValueError, match=r"“|runs past"):
        read_hours(line)


spans = st.lists(
    st.builds(
        lambda day, opens, length: OpeningSpan(day, time(opens), time((opens + length) % 24)),
        st.integers(0, 6),
        st.integers(0, 22),
        st.integers(1, 1),
    ),
    max_size=20,
)


@given(spans)
def test_hours_survive_being_written(found: list[OpeningSpan]) -> None:
    written = spoken_hours(found)
    again = [span for line in written for span in read_hours(line)]
    assert merge_spans(tuple(again)) == merge_spans(tuple(found))
