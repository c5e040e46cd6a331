"""`manage.py outbox`: show wake-ups that failed too often and were parked; put them back in line."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.tenancy import outbox
from apps.tenancy.models import Wakeup


class Command(BaseCommand):
    """List or replay parked wake-ups."""

    help = "List parked wake-ups (kind, row, error); --replay ID or --replay all puts them back in line."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the id to replay, or all."""
        parser.add_argument("--replay", metavar="ID", help="id of a parked wake-up, or 'all'")

    def handle(self, *args: Any, **options: Any) -> None:
        """List what is parked, or replay it."""
        parked = Wakeup.objects.filter(parked_at__isnull=False).order_by("parked_at")
        wanted = options["replay"]
        if wanted is None:
            for row in parked:
                self.stdout.write(f"{row.id} {row.kind} {row.row_id}: {row.last_error} ({row.attempts} tries)")
            self.stdout.write(f"{parked.count()} parked.")
            return
        chosen = parked if wanted == "all" else parked.filter(id=wanted) if wanted.isdigit() else parked.none()
        ids = list(chosen.values_list("id", flat=True))
        if not ids and wanted != "all":
            raise CommandError(f"No parked wake-up {wanted}.")
        for each in ids:
            outbox.replay(each)
        self.stdout.write(f"{len(ids)} put back in line.")
