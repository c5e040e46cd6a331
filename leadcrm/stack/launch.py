"""Started as a file before each service: take the account, die with the parent, become the service.

This runs in a fresh interpreter instead of between fork and exec, where code of a program with
threads may deadlock. Arguments: signal number, parent's pid, uid, gid (-1: keep), then the command.
"""

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Drop privileges first: the kernel forgets the death signal when the user id changes."""
    death_signal, parent, uid, gid = (int(value) for value in arguments[:4])
    command = arguments[4:]
    if uid >= 0:
        os.setgroups([])
        os.setresgid(gid, gid, gid)
        os.setresuid(uid, uid, uid)
        os.environ.update(HOME="/", USER=str(uid), LOGNAME=str(uid))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
    if os.getppid() != parent:
        raise SystemExit("The process that wanted this service has ended.")
    try:
        os.execvp(command[0], command)
    except OSError as problem:
        raise SystemExit(f"{command[0]}: {problem.strerror}") from None


if __name__ == "__main__":
    main(sys.argv[1:])
