"""Keys of a tenant rotated while posts go on: nothing is lost, and how fast it is beside the database alone."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

from apps.capture.models import Submission
from apps.leads.models import Lead, TimelineEntry
from apps.tenancy.ids import new_id
from apps.tenancy.rewrapping import sealed_columns
from apps.tenancy.sealing import CannotUnseal, seal, unseal
from bench.ground import ROOT, Ground, forget_what_is_due
from bench.tables import limit, met, table
from bench.walls import walls_down
from tests.cast import Tenant
from tests.leads_made import inquiry, make_lead, send_in

PAGE = Path(__file__).with_name("keys.md")
TABLE, COLUMN = "leads_timelineentry", "note_sealed"
LEAST_SHARE, BATCH, LONGEST_SECONDS = 0.05, 500, 3_600.0
NAMED = "SELECT set_config('leadcrm.organization_id', %s, false)"


@dataclass(slots=True)
class Writer:
    """A thread that posts inquiries until it is stopped, and keeps what it sent."""

    tenant: Tenant
    sent: dict[str, UUID] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def run(self) -> None:
        """Post, one after the other; each message says which it is."""
        try:
            while not self.stop.is_set():
                text = f"Word {len(self.sent)}: metformin since June"
                self.sent[text] = send_in(self.tenant, inquiry(request__message=text)).submission_id
        except Exception as error:
            self.failures.append(repr(error))
        finally:
            connection.close()


@dataclass(frozen=True, slots=True)
class Rotated:
    """What came of one rotation."""

    rows: int
    seconds: float
    bare_seconds: float
    kills: int
    posts: int
    lost: int
    left: int
    failures: tuple[str, ...]


def measure(place: Ground, tenant: Tenant, rows: int) -> Rotated:
    """Seal rows, rotate by the operator's command while posts go on, kill it once, and look for every word."""

    lead = make_lead(tenant)
    forget_what_is_due()
    _fill(place, tenant, lead, rows)
    bare = _bare(place, tenant)
    writer = Writer(tenant)
    thread = threading.Thread(target=writer.run)
    thread.start()
    began = time.perf_counter()
    kills = _rotate(place, tenant)
    seconds = time.perf_counter() - began
    writer.stop.set()
    thread.join()
    found = Rotated(
        rows,
        seconds,
        bare,
        kills,
        len(writer.sent),
        _lost(tenant, lead, rows, writer),
        _left(place, tenant),
        tuple(writer.failures),
    )
    PAGE.write_text(_page(found), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))
    return found


def _fill(place: Ground, tenant: Tenant, lead: Lead, rows: int) -> None:
    """Store sealed notes, each with its number in it."""
    with tenant.scope(), psycopg.connect(place.owner_url, autocommit=True) as owner:
        owner.execute(NAMED, [str(tenant.organization_id)])
        into = f"COPY {TABLE} (id, organization_id, lead_id, at, kind, actor_label, {COLUMN}) FROM STDIN"
        with walls_down(owner, (TABLE,)), owner.cursor() as cursor, cursor.copy(into) as copy:  # type: ignore[call-overload]
            for number in range(rows):
                own = new_id()
                kept = seal(f"{number}".encode(), **_at(tenant, own))
                copy.write_row([own, tenant.organization_id, lead.id, lead.created_at, "note", "bench", kept])
        owner.execute(f"VACUUM (ANALYZE) {TABLE}")


def _at(tenant: Tenant, own: UUID) -> dict[str, Any]:
    return {"organization_id": tenant.organization_id, "row_id": own, "column": f"{TABLE}.{COLUMN}"}


def _bare(place: Ground, tenant: Tenant) -> float:
    """Return the seconds in which the database alone writes the same column of the same rows anew, in such batches."""
    began, after = time.perf_counter(), UUID(int=0)
    with psycopg.connect(place.owner_url) as owner:
        owner.execute(NAMED, [str(tenant.organization_id)])
        owner.execute(f"ALTER TABLE {TABLE} DISABLE TRIGGER USER")
        while True:
            found = owner.execute(
                f"WITH piece AS (SELECT id FROM {TABLE} WHERE organization_id = %s AND id > %s AND {COLUMN} IS NOT NULL"
                f" ORDER BY id LIMIT %s), changed AS (UPDATE {TABLE} t SET {COLUMN} = {COLUMN} || ''::bytea FROM piece"
                " WHERE t.id = piece.id RETURNING t.id) SELECT max(id::text)::uuid, count(*) FROM changed",
                [tenant.organization_id, after, BATCH],
            ).fetchone()
            owner.commit()
            if not found or found[1] < BATCH:
                break
            after = found[0]
        owner.execute(f"ALTER TABLE {TABLE} ENABLE TRIGGER USER")
    return time.perf_counter() - began


