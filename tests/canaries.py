"""Canaries: words told through the real doors that may lie readable nowhere."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import redis
from django.apps import apps
from django.db import connection
from django.test import Client

from tests.cast import Tenant
from tests.leads_made import TUESDAY_NINE, make_lead
from tests.rows.arranging import ask

#: Stands in every canary, and in nothing else.
MARK = "zqcanary"
MINUTE = timedelta(minutes=1)
TICKS = dict.fromkeys(("identity", "contact", "insurance", "expects"), True)


def tell(tenant: Tenant, client_as: Callable[[str], Client], number: int = 0) -> tuple[str, list[str]]:
    """Bring two leads whose sender, caller and coordinators tell of their health; return the first and what was said.

    The first has a note, a call and a visit of which something is said, the second is offered to another team.
    """
    said = [f"{MARK}{number}{each} diabetes" for each in ("note", "call", "visit", "message", "fits", "text")]
    note, call, visit, message, fits, text = said
    at, later = TUESDAY_NINE + 5 * MINUTE, (TUESDAY_NINE + 90 * MINUTE).isoformat()
    talked = {"kind": "call", "outcome": "connected", "next_action_at": later, "notes": call}
    parts = {"service": "imaging", "confirmed": ["phone"], "next_step": "Book a visit", "eligibility": fits}
    handed = {"type": "H-1", "checklist": TICKS, "note": parts | {"text": text}}
    booked = {"starts_at": "2026-12-03T11:00:00-06:00", "location": "elm-st", "confirmed_by": "patient"}
    bodies = [("notes", {"text": note}), ("activities", talked)]
    lead, other = make_lead(tenant, request__message=message), make_lead(tenant, request__message=message)
    for each, more in ((lead, ("appointments", booked)), (other, ("handoffs", handed))):
        owner = client_as(each.owner.user.email.partition("@")[0])
        for verb, body in (*bodies, more):
            done = ask(owner, "POST", f"/leads/{each.id}/{verb}", body, at=at)
            assert done.status_code == 201, done.content
        if verb == "appointments":
            change, path = {"state": "confirmed", "note": visit}, f"/leads/{lead.id}/appointments/{done.json()['id']}"
            moved = ask(client_as("sam"), "PATCH", path, change, at=at)
            assert moved.status_code == 200, moved.content
    return str(lead.id), said


def readable_in_tables(tenant: Tenant, mark: str = MARK) -> list[str]:
    """Return the tables whose rows, as a dump would write them, hold the mark in letters or in hex."""
    found = []
    with tenant.scope(), connection.cursor() as cursor:
        for table in sorted({model._meta.db_table for model in apps.get_models() if model._meta.managed}):
            cursor.execute("SELECT has_table_privilege(%s, 'SELECT')", [table])
            if cursor.fetchone()[0]:
                cursor.execute(
                    f"SELECT count(*) FROM {table} t WHERE strpos(lower(t::text), %s) + strpos(t::text, %s) > 0",
                    [mark, mark.encode().hex()],
                )
                if cursor.fetchone()[0]:
                    found.append(table)
    return found


def _values(store: Any, key: bytes) -> Iterator[bytes]:
    yield key
    yield repr(
        {
            b"string": lambda: store.get(key),
            b"list": lambda: store.lrange(key, 0, -1),
            b"set": lambda: store.smembers(key),
            b"zset": lambda: store.zrange(key, 0, -1, withscores=True),
            b"hash": lambda: store.hgetall(key),
            b"stream": lambda: store.xrange(key),
            b"none": lambda: None,
        }[store.type(key)]()
    ).encode()


def readable_in_broker() -> list[str]:
    """Return the keys of the broker and cache that hold a canary."""
    store = redis.Redis.from_url(os.environ["REDIS_URL"])
    keys = list(store.scan_iter())
    return [key.decode() for key in keys if any(MARK.encode() in each for each in _values(store, key))]


def tell_on(tenant: Tenant, client_as: Callable[[str], Client], number: int = 0) -> list[str]:
    """Let a lead go on, and tell of health in every free word on its way: tasks, wishes, reasons, answers, a file.

    Returns what was said. Its sender wrote an opt-out with a word of health in it.
    """
    kinds = ("task", "asked", "no", "priority", "pause", "verdict", "moved", "shared", "wish", "closed", "stop", "bulk")
    said = {each: f"{MARK}{number}{each} diabetes" for each in kinds}
    at, later = TUESDAY_NINE + 5 * MINUTE, (TUESDAY_NINE + 90 * MINUTE).isoformat()
    lead = make_lead(tenant, request__message=f"Please stop texting me, {said['stop']}")
    owner, cleo = client_as(lead.owner.user.email.partition("@")[0]), client_as("cleo")
    answers = {"V-1": "imaging", "V-2": "has a referral", "V-3": "yes", "V-4": "first visit"}
    verdict = {"verdict": "qualified", "criteria": ["service"], "reason": f"Imaging fits, {said['verdict']}"}
    talked = {"kind": "call", "outcome": "connected", "next_action_at": later, "spoken_consent": "yes"}
    steps = [
        (owner, "tasks", {"title": said["task"], "due_at": later}),
        (cleo, "change-requests", {"field": "timeframe", "proposed": "this_month", "reason": said["asked"]}),
        (owner, "priority", {"priority": "P1", "reason": said["priority"]}),
        (owner, "activities", talked | {"notes": said["bulk"]}),
        (owner, "verification", {"answers": answers}),
        (owner, "qualification", verdict),
        (owner, "consents", {"channel": "email", "state": "withdrawn", "reason": said["no"]}),
        (owner, "transfers", {"team": "central-intake", "reason": said["moved"]}),
        (client_as("ewa"), "close", {"reason": "not_interested", "note": said["closed"], "outcome": "not_interested"}),
    ]
    for who, verb, body in steps:
        done = ask(who, "POST", f"/leads/{lead.id}/{verb}", body, at=at)
        assert done.status_code in (200, 201), (verb, done.content)
    return list(said.values())
