"""Pages that keep themselves up to date (UX checks 2, 5, 21): fast, never under the hand, honest when cut off."""

import re
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from apps.accounts.models import TeamMembership
from apps.flows.people import deactivate_member
from apps.flows.transfer import Transfer, transfer_lead
from apps.leads.models import Lead
from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, inquiry, make_lead
from tests.live import Live
from tests.program import Program
from tests.watching import WATCH, moved

NOW = TUESDAY_NINE + timedelta(minutes=2)
FRESH_SECONDS, TOLD_SECONDS = 2.0, 6.0
#: The sum of layout shifts while leads arrive.
MOST_MOVED = 0.02


@pytest.fixture
def leads(harbor: Tenant) -> list[Lead]:
    """Eight leads of Ana's, who is alone in her team today."""
    with harbor.scope():
        for name in ("eli", "lena"):
            deactivate_member(actor=harbor.system, membership_id=harbor.member(name).id, now=TUESDAY_NINE)
    return [make_lead(harbor, at=TUESDAY_NINE + timedelta(seconds=n)) for n in range(8)]


def is_live(page: Page) -> None:
    """Wait until the page hears the stream."""
    expect(page.locator(".live__word")).to_have_text("Live", timeout=10_000)


def count_of(page: Page, selector: str) -> int:
    """Return the number in a counter."""
    return int(page.locator(selector).first.inner_text().split()[0])


ALL_OPEN, MINE = ".page-head > .muted", "#due-title .count"


@pytest.mark.ux(2)
@pytest.mark.ux(20)
def test_a_posted_lead_is_counted_within_two_seconds(
    live: Live, harbor: Tenant, page_as: Callable[[str], Page], program: Callable[[str], Program]
) -> None:
    """An agency's leads come to central intake, where Ewa is alone today."""
    with harbor.scope():
        for place in TeamMembership.rows().filter(team=harbor.team("central-intake")):
            if place.membership_id != harbor.member("ewa").id:
                deactivate_member(actor=harbor.system, membership_id=place.membership_id, now=TUESDAY_NINE)
    live.start(at=NOW)
    queue, agency = page_as("ewa"), program("bp-1")
    queue.context.add_init_script(WATCH)
    work = queue.context.new_page()
    work.goto("/")
    queue.goto("/queue/")
    for page in (queue, work):
        is_live(page)
        page.evaluate("window.sameDocument = true; window.moved = []")
    queue.focus("#search")
    queue.keyboard.type("312-55")
    # The first one only shows that the worker is up.
    assert agency.post("/leads", inquiry(source="imaging-spring")).status == 202
    expect(work.locator(MINE)).to_have_text("1", timeout=30_000)
    expect(queue.locator(ALL_OPEN)).to_have_text("1 open", timeout=FRESH_SECONDS * 1000)
    slowest = 0.0
    for _ in range(10):
        open_now, mine_now = count_of(queue, ALL_OPEN), count_of(work, MINE)
        posted = time.monotonic()
        assert agency.post("/leads", inquiry(source="imaging-spring")).status == 202
        expect(queue.locator(ALL_OPEN)).to_have_text(f"{open_now + 1} open", timeout=FRESH_SECONDS * 1000)
        expect(work.locator(MINE)).to_have_text(str(mine_now + 1), timeout=FRESH_SECONDS * 1000)
        slowest = max(slowest, time.monotonic() - posted)
        assert queue.locator("#search").input_value() == "312-55"
        assert queue.evaluate("document.activeElement.id") == "search"
    assert slowest <= FRESH_SECONDS
    # Rows glide to their new places; nothing jumps under the eye.
    assert moved(queue) <= MOST_MOVED and moved(work) <= MOST_MOVED
    print(f"slowest of ten: {slowest:.2f} s")
    for page in (queue, work):
        assert page.evaluate("window.sameDocument")
    expect(queue.locator("tbody tr")).to_have_count(11)


