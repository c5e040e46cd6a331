"""Makes `apps/consent/area_codes.csv` from the library's table of ZIP codes: `python -m tests.consent.area_codes`."""

import csv
import io
from collections import Counter, defaultdict

import zipcodes

from apps.consent.whereabouts import TABLE

#: A zone counts where at least this share of the ZIP codes is; a few towns across a border do not.
LEAST_SHARE = 0.02
ZONES = "America/", "Pacific/"


def made() -> str:
    """Return the table: of each area code the state that has most of it, and of each state itself, their zones.

    An area code belongs to one state; ZIP codes beside the border name the neighbours' codes too.
    """
    of_code: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    of_state: dict[str, Counter[tuple[str, str]]] = defaultdict(Counter)
    for row in zipcodes.list_all():
        if row["country"] == "US" and (row["timezone"] or "").startswith(ZONES):
            place = row["state"], row["timezone"]
            of_state[row["state"]][place] += 1
            for code in row["area_codes"]:
                of_code[code][place] += 1
    lines = io.StringIO()
    table = csv.writer(lines, lineterminator="\n")
    table.writerow(("key", "state", "zones"))
    for key, found in (*sorted(of_code.items()), *sorted(of_state.items())):
        table.writerow((key, *_common(found)))
    return lines.getvalue()


def _common(found: "Counter[tuple[str, str]]") -> tuple[str, str]:
    states: Counter[str] = Counter()
    for (state, _), count in found.items():
        states[state] += count
    home, total = states.most_common(1)[0]
    zones = [(count, zone) for (state, zone), count in found.items() if state == home and count >= LEAST_SHARE * total]
    return home, " ".join(zone for _, zone in sorted(zones, key=lambda each: (-each[0], each[1])))


if __name__ == "__main__":
    TABLE.write_text(made(), encoding="utf-8")
