"""Running the simulator: one inquiry after another through a door, at a rate, patient with the server."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from uuid import UUID

from apps.accounts.terms import Permission
from apps.onboarding.demo.keeping import Demo, DemoKey
from apps.onboarding.simulation.arrivals import Crowd, Wish, answers_of, delivery_of
from apps.onboarding.simulation.doors import Answer, FormVisit, ServerAway, deliver

SHORTEST_WAIT, LONGEST_WAIT = 1.0, 60.0
#: A person needs some seconds for a form; a form filled in faster is taken for a machine.
FORM_SECONDS = 6.0
#: More forms a minute from one address look like a machine's too, and the simulator has but one address.
FORMS_PER_MINUTE = 3


@dataclass(slots=True)
class Simulator:
    """Sends invented inquiries to the demo's doors; the same seed sends the same ones."""

    demo: Demo
    base_url: str
    seed: int | None
    say: Callable[[str], None]
    pause: Callable[[float], None] = time.sleep
    counts: Counter[str] = field(default_factory=Counter)
    _dice: Random = field(init=False)
    _crowd: Crowd = field(init=False)
    _visits: list[float] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._dice = Random(self.seed)  # noqa: S311 - dice, not secrets
        self._crowd = Crowd(self._dice)

    def run(self, *, per_minute: float, count: int | None, burst: int) -> None:
        """Send a burst at once, then go on at a rate until `count` is reached (None: for ever).

        What a slow door cost is made up for, but not what a server that was away cost.
        """
        interval = 60.0 / per_minute
        sent, due = 0, time.monotonic()
        while count is None or sent < count:
            self.send_one()
            sent += 1
            if sent < burst:
                due = time.monotonic()
                continue
            due = max(due + interval, time.monotonic() - 2 * interval)
            self.pause(max(0.0, due - time.monotonic()))

    def send_one(self) -> Answer:
        """Send the next inquiry; wait, longer each time, while the server is away."""
        wish = self._crowd.next_wish()
        through = self._choose_door(wish)
        wait = SHORTEST_WAIT
        while True:
            try:
                answer = through()
            except ServerAway as away:
                self.counts["waited"] += 1
                self.say(f"server away ({away}); trying again in {max(wait, away.retry_after):.0f} s")
                self.pause(max(wait, away.retry_after))
                wait = min(wait * 2, LONGEST_WAIT)
                continue
            self.counts["taken" if answer.is_good else "refused"] += 1
            self.say(f"{wish.kind:<12} {wish.service or 'no service':<12} {answer.status}")
            return answer

    def _choose_door(self, wish: Wish) -> Callable[[], Answer]:
        """Return the way in: an agency's key or a public form; decided once, so that a retry is the same."""
        keys = [key for key in self.demo.api_keys if _can_deliver(key)]
        forms = self.demo.forms
        reference = f"sim-{UUID(int=self._dice.getrandbits(128), version=4)}"
        wants_form = self._dice.random() >= 0.6
        if keys and not (forms and wants_form and self._has_room_for_form()):
            key = self._dice.choice(keys)
            body = delivery_of(wish, self._dice.choice(key.sources), reference)
            return lambda: deliver(self.base_url, key.secret, body, reference)
        fitting = [form for form in forms if not wish.service or wish.service in form["services"]]
        chosen = self._dice.choice(fitting or forms)
        url = f"{self.base_url.rstrip('/')}/f/{chosen['slug']}/"
        return lambda: self._fill_in(url, answers_of(wish))

    def _has_room_for_form(self) -> bool:
        """Count a visit to a form, if the last minute had few enough."""
        now = time.monotonic()
        self._visits = [each for each in self._visits if now - each < 60]
        has_room = len(self._visits) < FORMS_PER_MINUTE
        if has_room:
            self._visits.append(now)
        return has_room

    def _fill_in(self, url: str, answers: dict[str, str]) -> Answer:
        visit = FormVisit(url)
        page = visit.open()
        if not page.is_good:
            return page
        self.pause(FORM_SECONDS)
        return visit.send(answers)


def _can_deliver(key: DemoKey) -> bool:
    return bool(key.mode == "live" and key.sources and Permission.DELIVERY_POST in key.scopes)
