"""Lines about requests that wait for others (requestlog.py) do not wait for long when none come: the control thread writes them then.

slot: first line of its second ──arm──▶ control thread: looks ten times a second ──▶ nothing logged for a while: sleeps without end again
"""

from __future__ import annotations

import os
import select
from time import monotonic, monotonic_ns
from typing import Sequence

from tsuwsgi.requestlog import RequestLog

_PERIOD_S = 0.1
# A slot that logs more often than that writes its lines itself.
_STALE_NS = 50_000_000
# Longer than a slot goes on with lines and without arming the watch again.
_QUIET_NS = 2_000_000_000


class LogWatch:
    """That of one worker, over the logs of its slots."""

    def __init__(self) -> None:
        self._logs: Sequence[RequestLog] = ()
        self._is_armed = False
        self._look_at = 0.0
        self._wake_fd, self._wake_writer = os.pipe()

    def watch(self, logs: Sequence[RequestLog]) -> None:
        self._logs = logs

    def arm(self) -> None:
        """To be called by a slot with the first line of a second, whose time must be noted before."""
        if not self._is_armed:
            self._is_armed = True
            os.write(self._wake_writer, b"\0")

    def wait_for(self, fd: int) -> None:
        """Waits until this descriptor has something to read, and looks after the lines meanwhile."""
        poller = select.poll()
        for each in (fd, self._wake_fd):
            poller.register(each, select.POLLIN)
        while True:
            ready = [each for each, _ in poller.poll(1000 * _PERIOD_S if self._is_armed else None)]
            if self._wake_fd in ready:
                os.read(self._wake_fd, 64)
                self._look_at = monotonic() + _PERIOD_S
            elif self._is_armed and monotonic() >= self._look_at:
                self._look()
            if fd in ready:
                return

    def _look(self) -> None:
        self._look_at = monotonic() + _PERIOD_S
        now = monotonic_ns()
        for log in self._logs:
            if now - log.last >= _STALE_NS:
                log.flush_beside()
        self._is_armed = False
        # A line that came since then did not arm it, perhaps. Never the other way round: one that comes while we ask has armed it.
        if any(monotonic_ns() - log.last < _QUIET_NS for log in self._logs):
            self._is_armed = True