def _rotate(place: Ground, tenant: Tenant) -> int:
    """Run the command; kill it once in the middle, begin again, and wait until it is done. Return the kills."""
    environment = {**os.environ, "DATABASE_OWNER_URL": place.owner_url}
    command = [
        sys.executable,
        "manage.py",
        "keys",
        "rotate",
        "--skip-checks",
        "--tenant",
        tenant.slug,
        "--batch",
        str(BATCH),
    ]
    kills = 0
    while True:
        with (place.folder / "keys.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
            if not kills:
                _wait_for_half(tenant, process)
            if not kills and process.poll() is None:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills = 1
                continue
            if process.wait(timeout=LONGEST_SECONDS):
                raise RuntimeError((place.folder / "keys.log").read_text(encoding="utf-8")[-2000:])
            return kills


def _wait_for_half(tenant: Tenant, process: "subprocess.Popen[bytes]") -> None:
    """Wait until the new key is there and some rows rest under it."""
    while process.poll() is None:
        time.sleep(0.2)
        with tenant.scope(), connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(*) FILTER (WHERE substring({COLUMN} FROM 1 FOR 3) = '\\x000002'), count(*) FROM {TABLE}"
                f" WHERE organization_id = %s AND {COLUMN} IS NOT NULL",
                [tenant.organization_id],
            )
            done, whole = cursor.fetchone()
        if done * 3 > whole:
            return


def _lost(tenant: Tenant, lead: Lead, rows: int, writer: Writer) -> int:
    """Count the words that cannot be read any more: of the notes, and of what was posted meanwhile."""
    seen: set[str] = set()
    with tenant.scope():
        for own, kept in TimelineEntry.rows().filter(lead=lead, note__isnull=False).values_list("id", "note"):
            try:
                seen.add(unseal(bytes(kept), **_at(tenant, own)).decode())  # type: ignore[arg-type]
            except CannotUnseal:
                continue
        lost = rows - len(seen & {str(number) for number in range(rows)})
        posted = {row.id: row for row in Submission.rows().filter(id__in=list(writer.sent.values()))}
        for text, own in writer.sent.items():
            place = {"organization_id": tenant.organization_id, "row_id": own, "column": "capture_submission.raw"}
            try:
                raw = unseal(bytes(posted[own].raw), **place)  # type: ignore[arg-type]
            except (KeyError, CannotUnseal):
                lost += 1
                continue
            lost += text.encode() not in raw
    return lost


def _left(place: Ground, tenant: Tenant) -> int:
    """Count values of the tenant that rest under another than the newest key."""
    left = 0
    with psycopg.connect(place.owner_url) as owner:
        owner.execute(NAMED, [str(tenant.organization_id)])
        newest = owner.execute("SELECT max(generation) FROM tenancy_tenantkey").fetchone()
        head = b"\0" + int(newest[0] if newest else 0).to_bytes(2)
        for name, column in sealed_columns():
            asked = f"SELECT count(*) FROM {name} WHERE {column} IS NOT NULL AND substring({column} FROM 1 FOR 3) <> %s"
            counted = owner.execute(asked, [head]).fetchone()  # type: ignore[call-overload]
            left += counted[0] if counted else 0
    return left


def _page(found: Rotated) -> str:
    share = found.bare_seconds / found.seconds
    return "\n\n".join(
        [
            "# Keys rotated while posts go on",
            "Written by `make bench PART=keys`; one run on one machine.",
            f"{os.cpu_count()} cores, load average {os.getloadavg()[1]:.0f} over the five minutes before the end.",
            table(
                ("what", "target", "measured", "met"),
                [
                    limit(
                        f"words lost, of {found.rows:,} sealed rows and {found.posts:,} posts meanwhile", 0, found.lost
                    ),
                    limit("values left under the old key", 0, found.left),
                    limit("posts that failed", 0, len(found.failures)),
                    (
                        "rows a second, beside the database writing the same rows anew alone",
                        f">= {LEAST_SHARE}",
                        f"{share:.2f}",
                        met(share >= LEAST_SHARE),
                    ),
                ],
            ),
            f"`manage.py keys rotate` in batches of {BATCH}, killed {'once' if found.kills else 'never'} in the middle"
            f" and begun again: {found.rows / found.seconds:,.0f} rows a second, {found.seconds:.0f} s in all; the"
            f" floor took {found.bare_seconds:.0f} s with nobody else on the database. One thread posts inquiries all"
            f" the while ({found.posts / found.seconds:.0f} a second). Then every note and every post is opened.",
            *(found.failures[:3]),
            "",
        ]
    )
