"""Rows drawn from kept frames: each row has its own words, escaped, and only the parts that it has."""

from uuid import UUID

from apps.workspace.web.row_frames import drawn

ONE, TWO = UUID(int=1), UUID(int=2)


def row(lead_id: UUID, **changed: object) -> dict[str, object]:
    clock = {"light": "on_track", "fraction": 0.5, "word": "5 min left", "seconds": 0, "due_at": "", "due_label": ""}
    texts = {
        "ref": "L-1",
        "name": "Ana Ruiz",
        "service": "Imaging",
        "slots": "",
        "location": "",
        "stage": "New",
        "owner": "Ewa",
    }
    more = {"last_outcome": "", "attempts_label": "", "source": "", "source_icon": "web"}
    return {"id": lead_id, **texts, **more, "sla": clock, "channels": [], "may_claim": False, **changed}


def test_rows_of_one_kind_share_tags_and_no_words() -> None:
    first, second = drawn([row(ONE), row(TWO, ref="L-2", name="Ben Ode")], {ONE: "list.1.mark"})
    assert f'id="row-{ONE}"' in first and f'href="/leads/{ONE}/?from=list.1.mark"' in first and "Ana Ruiz" in first
    assert f'id="row-{TWO}"' in second and f'href="/leads/{TWO}/"' in second and "Ben Ode" in second
    assert "Ana" not in second and str(ONE) not in second and "mark" not in second


def test_what_people_typed_is_escaped_and_is_no_place_of_a_frame() -> None:
    (found,) = drawn([row(ONE, name='{owner} <b> "x" \x01ref\x02', owner="O'Neil & {id}")], {})
    assert "{owner} &lt;b&gt; &quot;x&quot; \x01ref\x02</a>" in found
    assert "O&#x27;Neil &amp; {id}" in found and "<b>" not in found


def test_a_part_that_a_row_has_not_is_not_drawn_for_it() -> None:
    bare, full = drawn([row(ONE, name="", owner=""), row(ONE, location="Elm", may_claim=True)], {})
    assert ">L-1</a>" in bare and "Nobody yet" in bare and "formaction" not in bare
    assert "<small>Elm</small>" in full and f'formaction="/leads/{ONE}/claim/"' in full and "bulk" not in full
    (picked,) = drawn([row(TWO)], {}, picks=True)
    assert "form=bulk value=1 " in picked
