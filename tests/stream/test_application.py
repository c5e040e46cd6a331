"""Who hears what: own tenant only, ids only, as long as the session lives, and no more streams than one needs."""

import asyncio
from uuid import uuid4

import pytest
from django.conf import settings

from apps.tenancy import pokes
from leadcrm.live.application import Live
from leadcrm.live.hub import MOST_STREAMS
from tests.stream.conftest import ORIGIN, Listening, cookie_of


def test_a_colleague_hears_the_ids_of_what_changed(play, client_as, harbor) -> None:
    cookie, lead_id = cookie_of(client_as("ana")), uuid4()

    async def test(live: Live) -> None:
        page = Listening(live, cookie)
        await page.until_open()
        assert page.status == 200
        assert page.headers["cache-control"] == "no-store"
        assert page.headers["access-control-allow-origin"] == ORIGIN
        assert page.headers["access-control-allow-credentials"] == "true"
        assert page.text.startswith("retry: ")
        pokes.publish(harbor.organization_id, {lead_id})
        await page.until(lambda: page.pokes)
        assert page.pokes[0]["ids"] == [str(lead_id)]
        assert set(page.pokes[0]) == {"work", "ids"}
        await page.until(lambda: "event: beat" in page.text)
        await page.close()

    play(test)


@pytest.mark.row("TA-01")
def test_another_tenant_hears_nothing(play, client_as, harbor, lakeside) -> None:
    ours, theirs = cookie_of(client_as("ana")), cookie_of(client_as("max", lakeside))

    async def test(live: Live) -> None:
        page, stranger = Listening(live, ours), Listening(live, theirs)
        await page.until_open()
        await stranger.until_open()
        assert stranger.status == 200
        mine, other = uuid4(), uuid4()
        pokes.publish(harbor.organization_id, {mine})
        await page.until(lambda: page.pokes)
        pokes.publish(lakeside.organization_id, {other})
        await stranger.until(lambda: stranger.pokes)
        assert [each["ids"] for each in stranger.pokes] == [[str(other)]]
        assert [each["ids"] for each in page.pokes] == [[str(mine)]]
        assert str(mine) not in stranger.text
        await page.close()
        await stranger.close()

    play(test)


@pytest.mark.parametrize(
    ("cookie", "origin", "status"),
    [
        ("", ORIGIN, 401),
        (f"{settings.SESSION_COOKIE_NAME}=nobodysession0000000000000000000", ORIGIN, 401),
        ("", "https://elsewhere.example", 403),
        ("", "http://127.0.0.1:8002", 403),
    ],
)
def test_strangers_and_other_sites_are_refused(play, cookie: str, origin: str, status: int) -> None:
    async def test(live: Live) -> None:
        page = Listening(live, cookie, origin)
        await page.until_open()
        assert page.status == status
        assert page.is_over
        assert page.headers.get("access-control-allow-origin", ORIGIN) == ORIGIN
        await page.task

    play(test)


def test_a_password_alone_and_a_lost_seat_are_not_enough(play, client_as, harbor) -> None:
    from allauth.mfa.models import Authenticator

    from apps.accounts.actions import end_membership

    half, gone = client_as("ana"), client_as("ben")
    Authenticator.objects.filter(user=harbor.user("ana")).delete()
    with harbor.scope():
        end_membership(actor=harbor.system, membership=harbor.member("ben"))
    cookies = [cookie_of(half), cookie_of(gone)]

    async def test(live: Live) -> None:
        for cookie in cookies:
            page = Listening(live, cookie)
            await page.until_open()
            assert page.status == 401
            await page.task

    play(test)


def test_an_ended_session_ends_its_stream(play, client_as) -> None:
    browser = client_as("ana")
    cookie = cookie_of(browser)

    async def test(live: Live) -> None:
        page = Listening(live, cookie)
        await page.until_open()
        await asyncio.to_thread(browser.logout)
        await page.until(lambda: page.is_over)
        assert page.text.endswith("event: bye\ndata: 1\n\n")
        await page.task

    play(test, recheck_seconds=0.0)


def test_listening_does_not_keep_anybody_signed_in(play, client_as, monkeypatch) -> None:
    browser = client_as("ana")
    session = browser.session
    session["opened_at"] = session["seen_at"] = seen = int(__import__("time").time()) - 100
    session.save()
    cookie = cookie_of(browser)

    async def test(live: Live) -> None:
        page = Listening(live, cookie)
        await page.until(lambda: page.text.count("event: beat") >= 1)
        monkeypatch.setattr(settings, "SESSION_IDLE_SECONDS", 60)
        await page.until(lambda: page.is_over)
        await page.task

    play(test, recheck_seconds=0.0)
    assert browser.session["seen_at"] == seen


def test_one_person_has_a_few_streams_and_gets_the_place_back(play, client_as) -> None:
    cookie = cookie_of(client_as("ana"))

    async def test(live: Live) -> None:
        pages = [Listening(live, cookie) for _ in range(MOST_STREAMS)]
        for page in pages:
            await page.until_open()
        one_more = Listening(live, cookie)
        await one_more.until_open()
        assert one_more.status == 429
        await pages[0].close()
        again = Listening(live, cookie)
        await again.until_open()
        assert again.status == 200
        for page in [*pages[1:], again]:
            await page.close()

    play(test)


def test_a_slow_browser_is_told_once_and_never_grows(play, client_as, harbor) -> None:
    cookie = cookie_of(client_as("ana"))

    async def test(live: Live) -> None:
        page = Listening(live, cookie)
        await page.until_open()
        for _ in range(200):
            pokes.publish(harbor.organization_id, {uuid4()})
        await page.until(lambda: any(poke["ids"] is None for poke in page.pokes))
        assert len(page.pokes) < 20
        await page.close()

    play(test)