class Stream(threading.Thread):
    """Changes leads five times a second and makes a new one each second, as a busy team does."""

    def __init__(self, harbor: Tenant, leads: list[Lead]) -> None:
        super().__init__(daemon=True)
        self.harbor, self.leads = harbor, leads
        self.over, self.made = threading.Event(), 0

    def run(self) -> None:
        """Go on until told."""
        from django.db import connection

        turn = 0
        while not self.over.wait(0.2):
            turn += 1
            with self.harbor.scope():
                due = NOW + timedelta(minutes=(turn * 7) % 60)
                Lead.rows().filter(id=self.leads[turn % len(self.leads)].id).update(due_at=due)
            if turn % 5 == 0:
                make_lead(self.harbor, at=NOW)
                self.made += 1
        connection.close()


@pytest.fixture
def busy(harbor: Tenant, leads: list[Lead]) -> Iterator[Stream]:
    """A stream of changes that the test starts."""
    stream = Stream(harbor, leads)
    yield stream
    stream.over.set()
    if stream.is_alive():
        stream.join(10)


@pytest.mark.ux(5)
def test_rows_under_the_hand_keep_their_place(
    live: Live, leads: list[Lead], busy: Stream, page_as: Callable[[str], Page]
) -> None:
    live.start(at=NOW, worker=False)
    page = page_as("ana")
    page.goto("/queue/")
    is_live(page)
    page.locator("tbody tr").nth(4).locator(".leads__open").focus()
    page.locator("tbody tr").nth(2).hover()
    page.evaluate(
        """() => {
          const rows = document.querySelectorAll("tbody tr");
          window.watched = [rows[2], rows[4]].map((row) => ({
            row, id: row.id, top: row.getBoundingClientRect().top, html: row.querySelector("a").href
          }));
        }"""
    )
    busy.start()
    checks, until = 0, time.monotonic() + 10
    while time.monotonic() < until:
        same = page.evaluate(
            """() => window.watched.every((each) => each.row.isConnected && each.row.id === each.id
                 && Math.abs(each.row.getBoundingClientRect().top - each.top) < 1)
               && window.watched[0].row.matches(":hover")
               && window.watched[1].row.contains(document.activeElement)"""
        )
        assert same
        checks += 1
        page.wait_for_timeout(100)
    assert checks > 20
    expect(page.locator("#waiting")).to_be_visible()
    assert "new — press ." in " ".join(page.locator("#waiting").inner_text().split())
    counted = count_of(page, ALL_OPEN)
    assert counted > len(leads)  # counters go on while rows wait
    busy.over.set()
    busy.join(10)
    expect(page.locator(ALL_OPEN)).to_have_text(f"{len(leads) + busy.made} open")
    # Counters come before the rows they count.
    expect(page.locator("#waiting")).to_contain_text(f"{busy.made} new")
    # The period lets the rows in; the focus stays on its lead.
    focused = page.evaluate("document.activeElement.closest('tr').id")
    page.keyboard.press(".")
    expect(page.locator("#waiting")).to_be_hidden()
    expect(page.locator("tbody tr:not(.ghost)")).to_have_count(len(leads) + busy.made)
    assert page.evaluate("document.activeElement.closest('tr').id") == focused
    # A click opens what it shows.
    ref = page.locator("tbody .leads__open").nth(3).get_attribute("id").removeprefix("lead-")
    page.locator("tbody tr").nth(3).click()
    expect(page).to_have_title(f"{ref} · leadcrm")


def test_two_on_one_lead_see_each_other(
    live: Live, harbor: Tenant, leads: list[Lead], page_as: Callable[[str], Page]
) -> None:
    live.start(at=NOW, worker=False)
    ana, ewa = page_as("ana"), page_as("ewa")
    for page in (ana, ewa):
        page.goto(f"/leads/{leads[0].id}/")
        is_live(page)
    expect(ana.locator("#present")).to_have_text("Ewa Nowak is viewing.", timeout=FRESH_SECONDS * 1000)
    ana.goto(f"/leads/{leads[0].id}/note/")
    ana.locator("textarea").press_sequentially("She asks")
    expect(ewa.locator("#present")).to_have_text("Ana Ruiz is typing.", timeout=FRESH_SECONDS * 1000)
    ana.goto("/queue/")
    expect(ewa.locator("#present")).to_have_text("", timeout=2 * FRESH_SECONDS * 1000)


