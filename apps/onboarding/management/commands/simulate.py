"""`manage.py simulate`: realistic leads through the public doors, so that the queues are alive."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.onboarding.demo.keeping import read_demo
from apps.onboarding.simulation.running import Simulator


class Command(BaseCommand):
    """Post invented leads through the agency API and the public forms. Works only in a demo."""

    help = "Post invented leads through the agency API and the public forms. Works only in a demo."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name rate, count, burst and seed."""
        parser.add_argument("--rate", type=float, default=20.0, help="leads per minute")
        parser.add_argument("--count", type=int, help="stop after so many leads")
        parser.add_argument("--burst", type=int, default=0, help="send so many at once first")
        parser.add_argument("--seed", type=int, help="the same seed sends the same people")

    def handle(self, *args: Any, **options: Any) -> None:
        """Send until the count is reached or somebody interrupts."""
        if not settings.LEADCRM_DEMO:
            raise CommandError("This is no demo: invented leads do not belong here.")
        if options["rate"] <= 0:
            raise CommandError("The rate is a number above 0.")
        demo = read_demo()
        if not demo.api_keys and not demo.forms:
            raise CommandError("There is no demo yet: run `manage.py demo --apply` first.")
        simulator = Simulator(demo, settings.LEADCRM_BASE_URL, options["seed"], self.stdout.write)
        try:
            simulator.run(per_minute=options["rate"], count=options["count"], burst=options["burst"])
        except KeyboardInterrupt:
            self.stdout.write("stopped")
        said = ", ".join(f"{number} {word}" for word, number in sorted(simulator.counts.items()))
        self.stdout.write(said or "nothing sent")
