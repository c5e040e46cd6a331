"""`make clean DATA=1`: remove the embedded data and secrets of this checkout, and nothing else."""

import fcntl
import shutil
import sys

from leadcrm.stack.places import StackError, places_of


def main() -> int:
    """Remove `.data` and the services' home. Refuses while `make run` runs here."""
    places = places_of()
    lock = places.run / "lock"
    try:
        if lock.exists():
            with lock.open("a") as file:
                _hold(file.fileno())
                shutil.rmtree(places.services, ignore_errors=True)
                shutil.rmtree(places.data)
    except StackError as problem:
        print(problem, file=sys.stderr)
        return 1
    except PermissionError as problem:
        print(f"{problem.filename} belongs to another user; run as that user.", file=sys.stderr)
        return 1
    return 0


def _hold(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        raise StackError("leadcrm runs from this checkout; stop it first.") from None


if __name__ == "__main__":
    sys.exit(main())