def test_a_row_that_left_says_so(live: Live, harbor: Tenant, leads: list[Lead], page_as: Callable[[str], Page]) -> None:
    live.start(at=NOW, worker=False)
    page = page_as("ana")
    page.goto("/queue/?view=mine")
    is_live(page)
    row = page.locator(f"#lead-{leads[3].ref}")
    expect(row).to_be_visible()
    with harbor.scope():
        to = Transfer("oak-calls", "Near Oak Park")
        transfer_lead(actor=harbor.actor("ana"), lead_id=leads[3].id, transfer=to, now=NOW)
    said = re.compile(rf"{leads[3].ref} moved to Oak Calls(, .+)? by Ana Ruiz")
    expect(page.locator(".ghost")).to_have_text(said, timeout=FRESH_SECONDS * 1000)
    expect(row).to_have_count(0)
    expect(page.locator(".ghost")).to_have_count(0, timeout=12_000)


@pytest.mark.ux(21)
def test_cut_off_is_said_and_heals_without_a_reload(
    live: Live, harbor: Tenant, leads: list[Lead], page_as: Callable[[str], Page]
) -> None:
    live.start(at=NOW, worker=False)
    first = page_as("ana")
    first.goto("/queue/")
    note = first.context.new_page()
    note.goto(f"/leads/{leads[0].id}/note/")
    for page in (first, note):
        is_live(page)
        page.evaluate("window.sameDocument = true")
    note.fill("textarea", "She prefers Tuesdays")
    word, save = ".live__word", "main form[method=post] [type=submit]"

    # The stream dies: said at once, asked every fifteen seconds.
    live.kill("stream")
    for page in (first, note):
        expect(page.locator(word)).not_to_have_text("Live", timeout=TOLD_SECONDS * 1000)
    expect(first.locator(word)).to_contain_text("Last updated", timeout=12_000)
    assert first.locator("#offline").is_hidden()
    live.start_one("stream")
    for page in (first, note):
        expect(page.locator(word)).to_have_text("Live", timeout=20_000)

    # The network goes: a banner, saving waits, the text stays.
    note.context.set_offline(True)
    for page in (first, note):
        expect(page.locator("#offline")).to_be_visible(timeout=TOLD_SECONDS * 1000)
    expect(note.locator(save).first).to_be_disabled(timeout=TOLD_SECONDS * 1000)
    expect(note.locator("#offline")).to_be_visible()
    note.locator("textarea").press("Control+Enter")
    made = make_lead(harbor, at=NOW)
    note.context.set_offline(False)
    for page in (first, note):
        expect(page.locator("#offline")).to_be_hidden(timeout=15_000)
        expect(page.locator(word)).to_have_text("Live", timeout=20_000)
        assert page.evaluate("window.sameDocument")
    expect(first.locator(f"#lead-{made.ref}")).to_be_visible(timeout=10_000)
    assert note.locator("textarea").input_value() == "She prefers Tuesdays"
    note.locator(save).first.click()
    note.wait_for_url(f"**/leads/{leads[0].id}/")
    assert note.get_by_text("She prefers Tuesdays").count() == 1


@pytest.mark.ux(21, 22)
def test_a_browser_has_one_stream_and_its_frames_name_nobody(
    live: Live, leads: list[Lead], harbor: Tenant, page_as: Callable[[str], Page]
) -> None:
    live.start(at=NOW, worker=False)
    first = page_as("ana")
    first.add_init_script(
        """window.opened = 0; window.frames_heard = [];
           const Plain = EventSource;
           window.EventSource = class extends Plain {
             constructor(...given) {
               super(...given); window.opened += 1;
               for (const kind of ["hello", "poke"]) this.addEventListener(kind, (e) => frames_heard.push(e.data));
             }
           };"""
    )
    first.goto("/")
    is_live(first)
    second = first.context.new_page()
    second.goto("/queue/")
    is_live(second)
    assert first.evaluate("window.opened") == 1
    lead = make_lead(harbor, at=NOW)
    expect(second.locator(f"#lead-{lead.ref}")).to_be_visible(timeout=FRESH_SECONDS * 1000)
    heard = "\n".join(first.evaluate("window.frames_heard"))
    assert str(lead.id) in heard
    for word in ("Maria", "Lopez", "example.com", "+1", "imaging"):
        assert word not in heard
    # The tab that holds the stream goes; the other one takes it over.
    first.close()
    another = make_lead(harbor, at=NOW)
    expect(second.locator(f"#lead-{another.ref}")).to_be_visible(timeout=20_000)
    is_live(second)
