"""The first process of a container: `python3 -I -S .../init.py COMMAND…` runs the command and reaps every orphan.

    Node (pid 1) ─▶ this ─▶ Node: the server ─▶ gateway, spawner ─▶ workers ─▶ what the application starts
                     ▲────────────────── orphans come here ──────────────────────────┘

Orphans of a container become children of its process 1, which has to wait for them; Node waits for no children but its own, so they would stay
as zombies for ever. This process declares itself the one to get them (prctl(2), PR_SET_CHILD_SUBREAPER), passes all signals on to the server and
ends as the server ends.
"""

import ctypes
import os
import signal
import sys
from typing import List, NoReturn

_PR_SET_CHILD_SUBREAPER = 36
_PASSED_ON = (
    signal.SIGHUP,
    signal.SIGINT,
    signal.SIGQUIT,
    signal.SIGTERM,
    signal.SIGUSR1,
    signal.SIGUSR2,
    signal.SIGTSTP,
    signal.SIGCONT,
    signal.SIGWINCH,
)


def main(command: List[str]) -> NoReturn:
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    # They wait until they are asked for, so that none is lost between the fork and the loop.
    awaited = {signal.SIGCHLD, *_PASSED_ON}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, awaited)
    server = os.fork()
    if server == 0:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        os.execv(command[0], command)
    while True:
        number = signal.sigwait(awaited)
        if number == signal.SIGCHLD:
            _reap(server)
        else:
            os.kill(server, number)


def _reap(server: int) -> None:
    """All that have ended: several signals of one kind arrive as one."""
    while True:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if pid == server:
            os._exit(os.WEXITSTATUS(status) if os.WIFEXITED(status) else 128 + os.WTERMSIG(status))
        if pid == 0:
            return


if __name__ == "__main__":
    main(sys.argv[1:])
