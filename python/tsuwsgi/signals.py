"""Signals of the spawner and its workers.

The master coordinates. Ctrl-C, Ctrl-\\ and Ctrl-Z reach the whole process group, so here they do nothing; through a handler and not SIG_IGN,
which programs that the application starts would inherit.
"""

from __future__ import annotations

import faulthandler
import signal
from typing import Any, Callable

_LOG = 2


def shield() -> None:
    """What every process of ours does with signals, set before the application is imported."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP, signal.SIGTSTP, signal.SIGUSR1):
        signal.signal(number, _ignore)
    # A segmentation fault in an extension shows where it was; SIGUSR2 shows where a hung worker is before the master kills it.
    faulthandler.enable(_LOG)
    faulthandler.register(signal.SIGUSR2, file=_LOG, all_threads=True)


def on_request_to_leave(act: Callable[[], None]) -> None:
    """SIGTERM or SIGHUP sent to one worker: it wants to be replaced, not to lose requests."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: act())


def _ignore(number: int, frame: Any) -> None:
    pass
